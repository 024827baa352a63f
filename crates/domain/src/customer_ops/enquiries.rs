//! Looking customers up: what an officer typed, and what comes back.

use super::customer::{KraPin, Phone};
use super::risk::{RiskBand, RiskRating};
use crate::shared::audit::AuditLine;
use crate::shared::check_digit::damm_holds;
use crate::shared::form::is_invisible;
use crate::shared::ids::{BranchNumber, CustomerNumber};
use crate::shared::listing::Listing;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a search text is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// A whole customer number.
    Number(CustomerNumber),
    /// A tax PIN.
    Pin(String),
    /// A mobile number, E.164; the figures may also be an ID.
    PhoneOrId {
        /// E.164.
        phone: String,
        /// The figures as typed.
        id: String,
    },
    /// The number of an identity paper.
    Id(String),
    /// Part of a name.
    Name(String),
}

/// The fewest letters a search by name takes: fewer would match the whole bank.
pub const FEWEST_LETTERS: usize = 3;
/// The longest search text, in characters.
pub const LONGEST_QUERY_CHARS: usize = 80;

/// Why a search cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Too short.
    #[error("Type at least {FEWEST_LETTERS} letters of a name, or a whole number")]
    TooShort,
    /// Too long.
    #[error("Type {LONGEST_QUERY_CHARS} characters at most")]
    TooLong,
    /// Characters that no name or number has.
    #[error("Remove the invisible or control characters")]
    Control,
}

/// Knows what it was given: a customer number, PIN, phone, ID or name.
pub fn understand(typed: &str) -> Result<Query, QueryError> {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST_QUERY_CHARS {
        return Err(QueryError::TooLong);
    }
    if text.chars().any(is_invisible) {
        return Err(QueryError::Control);
    }
    if text.chars().filter(|c| c.is_alphanumeric()).count() < FEWEST_LETTERS {
        return Err(QueryError::TooShort);
    }
    let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let upper = compact.to_ascii_uppercase();
    if let Ok(pin) = KraPin::parse(&upper) {
        return Ok(Query::Pin(pin.as_str().to_owned()));
    }
    let figures = upper.trim_start_matches('+');
    if !figures.bytes().all(|byte| byte.is_ascii_digit()) {
        let is_passport = (7..=9).contains(&upper.len())
            && upper.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && upper.bytes().any(|byte| byte.is_ascii_digit());
        return Ok(if is_passport { Query::Id(upper) } else { Query::Name(text.to_lowercase()) });
    }
    if figures.len() == 8
        && damm_holds(figures)
        && let Ok(number) = figures.parse()
    {
        return Ok(Query::Number(number));
    }
    match Phone::parse(&upper) {
        Ok(phone) => Ok(Query::PhoneOrId { phone: phone.as_str().to_owned(), id: figures.to_owned() }),
        Err(_) => Ok(Query::Id(figures.to_owned())),
    }
}

/// A customer in a list of findings; the name is masked when another branch keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRow {
    /// Its number.
    pub number: CustomerNumber,
    /// Its name, perhaps masked.
    pub name: String,
    /// Code of the branch that keeps it.
    pub branch_code: String,
    /// Its risk.
    pub risk: RiskBand,
    /// The business date it was registered on.
    #[serde(with = "crate::shared::dates::day")]
    pub since: Date,
}

/// A detail that is shown masked until somebody presses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskedDetail {
    /// Number of the identity paper.
    IdNumber,
    /// Tax PIN.
    KraPin,
    /// Mobile number.
    Phone,
    /// E-mail address.
    Email,
}

impl MaskedDetail {
    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::IdNumber => "document number",
            Self::KraPin => "KRA PIN",
            Self::Phone => "mobile number",
            Self::Email => "e-mail address",
        }
    }
}

/// A customer's file as its page shows it, sensitive details masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerView {
    /// Its number.
    pub number: CustomerNumber,
    /// Full name.
    pub name: String,
    /// Date of birth.
    #[serde(with = "crate::shared::dates::day")]
    pub date_of_birth: Date,
    /// Title of the paper's kind.
    pub id_kind: String,
    /// Masked.
    pub id_number: String,
    /// Masked.
    pub kra_pin: String,
    /// Masked.
    pub phone: String,
    /// Masked, if there is one.
    pub email: Option<String>,
    /// Where the customer lives.
    pub address: String,
    /// What the customer does.
    pub occupation: String,
    /// Title of the source of funds.
    pub source_of_funds: String,
    /// Politically exposed?
    pub pep: bool,
    /// The rating and what led to it.
    pub rating: RiskRating,
    /// When the file is due for review.
    #[serde(with = "crate::shared::dates::day")]
    pub review_due: Date,
    /// The branch that keeps it.
    pub branch: BranchNumber,
    /// Its code.
    pub branch_code: String,
    /// The business date it was registered on.
    #[serde(with = "crate::shared::dates::day")]
    pub since: Date,
    /// The moment it was registered.
    #[serde(with = "crate::shared::dates::moment")]
    pub created_at: Timestamp,
    /// What happened to it, newest first, as far as the viewer's branches go.
    pub trail: Listing<AuditLine>,
}
