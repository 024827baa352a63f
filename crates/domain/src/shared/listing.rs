//! Lists, with what of them could not be read: one damaged row, or one that only a later version understands,
//! stops nobody's page.

use super::constants::PAGE_ROWS;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// What a list shows, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing<T> {
    /// What could be read.
    pub rows: Vec<T>,
    /// What could not, by name: `request AR-0000012-3`.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// How many there are on all pages, where a list has pages; nought where it has none.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub in_all: usize,
}

/// How many pages a list has, one at least.
pub fn pages(in_all: usize) -> u32 {
    u32::try_from(in_all.div_ceil(usize::from(PAGE_ROWS))).unwrap_or(u32::MAX).max(1)
}

fn is_nought(number: &usize) -> bool {
    *number == 0
}

impl<T> Listing<T> {
    /// Whether there is nothing, neither read nor unread.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.unread.is_empty()
    }

    /// The same list of something else.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Listing<U> {
        Listing { rows: self.rows.into_iter().map(into).collect(), unread: self.unread, in_all: self.in_all }
    }

    /// Adds what another list shows and what it could not read.
    pub fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.unread.extend(other.unread);
    }
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), unread: Vec::new(), in_all: 0 }
    }
}

impl<T> From<Vec<T>> for Listing<T> {
    fn from(rows: Vec<T>) -> Self {
        Self { rows, unread: Vec::new(), in_all: 0 }
    }
}

impl<T> Deref for Listing<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.rows
    }
}

impl<T> IntoIterator for Listing<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}
