//! What the command box finds.

use super::place::{Place, PlaceKind};
use serde::{Deserialize, Serialize};

/// The fewest characters the box asks the bank about.
pub const FEWEST_CHARS: usize = 3;

/// Something found, with the way to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// What it is, in a word.
    pub kind: String,
    /// Its name or number.
    pub label: String,
    /// A word about it.
    pub detail: String,
    /// Path of its page.
    pub href: String,
}

impl Hit {
    /// A finding with its page.
    pub fn new(kind: PlaceKind, place: &Place, label: String, detail: String) -> Self {
        Self { kind: kind.title().to_lowercase(), label, detail, href: place.href() }
    }
}
