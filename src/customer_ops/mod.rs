//! Screens for customers.

pub mod account_opening;
pub mod accounts;
pub mod cif_create;
pub mod enquiries;
