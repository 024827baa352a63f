//! Stories on a real Postgres: one binary, a private database for each test, the invariants of the
//! books after each.
//!
//! Every file of this folder is a module of it. Cargo does not see that a file is new until another one
//! changes: touch this one.

#![deny(clippy::wildcard_enum_match_arm)]

automod::dir!("tests/it");
