//! What is *done* in a branch. Every change goes through an [`op::OpCtx`]: authorised, in one
//! transaction, at most once, audited, told to whom it concerns. Straight lines of SQL; the
//! decisions are made by `tawi-domain`. Every file of a folder is a module of it.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod act;
pub mod administration;
pub mod adopt;
pub mod approval;
pub mod bank;
pub mod business_date;
pub mod command;
pub mod credit_ops;
pub mod customer_ops;
pub mod demo;
pub mod dispatch;
pub mod find;
pub mod jobs;
pub mod op;
pub mod proof;
pub mod shared;

pub use bank::{Bank, Settings};
pub use op::{Actor, Caller};
