//! What every screen uses.

pub mod api_client;
pub mod approvals;
pub mod command_box;
pub mod error;
pub mod frame;
pub mod live;
pub mod login;
pub mod receipts;
pub mod sessions;
pub mod ui;
