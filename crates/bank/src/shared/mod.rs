//! What every operation uses.

pub mod approval;
pub mod audit;
pub mod auth;
pub mod branch;
pub mod clock;
pub mod db;
pub mod error;
pub mod leader;
pub mod ledger;
pub mod outbox;
pub mod parameter;
pub mod password;
pub mod receipt;
pub(crate) mod serial;
pub mod session;
pub mod staff;
pub mod verify;
