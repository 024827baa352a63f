//! Reading forms: text in, types onward, all faults at once, one message a field.

use super::constants::LONGEST_TEXT_CHARS;
use super::field::Field;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::fmt;

/// A fault of one field; the field is the name of its input, empty for the form as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Name of the input, without the `form[...]` around it.
    pub field: String,
    /// What is wrong and what to do, in the bank's words.
    pub message: String,
}

/// All faults of a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// One fault of the form as a whole.
    pub fn form(message: impl Into<String>) -> Self {
        Self::one("", message)
    }

    /// One fault of one field.
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// Adds a fault; the first of a field is kept, because it is the one to put right first.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        if !self.0.iter().any(|error| error.field == field) {
            self.0.push(FieldError { field: field.to_owned(), message: message.into() });
        }
    }

    /// The message of a field, if it has a fault.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The faults in order.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// The same faults in the order in which the fields stand on the page; others keep theirs, at the end.
    pub(crate) fn in_order_of(mut self, fields: &[Field]) -> Self {
        let place = |error: &FieldError| fields.iter().position(|field| field.name == error.field);
        self.0.sort_by_key(|error| place(error).unwrap_or(fields.len()));
        self
    }

    /// Says anew what is wrong with a field, or that nothing is. A fault keeps its place, so that links do not
    /// move under the pointer; one that is new comes last. The faults of other fields stay.
    pub fn put(&mut self, field: &str, message: Option<&str>) {
        match (message, self.0.iter_mut().find(|error| error.field == field)) {
            (None, _) => self.clear(field),
            (Some(message), Some(error)) => message.clone_into(&mut error.message),
            (Some(message), None) => self.add(field, message),
        }
    }

    /// Forgets the fault of a field.
    pub fn clear(&mut self, field: &str) {
        self.0.retain(|error| error.field != field);
    }

    /// Forgets the faults of a list and of everything in it.
    pub fn clear_below(&mut self, list: &str) {
        let inside = |field: &str| {
            field.strip_prefix(list).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.retain(|error| !inside(&error.field));
    }

    /// Notes the fault of a field, if its reading failed, and hands on the value otherwise.
    pub fn note<T, E: fmt::Display>(&mut self, field: &str, read: Result<T, E>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(field, error.to_string());
                None
            }
        }
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<&str> = self.0.iter().map(|error| error.message.as_str()).collect();
        f.write_str(&messages.join(". "))
    }
}

impl std::error::Error for FieldErrors {}

/// Why a text was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing was typed where something is needed; the string says what.
    #[error("Enter {0}")]
    Empty(&'static str),
    /// Longer than the field takes.
    #[error("Shorten this to {limit} characters: it has {length}")]
    TooLong {
        /// Characters accepted.
        limit: usize,
        /// Characters typed.
        length: usize,
    },
    /// A character that no text of the bank contains.
    #[error("Remove the invisible or control characters: they cannot be printed on a document")]
    Control,
    /// A character of the markup of pages, in a name.
    #[error("Leave out < and >: no name has them")]
    Markup,
    /// A character of another alphabet, a figure, an emoji.
    #[error("Use letters as printed on the document: “{0}” is not one of them")]
    WrongCharacter(char),
}

/// Text that is read later, together with another answer.
pub(crate) fn any_text(typed: &str) -> Result<String, Infallible> {
    Ok(typed.to_owned())
}

/// Text that may be shown and printed: spaces folded, no control or direction characters, bounded.
pub fn plain_text(typed: &str, what: &'static str) -> Result<String, TextError> {
    bounded(typed, what, LONGEST_TEXT_CHARS)
}

/// Like [`plain_text`], with a limit of its own in characters.
pub fn bounded(typed: &str, what: &'static str, limit: usize) -> Result<String, TextError> {
    if typed.chars().any(is_invisible) {
        return Err(TextError::Control);
    }
    let folded = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.is_empty() {
        return Err(TextError::Empty(what));
    }
    let length = folded.chars().count();
    if length > limit {
        return Err(TextError::TooLong { limit, length });
    }
    Ok(folded)
}

/// A name of a person, a branch or a day: like [`bounded`], without the characters of which the markup of pages is made.
pub fn name_text(typed: &str, what: &'static str, limit: usize) -> Result<String, TextError> {
    let name = bounded(typed, what, limit)?;
    if name.contains(['<', '>']) { Err(TextError::Markup) } else { Ok(name) }
}

/// Control characters, zero-width ones, direction marks, private and unassigned ranges: what could
/// hide or reverse the text around it.
pub fn is_invisible(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
}

/// Whether a character may stand in a name: Latin letters with their accents.
pub fn is_latin_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (c.is_alphabetic() && matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'))
}
