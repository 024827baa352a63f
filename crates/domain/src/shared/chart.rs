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

/// What stands behind a general-ledger account: a row of the registry of sub-ledgers. Its balance is the sum
/// of the items of that sub-ledger, and every posting names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubLedger {
    /// The word stored in the database.
    pub code: &'static str,
    /// Its items, in the words of the books.
    pub title: &'static str,
}

impl SubLedger {
    /// Customers' accounts.
    pub const ACCOUNTS: Self = Self { code: "account", title: "customers' accounts" };
    /// Loans.
    pub const LOANS: Self = Self { code: "loan", title: "loans" };
    /// Loan products: what stands on an account for all loans of one together.
    pub const LOAN_PRODUCTS: Self = Self { code: "loan_product", title: "loans, by product" };
    /// Other branches: what this one owes them or is owed.
    pub const BRANCHES: Self = Self { code: "branch", title: "other branches" };
}

/// The inter-branch account: what one branch posts for another lies here, behind the other's number.
pub const INTER_BRANCH: &str = "1510";

/// One account of the chart.
#[derive(Debug, Clone, Copy)]
pub struct GlAccount {
    /// Four figures; the first tells the kind.
    pub code: &'static str,
    /// Its name in the books.
    pub title: &'static str,
    /// Its side.
    pub kind: GlKind,
    /// What stands behind it; none when it is posted directly.
    pub sub_ledger: Option<SubLedger>,
}

const fn asset(code: &'static str, title: &'static str) -> GlAccount {
    GlAccount { code, title, kind: GlKind::Asset, sub_ledger: None }
}

const fn liability(code: &'static str, title: &'static str) -> GlAccount {
    GlAccount { code, title, kind: GlKind::Liability, sub_ledger: None }
}

const fn equity(code: &'static str, title: &'static str) -> GlAccount {
    GlAccount { code, title, kind: GlKind::Equity, sub_ledger: None }
}

const fn income(code: &'static str, title: &'static str) -> GlAccount {
    GlAccount { code, title, kind: GlKind::Income, sub_ledger: None }
}

const fn expense(code: &'static str, title: &'static str) -> GlAccount {
    GlAccount { code, title, kind: GlKind::Expense, sub_ledger: None }
}

impl GlAccount {
    /// The account, posted through the items of a sub-ledger.
    const fn through(self, sub_ledger: SubLedger) -> Self {
        Self { sub_ledger: Some(sub_ledger), ..self }
    }
}

/// The accounts every branch opens with.
pub const CHART: &[GlAccount] = &[
    asset("1010", "Cash in tills"),
    asset("1020", "Cash in vault"),
    asset("1110", "Loans: principal").through(SubLedger::LOANS),
    asset("1195", "Loan fees not yet earned").through(SubLedger::LOAN_PRODUCTS),
    asset("1210", "Loans: interest due").through(SubLedger::LOANS),
    asset("1215", "Loans: interest accrued, not due").through(SubLedger::LOAN_PRODUCTS),
    asset("1220", "Loans: fees due, with their tax").through(SubLedger::LOANS),
    asset("1225", "Loans: penalties due").through(SubLedger::LOANS),
    asset("1290", "Interest and penalties suspended").through(SubLedger::LOAN_PRODUCTS),
    asset(INTER_BRANCH, "Inter-branch account").through(SubLedger::BRANCHES),
    asset("1990", "Suspense"),
    liability("2010", "Savings accounts").through(SubLedger::ACCOUNTS),
    liability("2020", "Current accounts").through(SubLedger::ACCOUNTS),
    liability("2310", "Overpaid loans").through(SubLedger::LOANS),
    liability("2510", "Excise duty payable"),
    equity("3010", "Head office account"),
    income("4010", "Interest income"),
    income("4020", "Loan fees earned over the term"),
    income("4110", "Fee income"),
    income("4120", "Penalty income"),
    income("4210", "Recoveries of loans written off"),
    expense("5010", "Interest expense"),
    expense("5110", "Impairment of loans"),
    expense("5210", "Branch running costs"),
    expense("5250", "Small balances given up"),
];

/// The account with a code.
pub fn gl_account(code: &str) -> Option<&'static GlAccount> {
    CHART.iter().find(|account| account.code == code)
}
