//! People on the bank's staff, as the portal knows them while they are signed in.

use super::form::FieldErrors;
use super::ids::{BranchNumber, StaffId};
use super::money::Money;
use super::permissions::Role;
use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// Somebody signed in: who, in which role, at which branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// Staff ID.
    pub staff_id: StaffId,
    /// Full name.
    pub name: String,
    /// The role chosen at sign-in.
    pub role: Role,
    /// The branch chosen at sign-in.
    pub branch: BranchNumber,
    /// Its code, for example `NBO-HQ`.
    pub branch_code: String,
    /// Its name.
    pub branch_name: String,
    /// The branch's business date.
    #[serde(with = "crate::shared::dates::day")]
    pub business_date: Date,
    /// The most this person may approve or do alone; none means the role's ceiling rules.
    pub limit: Option<Money>,
}

impl Officer {
    /// `GW` for Grace Wanjiku.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace().filter_map(|word| word.chars().next());
        let first = words.next();
        let last = words.next_back();
        first.into_iter().chain(last).collect()
    }

    /// The name people call them by.
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }
}

/// A role a person holds at a branch: what sign-in asks to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The branch.
    pub branch: BranchNumber,
    /// Its code.
    pub branch_code: String,
    /// Its name.
    pub branch_name: String,
    /// The role there.
    pub role: Role,
}

/// What the sign-in form sends.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    /// As typed.
    pub staff_id: String,
    /// As typed; never logged, never echoed.
    pub password: String,
    /// Where to go afterwards: a path of this portal.
    pub next: String,
}

/// What the page for choosing a password sends.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    /// The present password, where it was not just typed; never logged, never echoed.
    pub current: String,
    /// The new one; never logged, never echoed.
    pub password: String,
    /// The new one again.
    pub again: String,
    /// Staff ID of whom the page was drawn for; empty on pages of versions before.
    pub person: String,
    /// Where to go afterwards: a path of this portal.
    pub next: String,
}

impl PasswordForm {
    /// Whether the two agree. How long a password must be is the hasher's business.
    pub fn parse(&self) -> Result<(), FieldErrors> {
        if self.password == self.again {
            Ok(())
        } else {
            Err(FieldErrors::one("again", "The two passwords differ: type the same one twice"))
        }
    }
}

/// Whether a path may be gone to after sign-in: one of this portal in every browser's reading, never another host's.
/// Browsers leave tabs and line ends out, take `\\` for `/`, and some servers read what stands behind a `%`.
pub fn is_own_path(path: &str) -> bool {
    let is_plain = |text: &str| {
        let odd = |c: char| c == '\\' || c.is_control() || c.is_whitespace() || !c.is_ascii();
        !text.chars().any(odd) && text.starts_with('/') && !text.starts_with("//")
    };
    let decoded = percent_decode_str(path).decode_utf8();
    let readable = |text: &str| !text.chars().any(|c| c == '\\' || c.is_control()) && !text.starts_with("//");
    is_plain(path) && decoded.is_ok_and(|text| readable(&text))
}
