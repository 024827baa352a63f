//! Loan products: the program sets them up, everybody who lends reads them.

use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::error::OpError;
use crate::shared::parameter;
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::credit_ops::loan_setup::{LoanOffer, LoanProduct};
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

/// How many versions of products there are.
pub(crate) async fn count(bank: &Bank) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from loan_product"#).fetch_one(bank.pool()).await?)
}

/// Every product in its newest version, and the excise duty of the day.
pub async fn offer(bank: &Bank, caller: &Caller) -> Result<LoanOffer, AppError> {
    bank.look(caller, Operation::LoanSetup, async |ctx| {
        let products = newest(ctx.conn()).await?;
        let today = ctx.business_date()?;
        let excise_percent = parameter::on_date(ctx.conn(), "excise_on_fees_percent", today).await?;
        let offer = LoanOffer { products, excise_percent };
        Ok((offer, Look::at("products", "Looked at the loan products")))
    })
    .await
}

/// The newest version of a product.
pub(crate) async fn newest_in_op(ctx: &mut OpCtx, code: &str) -> Result<LoanProduct, OpError> {
    newest(ctx.conn())
        .await?
        .into_iter()
        .find(|product| product.code == code)
        .ok_or_else(|| AppError::field("product", "There is no such loan product").into())
}

// SQL

async fn newest(tx: &mut PgConnection) -> Result<Vec<LoanProduct>, OpError> {
    let rows =
        sqlx::query_scalar!("select distinct on (code) terms from loan_product order by code, version desc")
            .fetch_all(tx)
            .await?;
    rows.into_iter().map(|terms| Ok(serde_json::from_value(terms)?)).collect()
}

/// The version a loan was made with.
pub(crate) async fn version_in_op(
    tx: &mut PgConnection,
    code: &str,
    version: i64,
) -> Result<LoanProduct, OpError> {
    let terms =
        sqlx::query_scalar!("select terms from loan_product where code = $1 and version = $2", code, version)
            .fetch_one(tx)
            .await?;
    Ok(serde_json::from_value(terms)?)
}

/// The number of the newest version.
pub(crate) async fn newest_version_in_op(tx: &mut PgConnection, code: &str) -> Result<Option<i64>, OpError> {
    Ok(sqlx::query_scalar!("select max(version) from loan_product where code = $1", code)
        .fetch_one(tx)
        .await?)
}
