//! The tables of what `make` does, walked.

mod counts;
mod table;
