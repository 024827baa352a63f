//! A loan product in the database: a row a version, the newest on offer.

use super::calendar;
use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::parameter;
use crate::shared::stored::listing;
use sqlx::PgConnection;
use tawi_domain::credit_ops::loan_product::{ChosenTerms, LoanProduct};
use tawi_domain::credit_ops::schedule::{DatedPercent, LoanTerms};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::listing::Listing;

/// The newest version of a product.
pub(crate) async fn newest_in_op(ctx: &mut OpCtx, code: &str) -> Result<LoanProduct, OpError> {
    let products = newest(ctx.conn()).await?;
    let unread = products.unread.contains(&named(code));
    products.into_iter().find(|product| product.code == code).ok_or_else(|| {
        let words = if unread {
            "This product's terms cannot be read: choose another, and tell whoever runs the portal"
        } else {
            "There is no such loan product"
        };
        AppError::field("product", words).into()
    })
}

/// The terms of a loan that would be paid out today: with today's taxes, and the branch's days without work.
pub(crate) async fn terms_in_op(
    ctx: &mut OpCtx,
    product: &LoanProduct,
    chosen: &ChosenTerms,
) -> Result<LoanTerms, OpError> {
    let (branch, today) = (ctx.branch()?, ctx.business_date()?);
    let mut terms = product.terms(chosen, &excise(ctx.conn()).await?);
    terms.dates.closed.holidays = calendar::days_in_op(ctx.conn(), branch, today).await?;
    Ok(terms)
}

/// Excise duty on fees, by the day it holds from.
pub(crate) async fn excise(tx: &mut PgConnection) -> Result<Vec<DatedPercent>, OpError> {
    let excise = parameter::dated(tx, "excise_on_fees_percent").await?;
    Ok(excise.into_iter().map(|(from, percent)| DatedPercent { from, percent }).collect())
}

/// A product as a list names it.
fn named(code: &str) -> String {
    format!("product {code}")
}

// SQL

/// How many versions of products there are.
pub(crate) async fn count(bank: &Bank) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from loan_product"#).fetch_one(bank.pool()).await?)
}

/// Every product in its newest version.
pub(crate) async fn newest(tx: &mut PgConnection) -> Result<Listing<LoanProduct>, OpError> {
    let rows =
        sqlx::query!("select distinct on (code) code, terms from loan_product order by code, version desc");
    let rows = rows.fetch_all(tx).await?;
    Ok(listing(rows, |row| named(&row.code), |row| Ok(serde_json::from_value(row.terms)?)))
}

/// The number of the newest version.
pub(crate) async fn newest_version_in_op(tx: &mut PgConnection, code: &str) -> Result<Option<i64>, OpError> {
    Ok(sqlx::query_scalar!("select max(version) from loan_product where code = $1", code)
        .fetch_one(tx)
        .await?)
}
