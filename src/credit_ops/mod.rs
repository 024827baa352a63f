//! Screens of credit operations.

automod::dir!(pub "src/credit_ops");
