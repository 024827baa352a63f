//! What is *true* in a branch: the bank's nouns, the forms its people fill in and the rules that
//! decide. Pure: no IO, no clock, no randomness, so the same code runs in the browser, behind a
//! server function and in a test. Time and chance come in as parameters.
//!
//! Operations are files with the bank's own names (`cif_create`); nouns are files beside them
//! (`customer`). The order is `shared` <- `customer_ops` <- `credit_ops` <-
//! `administration` <- `language`: the right may use the left, never back. Every file of a folder is a module of it.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod administration;
pub mod credit_ops;
pub mod customer_ops;
pub mod language;
pub mod shared;
