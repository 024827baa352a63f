//! Deeds on customers.

automod::dir!(pub "src/customer_ops");
