//! The rules of the domain: by properties, by published vectors, by sentences a bank would recognise.
//!
//! Every file of this folder is a module of it. Cargo does not see that a file is new until another one
//! changes: touch this one.
#![deny(clippy::wildcard_enum_match_arm)]
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

automod::dir!("tests/it");
