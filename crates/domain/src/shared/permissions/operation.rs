//! The operation table: every thing that can be done, as facts that menus, guards, the inbox,
//! access tests and the README read. How it is done lives in plain functions of the same name.

use super::Role;
use serde::{Deserialize, Serialize};

/// Something a person or a command of the program can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Sign in, sign out, choose branch and role.
    SignIn,
    /// See and end one's own sessions.
    Sessions,
    /// Decide what others have asked for.
    Approvals,
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
}

/// The part of the menu an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// What everybody has.
    Desk,
    /// Customer operations.
    Customers,
    /// Credit operations.
    Loans,
    /// Ledger and end of day.
    Books,
    /// One's own account.
    Account,
    /// Staff, branches, parameters.
    Administration,
}

impl Area {
    /// The heading in the rail; none for what stands on top.
    pub fn title(self) -> &'static str {
        match self {
            Self::Desk => "",
            Self::Customers => "Customers",
            Self::Loans => "Loans",
            Self::Books => "Books",
            Self::Account => "You",
            Self::Administration => "Administration",
        }
    }
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

/// The facts about an operation.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Stem of its files, its word in the database and in the audit.
    pub code: &'static str,
    /// As people read it.
    pub title: &'static str,
    /// Where it stands in the menu.
    pub area: Area,
    /// Its screen; none while it has no door in the browser.
    pub route: Option<&'static str>,
    /// Roles that may do it. Empty: only the program's own commands, run by whoever holds the machine.
    pub maker: &'static [Role],
    /// Roles that may approve it.
    pub checker: &'static [Role],
    /// When approval is needed.
    pub approval: Approval,
    /// What bounds the checker.
    pub limit: Limit,
    /// What the audit keeps.
    pub audit: AuditClass,
}

/// Roles that serve or oversee customers and so may look at them.
const LOOK_AT_CUSTOMERS: &[Role] = &[
    Role::RelationshipOfficer,
    Role::LoanOfficer,
    Role::CreditSupervisor,
    Role::OperationsSupervisor,
    Role::Teller,
    Role::BranchManager,
    Role::RegionalManager,
    Role::ComplianceOfficer,
    Role::Auditor,
];

/// Roles that may have asked for something that another person decides.
const ASK: &[Role] =
    &[Role::RelationshipOfficer, Role::LoanOfficer, Role::OperationsSupervisor, Role::Administrator];

/// Roles that have an inbox, because some operation names them as checker.
const DECIDE: &[Role] = &[
    Role::CreditSupervisor,
    Role::OperationsSupervisor,
    Role::BranchManager,
    Role::HeadOfBranchBanking,
    Role::Administrator,
];

/// Roles that agree to what an administrator loosens.
const OVERSEE_ADMINISTRATION: &[Role] = &[Role::HeadOfBranchBanking, Role::Administrator];

/// Roles that lend or oversee lending.
const LOOK_AT_LOANS: &[Role] = &[
    Role::LoanOfficer,
    Role::CreditSupervisor,
    Role::BranchManager,
    Role::RegionalManager,
    Role::ComplianceOfficer,
    Role::Auditor,
];

impl Operation {
    /// Every operation, in the order of the menu.
    pub const ALL: [Self; 18] = [
        Self::Approvals,
        Self::Requests,
        Self::Enquiries,
        Self::CifCreate,
        Self::AccountOpening,
        Self::RepaymentTracking,
        Self::LoanApplication,
        Self::LoanSetup,
        Self::Disbursement,
        Self::Repayment,
        Self::GeneralJournal,
        Self::StaffAdministration,
        Self::BranchSetup,
        Self::Holidays,
        Self::Parameters,
        Self::BusinessDate,
        Self::SignIn,
        Self::Sessions,
    ];

