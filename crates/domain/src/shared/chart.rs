//! The chart of accounts that every branch keeps.

use serde::{Deserialize, Serialize};

/// On which side of the books an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GlKind {
    /// What the bank owns.
    Asset,
    /// What the bank owes.
    Liability,
    /// What the owners hold.
    Equity,
    /// What the bank earns.
    Income,
    /// What the bank spends.
    Expense,
}

impl GlKind {
    /// The word stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Liability => "liability",
            Self::Equity => "equity",
            Self::Income => "income",
            Self::Expense => "expense",
        }
    }
}

/// Whether a general-ledger account stands for a sub-ledger of customers' accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Its balance is the sum of a sub-ledger; every posting names the customer's account.
    SubLedger,
    /// It is posted directly.
    Direct,
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
    /// Whether a sub-ledger stands behind it.
    pub control: Control,
}

/// The accounts every branch opens with.
pub const CHART: &[GlAccount] = &[
    GlAccount { code: "1010", title: "Cash in tills", kind: GlKind::Asset, control: Control::Direct },
    GlAccount { code: "1020", title: "Cash in vault", kind: GlKind::Asset, control: Control::Direct },
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
        control: Control::SubLedger,
    },
    GlAccount {
        code: "2020",
        title: "Current accounts",
        kind: GlKind::Liability,
        control: Control::SubLedger,
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
