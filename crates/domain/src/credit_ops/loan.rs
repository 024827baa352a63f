//! A loan: its number, its states, and the journals its life makes.

use super::loan_product::{Fees, LoanProduct};
use super::schedule::{Allocation, CostOfLoan, LoanEvent, LoanState, LoanTerms, Row, cost_of, minor, money};
use crate::shared::audit::AuditLine;
use crate::shared::ids::{AccountNumber, BranchNumber, CustomerNumber, IdError, Item};
use crate::shared::journal::{Journal, JournalError, Posting, Side};
use crate::shared::money::{Currency, Money};
use crate::shared::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Principal of loans: what is owed, behind it the loans.
pub const PRINCIPAL: &str = "1110";
/// Interest that fell due and is not paid, behind it the loans.
pub const INTEREST_RECEIVABLE: &str = "1210";
/// Interest earned.
pub const INTEREST_INCOME: &str = "4010";
/// Fees earned.
pub const FEE_INCOME: &str = "4110";
/// Excise duty that is owed to the revenue authority.
pub const EXCISE_PAYABLE: &str = "2510";

words! {
    /// Where a loan stands.
    pub enum LoanStatus {
        /// Approved, not yet paid out.
        Approved = "approved";
        /// Paid out and owed.
        Active = "active";
        /// Paid back whole.
        Closed = "closed";
    }
}

/// The slip in a loan's number, which is built like an account's, in words.
pub fn loan_words(fault: &IdError) -> String {
    fault.to_string().replace("An account number", "A loan number").replace("account number", "loan number")
}

/// Reads the number of a loan, which is built like an account's.
///
/// # Errors
/// The slip, in words.
pub fn read_loan_number(typed: &str) -> Result<AccountNumber, String> {
    typed.parse().map_err(|fault: IdError| loan_words(&fault))
}

/// What the books say of a loan when it is paid out: the amount is owed, fee and excise are kept back, the
/// customer's account gets the rest.
pub fn disbursement_journal(
    loan: &AccountNumber,
    principal: Money,
    fees: Fees,
    account: (&AccountNumber, &str),
) -> Result<Journal, JournalError> {
    let (number, control_code) = account;
    let mut postings = vec![
        line(PRINCIPAL, Some(loan), Side::Debit, principal),
        line(control_code, Some(number), Side::Credit, fees.net),
    ];
    if !fees.fee.amount().is_zero() {
        postings.push(line(FEE_INCOME, None, Side::Credit, fees.fee));
    }
    if !fees.excise.amount().is_zero() {
        postings.push(line(EXCISE_PAYABLE, None, Side::Credit, fees.excise));
    }
    Journal::new(format!("Loan {loan} paid out"), postings)
}

/// Interest that fell due.
pub fn interest_journal(loan: &AccountNumber, interest: Money) -> Result<Journal, JournalError> {
    let postings = vec![
        line(INTEREST_RECEIVABLE, Some(loan), Side::Debit, interest),
        line(INTEREST_INCOME, None, Side::Credit, interest),
    ];
    Journal::new(format!("Interest due on loan {loan}"), postings)
}

/// A payment from the customer's account: interest first, then principal. Interest of the running period
/// that is paid with the last of the principal is earned in the same journal.
pub fn repayment_journal(
    loan: &AccountNumber,
    used: &Allocation,
    currency: Currency,
    account: (&AccountNumber, &str),
) -> Result<Journal, JournalError> {
    let (number, control_code) = account;
    let mut postings = vec![line(control_code, Some(number), Side::Debit, money(used.amount, currency)?)];
    for (code, of_loan, units) in [
        (INTEREST_RECEIVABLE, Some(loan), used.due.interest),
        (PRINCIPAL, Some(loan), used.parts().principal),
        (INTEREST_INCOME, None, used.in_advance.interest),
    ] {
        if units != 0 {
            postings.push(line(code, of_loan, Side::Credit, money(units, currency)?));
        }
    }
    Journal::new(format!("Repayment of loan {loan}"), postings)
}

fn line(gl_code: &str, account: Option<&AccountNumber>, side: Side, money: Money) -> Posting {
    Posting { gl_code: gl_code.to_owned(), item: account.cloned().map(Item::from), side, money }
}

/// A loan as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanRow {
    /// Its number.
    pub number: AccountNumber,
    /// The borrower.
    pub customer: CustomerNumber,
    /// Their name.
    pub name: String,
    /// Name of the product.
    pub product: String,
    /// Where it stands.
    pub status: LoanStatus,
    /// The amount lent.
    pub principal: Money,
    /// Principal still owed.
    pub outstanding: Money,
    /// The oldest unpaid instalment's due date.
    #[serde(with = "crate::shared::dates::optional_day")]
    pub next_due: Option<Date>,
    /// What is unpaid of instalments due before the business date.
    pub arrears: Money,
    /// Days since the oldest unpaid instalment fell due.
    pub days_past_due: u32,
}

/// A loan's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanView {
    /// What lists show.
    pub row: LoanRow,
    /// The product version it was made with.
    pub product: LoanProduct,
    /// Its terms.
    pub terms: LoanTerms,
    /// What happened to it.
    pub events: Vec<LoanEvent>,
    /// What follows from both on the business date; for a loan not yet paid out, as if it were today.
    pub state: LoanState,
    /// What is or was deducted when it was paid out.
    pub fees: Fees,
    /// The account it is paid out to and repaid from.
    pub account: AccountNumber,
    /// What the money is for.
    pub purpose: String,
    /// The branch's business date the figures are of.
    #[serde(with = "crate::shared::dates::day")]
    pub as_of: Date,
    /// The branch.
    pub branch: BranchNumber,
    /// What happened, newest first.
    pub trail: Vec<AuditLine>,
}

impl LoanView {
    /// What the loan costs its borrower, with what was or will be kept back when it is paid out.
    pub fn cost(&self) -> CostOfLoan {
        let mut state = self.state.clone();
        let kept_back = minor(self.fees.fee).unwrap_or(0) + minor(self.fees.excise).unwrap_or(0);
        state.at_disbursement.deducted = kept_back;
        let disbursed = self.events.iter().find_map(LoanEvent::paid_out_on);
        let principal = minor(self.terms.principal).unwrap_or(0);
        cost_of(&state, &[(disbursed.unwrap_or(self.as_of), principal)])
    }
}

impl Row {
    /// Whether it is paid, late, due or to come on a day.
    pub fn standing(&self, day: Date) -> RowStanding {
        match (self.unpaid() == 0, self.due.cmp(&day)) {
            (true, _) => RowStanding::Paid,
            (false, std::cmp::Ordering::Less) => RowStanding::Late,
            (false, std::cmp::Ordering::Equal) => RowStanding::Due,
            (false, std::cmp::Ordering::Greater) => RowStanding::ToCome,
        }
    }
}

/// How an instalment stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowStanding {
    /// Nothing is missing.
    Paid,
    /// It was due before the day.
    Late,
    /// It is due on the day.
    Due,
    /// It is due later.
    ToCome,
}
