//! The nouns of a customer's file: names, papers, contacts, and how they are masked.

use crate::shared::constants::LONGEST_NAME_CHARS;
use crate::shared::field::{Field, Typed};
use crate::shared::form::{TextError, bounded, is_latin_letter};
use crate::shared::words::words;
use jiff::civil::Date;
use std::fmt;

/// Why a detail of a person was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// A text fault.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Something else; the message says what to do.
    #[error("{0}")]
    Shape(&'static str),
}

/// One part of a name as it stands on the ID: Latin letters, spaces, hyphens, apostrophes, full
/// stops; at least one letter, [`LONGEST_NAME_CHARS`] at most.
pub fn name_part(typed: &str, what: &'static str) -> Result<String, PersonError> {
    let text = bounded(typed, what, LONGEST_NAME_CHARS)?.replace('’', "'");
    if let Some(wrong) = text.chars().find(|c| !is_latin_letter(*c) && !matches!(c, ' ' | '-' | '\'' | '.')) {
        return Err(TextError::WrongCharacter(wrong).into());
    }
    if !text.chars().any(is_latin_letter) {
        return Err(PersonError::Shape("A name has at least one letter"));
    }
    Ok(text)
}

/// A name as on the ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// First name.
    pub first: String,
    /// Middle names, if there are any.
    pub other: Option<String>,
    /// Family name.
    pub surname: String,
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.other {
            Some(other) => write!(f, "{} {other} {}", self.first, self.surname),
            None => write!(f, "{} {}", self.first, self.surname),
        }
    }
}

words! {
    /// The kind of paper that proves who somebody is.
    #[derive(Hash)]
    pub enum IdKind {
        /// Kenyan national identity card.
        NationalId = "national_id", "National ID";
        /// Passport of any country.
        Passport = "passport", "Passport";
        /// Foreigner certificate, known as alien card.
        AlienCard = "alien_card", "Alien card";
    }
}

/// A paper that proves who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdDocument {
    kind: IdKind,
    number: String,
}

impl IdDocument {
    /// Reads the number of a paper. National IDs and alien cards have 6 to 9 figures, passports 7 to 9
    /// letters and figures (domain handbook, *Numbers*).
    pub fn parse(kind: IdKind, typed: &str) -> Result<Self, PersonError> {
        let compact: String = typed
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '.' | '\u{a0}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if compact.is_empty() {
            return Err(TextError::Empty("the number on the document").into());
        }
        let figures = |range: std::ops::RangeInclusive<usize>| {
            range.contains(&compact.len()) && compact.bytes().all(|byte| byte.is_ascii_digit())
        };
        let fits = match kind {
            IdKind::NationalId | IdKind::AlienCard => figures(6..=9),
            IdKind::Passport => {
                (7..=9).contains(&compact.len()) && compact.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
        };
        if fits {
            Ok(Self { kind, number: compact })
        } else {
            Err(PersonError::Shape(match kind {
                IdKind::NationalId => "A national ID has 6 to 9 figures, for example 23456789",
                IdKind::Passport => "A passport number has 7 to 9 letters and figures, for example AK1234567",
                IdKind::AlienCard => "An alien card has 6 to 9 figures, for example 812345",
            }))
        }
    }

    /// The kind of paper.
    pub fn kind(&self) -> IdKind {
        self.kind
    }

    /// Its number, canonical.
    pub fn number(&self) -> &str {
        &self.number
    }
}

/// A word of caution for numbers of unusual length; they are accepted.
pub fn unusual_number(kind: IdKind, number: &str) -> Option<&'static str> {
    (kind == IdKind::NationalId && !matches!(number.len(), 7 | 8))
        .then_some("National IDs usually have 7 or 8 figures: compare it with the card")
}

/// A personal KRA PIN: A, nine figures, a letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KraPin(String);

impl KraPin {
    /// Reads a PIN of a person; one of a company says so.
    pub fn parse(typed: &str) -> Result<Self, PersonError> {
        let compact: String = typed
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '\u{a0}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if compact.is_empty() {
            return Err(TextError::Empty("the KRA PIN").into());
        }
        let bytes = compact.as_bytes();
        let figures = bytes.get(1..bytes.len().saturating_sub(1)).unwrap_or_default();
        let between_letters = bytes.len() > 2
            && bytes.first().is_some_and(u8::is_ascii_alphabetic)
            && bytes.last().is_some_and(u8::is_ascii_alphabetic)
            && figures.iter().all(u8::is_ascii_digit);
        match (between_letters, bytes.first()) {
            (true, Some(b'P')) if figures.len() == 9 => Err(PersonError::Shape(
                "A PIN that begins with P belongs to a company. A person's begins with A",
            )),
            (true, Some(b'A')) if figures.len() == 9 => Ok(Self(compact)),
            (true, Some(b'A' | b'P')) => {
                Err(PersonError::Shape("A PIN has nine figures between two letters: count them again"))
            }
            _ => Err(PersonError::Shape(
                "A person's PIN is A, nine figures and a letter, for example A001234567K",
            )),
        }
    }

    /// Canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A mobile number, E.164.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads a Kenyan mobile number typed as 07.., 01.., 7.., 254.. or +254..; another country's
    /// with its + and 8 to 15 figures (ITU-T E.164).
    pub fn parse(typed: &str) -> Result<Self, PersonError> {
        let compact: String =
            typed.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/' | '\u{a0}')).collect();
        if compact.is_empty() {
            return Err(TextError::Empty("a mobile number").into());
        }
        let (foreign, digits) = match compact.strip_prefix('+').or_else(|| compact.strip_prefix("00")) {
            Some(rest) => (true, rest),
            None => (false, compact.as_str()),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PersonError::Shape("A mobile number has only figures, for example 0722 000 318"));
        }
        let national = digits
            .strip_prefix("254")
            .or_else(|| if foreign { None } else { digits.strip_prefix('0') })
            .or_else(|| (!foreign && digits.len() == 9).then_some(digits));
        match national {
            Some(national) if national.len() == 9 && national.starts_with(['7', '1']) => {
                Ok(Self(format!("+254{national}")))
            }
            None if foreign && (8..=15).contains(&digits.len()) && !digits.starts_with('0') => {
                Ok(Self(format!("+{digits}")))
            }
            _ => Err(PersonError::Shape(
                "A Kenyan mobile number begins with 07 or 01 and has ten figures. Others begin with +",
            )),
        }
    }

    /// Canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address: one @, a domain with a dot, no spaces, 254 characters at most (RFC 5321).
    pub fn parse(typed: &str) -> Result<Self, PersonError> {
        let text = typed.trim();
        let fault = PersonError::Shape("An e-mail address looks like name@example.co.ke");
        let (local, host) = text.split_once('@').ok_or(fault.clone())?;
        let good = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | ',' | ';' | '@' | '\\');
        let host_good = host.contains('.')
            && host.split('.').all(|label| {
                !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            });
        if text.len() <= 254 && !local.is_empty() && local.len() <= 64 && local.chars().all(good) && host_good
        {
            Ok(Self(format!("{local}@{}", host.to_ascii_lowercase())))
        } else {
            Err(fault)
        }
    }

    /// Canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

