//! What the audit keeps of every act.

use super::ids::StaffId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How an act ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It waits for a second person.
    Waiting,
    /// It was refused; nothing was changed.
    Refused,
    /// Customer data was looked at.
    Read,
}

impl Outcome {
    /// The word stored in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Read => "read",
        }
    }

    /// The outcome of a stored word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Done, Self::Waiting, Self::Refused, Self::Read]
            .into_iter()
            .find(|outcome| outcome.code() == code)
    }
}

/// A line of the audit trail, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// When.
    #[serde(with = "crate::shared::dates::moment")]
    pub at: Timestamp,
    /// Who.
    pub staff_id: Option<StaffId>,
    /// Their name.
    pub staff_name: String,
    /// The branch they sat in.
    pub branch_code: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What, in a sentence.
    pub what: String,
    /// Reference of the request or receipt.
    pub reference: Option<String>,
}
