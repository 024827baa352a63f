//! Customers' accounts: kinds, and what a page shows of one.

use crate::shared::account::{AccountStatus, Restriction};
use crate::shared::audit::AuditLine;
use crate::shared::ids::{AccountNumber, BranchNumber, CustomerNumber, Reference};
use crate::shared::listing::Listing;
use crate::shared::money::Money;
use crate::shared::words::words;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

words! {
    /// A kind of account.
    pub enum AccountKind {
        /// Savings.
        Savings = "savings", "Savings account";
        /// Current.
        Current = "current", "Current account";
    }
}

impl AccountKind {
    /// Two figures of the account number.
    pub fn number_code(self) -> u8 {
        match self {
            Self::Savings => 1,
            Self::Current => 2,
        }
    }

    /// The control account behind which such accounts stand.
    pub fn control_code(self) -> &'static str {
        match self {
            Self::Savings => "2010",
            Self::Current => "2020",
        }
    }
}

/// An account in the list of a customer's page. The balance is not in it: it is shown when asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// Its number.
    pub number: AccountNumber,
    /// Its kind.
    pub kind: AccountKind,
    /// ISO code of its currency.
    pub currency: String,
    /// Where it stands.
    pub status: AccountStatus,
    /// What it may not do.
    pub restrictions: Vec<Restriction>,
    /// The business date it was opened on.
    #[serde(with = "crate::shared::dates::day")]
    pub opened_on: Date,
}

/// One line of a statement, with the balance after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// The business date.
    #[serde(with = "crate::shared::dates::day")]
    pub on: Date,
    /// What it was.
    pub narrative: String,
    /// Reference of the receipt.
    pub reference: Reference,
    /// Credit above zero, debit below.
    pub change: Decimal,
    /// The balance afterwards.
    pub balance: Decimal,
}

/// An account's page: everything but money, which is shown when asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// What lists show.
    pub row: AccountRow,
    /// The holder.
    pub customer: CustomerNumber,
    /// Their name.
    pub name: String,
    /// The branch.
    pub branch: BranchNumber,
    /// What happened to it, newest first.
    pub trail: Listing<AuditLine>,
}

/// What an account holds, once somebody asked: the look is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountBalance {
    /// Credits less debits.
    pub ledger: Money,
    /// What can be taken now.
    pub available: Money,
    /// The newest lines, newest first.
    pub lines: Vec<StatementLine>,
}
