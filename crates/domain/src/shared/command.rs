//! What the command box finds.

use serde::{Deserialize, Serialize};

/// The fewest characters the box asks the bank about.
pub const FEWEST_CHARS: usize = 3;

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    /// A customer.
    Customer,
    /// A customer's account.
    Account,
    /// A loan.
    Loan,
    /// A request for approval.
    Request,
    /// A receipt.
    Receipt,
}

impl HitKind {
    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Account => "Account",
            Self::Loan => "Loan",
            Self::Request => "Request",
            Self::Receipt => "Receipt",
        }
    }
}

/// Something found, with the way to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its name or number.
    pub label: String,
    /// A word about it.
    pub detail: String,
    /// Path of its page.
    pub href: String,
}
