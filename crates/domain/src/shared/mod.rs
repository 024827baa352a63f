//! Nouns and rules that every area uses.

pub mod account;
pub mod approval;
pub mod audit;
pub mod chart;
pub mod check_digit;
pub mod command;
pub mod constants;
pub mod dates;
pub mod error;
pub mod form;
pub mod ids;
pub mod journal;
pub mod money;
pub mod notice;
pub mod permissions;
pub mod rate;
pub mod staff;
