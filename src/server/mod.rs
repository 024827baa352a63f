//! The server that carries the portal: configuration, sessions, headers, live stream, health.

pub mod cli;
pub mod config;
pub mod door;
pub mod health;
pub mod live_stream;
pub mod pages;
pub mod router;
pub mod security;
pub mod sign_in;
pub mod site;
pub mod state;
