//! Deeds on customers.

pub mod account;
pub mod account_opening;
pub mod cif_create;
pub(crate) mod customer;
pub mod enquiries;
