//! Numbers of accounts and loans.

use super::error::OpError;
use sqlx::PgConnection;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber};

/// The next number of a branch and product. The counter row stays locked until the operation commits:
/// numbers come without gaps, and whoever opens another waits for that long.
pub(crate) async fn next_number(
    tx: &mut PgConnection,
    branch: BranchNumber,
    product: u8,
) -> Result<AccountNumber, OpError> {
    let last = sqlx::query_scalar!(
        r#"
        insert into account_serial as s (branch, product, last) values ($1, $2, 1)
        on conflict (branch, product) do update set last = s.last + 1
        returning last
        "#,
        branch.get(),
        i16::from(product),
    )
    .fetch_one(tx)
    .await?;
    u32::try_from(last)
        .ok()
        .and_then(|serial| AccountNumber::from_parts(branch, product, serial))
        .ok_or_else(|| OpError::stored("serial numbers of a product have run out"))
}
