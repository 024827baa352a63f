//! The one place where rows of the operation table meet code. A forgotten arm does not compile.

use crate::bank::Bank;
use crate::command::Command;
use crate::customer_ops::cif_create;
use crate::op::{ATTEMPTS, Actor, Begun, Caller, OpCtx, settle};
use crate::shared::error::OpError;
use crate::shared::{approval, ledger};
use serde_json::json;
use tawi_domain::shared::approval::{Receipt, Review};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{ReferenceKind, RequestKey};
use tawi_domain::shared::permissions::requires_supervisor_approval;

/// Does a command, or asks a second person to let it be done.
pub async fn submit(
    bank: &Bank,
    caller: &Caller,
    command: &Command,
    key: RequestKey,
) -> Result<Receipt, AppError> {
    let mut result = try_submit(bank, caller, command, key.clone()).await;
    for _ in 1..ATTEMPTS {
        match &result {
            Err(error) if error.is_retriable() => {
                result = try_submit(bank, caller, command, key.clone()).await;
            }
            _ => break,
        }
    }
    settle(bank, &Actor::Officer(caller.clone()), command.operation(), result).await
}

async fn try_submit(
    bank: &Bank,
    caller: &Caller,
    command: &Command,
    key: RequestKey,
) -> Result<Receipt, OpError> {
    let payload = command.payload()?;
    let mut ctx = match OpCtx::begin(bank, caller, command.operation(), key, &payload).await? {
        Begun::Already(receipt) => return Ok(receipt),
        Begun::Fresh(ctx) => ctx,
    };
    let review = review_in_op(&mut ctx, command).await?;
    if requires_supervisor_approval(command.operation(), &review.reasons) {
        return approval::request(*ctx, payload, review).await;
    }
    let effect = perform_in_op(&mut ctx, command, &review).await?;
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let receipt = Receipt::Done { reference, title: effect.title, effect: effect.number };
    ctx.commit(Outcome::Done, &effect.subject, &effect.what, json!({}), Some(&receipt)).await?;
    Ok(receipt)
}

/// What a deed leaves behind.
#[derive(Debug, Clone)]
pub struct Effect {
    /// What was done, naming person or amount.
    pub title: String,
    /// The number of what came of it: a customer, a journal.
    pub number: String,
    /// Subject of the audit line.
    pub subject: String,
    /// What was done, in a sentence.
    pub what: String,
}

/// What a second person would have to know about a command, and whether one is needed.
pub(crate) async fn review_in_op(ctx: &mut OpCtx, command: &Command) -> Result<Review, OpError> {
    match command {
        Command::CifCreate(customer) => cif_create::review_in_op(ctx, customer).await,
        Command::GeneralJournal(journal) => ledger::review_in_op(ctx, journal).await,
    }
}

/// Does a command inside an operation that may do it.
pub(crate) async fn perform_in_op(
    ctx: &mut OpCtx,
    command: &Command,
    review: &Review,
) -> Result<Effect, OpError> {
    match command {
        Command::CifCreate(customer) => {
            let number = cif_create::perform_in_op(ctx, customer).await?;
            Ok(Effect {
                subject: format!("customer:{number}"),
                number: number.to_string(),
                title: customer.name.to_string(),
                what: "Registered the customer".to_owned(),
            })
        }
        Command::GeneralJournal(journal) => {
            let number = ledger::perform_in_op(ctx, journal).await?;
            Ok(Effect {
                subject: number.replace(' ', ":"),
                number,
                title: review.title.clone(),
                what: review.title.clone(),
            })
        }
    }
}
