//! The database of an earlier program.

use crate::{Fallible, TestBank};
use flate2::read::GzDecoder;
use std::io::Read;

/// `tawi demo` of an earlier program, cut down; what it is stands in the story `before` of the bank.
const DUMP: &[u8] = include_bytes!("../../bank/tests/it/before/dump.sql.gz");
/// The audit key of demonstrations when the dump was made.
const AUDIT_KEY: [u8; 32] = [0x7A; 32];

/// What an earlier program left, migrated.
pub async fn before() -> Fallible<TestBank> {
    before_and("").await
}

/// The same, with a statement run before it is migrated.
pub async fn before_and(statement: &str) -> Fallible<TestBank> {
    let mut dump = String::new();
    GzDecoder::new(DUMP).read_to_string(&mut dump)?;
    dump.push_str(statement);
    TestBank::restored(&dump, AUDIT_KEY).await
}
