//! Making up what happens to the loans of a demonstration: events for which there is no operation yet, booked by
//! the program through the one way in which anything is booked on a loan. Outside a demonstration it is refused.

use super::book;
use super::loan::{self, Hold};
use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use serde_json::json;
use tawi_domain::credit_ops::loan_journal::MoneyAt;
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState};
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, ReferenceKind, RequestKey};
use tawi_domain::shared::permissions::Operation;

/// Books an event on a loan of a branch; its money goes through the loan's account. Answers the loan's state.
///
/// # Errors
/// The bank is no demonstration; the engine or the ledger refuses the event; the key was used.
pub async fn seed(
    bank: &Bank,
    branch: BranchNumber,
    number: &AccountNumber,
    event: LoanEvent,
    key: RequestKey,
) -> Result<LoanState, OpError> {
    if !bank.settings().demonstration {
        return Err(AppError::NotAllowed("Only a demonstration's life is made up".to_owned()).into());
    }
    let mut ctx = OpCtx::begin_chunk(bank, Operation::LoanSeeding, branch, key).await?;
    let loan = loan::read_in_op(&mut ctx, number, Hold::Lock).await?;
    let control_code = loan.control_code.clone();
    let money_at = MoneyAt { code: &control_code, item: Some(loan.account.clone().into()) };
    let booked = book::book_in_op(&mut ctx, loan, event, Some(money_at)).await?;
    let what = format!("{}: loan {number}", event.title());
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let effect = number.as_str().to_owned();
    let receipt = Receipt::Done { reference, title: what.clone(), effect, paper: None, lines: Vec::new() };
    let subject = format!("loan:{}", number.as_str());
    ctx.commit(Outcome::Done, &subject, &what, json!({}), Some(&receipt)).await?;
    Ok(booked.state)
}
