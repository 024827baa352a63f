//! The one place where rows of the operation table meet code. A forgotten arm does not compile.

use crate::administration::{branch_setup, holidays, parameters, staff_administration};
use crate::bank::Bank;
use crate::command::Command;
use crate::credit_ops::{disbursement, loan, loan_application, loan_setup, repayment_tracking};
use crate::customer_ops::{account_opening, cif_create, customer};
use crate::op::{ATTEMPTS, Actor, Begun, Caller, OpCtx, settle};
use crate::shared::error::OpError;
use crate::shared::{approval, ledger};
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::customer_ops::risk::RULE_SET;
use tawi_domain::shared::approval::{Check, Receipt, Review, SummaryLine, Target, TargetKind};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{ReferenceKind, RequestKey, StaffId};
use tawi_domain::shared::permissions::{AuditClass, requires_supervisor_approval};

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
    let effect = perform_in_op(&mut ctx, command, &review, &caller.staff_id).await?;
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let receipt =
        Receipt::Done { reference, title: effect.title, effect: effect.number, lines: effect.lines };
    // What one person sets alone is kept with its values; customers' data stays out of the audit.
    let detail = match command.operation().spec().audit {
        AuditClass::Administration => json!({ "lines": review.lines }),
        _ => json!({}),
    };
    ctx.commit(Outcome::Done, &effect.subject, &effect.what, detail, Some(&receipt)).await?;
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
    /// What a printed receipt says; empty where none is printed.
    pub lines: Vec<SummaryLine>,
}

/// Says what a command would do, without doing it, and gives the key under which exactly this is done once.
pub async fn check(bank: &Bank, caller: &Caller, command: &Command) -> Result<Check, AppError> {
    let result = async {
        let mut ctx = OpCtx::begin_enquiry(bank, caller, command.operation()).await?;
        let review = review_in_op(&mut ctx, command).await?;
        let asks = requires_supervisor_approval(command.operation(), &review.reasons);
        let checker = if asks {
            approval::deciders_in_op(&mut ctx, command.operation(), review.ladder.or(review.amount)).await?
        } else {
            Vec::new()
        };
        let check = Check { review, checker, key: approval::new_key()? };
        let what = format!("Was shown what it would do: {}", check.review.title);
        ctx.commit(Outcome::Read, &check.review.subject, &what, json!({}), None).await?;
        Ok(check)
    };
    settle(bank, &Actor::Officer(caller.clone()), command.operation(), result.await).await
}

/// What a second person would have to know about a command, and whether one is needed.
pub(crate) async fn review_in_op(ctx: &mut OpCtx, command: &Command) -> Result<Review, OpError> {
    match command {
        Command::CifCreate(customer) => cif_create::review_in_op(ctx, customer).await,
        Command::AccountOpening(new) => account_opening::review_in_op(ctx, new).await,
        Command::LoanApplication(new) => loan_application::review_in_op(ctx, new).await,
        Command::Disbursement(new) => disbursement::review_in_op(ctx, new).await,
        Command::Repayment(new) => repayment_tracking::review_in_op(ctx, new).await,
        Command::GeneralJournal(journal) => ledger::review_in_op(ctx, journal).await,
        Command::StaffChange(new) => staff_administration::review_in_op(ctx, new).await,
        Command::BranchSetup(new) => branch_setup::review_in_op(ctx, new).await,
        Command::Holiday(new) => holidays::review_in_op(ctx, new).await,
        Command::Parameter(new) => parameters::review_in_op(ctx, new).await,
    }
}

/// Does a command inside an operation that may do it, for the person who asked.
pub(crate) async fn perform_in_op(
    ctx: &mut OpCtx,
    command: &Command,
    review: &Review,
    maker: &StaffId,
) -> Result<Effect, OpError> {
    match command {
        Command::CifCreate(customer) => {
            let number = cif_create::perform_in_op(ctx, customer).await?;
            Ok(Effect {
                subject: format!("customer:{number}"),
                number: number.to_string(),
                title: customer.name.to_string(),
                what: "Registered the customer".to_owned(),
                lines: Vec::new(),
            })
        }
        Command::AccountOpening(new) => account_opening::perform_in_op(ctx, new).await,
        Command::LoanApplication(new) => loan_application::perform_in_op(ctx, new, maker).await,
        Command::Disbursement(new) => disbursement::perform_in_op(ctx, new).await,
        Command::Repayment(new) => repayment_tracking::perform_in_op(ctx, new).await,
        Command::StaffChange(new) => staff_administration::perform_in_op(ctx, new, maker).await,
        Command::BranchSetup(new) => branch_setup::perform_in_op(ctx, new).await,
        Command::Holiday(new) => holidays::perform_in_op(ctx, new).await,
        Command::Parameter(new) => parameters::perform_in_op(ctx, new, maker).await,
        Command::GeneralJournal(journal) => {
            let number = ledger::perform_in_op(ctx, journal).await?;
            Ok(Effect {
                subject: number.replace(' ', ":"),
                number,
                title: review.title.clone(),
                what: review.title.clone(),
                lines: Vec::new(),
            })
        }
    }
}

/// The version of what a request relies on, as it is now.
pub(crate) async fn version_in_op(tx: &mut PgConnection, target: &Target) -> Result<Option<i64>, OpError> {
    match target.kind {
        TargetKind::Customer => customer::version_in_op(tx, &target.key).await,
        TargetKind::Account => ledger::version_in_op(tx, &target.key).await,
        TargetKind::Loan => loan::version_in_op(tx, &target.key).await,
        TargetKind::LoanProduct => loan_setup::newest_version_in_op(tx, &target.key).await,
        TargetKind::RiskRules => Ok(Some(RULE_SET)),
    }
}
