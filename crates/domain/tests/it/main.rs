//! The rules of the domain: by properties, by published vectors, by sentences a bank would recognise.

mod approvals;
mod customers;
mod dates;
mod journals;
mod numbers;
mod permissions;
