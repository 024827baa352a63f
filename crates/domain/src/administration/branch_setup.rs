//! Opening a branch.

use crate::shared::form::{FieldErrors, bounded};
use crate::shared::ids::BranchNumber;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The longest name of a branch, in characters.
const LONGEST_NAME: usize = 80;

/// What the page sends, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BranchForm {
    /// Its number, 1 to 999: the first figures of its account numbers.
    pub number: String,
    /// Its code, for example `NBO-HQ`.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Labels of the fields, in the order of the form.
pub const FIELDS: &[(&str, &str)] = &[("number", "Number"), ("code", "Code"), ("name", "Name")];

/// A branch that may be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBranch {
    /// Its number.
    pub number: BranchNumber,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
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
}

impl BranchForm {
    /// Reads the whole form: every fault at once.
    pub fn parse(&self) -> Result<NewBranch, FieldErrors> {
        let mut faults = FieldErrors::default();
        let number = self.number.trim().parse::<i16>().ok().and_then(|n| BranchNumber::try_from(n).ok());
        if number.is_none() {
            faults.add("number", "A branch number is a figure from 1 to 999");
        }
        let code = self.code.trim().to_ascii_uppercase();
        let fits = (2..=12).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            faults.add("code", "A code has 2 to 12 letters, figures or dashes, for example NKU-01");
        }
        let name = faults.note("name", bounded(&self.name, "the branch's name", LONGEST_NAME));
        match (number, name) {
            (Some(number), Some(name)) if faults.is_empty() => Ok(NewBranch { number, code, name }),
            _ => Err(faults),
        }
    }
}

impl NewBranch {
    /// The canonical form.
    pub fn to_form(&self) -> BranchForm {
        BranchForm { number: self.number.get().to_string(), code: self.code.clone(), name: self.name.clone() }
    }

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
