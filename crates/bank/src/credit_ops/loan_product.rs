//! A loan product in the database: a row a version, the newest on offer.

use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use sqlx::PgConnection;
use tawi_domain::credit_ops::loan_product::LoanProduct;
use tawi_domain::shared::error::AppError;

/// The newest version of a product.
pub(crate) async fn newest_in_op(ctx: &mut OpCtx, code: &str) -> Result<LoanProduct, OpError> {
    newest(ctx.conn())
        .await?
        .into_iter()
        .find(|product| product.code == code)
        .ok_or_else(|| AppError::field("product", "There is no such loan product").into())
}

// SQL

/// How many versions of products there are.
pub(crate) async fn count(bank: &Bank) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from loan_product"#).fetch_one(bank.pool()).await?)
}

/// Every product in its newest version.
pub(crate) async fn newest(tx: &mut PgConnection) -> Result<Vec<LoanProduct>, OpError> {
    let rows =
        sqlx::query_scalar!("select distinct on (code) terms from loan_product order by code, version desc")
            .fetch_all(tx)
            .await?;
    rows.into_iter().map(|terms| Ok(serde_json::from_value(terms)?)).collect()
}

/// The number of the newest version.
pub(crate) async fn newest_version_in_op(tx: &mut PgConnection, code: &str) -> Result<Option<i64>, OpError> {
    Ok(sqlx::query_scalar!("select max(version) from loan_product where code = $1", code)
        .fetch_one(tx)
        .await?)
}
