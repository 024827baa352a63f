//! The portal from outside: every door counted and tried by every role, routes against the operation
//! table, what configuration it takes, the order of the house, and documents that stay true.
//!
//! Every file of this folder is a module. Cargo does not notice one that is added alone: touch this file.

automod::dir!("tests/it");
