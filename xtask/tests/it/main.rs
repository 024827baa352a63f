//! The tables of what `make` does, walked, and what stays of a site when a new one is made.

mod counts;
mod site;
mod table;
