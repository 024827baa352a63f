//! Loans at every stage of their life, at the head office: the only branch with a loan officer.

use crate::{Fallible, agreed, caller, command, opened, registered, submit};
use jiff::Span;
use jiff::civil::Date;
use tawi_bank::approval;
use tawi_bank::credit_ops::repayment_tracking;
use tawi_bank::{Bank, business_date};
use tawi_domain::credit_ops::disbursement::DisbursementForm;
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::credit_ops::repayment::RepaymentForm;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::business_date::BusinessDateMove;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, CustomerNumber, RequestId};

/// Who applies, pays out and takes repayments.
pub const OFFICER: &str = "LO-001";
/// Who decides what they ask for.
pub const SUPERVISOR: &str = "CS-001";
/// Who decides larger amounts, and more of them a day.
pub const MANAGER: &str = "BM-001";

/// A customer with an account, as loans need one.
#[derive(Debug, Clone)]
pub struct Borrower {
    /// The customer.
    pub customer: CustomerNumber,
    /// Their account.
    pub account: AccountNumber,
}

/// Somebody of their own with 600,000 in the account.
pub async fn borrower(bank: &Bank, nth: u32) -> Fallible<Borrower> {
    let customer = registered(bank, "RO-001", nth).await?;
    let account = opened(bank, "RO-001", &customer, "600000").await?;
    Ok(Borrower { customer, account })
}

/// The form of an application.
pub fn application(who: &Borrower, amount: &str, months: &str) -> LoanApplicationForm {
    LoanApplicationForm {
        customer: who.customer.to_string(),
        product: "BIASHARA".into(),
        amount: amount.into(),
        months: months.into(),
        account: who.account.to_string(),
        purpose: "Stock for the shop".into(),
        ..LoanApplicationForm::default()
    }
}

/// The form of a disbursement.
pub fn disbursement(loan: &AccountNumber) -> DisbursementForm {
    DisbursementForm { loan: loan.to_string() }
}

/// The form of a repayment.
pub fn repayment(loan: &AccountNumber, amount: &str) -> RepaymentForm {
    RepaymentForm { loan: loan.to_string(), amount: amount.into() }
}

/// Applies as the loan officer.
pub async fn apply(bank: &Bank, form: &LoanApplicationForm, name: &str) -> Result<Receipt, AppError> {
    submit(bank, &officer()?, &command(form)?, name).await
}

/// Asks for a disbursement as the loan officer.
pub async fn ask_to_pay_out(bank: &Bank, loan: &AccountNumber, name: &str) -> Result<Receipt, AppError> {
    submit(bank, &officer()?, &command(&disbursement(loan))?, name).await
}

/// Takes a repayment as the loan officer.
pub async fn repay(bank: &Bank, loan: &AccountNumber, amount: &str, name: &str) -> Result<Receipt, AppError> {
    submit(bank, &officer()?, &command(&repayment(loan, amount))?, name).await
}

/// An approved loan of 120,000 over 12 months.
pub async fn approved(bank: &Bank, who: &Borrower, name: &str) -> Fallible<AccountNumber> {
    approved_of(bank, &application(who, "120,000", "12"), name).await
}

/// The loan of an application that was approved.
pub async fn approved_of(bank: &Bank, form: &LoanApplicationForm, name: &str) -> Fallible<AccountNumber> {
    Ok(agreed(bank, OFFICER, SUPERVISOR, &command(form)?, name).await?.parse()?)
}

/// The loan that came of a request.
pub async fn loan_of(bank: &Bank, request: RequestId) -> Fallible<AccountNumber> {
    let detail = approval::detail(bank, &caller(SUPERVISOR)?, request).await?;
    Ok(detail.effect.ok_or("not approved")?.parse()?)
}

/// Pays a loan out.
pub async fn pay_out(bank: &Bank, loan: &AccountNumber, name: &str) -> Fallible<()> {
    agreed(bank, OFFICER, SUPERVISOR, &command(&disbursement(loan))?, name).await?;
    Ok(())
}

/// A loan of 120,000 over 12 months that was paid out today.
pub async fn paid_out(bank: &Bank, nth: u32) -> Fallible<(Borrower, AccountNumber)> {
    let who = borrower(bank, nth).await?;
    let loan = approved(bank, &who, &format!("loan-{nth}")).await?;
    pay_out(bank, &loan, &format!("out-{nth}")).await?;
    Ok((who, loan))
}

/// The form of an application for little money.
pub fn small_application(who: &Borrower) -> LoanApplicationForm {
    LoanApplicationForm { product: "JAMII".into(), ..application(who, "5000", "6") }
}

/// A loan of little money, approved by the manager, whose limit leaves room for many.
pub async fn small_loan(bank: &Bank, nth: u32) -> Fallible<(Borrower, AccountNumber)> {
    let who = borrower(bank, nth).await?;
    let form = command(&small_application(&who))?;
    let loan = agreed(bank, OFFICER, MANAGER, &form, &format!("small-{nth}")).await?.parse()?;
    Ok((who, loan))
}

/// The same, paid out today.
pub async fn small_loan_paid_out(bank: &Bank, nth: u32) -> Fallible<(Borrower, AccountNumber)> {
    let (who, loan) = small_loan(bank, nth).await?;
    let form = command(&disbursement(&loan))?;
    agreed(bank, OFFICER, MANAGER, &form, &format!("small-out-{nth}")).await?;
    Ok((who, loan))
}

/// What pays a loan off today, as it is typed.
pub async fn owed(bank: &Bank, loan: &AccountNumber) -> Fallible<String> {
    let state = repayment_tracking::view(bank, &caller(OFFICER)?, loan).await?.state;
    Ok(state.figures(state.pay_off))
}

/// Moves the head office on by a span of days.
pub async fn go_on(bank: &Bank, by: Span) -> Fallible<()> {
    let today: String = sqlx::query_scalar("select business_date::text from branch where code = 'NBO-HQ'")
        .fetch_one(bank.owner())
        .await?;
    go_to(bank, today.parse::<Date>()?.checked_add(by)?).await
}

/// Moves the head office to a business date.
pub async fn go_to(bank: &Bank, day: Date) -> Fallible<()> {
    business_date::move_forward(bank, "NBO-HQ", &BusinessDateMove::because(day, "a test")).await?;
    Ok(())
}

fn officer() -> Result<tawi_bank::Caller, AppError> {
    caller(OFFICER).map_err(|fault| AppError::refused(fault.to_string()))
}
