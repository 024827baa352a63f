//! Loans.

pub(crate) mod borrower;
pub mod disbursement;
pub mod loan;
pub mod loan_application;
pub mod loan_setup;
pub mod repayment_tracking;
