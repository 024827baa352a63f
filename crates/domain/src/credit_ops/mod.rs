//! Loans: products, applications, disbursement, repayment.

pub mod schedule;

automod::dir!(pub "src/credit_ops");
