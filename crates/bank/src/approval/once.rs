//! What a decision has made that nobody may store, and that whoever decided is shown.

use super::operation_of;
use crate::bank::Bank;
use crate::command::Command;
use crate::op::{Caller, Look};
use crate::shared::error::OpError;
use sqlx::PgConnection;
use tawi_domain::shared::approval::{Receipt, RequestState};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::permissions::Operation;

/// What a decision has made that is shown to whoever decided, this once.
///
/// # Errors
/// It cannot be told just now; the same decision, sent again, tells it.
pub async fn shown_once(bank: &Bank, caller: &Caller, receipt: &Receipt) -> Result<Option<String>, AppError> {
    let Receipt::Decided { state: RequestState::Approved, request, .. } = receipt else { return Ok(None) };
    let own = Look::Unrecorded("what the caller has decided; what is shown of it is recorded by itself");
    let command =
        bank.look(caller, Operation::Approvals, async |ctx| Ok((command(ctx.conn(), *request).await?, own)));
    match command.await? {
        Some(command) => command.shown_once(bank, caller).await.map_err(OpError::outward),
        None => Ok(None),
    }
}

// SQL

/// The command of a request, as it was read on the day of its branch.
async fn command(tx: &mut PgConnection, request: RequestId) -> Result<Option<Command>, OpError> {
    let row = sqlx::query!(
        r#"
        select r.operation, r.payload, b.business_date
        from approval_request r join branch b on b.number = r.branch
        where r.id = $1
        "#,
        request.get(),
    );
    let Some(row) = row.fetch_optional(tx).await? else { return Ok(None) };
    Command::parse(operation_of(&row.operation)?, row.payload, row.business_date.to_jiff())
}
