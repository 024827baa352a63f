//! Errors in the bank's language. What happened inside is logged under the reference; only what is
//! here goes out.

use super::form::FieldErrors;
use serde::{Deserialize, Serialize};

/// What a door answers when it does not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// What was sent cannot be accepted; every fault with its field. HTTP 422.
    #[error("{0}")]
    Invalid(FieldErrors),
    /// Nobody is signed in, or the session has ended. HTTP 401.
    #[error("Sign in to go on")]
    NotSignedIn,
    /// The person may not do this. HTTP 403.
    #[error("{0}")]
    NotAllowed(String),
    /// There is no such thing for this person. HTTP 404.
    #[error("{0}")]
    NotFound(String),
    /// Somebody or something was faster. HTTP 409.
    #[error("{0}")]
    Conflict(String),
    /// Too many tries. HTTP 429.
    #[error("Too many tries from this place. Wait a minute and try again")]
    TooMany,
    /// One person asks for too much at once. HTTP 429.
    #[error("Too much was asked at once. Wait a moment and try again")]
    TooMuch,
    /// The page was drawn for another person or seat than the one signed in by now. HTTP 409.
    #[error(
        "Another person or seat is signed in in this browser by now. What you typed is still here: copy what you \
         need, then load the page again"
    )]
    OtherSeat,
    /// Too much is asked at this moment. HTTP 503.
    #[error("Many people sign in at this moment. Wait a few seconds and try again")]
    Busy,
    /// A part of the system does not answer. HTTP 503.
    #[error(
        "The bank's system does not answer just now. Nothing was lost: try again in a moment. Reference {reference}"
    )]
    Unavailable {
        /// Under which the log holds the whole chain of causes.
        reference: String,
    },
}

impl AppError {
    /// What is answered to a form that did not arrive whole.
    pub fn not_whole() -> Self {
        Self::refused("The form did not arrive whole. Load the page again and send it once more")
    }

    /// A fault of the whole form rather than of one field.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::form(message))
    }

    /// A fault of one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::one(field, message))
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 422,
            Self::NotSignedIn => 401,
            Self::NotAllowed(_) => 403,
            Self::NotFound(_) => 404,
            Self::Conflict(_) | Self::OtherSeat => 409,
            Self::TooMany | Self::TooMuch => 429,
            Self::Busy | Self::Unavailable { .. } => 503,
        }
    }
}
