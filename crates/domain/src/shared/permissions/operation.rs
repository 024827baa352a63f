//! The operations: every thing that can be done. The facts about each are a row of the table in
//! `permissions/table`, a file for each area of the menu; how it is done lives in files of its name.

use super::Role;
use super::table::{MENU, TABLE};
use crate::shared::place::PlaceKind;
use crate::shared::words::words;
use serde::{Deserialize, Serialize};

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Something a person or a command of the program can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Operation {
            $($(#[$doc])* $name,)+
        }

        /// Every operation, in the order of the enum: a row of the table stands in the same place.
        pub(super) const VARIANTS: [Operation; [$(stringify!($name)),+].len()] = [$(Operation::$name),+];
    };
}

operations! {
    /// Sign in, sign out, choose branch and role.
    SignIn,
    /// See and end one's own sessions.
    Sessions,
    /// Decide what others have asked for.
    Approvals,
    /// Be told of what concerns one.
    Notices,
    /// Follow what one has asked for, take it back, correct it.
    Requests,
    /// Register a customer.
    CifCreate,
    /// Find and look at customers.
    Enquiries,
    /// Open an account for a customer.
    AccountOpening,
    /// Read the loan products on offer.
    LoanSetup,
    /// Apply for a loan.
    LoanApplication,
    /// Pay a loan out.
    Disbursement,
    /// Follow loans and those who are late.
    RepaymentTracking,
    /// Take a repayment from the customer's account.
    Repayment,
    /// Make up what happens to loans of a demonstration.
    LoanSeeding,
    /// Post a journal that no other operation makes.
    GeneralJournal,
    /// Add people, give and take roles, set passwords.
    StaffAdministration,
    /// Open a branch with its chart of accounts.
    BranchSetup,
    /// Set the days on which the bank is closed.
    Holidays,
    /// Set what the bank may set, approval ladders included.
    Parameters,
    /// Move a branch's business date.
    BusinessDate,
    /// Take over books that were kept in another database cluster.
    Adopt,
}

words! {
    /// The part of the menu an operation belongs to.
    #[derive(PartialOrd, Ord)]
    pub enum Area {
        /// What everybody has.
        Desk = "desk", "";
        /// Customer operations.
        Customers = "customers", "Customers";
        /// Credit operations.
        Loans = "loans", "Loans";
        /// Ledger and end of day.
        Books = "books", "Books";
        /// Staff, branches, parameters.
        Administration = "administration", "Administration";
        /// One's own account.
        Account = "account", "You";
    }
}

/// How an operation is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Somebody looks; nothing changes but the audit.
    Look,
    /// A form is sent: a command of the bank, done at once or asked for.
    Act,
    /// Something that waits, or one's own session, is settled.
    Settle,
    /// The program's own command line does it, run by whoever holds the machine.
    Program,
}

/// When a second person must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Never.
    Never,
    /// When the review gives a reason, such as a high risk.
    WhenFlagged,
    /// Always.
    Always,
}

/// What bounds a person in an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Nothing.
    None,
    /// The personal amount limit of the checker.
    CheckerAmount,
}

/// What the audit keeps of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditClass {
    /// Changes customers' data.
    Customer,
    /// Reads customers' data.
    Enquiry,
    /// Moves money.
    Money,
    /// Sessions and sign-ins.
    Access,
    /// Staff, branches and parameters.
    Administration,
}

/// Where an operation begins: its page and its icon in the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Path of the page; `:name?` is a part that may be missing.
    pub path: &'static str,
    /// Name of the icon.
    pub icon: &'static str,
}

/// The facts about an operation: its row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The operation.
    pub operation: Operation,
    /// Stem of its files, its word in the database and in the audit.
    pub code: &'static str,
    /// As people read it.
    pub title: &'static str,
    /// Where it stands in the menu.
    pub area: Area,
    /// How it is done.
    pub manner: Manner,
    /// The page it begins on; none where it begins on the page of something else, or has no screen.
    pub start: Option<Start>,
    /// Roles that may do it. Empty: only the program's own commands, run by whoever holds the machine.
    pub maker: &'static [Role],
    /// Roles that may approve it.
    pub checker: &'static [Role],
    /// When approval is needed.
    pub approval: Approval,
    /// When approval is needed, in a few words for whoever reads the table.
    pub occasion: &'static str,
    /// What bounds the checker.
    pub limit: Limit,
    /// What the audit keeps.
    pub audit: AuditClass,
    /// What comes of it, where that has a page.
    pub makes: Option<PlaceKind>,
    /// Whether the program's own command line may do it as well.
    pub by_program: bool,
}

impl Operation {
    /// Every operation, in the order of the menu.
    pub const ALL: [Self; VARIANTS.len()] = MENU;

    /// The facts about it.
    pub const fn spec(self) -> &'static Spec {
        &TABLE[self.place()]
    }

    /// Its place in the enum and in the table.
    #[expect(clippy::as_conversions, reason = "the discriminant of a fieldless enum is its place")]
    pub(super) const fn place(self) -> usize {
        self as usize
    }

    /// Whether it is another one, where `==` cannot be asked: in constants.
    pub const fn is(self, other: Self) -> bool {
        self.place() == other.place()
    }

    /// Whether the program's own command line may do it: what sets a bank up and moves its days.
    pub fn by_program(self) -> bool {
        self.spec().by_program
    }

    /// Stem of its files and its word in the database.
    pub const fn code(self) -> &'static str {
        self.spec().code
    }

    /// As people read it.
    pub const fn title(self) -> &'static str {
        self.spec().title
    }

    /// The operation of a stored word.
    pub fn from_code(code: &str) -> Option<Self> {
        VARIANTS.into_iter().find(|operation| operation.code() == code)
    }

    /// Operations that are done by a command: a form that is sent.
    pub fn acts() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|operation| operation.spec().manner == Manner::Act)
    }
}
