//! Numbers and references, each a type of its own: text that was never checked cannot pass for one.

use super::check_digit::{LikelySlip, damm, damm_holds, likely_slip, mod97, mod97_holds};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Why a text is not the number it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The shape is wrong; the string says what the right one is.
    #[error("{0}")]
    Shape(&'static str),
    /// The check digit does not fit; the string says which slip is likely.
    #[error("{0}")]
    CheckDigit(&'static str),
}

/// Only the digits of a text, if everything else in it is a space, dash or slash.
fn digits_of(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '/' | '\u{a0}' => {}
            _ => return None,
        }
    }
    Some(digits)
}

macro_rules! text_id {
    ($name:ident) => {
        impl $name {
            /// The canonical text, as stored.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

/// A person on the bank's staff: two letters, a dash, three or four figures (`LO-001`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StaffId(String);
text_id!(StaffId);

impl FromStr for StaffId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let shape = IdError::Shape("A staff ID is two letters, a dash and figures, for example LO-001");
        let upper = text.trim().to_ascii_uppercase();
        let (letters, figures) = upper.split_once('-').ok_or(shape.clone())?;
        let fits = letters.len() == 2
            && letters.bytes().all(|byte| byte.is_ascii_uppercase())
            && matches!(figures.len(), 3 | 4)
            && figures.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(upper)) } else { Err(shape) }
    }
}

impl fmt::Display for StaffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of a branch, 1 to 999, shown with three figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i16", into = "i16")]
pub struct BranchNumber(i16);

impl BranchNumber {
    /// The number as the database holds it.
    pub fn get(self) -> i16 {
        self.0
    }
}

impl TryFrom<i16> for BranchNumber {
    type Error = IdError;

    fn try_from(number: i16) -> Result<Self, IdError> {
        if (1..=999).contains(&number) {
            Ok(Self(number))
        } else {
            Err(IdError::Shape("A branch number lies between 001 and 999"))
        }
    }
}

impl From<BranchNumber> for i16 {
    fn from(branch: BranchNumber) -> Self {
        branch.0
    }
}

impl fmt::Display for BranchNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// A customer's (CIF) number: a serial of seven figures and its Damm digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CustomerNumber(String);
text_id!(CustomerNumber);

impl CustomerNumber {
    /// The number of a serial; `None` past seven figures.
    pub fn from_serial(serial: u32) -> Option<Self> {
        let body = format!("{serial:07}");
        (body.len() == 7).then(|| damm(&body).map(|digit| Self(format!("{body}{digit}"))))?
    }
}

impl FromStr for CustomerNumber {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = digits_of(text)
            .filter(|digits| digits.len() == 8)
            .ok_or(IdError::Shape("A customer number has eight figures"))?;
        if damm_holds(&digits) {
            return Ok(Self(digits));
        }
        Err(IdError::CheckDigit(match likely_slip(&digits, damm_holds) {
            LikelySlip::Transposition => {
                "This customer number does not exist. Two neighbouring figures look swapped"
            }
            LikelySlip::SingleDigit | LikelySlip::Unknown => {
                "This customer number does not exist. One figure looks wrong"
            }
        }))
    }
}

impl fmt::Display for CustomerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account number: branch 3, product 2, serial 7, check digits 2 by ISO 7064 mod 97-10.
/// Stored as fourteen figures, shown in groups.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountNumber(String);
text_id!(AccountNumber);

impl AccountNumber {
    /// The number of the account with this serial; `None` when product or serial have too many figures.
    pub fn from_parts(branch: BranchNumber, product: u8, serial: u32) -> Option<Self> {
        let body = format!("{branch}{product:02}{serial:07}");
        let check = mod97(&body)?;
        (body.len() == 12).then(|| Self(format!("{body}{check:02}")))
    }
}

