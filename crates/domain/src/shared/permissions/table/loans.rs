//! Loans from the application to the last cent.

use super::prelude::*;

/// Roles that lend or oversee lending.
const LOOK_AT_LOANS: &[Role] =
    &[LoanOfficer, CreditSupervisor, BranchManager, RegionalManager, ComplianceOfficer, Auditor];

pub(super) const ROWS: &[Spec] = &[
    look(Op::RepaymentTracking, "repayment_tracking", "Loans").at("/loans", "hand-coins").by(LOOK_AT_LOANS),
    act(Op::LoanApplication, "loan_application", "New loan")
        .at("/loans/new", "file-text")
        .by(&[LoanOfficer])
        .always(&[CreditSupervisor, BranchManager])
        .within_limit()
        .makes(Page::Loan),
    look(Op::LoanSetup, "loan_setup", "Loan products")
        .at("/loans/products", "book-open")
        .by(LOOK_AT_LOANS)
        .audited(Administration)
        .or_program(),
    pay(Op::Disbursement, "disbursement", "Pay out a loan")
        .by(&[LoanOfficer])
        .always(&[CreditSupervisor, BranchManager])
        .makes(Page::Loan),
    pay(Op::Repayment, "repayment", "Repay a loan").by(&[LoanOfficer]).makes(Page::Loan),
    program(Op::LoanSeeding, "loan_seeding", "Make up a loan's life"),
];
