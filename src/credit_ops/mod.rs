//! Screens of credit operations.

pub mod disbursement;
pub mod loan;
pub mod loan_application;
pub mod loan_setup;
pub mod repayment_tracking;
