//! The chart of accounts that every branch keeps.

use crate::shared::words::words;

words! {
    /// On which side of the books an account stands.
    pub enum GlKind {
        /// What the bank owns.
        Asset = "asset";
        /// What the bank owes.
        Liability = "liability";
        /// What the owners hold.
        Equity = "equity";
        /// What the bank earns.
        Income = "income";
        /// What the bank spends.
        Expense = "expense";
    }
}

/// What stands behind a general-ledger account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Customers' accounts: its balance is their sum, and every posting names one.
    Accounts,
    /// Loans: its balance is the sum of what they owe, and every posting names one.
    Loans,
    /// Nothing: it is posted directly.
    Direct,
}

impl Control {
    /// The word stored in the database; none for what is posted directly.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Accounts => Some("account"),
            Self::Loans => Some("loan"),
            Self::Direct => None,
        }
    }
}

/// One account of the chart.
#[derive(Debug, Clone, Copy)]
pub struct GlAccount {
    /// Four figures; the first tells the kind.
    pub code: &'static str,
    /// Its name in the books.
    pub title: &'static str,
    /// Its side.
    pub kind: GlKind,
    /// What stands behind it.
    pub control: Control,
}

/// The accounts every branch opens with.
pub const CHART: &[GlAccount] = &[
    GlAccount { code: "1010", title: "Cash in tills", kind: GlKind::Asset, control: Control::Direct },
    GlAccount { code: "1020", title: "Cash in vault", kind: GlKind::Asset, control: Control::Direct },
    GlAccount { code: "1110", title: "Loans: principal", kind: GlKind::Asset, control: Control::Loans },
    GlAccount {
        code: "1210",
        title: "Loans: interest receivable",
        kind: GlKind::Asset,
        control: Control::Loans,
    },
    GlAccount {
        code: "1510",
        title: "Due from other branches",
        kind: GlKind::Asset,
        control: Control::Direct,
    },
    GlAccount { code: "1990", title: "Suspense", kind: GlKind::Asset, control: Control::Direct },
    GlAccount {
        code: "2010",
        title: "Savings accounts",
        kind: GlKind::Liability,
        control: Control::Accounts,
    },
    GlAccount {
        code: "2020",
        title: "Current accounts",
        kind: GlKind::Liability,
        control: Control::Accounts,
    },
    GlAccount {
        code: "2510",
        title: "Excise duty payable",
        kind: GlKind::Liability,
        control: Control::Direct,
    },
    GlAccount { code: "3010", title: "Head office account", kind: GlKind::Equity, control: Control::Direct },
    GlAccount { code: "4010", title: "Interest income", kind: GlKind::Income, control: Control::Direct },
    GlAccount { code: "4110", title: "Fee income", kind: GlKind::Income, control: Control::Direct },
    GlAccount { code: "5010", title: "Interest expense", kind: GlKind::Expense, control: Control::Direct },
    GlAccount {
        code: "5210",
        title: "Branch running costs",
        kind: GlKind::Expense,
        control: Control::Direct,
    },
];

/// The account with a code.
pub fn gl_account(code: &str) -> Option<&'static GlAccount> {
    CHART.iter().find(|account| account.code == code)
}
