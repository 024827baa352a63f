//! Deeds on customers.

pub mod cif_create;
pub mod enquiries;
