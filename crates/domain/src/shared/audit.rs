//! What the audit keeps of every act.

use super::ids::StaffId;
use crate::shared::words::words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

words! {
    /// How an act ended.
    pub enum Outcome {
        /// It was done.
        Done = "done";
        /// It waits for a second person.
        Waiting = "waiting";
        /// It was refused; nothing was changed.
        Refused = "refused";
        /// Customer data was looked at.
        Read = "read";
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
