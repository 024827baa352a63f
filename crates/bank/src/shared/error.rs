//! Errors inside the bank: what the customer's side is told, and the chain behind it.

use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::permissions::Refusal;
use uuid::Uuid;

/// What can go wrong in an operation.
#[derive(Debug, thiserror::Error)]
pub enum OpError {
    /// A refusal in the bank's words.
    #[error(transparent)]
    App(#[from] AppError),
    /// The database refused or did not answer.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// Stored data does not read back as what was stored.
    #[error("stored data: {0}")]
    Stored(String),
    /// What everything of its kind rests on does not read back: a parameter.
    #[error("a setting: {0}")]
    Setting(String),
}

impl OpError {
    /// Something in the database that this program did not write.
    pub fn stored(what: impl std::fmt::Display) -> Self {
        Self::Stored(what.to_string())
    }

    /// Whether the same transaction may simply be tried again: serialization failure or deadlock.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                matches!(error.code().as_deref(), Some("40001" | "40P01"))
            }
            Self::App(_) | Self::Database(_) | Self::Stored(_) | Self::Setting(_) => false,
        }
    }

    /// Whether somebody held what was wanted for longer than was waited.
    pub fn is_kept_waiting(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55P03"))
    }

    /// Whether the rows that were read or written are at fault, and not the database's state, the line to it or a
    /// race: classes of SQLSTATE for data, constraints and this bank's own triggers, and what does not read back.
    pub fn is_of_a_row(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                ["21", "22", "23", "P0", "TW"].iter().any(|class| code.starts_with(class))
            }
            Self::Database(
                sqlx::Error::RowNotFound
                | sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::Decode(_)
                | sqlx::Error::Encode(_),
            ) => true,
            Self::App(AppError::Busy | AppError::Unavailable { .. })
            | Self::Database(_)
            | Self::Setting(_) => false,
            Self::App(_) | Self::Stored(_) => true,
        }
    }

    /// The name of the constraint that refused a row.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint(),
            Self::App(_) | Self::Database(_) | Self::Stored(_) | Self::Setting(_) => None,
        }
    }

    /// What may leave the bank. The chain goes to the log under the reference; it holds no customer
    /// data, because SQL errors are logged by code and constraint only.
    pub fn outward(self) -> AppError {
        match self {
            Self::App(error) => error,
            // Characters that Postgres cannot store; every form refuses them earlier, with the field.
            Self::Database(sqlx::Error::Database(error)) if error.code().as_deref() == Some("22021") => {
                AppError::refused("Remove the invisible or control characters and send it again")
            }
            inner @ (Self::Database(_) | Self::Stored(_) | Self::Setting(_)) => {
                let reference = Uuid::new_v4().simple().to_string()[..10].to_uppercase();
                let cause = match &inner {
                    Self::Database(sqlx::Error::Database(error)) => format!(
                        "sqlstate {} constraint {}: {}",
                        error.code().unwrap_or_default(),
                        error.constraint().unwrap_or("none"),
                        error.message()
                    ),
                    other @ (Self::App(_) | Self::Database(_) | Self::Stored(_) | Self::Setting(_)) => {
                        other.to_string()
                    }
                };
                tracing::error!(%reference, %cause, "an operation failed");
                AppError::Unavailable { reference }
            }
        }
    }
}

impl From<Refusal> for OpError {
    fn from(refusal: Refusal) -> Self {
        Self::App(AppError::NotAllowed(refusal.to_string()))
    }
}

impl From<FieldErrors> for OpError {
    fn from(faults: FieldErrors) -> Self {
        Self::App(AppError::Invalid(faults))
    }
}

impl From<serde_json::Error> for OpError {
    fn from(error: serde_json::Error) -> Self {
        Self::Stored(error.to_string())
    }
}
