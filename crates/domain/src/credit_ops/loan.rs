//! A loan: its number, its states, and the journals its life makes.

use super::loan_product::{Fees, LoanProduct};
use super::schedule::{CostOfLoan, LoanEvent, LoanState, LoanTerms, Row, cost_of, fold, minor};
use crate::shared::audit::AuditLine;
use crate::shared::ids::{AccountNumber, BranchNumber, CustomerNumber, IdError};
use crate::shared::listing::Listing;
use crate::shared::money::Money;
use crate::shared::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

words! {
    /// Where a loan stands.
    pub enum LoanStatus {
        /// Approved, not yet paid out.
        Approved = "approved";
        /// Paid out and owed.
        Active = "active";
        /// Paid back whole.
        Closed = "closed";
        /// Out of the books, still owed.
        ChargedOff = "charged_off";
        /// Given up.
        WrittenOff = "written_off";
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
    pub trail: Listing<AuditLine>,
}

impl LoanStatus {
    /// Where a loan stands that was paid out.
    pub fn of(state: &LoanState) -> Self {
        match (state.closed_on, state.lost, state.written_off.total()) {
            (Some(_), ..) => Self::Closed,
            (None, false, _) => Self::Active,
            (None, true, 0) => Self::ChargedOff,
            (None, true, _) => Self::WrittenOff,
        }
    }
}

impl LoanView {
    /// What the loan costs its borrower as it was agreed, with what was or will be kept back when it is paid out:
    /// what comes of being late or early is not part of it.
    pub fn cost(&self) -> CostOfLoan {
        let on = self.events.iter().find_map(LoanEvent::paid_out_on).unwrap_or(self.as_of);
        let principal = minor(self.terms.principal).unwrap_or(0);
        let agreed = fold(&self.terms, &[LoanEvent::disbursed(on)], on);
        cost_of(agreed.as_ref().unwrap_or(&self.state), &[(on, principal)])
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
