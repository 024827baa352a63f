//! What everybody has who asks or decides.

use super::prelude::*;

/// Roles that may have asked for something that another person decides.
const ASK: &[Role] = &[RelationshipOfficer, LoanOfficer, OperationsSupervisor, Administrator];

/// Roles that have an inbox, because some operation names them as checker.
const DECIDE: &[Role] =
    &[CreditSupervisor, OperationsSupervisor, BranchManager, HeadOfBranchBanking, Administrator];

pub(super) const ROWS: &[Spec] = &[
    settle(Op::Approvals, "approvals", "Approvals")
        .at(Page::Approval.pattern(), Page::Approval.icon())
        .by(DECIDE),
    look(Op::Notices, "notices", "Notices").by(&Role::ALL),
    settle(Op::Requests, "requests", "My requests").at(Page::Request.pattern(), Page::Request.icon()).by(ASK),
];