    /// The facts about it.
    pub fn spec(self) -> Spec {
        match self {
            Self::Approvals => Spec {
                code: "approvals",
                title: "Approvals",
                area: Area::Desk,
                route: Some("/approvals"),
                maker: DECIDE,
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Customer,
            },
            Self::Requests => Spec {
                code: "requests",
                title: "My requests",
                area: Area::Desk,
                route: Some("/requests"),
                maker: ASK,
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Customer,
            },
            Self::Enquiries => Spec {
                code: "enquiries",
                title: "Customers",
                area: Area::Customers,
                route: Some("/customers"),
                maker: LOOK_AT_CUSTOMERS,
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Enquiry,
            },
            Self::CifCreate => Spec {
                code: "cif_create",
                title: "New customer",
                area: Area::Customers,
                route: Some("/customers/new"),
                maker: &[Role::RelationshipOfficer],
                checker: &[Role::OperationsSupervisor],
                approval: Approval::WhenFlagged,
                limit: Limit::None,
                audit: AuditClass::Customer,
            },
            Self::AccountOpening => Spec {
                code: "account_opening",
                title: "New account",
                area: Area::Customers,
                route: Some("/accounts/new"),
                maker: &[Role::RelationshipOfficer],
                checker: &[Role::OperationsSupervisor, Role::BranchManager],
                approval: Approval::WhenFlagged,
                limit: Limit::CheckerAmount,
                audit: AuditClass::Money,
            },
            Self::RepaymentTracking => Spec {
                code: "repayment_tracking",
                title: "Loans",
                area: Area::Loans,
                route: Some("/loans"),
                maker: LOOK_AT_LOANS,
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Enquiry,
            },
            Self::LoanApplication => Spec {
                code: "loan_application",
                title: "New loan",
                area: Area::Loans,
                route: Some("/loans/new"),
                maker: &[Role::LoanOfficer],
                checker: &[Role::CreditSupervisor, Role::BranchManager],
                approval: Approval::Always,
                limit: Limit::CheckerAmount,
                audit: AuditClass::Customer,
            },
            Self::LoanSetup => Spec {
                code: "loan_setup",
                title: "Loan products",
                area: Area::Loans,
                route: Some("/loans/products"),
                maker: LOOK_AT_LOANS,
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Administration,
            },
            Self::Disbursement => Spec {
                code: "disbursement",
                title: "Pay out a loan",
                area: Area::Loans,
                route: None,
                maker: &[Role::LoanOfficer],
                checker: &[Role::CreditSupervisor, Role::BranchManager],
                approval: Approval::Always,
                limit: Limit::CheckerAmount,
                audit: AuditClass::Money,
            },
            Self::Repayment => Spec {
                code: "repayment",
                title: "Repay a loan",
                area: Area::Loans,
                route: None,
                maker: &[Role::LoanOfficer],
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Money,
            },
            Self::GeneralJournal => Spec {
                code: "general_journal",
                title: "General journal",
                area: Area::Books,
                route: None,
                maker: &[Role::OperationsSupervisor],
                checker: &[Role::BranchManager],
                approval: Approval::Always,
                limit: Limit::CheckerAmount,
                audit: AuditClass::Money,
            },
            Self::SignIn => Spec {
                code: "sign_in",
                title: "Sign in",
                area: Area::Account,
                route: None,
                maker: &Role::ALL,
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Access,
            },
            Self::Sessions => Spec {
                code: "sessions",
                title: "Signed in",
                area: Area::Account,
                route: Some("/sessions"),
                maker: &Role::ALL,
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Access,
            },
            Self::StaffAdministration => Spec {
                code: "staff_administration",
                title: "Staff and roles",
                area: Area::Administration,
                route: Some("/staff"),
                maker: &[Role::Administrator],
                checker: OVERSEE_ADMINISTRATION,
                approval: Approval::WhenFlagged,
                limit: Limit::None,
                audit: AuditClass::Administration,
            },
            Self::BranchSetup => Spec {
                code: "branch_setup",
                title: "Branches",
                area: Area::Administration,
                route: Some("/branches"),
                maker: &[Role::Administrator],
                checker: OVERSEE_ADMINISTRATION,
                approval: Approval::Always,
                limit: Limit::None,
                audit: AuditClass::Administration,
            },
            Self::Holidays => Spec {
                code: "holidays",
                title: "Holidays",
                area: Area::Administration,
                route: Some("/holidays"),
                maker: &[Role::Administrator],
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Administration,
            },
            Self::Parameters => Spec {
                code: "parameters",
                title: "Parameters",
                area: Area::Administration,
                route: Some("/parameters"),
                maker: &[Role::Administrator],
                checker: OVERSEE_ADMINISTRATION,
                approval: Approval::WhenFlagged,
                limit: Limit::None,
                audit: AuditClass::Administration,
            },
            Self::BusinessDate => Spec {
                code: "business_date",
                title: "Business date",
                area: Area::Books,
                route: None,
                maker: &[],
                checker: &[],
                approval: Approval::Never,
                limit: Limit::None,
                audit: AuditClass::Administration,
            },
        }
    }

    /// Whether the program's own command line may do it: what sets a bank up and moves its days.
    pub fn by_program(self) -> bool {
        matches!(self, Self::StaffAdministration | Self::BranchSetup | Self::BusinessDate | Self::LoanSetup)
    }

    /// Stem of its files and its word in the database.
    pub fn code(self) -> &'static str {
        self.spec().code
    }

    /// The operation of a stored word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.code() == code)
    }
}
