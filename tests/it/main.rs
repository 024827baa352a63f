//! The portal from outside: every door counted and tried by every role, routes against the operation
//! table, what configuration it takes, and the order of the house.

mod config;
mod doors;
mod routes;
mod support;
mod tidy;
