//! Customers and what the branch does with them.

automod::dir!(pub "src/customer_ops");
