//! Screens of administration.

pub mod branch_setup;
pub mod holidays;
pub mod parameters;
pub mod staff_administration;
