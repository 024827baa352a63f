//! Screens for customers.

automod::dir!(pub "src/customer_ops");
