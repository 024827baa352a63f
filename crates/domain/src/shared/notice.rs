//! Live notices: what streams to the people it concerns.

use super::ids::{AccountNumber, Reference, RequestId, StaffId};
use super::money::Money;
use super::permissions::Role;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NoticeBody {
    /// A request waits for approval.
    RequestMade {
        /// The request.
        request: RequestId,
        /// Its reference.
        reference: Reference,
        /// What is asked.
        title: String,
        /// Name of the maker.
        by: String,
        /// The maker, who is told nothing new; missing in notices of older versions.
        #[serde(default)]
        maker: Option<StaffId>,
    },
    /// A request is no longer waiting.
    RequestDecided {
        /// The request.
        request: RequestId,
        /// Its reference.
        reference: Reference,
        /// What was asked.
        title: String,
        /// The new state in words.
        state: super::approval::RequestState,
        /// Name of the checker.
        by: String,
        /// Reason or question.
        note: Option<String>,
    },
    /// A loan became late: an instalment stayed unpaid on its due date.
    LoanLate {
        /// The loan.
        loan: AccountNumber,
        /// The borrower.
        name: String,
        /// What is unpaid of instalments that were due.
        arrears: Money,
    },
    /// A job set a loan aside: something is wrong with it, and the others went on.
    LoanSetAside {
        /// The loan.
        loan: AccountNumber,
    },
    /// Sessions of a person have ended: one, or all when `session` is none.
    SessionEnded {
        /// Digest of the one session.
        session: Option<String>,
    },
    /// From a later version, which this one cannot tell; nobody is told.
    #[serde(other)]
    Later,
}

impl NoticeBody {
    /// The request or loan it tells of, as the audit names it; none where it tells of nobody.
    pub fn about(&self) -> Option<String> {
        match self {
            Self::RequestMade { reference, .. } | Self::RequestDecided { reference, .. } => {
                Some(format!("request:{reference}"))
            }
            Self::LoanLate { loan, .. } | Self::LoanSetAside { loan } => {
                Some(format!("loan:{}", loan.as_str()))
            }
            Self::SessionEnded { .. } | Self::Later => None,
        }
    }
}

/// Whom a notice concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// One person, wherever they sit.
    pub staff: Option<StaffId>,
    /// Everybody at the notice's branch, or anywhere when it has none, in one of these roles.
    pub roles: Vec<Role>,
}

/// A notice with its place in the order of all notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Position in the outbox: the same on every node, without gaps in delivery.
    pub position: i64,
    /// When it was written.
    #[serde(with = "crate::shared::dates::moment")]
    pub at: Timestamp,
    /// What happened.
    pub body: NoticeBody,
}
