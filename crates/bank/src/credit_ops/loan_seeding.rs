//! Making up what happens to the loans of a demonstration: events for which there is no operation yet, booked by
//! the program through the one way in which anything is booked on a loan. Outside a demonstration it is refused.

use super::loan::{self, Hold};
use super::{book, loan_application, loan_product};
use crate::bank::Bank;
use crate::customer_ops::customer;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use serde_json::json;
use tawi_domain::credit_ops::loan_application::NewLoanApplication;
use tawi_domain::credit_ops::loan_journal::MoneyAt;
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState};
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, ReferenceKind, RequestKey, StaffId};
use tawi_domain::shared::permissions::Operation;

/// Makes an approved loan that nobody has applied for, of a product as it is now. Answers its number.
///
/// # Errors
/// The bank is no demonstration; the product does not lend so; the key was used.
pub async fn approve(
    bank: &Bank,
    branch: BranchNumber,
    new: &NewLoanApplication,
    officer: &StaffId,
    key: RequestKey,
) -> Result<AccountNumber, OpError> {
    let mut ctx = begin(bank, branch, key).await?;
    let customer = customer::hold_in_op(&mut ctx, &new.customer).await?;
    let product = loan_product::newest_in_op(&mut ctx, &new.product).await?;
    new.fits(&product)?;
    let number = loan_application::insert_in_op(&mut ctx, new, &customer, &product, officer).await?;
    end(ctx, &number, format!("Loan {number} approved")).await?;
    Ok(number)
}

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
    let mut ctx = begin(bank, branch, key).await?;
    let loan = loan::read_in_op(&mut ctx, number, Hold::Lock).await?;
    let control_code = loan.control_code.clone();
    let money_at = MoneyAt { code: &control_code, item: Some(loan.account.clone().into()) };
    let booked = book::book_in_op(&mut ctx, loan, event, Some(money_at)).await?;
    end(ctx, number, format!("{}: loan {number}", event.title())).await?;
    Ok(booked.state)
}

async fn begin(bank: &Bank, branch: BranchNumber, key: RequestKey) -> Result<OpCtx, OpError> {
    if !bank.settings().demonstration {
        return Err(AppError::NotAllowed("Only a demonstration's life is made up".to_owned()).into());
    }
    OpCtx::begin_chunk(bank, Operation::LoanSeeding, branch, key).await
}

async fn end(mut ctx: OpCtx, number: &AccountNumber, what: String) -> Result<(), OpError> {
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let effect = number.as_str().to_owned();
    let receipt = Receipt::Done { reference, title: what.clone(), effect, paper: None, lines: Vec::new() };
    let subject = format!("loan:{}", number.as_str());
    ctx.commit(Outcome::Done, &subject, &what, json!({}), Some(&receipt)).await
}
