//! Receipts that were handed out, looked up again.

use super::error::OpError;
use crate::bank::Bank;
use crate::op::{Caller, Look};
use sqlx::PgConnection;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::Reference;
use tawi_domain::shared::permissions::Operation;

/// A receipt of the caller's branch, and which copy of it this is. Each copy is audited; that is how they
/// are counted.
pub async fn copy(bank: &Bank, caller: &Caller, reference: &Reference) -> Result<(Receipt, i64), AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let receipt = find(ctx.conn(), reference.as_str())
            .await?
            .ok_or_else(|| AppError::NotFound(format!("There is no receipt {reference} at this branch")))?;
        let subject = format!("receipt:{reference}");
        // Copies of one receipt take turns, so that no two carry the same number.
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 7265))", subject)
            .execute(ctx.conn())
            .await?;
        let nth = copies(ctx.conn(), &subject).await? + 1;
        let look = Look::at(subject, format!("Made copy {nth}"));
        Ok(((serde_json::from_value(receipt)?, nth), look))
    })
    .await
}

// SQL

/// Keys are the bank's; the journal under the same reference says whose branch it was.
async fn find(tx: &mut PgConnection, reference: &str) -> Result<Option<serde_json::Value>, OpError> {
    Ok(sqlx::query_scalar!(
        r#"
        select k.receipt from idempotency_key k
        where k.receipt ->> 'reference' = $1 and k.receipt ->> 'outcome' = 'done'
          and exists (select from journal j where j.reference = $1)
        "#,
        reference,
    )
    .fetch_optional(tx)
    .await?)
}

async fn copies(tx: &mut PgConnection, subject: &str) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from audit_event where subject = $1 and outcome = 'read'"#,
        subject
    )
    .fetch_one(tx)
    .await?)
}
