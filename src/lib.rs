//! What is *seen*: components that run on the server and in the browser, the server functions above
//! them, and (natively) the server that carries both. It knows the bank only inside server functions
//! and `server`. Every file of a folder is a module of it.

#![recursion_limit = "256"]
#![deny(clippy::wildcard_enum_match_arm)]
#![expect(missing_docs, reason = "the server macro makes structs whose fields it does not document")]

pub mod administration;
pub mod app;
pub mod credit_ops;
pub mod customer_ops;
pub mod desk;
pub mod pages;
pub mod shared;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(not(target_arch = "wasm32"))]
pub mod server;

/// What components ask of the side they are drawn on.
#[cfg(target_arch = "wasm32")]
use browser as side;
#[cfg(not(target_arch = "wasm32"))]
use server::door as side;
