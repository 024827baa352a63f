//! Days without work as loans need them: those of their branch, its own and the bank's.

use crate::shared::error::OpError;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use tawi_domain::shared::ids::BranchNumber;

/// The days without work of a branch from a day on, in order.
pub(crate) async fn days_in_op(
    tx: &mut PgConnection,
    branch: BranchNumber,
    from: Date,
) -> Result<Vec<Date>, OpError> {
    let days = sqlx::query_scalar!(
        "select distinct day from holiday where day >= $2 and (branch is null or branch = $1) order by day",
        branch.get(),
        from.to_sqlx() as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(days.into_iter().map(jiff_sqlx::Date::to_jiff).collect())
}
