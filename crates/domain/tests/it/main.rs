//! The rules of the domain: by properties, by published vectors, by sentences a bank would recognise.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod administration;
mod approvals;
mod customers;
mod dates;
mod journals;
mod loans;
mod numbers;
mod permissions;