words! {
    /// Where a customer's money comes from.
    #[derive(Hash)]
    pub enum SourceOfFunds {
        /// Employment.
        Salary = "salary", "Salary";
        /// An own business.
        Business = "business", "Own business";
        /// Farming.
        Farming = "farming", "Farming";
        /// Pension.
        Pension = "pension", "Pension";
        /// Rent and returns on investments.
        Investments = "investments", "Rent and investments";
        /// Family and gifts.
        Family = "family", "Family and gifts";
        /// Money sent from abroad.
        RemittanceFromAbroad = "remittance_from_abroad", "Money sent from abroad";
        /// Something else.
        Other = "other", "Other";
    }
}

words! {
    /// Whether somebody is a politically exposed person.
    pub enum Pep {
        /// Is not.
        NotExposed = "no", "No";
        /// Holds or held a prominent public function, or is family or close associate of such a person.
        Exposed = "yes", "Yes";
    }
}

/// What is typed into a line and stored as it was read.
macro_rules! typed_details {
    ($($type:ty),+ $(,)?) => {
        $(impl Typed for $type {
            fn read(typed: &str, _: &Field) -> Result<Self, String> {
                Self::parse(typed).map_err(|fault| fault.to_string())
            }

            fn canonical(&self) -> String {
                self.as_str().to_owned()
            }
        })+
    };
}

typed_details!(KraPin, Phone, Email);

/// A number with all but its last three characters hidden: `•••••417`.
pub fn masked_number(number: &str) -> String {
    let length = number.chars().count();
    let shown: String = number.chars().skip(length.saturating_sub(3)).collect();
    format!("{}{shown}", "•".repeat(length.saturating_sub(3)))
}

/// A phone number with its middle hidden: `+254 722 ••• 318`.
pub fn masked_phone(phone: &str) -> String {
    let part = |from: usize, to: usize| phone.get(from..to).unwrap_or_default();
    match phone.strip_prefix("+254") {
        Some(national) if national.len() == 9 => {
            format!("+254 {} ••• {}", part(4, 7), part(10, 13))
        }
        _ => masked_number(phone),
    }
}

/// An e-mail address with its middle hidden: `am••••@kariuki.co.ke`.
pub fn masked_email(email: &str) -> String {
    let (local, host) = email.split_once('@').unwrap_or((email, ""));
    let shown: String = local.chars().take(2).collect();
    format!("{shown}••••@{host}")
}

/// A name for another branch's eyes: `A••••• K•••••`. The number of letters is hidden as well.
pub fn masked_name(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .map(|initial| format!("{initial}•••••"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// `+254 722 000 318`: a phone number as people read it.
pub fn format_phone(phone: &str) -> String {
    match phone.strip_prefix("+254") {
        Some(national) if national.len() == 9 => {
            let part = |from: usize, to: usize| national.get(from..to).unwrap_or_default();
            format!("+254 {} {} {}", part(0, 3), part(3, 6), part(6, 9))
        }
        _ => phone.to_owned(),
    }
}

/// The years a customer's age may have.
pub const ADULT_YEARS: i16 = 18;
/// Above this, the year of birth is a slip.
pub const OLDEST_YEARS: i16 = 120;

/// Whether a date of birth makes an adult on a date.
pub fn adult_on(born: Date, on: Date) -> Result<Date, String> {
    use crate::shared::dates::completed_years;
    if born > on {
        return Err("A date of birth lies in the past: check the year".to_owned());
    }
    match completed_years(born, on) {
        years if years > OLDEST_YEARS => {
            Err(format!("This date makes the customer {years} years old: check the year"))
        }
        years if years < ADULT_YEARS => Err(format!(
            "The customer is {years}: somebody under {ADULT_YEARS} is registered with a guardian, not with this form"
        )),
        _ => Ok(born),
    }
}
