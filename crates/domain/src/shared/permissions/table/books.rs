//! The ledger and the branch's days.

use super::prelude::*;

pub(super) const ROWS: &[Spec] = &[
    pay(Op::GeneralJournal, "general_journal", "General journal")
        .at("/journals/new", "scale")
        .by(&[OperationsSupervisor])
        .always(&[BranchManager]),
    program(Op::BusinessDate, "business_date", "Business date"),
    program(Op::Adopt, "adopt", "Adopt restored books"),
];
