//! How every command goes, whatever it does: looked at, done at once, or asked for.

use crate::approval;
use crate::bank::Bank;
use crate::command::Command;
use crate::op::{ATTEMPTS, Actor, Begun, Caller, Content, Look, OpCtx, settle};
use crate::shared::error::OpError;
use jiff::civil::Date;
use serde_json::{Value, json};
use tawi_domain::language::before;
use tawi_domain::shared::approval::{Check, Receipt, Sent, TargetKind};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{ReferenceKind, RequestKey};
use tawi_domain::shared::permissions::{AuditClass, Operation, requires_supervisor_approval};

/// Does a command, or asks a second person to let it be done.
pub async fn submit(
    bank: &Bank,
    caller: &Caller,
    command: &Command,
    key: RequestKey,
) -> Result<Receipt, AppError> {
    let read = |_| Ok(command.clone());
    in_attempts(bank, caller, command.operation(), &key, &read).await
}

/// The same for a form as a door receives it: who may not do the operation hears nothing of its fields.
pub async fn submit_form(
    bank: &Bank,
    caller: &Caller,
    operation: Operation,
    form: &Value,
    key: RequestKey,
) -> Result<Sent, AppError> {
    let read = |today| {
        let mut command = command_of(operation, form, today)?;
        command.sent_under(&key);
        Ok(command)
    };
    Ok(Sent { receipt: in_attempts(bank, caller, operation, &key, &read).await? })
}

/// Reads the command that is to be done, once the gate has opened, on the branch's business date.
type Read<'a> = dyn Fn(Date) -> Result<Command, OpError> + Sync + 'a;

async fn in_attempts(
    bank: &Bank,
    caller: &Caller,
    operation: Operation,
    key: &RequestKey,
    read: &Read<'_>,
) -> Result<Receipt, AppError> {
    let mut result = try_submit(bank, caller, operation, key, read).await;
    for _ in 1..ATTEMPTS {
        match &result {
            Err(error) if error.is_retriable() => {
                result = try_submit(bank, caller, operation, key, read).await;
            }
            Ok(_) | Err(_) => break,
        }
    }
    settle(bank, &Actor::Officer(caller.clone()), operation, result).await
}

async fn try_submit(
    bank: &Bank,
    caller: &Caller,
    operation: Operation,
    key: &RequestKey,
    read: &Read<'_>,
) -> Result<Receipt, OpError> {
    let begun = OpCtx::begin_with(bank, caller, operation, key.clone(), |today| {
        let command = read(today)?;
        let payload = command.payload()?;
        let content = Content::of(payload.clone()).written_before(command.payload_before()?);
        Ok((content, (command, payload)))
    });
    let (begun, (command, payload)) = begun.await?;
    let mut ctx = match begun {
        Begun::Already(receipt) => return Ok(*receipt),
        Begun::Fresh(ctx) => ctx,
    };
    let review = command.review_in_op(&mut ctx).await?;
    if requires_supervisor_approval(operation, &review.why) {
        return approval::request(*ctx, payload, review).await;
    }
    let effect = command.perform_in_op(&mut ctx, &caller.staff_id).await?;
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let receipt = effect.receipt(reference);
    // What one person sets alone is kept with its values; customers' data stays out of the audit.
    let detail = match operation.spec().audit {
        AuditClass::Administration => json!({ "facts": review.facts }),
        AuditClass::Customer | AuditClass::Enquiry | AuditClass::Money | AuditClass::Access => json!({}),
    };
    ctx.commit(Outcome::Done, &effect.subject, &effect.what, detail, Some(&receipt)).await?;
    Ok(receipt)
}

/// Says what a command would do, without doing it, and gives the key under which exactly this is done once.
pub async fn check(bank: &Bank, caller: &Caller, command: &Command) -> Result<Check, AppError> {
    let read = |_| Ok(command.clone());
    looked_through(bank, caller, command.operation(), &read).await
}

/// The same for a form as a door receives it.
pub async fn check_form(
    bank: &Bank,
    caller: &Caller,
    operation: Operation,
    form: &Value,
) -> Result<Check, AppError> {
    let read = |today| command_of(operation, form, today);
    looked_through(bank, caller, operation, &read).await
}

async fn looked_through(
    bank: &Bank,
    caller: &Caller,
    operation: Operation,
    read: &Read<'_>,
) -> Result<Check, AppError> {
    bank.look(caller, operation, async |ctx| check_in_op(ctx, read).await).await
}

async fn check_in_op(ctx: &mut OpCtx, read: &Read<'_>) -> Result<(Check, Look), OpError> {
    let operation = ctx.operation();
    let command = read(ctx.business_date()?)?;
    let mut review = command.review_in_op(ctx).await?;
    review.before = before::of(&review);
    let asks = requires_supervisor_approval(operation, &review.why);
    let checker = if asks {
        approval::deciders_in_op(ctx, operation, review.ladder.or(review.amount)).await?
    } else {
        Vec::new()
    };
    let check = Check { review, checker, key: approval::new_key()? };
    // Whom the review showed beside what was typed: customers with something in common.
    let shown = check.review.targets.iter().filter(|target| target.kind == TargetKind::Customer);
    let shown: Vec<&str> = shown.map(|target| target.key.as_str()).collect();
    let detail = if shown.is_empty() { json!({}) } else { json!({ "customers": shown }) };
    // What is typed of somebody who is no customer yet is kept nowhere: that it was looked at, is.
    let (subject, what) = match operation.spec().audit {
        AuditClass::Customer => (operation.code().to_owned(), "Was shown what it would do".to_owned()),
        AuditClass::Enquiry | AuditClass::Money | AuditClass::Access | AuditClass::Administration => {
            let what = format!("Was shown what it would do: {}", check.review.title);
            (check.review.subject.clone(), what)
        }
    };
    Ok((check, Look::with(subject, what, detail)))
}

/// The command of a form that was sent.
fn command_of(operation: Operation, form: &Value, today: Date) -> Result<Command, OpError> {
    let command = Command::parse(operation, form.clone(), today).map_err(|error| match error {
        OpError::Stored(_) => AppError::not_whole().into(),
        other @ (OpError::App(_) | OpError::Database(_) | OpError::Setting(_)) => other,
    })?;
    command.ok_or_else(|| {
        AppError::refused(format!("{} is not done by sending a form", operation.title())).into()
    })
}
