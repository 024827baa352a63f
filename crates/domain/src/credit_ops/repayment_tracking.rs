//! Following loans: who is late, and what is paid back.

use crate::shared::form::FieldErrors;
use crate::shared::ids::{AccountNumber, IdError};
use crate::shared::money::{Currency, Money};
use serde::{Deserialize, Serialize};

/// What the page sends, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RepaymentForm {
    /// The loan's number.
    pub loan: String,
    /// The amount taken from the customer's account.
    pub amount: String,
}

/// Labels of the fields, in the order of the form.
pub const FIELDS: &[(&str, &str)] = &[("loan", "Loan"), ("amount", "Amount")];

/// A payment to be taken from the account of the loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRepayment {
    /// The loan.
    pub loan: AccountNumber,
    /// The amount.
    pub amount: Money,
}

impl RepaymentForm {
    /// Reads the whole form: every fault at once.
    pub fn parse(&self) -> Result<NewRepayment, FieldErrors> {
        let mut faults = FieldErrors::default();
        let loan: Result<AccountNumber, IdError> = self.loan.parse();
        let loan = faults
            .note("loan", loan.map_err(|fault| fault.to_string().replace("account number", "loan number")));
        let amount = faults.note("amount", Money::parse(&self.amount, Currency::Kes));
        match (loan, amount) {
            (Some(loan), Some(amount)) if faults.is_empty() => Ok(NewRepayment { loan, amount }),
            _ => Err(faults),
        }
    }
}

impl NewRepayment {
    /// The canonical form.
    pub fn to_form(&self) -> RepaymentForm {
        RepaymentForm { loan: self.loan.as_str().to_owned(), amount: self.amount.amount().to_string() }
    }
}

/// The branch's loans on its business date, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portfolio {
    /// Loans paid out and owed.
    pub loans: i64,
    /// Principal owed on them.
    pub outstanding: Money,
    /// Loans with an instalment unpaid after its due date.
    pub late: i64,
    /// What is unpaid of those instalments.
    pub arrears: Money,
    /// Principal owed by days past due: none, 1 to 30, 31 to 90, more.
    pub ageing: [Money; 4],
    /// Approved loans that wait for their disbursement.
    pub to_pay_out: i64,
    /// What was repaid today.
    pub repaid_today: Money,
    /// What was lent today.
    pub lent_today: Money,
}

/// The ageing's bands, as people read them.
pub const AGEING: [&str; 4] = ["In time", "1 to 30 days", "31 to 90 days", "Over 90 days"];

/// Which loans the worklist shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoanFilter {
    /// Instalments due before the business date are unpaid.
    #[default]
    Late,
    /// An instalment falls due within a week.
    DueSoon,
    /// Approved, not yet paid out.
    ToPayOut,
    /// Every loan that is not closed.
    Open,
    /// Paid back.
    Closed,
}

impl LoanFilter {
    /// Every filter, in the order of the page.
    pub const ALL: [Self; 5] = [Self::Late, Self::DueSoon, Self::ToPayOut, Self::Open, Self::Closed];

    /// The word in the address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::DueSoon => "due",
            Self::ToPayOut => "approved",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Late => "Late",
            Self::DueSoon => "Due this week",
            Self::ToPayOut => "To pay out",
            Self::Open => "All open",
            Self::Closed => "Closed",
        }
    }

    /// The filter of a word in the address; the first when it is none.
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|filter| filter.code() == code).unwrap_or_default()
    }
}
