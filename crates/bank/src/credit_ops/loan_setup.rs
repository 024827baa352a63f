//! Loan products: the program sets them up, everybody who lends reads them.

use super::{calendar, loan_product};
use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::error::OpError;
use serde_json::json;
use tawi_domain::credit_ops::loan_product::LoanProduct;
use tawi_domain::credit_ops::loan_setup::LoanOffer;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::permissions::Operation;

/// Puts a version of a product on offer, or takes it off: the next version is the one in force.
pub async fn publish(bank: &Bank, product: &LoanProduct) -> Result<i64, OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::LoanSetup).await?;
    let version = sqlx::query_scalar!(
        r#"
        insert into loan_product (code, version, terms)
        select $1, coalesce(max(version), 0) + 1,
               jsonb_set($2, '{version}', to_jsonb(coalesce(max(version), 0) + 1))
        from loan_product where code = $1
        returning version
        "#,
        product.code,
        serde_json::to_value(product)?,
    )
    .fetch_one(ctx.conn())
    .await?;
    let what = format!("Put version {version} of {} in force", product.name);
    ctx.commit(Outcome::Done, &format!("product:{}", product.code), &what, json!({}), None).await?;
    Ok(version)
}

/// Every product in its newest version, with what a loan of today takes from the day and the branch.
pub async fn offer(bank: &Bank, caller: &Caller) -> Result<LoanOffer, AppError> {
    bank.look(caller, Operation::LoanSetup, async |ctx| {
        let products = loan_product::newest(ctx.conn()).await?;
        let excise = loan_product::excise(ctx.conn()).await?;
        let (branch, today) = (ctx.branch()?, ctx.business_date()?);
        let holidays = calendar::days_in_op(ctx.conn(), branch, today).await?;
        let offer = LoanOffer { products, excise, holidays };
        Ok((offer, Look::at("products", "Looked at the loan products")))
    })
    .await
}
