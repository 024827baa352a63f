//! Customers and their accounts.

use super::prelude::*;

/// Roles that serve or oversee customers and so may look at them.
const LOOK_AT_CUSTOMERS: &[Role] = &[
    RelationshipOfficer,
    LoanOfficer,
    CreditSupervisor,
    OperationsSupervisor,
    Teller,
    BranchManager,
    RegionalManager,
    ComplianceOfficer,
    Auditor,
];

pub(super) const ROWS: &[Spec] = &[
    look(Op::Enquiries, "enquiries", "Customers").at("/customers", "user-round").by(LOOK_AT_CUSTOMERS),
    act(Op::CifCreate, "cif_create", "New customer")
        .at("/customers/new", "user-round-plus")
        .by(&[RelationshipOfficer])
        .when("when the risk is high", &[OperationsSupervisor])
        .makes(Page::Customer),
    pay(Op::AccountOpening, "account_opening", "New account")
        .at("/accounts/new", "wallet")
        .by(&[RelationshipOfficer])
        .when(
            "when risk or deposit is high or it is the second of its kind",
            &[OperationsSupervisor, BranchManager],
        )
        .makes(Page::Account),
];
