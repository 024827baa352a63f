//! Administration, done: people, branches, holidays and what a bank may set.

pub mod branch_setup;
pub mod holidays;
pub mod parameters;
pub mod staff_administration;
