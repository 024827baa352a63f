//! People, branches, days and what a bank may set.

use super::prelude::*;

/// Roles that agree to what an administrator loosens.
const OVERSEE: &[Role] = &[HeadOfBranchBanking, Administrator];

pub(super) const ROWS: &[Spec] = &[
    act(Op::StaffAdministration, "staff_administration", "Staff and roles")
        .at("/staff", "users")
        .by(&[Administrator])
        .when("when it gives somebody more", OVERSEE)
        .audited(Administration)
        .or_program(),
    act(Op::BranchSetup, "branch_setup", "Branches")
        .at("/branches", "landmark")
        .by(&[Administrator])
        .always(OVERSEE)
        .audited(Administration)
        .or_program(),
    act(Op::Holidays, "holidays", "Holidays")
        .at("/holidays", "calendar-days")
        .by(&[Administrator])
        .audited(Administration),
    act(Op::Parameters, "parameters", "Parameters")
        .at("/parameters", "sliders-horizontal")
        .by(&[Administrator])
        .when("when a control loosens", OVERSEE)
        .audited(Administration),
];
