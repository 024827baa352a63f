//! The error of every door: the bank's [`AppError`], as server functions carry it.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use tawi_domain::credit_ops::loan::loan_words;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::IdError;

/// What a server function answers when it does not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DoorError(pub AppError);

impl From<AppError> for DoorError {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for DoorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl FromServerFnError for DoorError {
    type Encoder = JsonEncoding;

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what else a server function can meet says nothing to a bank"
    )]
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                let error = AppError::not_whole();
                crate::side::set_status(&error);
                Self(error)
            }
            ServerFnErrorErr::Request(_) => {
                Self(AppError::Unavailable { reference: "no connection".to_owned() })
            }
            _ => Self(AppError::Unavailable { reference: "unexpected answer".to_owned() }),
        }
    }
}

/// What a number that is none answers: the slip, in words, as "not found".
pub fn no_such(fault: &IdError) -> AppError {
    AppError::NotFound(fault.to_string())
}

/// The same of a loan's number, which is built like an account's.
pub fn no_such_loan(fault: &IdError) -> AppError {
    AppError::NotFound(loan_words(fault))
}
