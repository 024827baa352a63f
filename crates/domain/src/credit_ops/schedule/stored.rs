//! Terms and events as they are kept: each says of which version of this vocabulary it is. What a later version
//! wrote, or nobody knows, is refused by name: it is never reckoned by the house rules instead.

use super::event::LoanEvent;
use super::terms::LoanTerms;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The version that this program writes.
pub const VERSION: u64 = 1;
const KEY: &str = "version";

/// Why what is kept of a loan cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredFault {
    /// Written by a later program.
    #[error("is of version {found}, and this program knows them up to {VERSION}: use the newer program")]
    Newer {
        /// The version it says it is of.
        found: u64,
    },
    /// Not what it should be.
    #[error("cannot be read: {0}")]
    Unknown(String),
}

fn to_store(value: Result<Value, serde_json::Error>) -> Value {
    let mut object = match value {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    };
    object.insert(KEY.to_owned(), VERSION.into());
    Value::Object(object)
}

fn stored<T: DeserializeOwned>(mut value: Value) -> Result<T, StoredFault> {
    // What was kept before there were versions is of the first.
    if let Some(version) = value.as_object_mut().and_then(|object| object.remove(KEY)) {
        match version.as_u64() {
            Some(1..=VERSION) => {}
            Some(found) => return Err(StoredFault::Newer { found }),
            None => return Err(StoredFault::Unknown(format!("its version is {version}"))),
        }
    }
    serde_json::from_value(value).map_err(|fault| StoredFault::Unknown(fault.to_string()))
}

/// Terms as they are kept.
pub fn terms_to_store(terms: &LoanTerms) -> Value {
    to_store(serde_json::to_value(terms))
}

/// Reads terms that were kept.
///
/// # Errors
/// They are of a later version, or hold what nobody knows.
pub fn stored_terms(value: Value) -> Result<LoanTerms, StoredFault> {
    stored(value)
}

/// An event as it is kept.
pub fn event_to_store(event: &LoanEvent) -> Value {
    to_store(serde_json::to_value(event))
}

/// Reads an event that was kept.
///
/// # Errors
/// It is of a later version, or of a kind or with a field that nobody knows.
pub fn stored_event(value: Value) -> Result<LoanEvent, StoredFault> {
    stored(value)
}
