//! Administration: people, branches, holidays and what a bank may set. It stands last, because it sets
//! the rules of all the others.

pub mod branch_setup;
pub mod holidays;
pub mod parameters;
pub mod staff_administration;
