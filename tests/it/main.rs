//! The portal from outside: every door counted and tried by every role, routes against the operation
//! table, and the order of the house.

mod doors;
mod routes;
mod support;
mod tidy;
