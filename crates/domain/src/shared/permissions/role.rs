//! The roles people hold at a branch.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A role at a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Customers and accounts, as maker.
    RelationshipOfficer,
    /// Loan applications, tracking and restructuring, as maker.
    LoanOfficer,
    /// Approves credit within limit.
    CreditSupervisor,
    /// Approves customer operations within limit.
    OperationsSupervisor,
    /// Cash in and out of an own till.
    Teller,
    /// Runs the branch.
    BranchManager,
    /// The tier above branches.
    RegionalManager,
    /// The tier above regions.
    HeadOfBranchBanking,
    /// The last tier.
    HeadOffice,
    /// Watch lists, cash reports, who looked at whom.
    ComplianceOfficer,
    /// Reads everything, changes nothing.
    Auditor,
    /// Staff, roles, branches, parameters; no customer or money operation.
    Administrator,
}

impl Role {
    /// Every role, in the order of the branch.
    pub const ALL: [Self; 12] = [
        Self::RelationshipOfficer,
        Self::LoanOfficer,
        Self::CreditSupervisor,
        Self::OperationsSupervisor,
        Self::Teller,
        Self::BranchManager,
        Self::RegionalManager,
        Self::HeadOfBranchBanking,
        Self::HeadOffice,
        Self::ComplianceOfficer,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The word stored in the database and used on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::RelationshipOfficer => "relationship_officer",
            Self::LoanOfficer => "loan_officer",
            Self::CreditSupervisor => "credit_supervisor",
            Self::OperationsSupervisor => "operations_supervisor",
            Self::Teller => "teller",
            Self::BranchManager => "branch_manager",
            Self::RegionalManager => "regional_manager",
            Self::HeadOfBranchBanking => "head_of_branch_banking",
            Self::HeadOffice => "head_office",
            Self::ComplianceOfficer => "compliance_officer",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::RelationshipOfficer => "Relationship officer",
            Self::LoanOfficer => "Loan officer",
            Self::CreditSupervisor => "Credit supervisor",
            Self::OperationsSupervisor => "Operations supervisor",
            Self::Teller => "Teller",
            Self::BranchManager => "Branch manager",
            Self::RegionalManager => "Regional manager",
            Self::HeadOfBranchBanking => "Head of branch banking",
            Self::HeadOffice => "Head office",
            Self::ComplianceOfficer => "Compliance officer",
            Self::Auditor => "Auditor",
            Self::Administrator => "Administrator",
        }
    }

    /// Whether the role looks across branches: those whose work is to oversee them all.
    pub fn sees_all_branches(self) -> bool {
        matches!(self, Self::Auditor | Self::ComplianceOfficer | Self::HeadOfBranchBanking | Self::HeadOffice)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.code() == code).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|role| role.code()).collect();
            format!("there is no role {code}; the roles are {}", known.join(", "))
        })
    }
}
