//! Opening a branch.

use crate::shared::field::{Field, Typed, figures, line};
use crate::shared::form::{FieldErrors, name_text};
use crate::shared::ids::BranchNumber;
use crate::shared::operation_form::form;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The longest name of a branch, in characters.
const LONGEST_NAME: usize = 80;

form! {
    /// What the page sends, as typed.
    pub struct BranchForm for BranchSetup, Answers;
    /// A branch that may be opened.
    pub struct NewBranch {
        /// Its number, 1 to 999: the first figures of its account numbers.
        number: BranchNumber = figures("Number").hint("1 to 999, first figures of its account numbers");
        /// Its code, for example `NBO-HQ`.
        code: String = line("Code").hint("For example NKU-01") => parse_code;
        /// Its name.
        name: String = line("Name").hint("For example Nakuru")
            => |typed: &str| name_text(typed, "the branch's name", LONGEST_NAME);
    }
}

impl Typed for BranchNumber {
    fn read(typed: &str, _: &Field) -> Result<Self, String> {
        let number = typed.trim().parse::<i16>().ok().and_then(|number| Self::try_from(number).ok());
        number.ok_or_else(|| "A branch number is a figure from 1 to 999".to_owned())
    }

    fn canonical(&self) -> String {
        self.get().to_string()
    }
}

fn parse_code(typed: &str) -> Result<String, &'static str> {
    let code = typed.trim().to_ascii_uppercase();
    let fits = (2..=12).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(code) } else { Err("A code has 2 to 12 letters, figures or dashes, for example NKU-01") }
}

/// A branch as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchRow {
    /// Its number.
    pub number: BranchNumber,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where its books stand.
    #[serde(with = "crate::shared::dates::day")]
    pub business_date: Date,
    /// People with a role there today.
    pub people: i64,
    /// Whether customers are served there: head office has no counter.
    #[serde(default = "has_a_counter")]
    pub counter: bool,
}

/// What a node of the version before means, which knows no other branches.
fn has_a_counter() -> bool {
    true
}

impl NewBranch {
    /// What stands in the way, given the branches there are.
    pub fn allow(&self, there: &[BranchRow]) -> Result<(), FieldErrors> {
        let mut faults = FieldErrors::default();
        if let Some(other) = there.iter().find(|row| row.number == self.number) {
            faults.add("number", format!("{} is the number of {}", self.number, other.name));
        }
        if let Some(other) = there.iter().find(|row| row.code == self.code) {
            faults.add("code", format!("{} is the code of {}", self.code, other.name));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}
