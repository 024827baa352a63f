//! Stories on a real Postgres: one binary, one private database a test.
#![expect(missing_docs, reason = "tests read as sentences")]

mod stories;
