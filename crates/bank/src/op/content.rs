//! What a key is bound to: the content of a command, in every form in which a version writes it.

use super::fingerprint;
use crate::shared::error::OpError;
use serde::Serialize;
use tawi_domain::shared::permissions::Operation;

/// The content of a command.
#[derive(Debug)]
pub struct Content<T> {
    now: T,
    before: Option<T>,
}

impl<T: Serialize> Content<T> {
    /// Content that every version writes alike.
    pub fn of(now: T) -> Self {
        Self { now, before: None }
    }

    /// The same content as the version before writes it.
    #[must_use]
    pub fn written_before(self, before: T) -> Self {
        Self { before: Some(before), ..self }
    }

    /// The fingerprint that is stored, and the other one that the same content may be known by. Stored is that
    /// of the version before: while nodes of both serve, a retry may come to either, and one that is not
    /// recognised would be begun anew under another key and done twice. The version after this one may store
    /// the other, which this one recognises.
    pub(super) fn fingerprints(&self, staff: &str, operation: Operation) -> Result<[[u8; 32]; 2], OpError> {
        let now = fingerprint(staff, operation, &self.now)?;
        let before = self.before.as_ref().map(|before| fingerprint(staff, operation, before)).transpose()?;
        Ok([before.unwrap_or(now), now])
    }
}
