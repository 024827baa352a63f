//! What every story does: send a command or a form, and decide what waits.

use crate::{Fallible, TODAY, caller, key};
use serde_json::Value;
use tawi_bank::approval;
use tawi_bank::command::Command;
use tawi_bank::{Bank, Caller, dispatch};
use tawi_domain::shared::approval::{NewDecision, Receipt, Verdict};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{RequestId, RequestKey};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::Operation;

/// The command of a form, as a door would read it.
pub fn command<F: Form>(form: &F) -> Result<Command, AppError>
where
    Command: From<F::Parsed>,
{
    form.parse(TODAY).map(Command::from).map_err(AppError::Invalid)
}

/// Sends a command under a key of this name.
pub async fn submit(bank: &Bank, who: &Caller, command: &Command, name: &str) -> Result<Receipt, AppError> {
    dispatch::submit(bank, who, command, named(name)?).await
}

/// Sends a form, as a door receives it, under a key of this name.
pub async fn send(
    bank: &Bank,
    who: &Caller,
    operation: Operation,
    form: &Value,
    name: &str,
) -> Result<Receipt, AppError> {
    Ok(dispatch::submit_form(bank, who, operation, form, named(name)?).await?.receipt)
}

/// The request of a ticket.
pub fn ticket(receipt: Receipt) -> Fallible<RequestId> {
    match receipt {
        Receipt::Waiting { request, .. } => Ok(request),
        other @ (Receipt::Done { .. } | Receipt::Decided { .. }) => {
            Err(format!("expected a ticket, got {other:?}").into())
        }
    }
}

/// A decision on what is in the database now.
pub async fn decision(
    bank: &Bank,
    who: &Caller,
    request: RequestId,
    verdict: Verdict,
) -> Result<NewDecision, AppError> {
    let detail = approval::detail(bank, who, request).await?;
    let note = matches!(verdict, Verdict::Reject | Verdict::SendBack).then(|| "Please explain".to_owned());
    Ok(NewDecision { request, payload_hash: detail.payload_hash, verdict, note })
}

/// Looks at a request and decides it under a key of this name.
pub async fn decide(
    bank: &Bank,
    who: &Caller,
    request: RequestId,
    verdict: Verdict,
    name: &str,
) -> Result<Receipt, AppError> {
    let decision = decision(bank, who, request, verdict).await?;
    approval::decide(bank, who, &decision, named(name)?).await
}

/// Asks as one person, approves as another; what came of it.
pub async fn agreed(
    bank: &Bank,
    maker: &str,
    checker: &str,
    command: &Command,
    name: &str,
) -> Fallible<String> {
    let (maker, checker) = (caller(maker)?, caller(checker)?);
    let request = ticket(submit(bank, &maker, command, name).await?)?;
    decide(bank, &checker, request, Verdict::Approve, &format!("{name}-yes")).await?;
    let done = approval::detail(bank, &checker, request).await?;
    done.effect.ok_or_else(|| format!("refused: {:?}", done.row.note).into())
}

fn named(name: &str) -> Result<RequestKey, AppError> {
    key(name).map_err(|fault| AppError::refused(fault.to_string()))
}