impl FromStr for AccountNumber {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = digits_of(text)
            .filter(|digits| digits.len() == 14)
            .ok_or(IdError::Shape("An account number has fourteen figures"))?;
        if mod97_holds(&digits) {
            return Ok(Self(digits));
        }
        Err(IdError::CheckDigit(match likely_slip(&digits, mod97_holds) {
            LikelySlip::Transposition => {
                "This account number does not exist. Two neighbouring figures look swapped"
            }
            LikelySlip::SingleDigit => "This account number does not exist. One figure looks wrong",
            LikelySlip::Unknown => "This account number does not exist. Read it again from the card",
        }))
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |from: usize, to: usize| self.0.get(from..to).unwrap_or_default();
        write!(f, "{} {} {} {}", group(0, 3), group(3, 5), group(5, 12), group(12, 14))
    }
}

/// What stands behind a line of the books: the number of an account or a loan, of another branch, or of
/// whatever else a sub-ledger counts. One to forty letters, figures, dashes and colons.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Item(String);
text_id!(Item);

impl Item {
    /// The account or loan, where it is one.
    pub fn account(&self) -> Option<AccountNumber> {
        self.0.parse().ok()
    }
}

impl FromStr for Item {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':';
        if (1..=40).contains(&text.len()) && text.chars().all(fits) {
            return Ok(Self(text.to_owned()));
        }
        Err(IdError::Shape("An item of a sub-ledger has one to forty letters, figures, dashes or colons"))
    }
}

impl From<AccountNumber> for Item {
    fn from(number: AccountNumber) -> Self {
        Self(number.0)
    }
}

impl From<BranchNumber> for Item {
    fn from(branch: BranchNumber) -> Self {
        Self(branch.to_string())
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.account() {
            Some(number) => number.fmt(f),
            None => f.write_str(&self.0),
        }
    }
}

/// What a reference refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceKind {
    /// A request that waits or waited for a second person.
    Request,
    /// The receipt of something done.
    Receipt,
}

/// A reference people read to each other: `RQ-0000572-4`, the last figure being a Damm digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);
text_id!(Reference);

impl Reference {
    /// The reference of a serial number.
    pub fn new(kind: ReferenceKind, serial: u64) -> Option<Self> {
        let prefix = match kind {
            ReferenceKind::Request => "RQ",
            ReferenceKind::Receipt => "RC",
        };
        let body = format!("{serial:07}");
        damm(&body).map(|digit| Self(format!("{prefix}-{body}-{digit}")))
    }
}

impl FromStr for Reference {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let shape = IdError::Shape("A reference looks like RQ-0000572-4");
        let upper = text.trim().to_ascii_uppercase();
        let (prefix, number) = upper.split_once('-').ok_or(shape.clone())?;
        let digits = digits_of(number).ok_or(shape.clone())?;
        if !matches!(prefix, "RQ" | "RC") || !(8..=18).contains(&digits.len()) {
            return Err(shape);
        }
        if !damm_holds(&digits) {
            return Err(IdError::CheckDigit("This reference does not exist. One figure looks wrong"));
        }
        let (body, check) = digits.split_at(digits.len() - 1);
        Ok(Self(format!("{prefix}-{body}-{check}")))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);
        impl $name {
            /// The UUID inside.
            pub fn get(self) -> Uuid {
                self.0
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError::Shape("This link is not whole"))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

uuid_id!(
    /// A request for approval.
    RequestId
);

/// The key under which a command is done at most once: 1 to 64 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestKey(String);
text_id!(RequestKey);

impl RequestKey {
    /// The key under which the deed of an approved request is done.
    pub fn of_approval(request: RequestId) -> Self {
        Self(format!("approval:{request}"))
    }

    /// The key under which a job does a chunk of a step: the one that begins behind a row.
    pub fn of_chunk(job: i64, step: &str, reached: &str) -> Self {
        Self(format!("job:{job}:{step}:{reached}"))
    }
}

impl FromStr for RequestKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let limit = super::constants::LONGEST_KEY_CHARS;
        if text.is_empty() {
            return Err(IdError::Shape("The request has no key: open the page again and send it from there"));
        }
        if text.len() > limit {
            return Err(IdError::Shape("A request key has 64 characters at most"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic())
            || ["approval:", "job:"].iter().any(|own| text.starts_with(own))
        {
            return Err(IdError::Shape("A request key is made of letters, figures and dashes"));
        }
        Ok(Self(text.to_owned()))
    }
}
