//! Customers and what the branch does with them.

pub mod account;
pub mod account_opening;
pub mod cif_create;
pub mod customer;
pub mod enquiries;
pub mod risk;
