//! The ledger and the branch's days.

use super::prelude::*;

pub(super) const ROWS: &[Spec] = &[
    program(Op::BusinessDate, "business_date", "Business date"),
];
