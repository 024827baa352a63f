//! Equal content, equal text, equal hash.

use super::error::OpError;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A value as text with the keys of every object in order: equal content, equal text.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let inner: Vec<String> = keys
                .into_iter()
                .filter_map(|key| Some(format!("{}:{}", Value::from(key.as_str()), canonical(map.get(key)?))))
                .collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// SHA-256 of the parts, each with its length before it so that no two lists run together.
pub fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The canonical text of anything that can be written as JSON.
pub fn canonical_of<T: Serialize>(value: &T) -> Result<String, OpError> {
    Ok(canonical(&serde_json::to_value(value)?))
}
