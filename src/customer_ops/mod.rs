//! Screens for customers.

pub mod cif_create;
pub mod enquiries;
