//! Loans.

automod::dir!(pub "src/credit_ops");
