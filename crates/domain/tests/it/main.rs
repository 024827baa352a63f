//! The rules of the domain: by properties, by published vectors, by sentences a bank would recognise.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod administration;
mod approvals;
mod booked;
mod customers;
mod dates;
mod engine;
mod journals;
mod lives;
mod numbers;
mod oracles;
mod permissions;
