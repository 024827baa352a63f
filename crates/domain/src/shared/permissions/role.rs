//! The roles people hold at a branch.

use crate::shared::words::words;
use std::fmt;
use std::str::FromStr;

words! {
    /// A role at a branch.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Role {
        /// Customers and accounts, as maker.
        RelationshipOfficer = "relationship_officer", "Relationship officer";
        /// Loan applications, tracking and restructuring, as maker.
        LoanOfficer = "loan_officer", "Loan officer";
        /// Approves credit within limit.
        CreditSupervisor = "credit_supervisor", "Credit supervisor";
        /// Approves customer operations within limit.
        OperationsSupervisor = "operations_supervisor", "Operations supervisor";
        /// Cash in and out of an own till.
        Teller = "teller", "Teller";
        /// Runs the branch.
        BranchManager = "branch_manager", "Branch manager";
        /// The tier above branches.
        RegionalManager = "regional_manager", "Regional manager";
        /// The tier above regions.
        HeadOfBranchBanking = "head_of_branch_banking", "Head of branch banking";
        /// The last tier.
        HeadOffice = "head_office", "Head office";
        /// Watch lists, cash reports, who looked at whom.
        ComplianceOfficer = "compliance_officer", "Compliance officer";
        /// Reads everything, changes nothing.
        Auditor = "auditor", "Auditor";
        /// Staff, roles, branches, parameters; no customer or money operation.
        Administrator = "administrator", "Administrator";
    }
}

impl Role {
    /// Whether the role looks across branches: those whose work is to oversee them all.
    pub fn sees_all_branches(self) -> bool {
        matches!(self, Self::Auditor | Self::ComplianceOfficer | Self::HeadOfBranchBanking | Self::HeadOffice)
    }

    /// Whether the role serves customers, and so sits where there is a counter.
    pub fn serves_customers(self) -> bool {
        matches!(self, Self::RelationshipOfficer | Self::LoanOfficer | Self::Teller)
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
