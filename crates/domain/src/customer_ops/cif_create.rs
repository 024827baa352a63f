//! Registering a customer: the form, and the customer it becomes.

use super::customer::{
    Email, IdDocument, IdKind, KraPin, Pep, PersonName, Phone, SourceOfFunds, adult_on, format_phone,
    name_part,
};
use super::risk::{RiskBand, RiskRating};
use crate::shared::approval::SummaryLine;
use crate::shared::dates::{format_date, parse_date, typed_date};
use crate::shared::form::{FieldErrors, plain_text};
use crate::shared::ids::{CustomerNumber, RequestKey};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What the page sends, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CifForm {
    /// First name as on the ID.
    pub first_name: String,
    /// Middle names.
    pub other_names: String,
    /// Family name.
    pub surname: String,
    /// `dd/mm/yyyy`.
    pub date_of_birth: String,
    /// Code of an [`IdKind`].
    pub id_kind: String,
    /// Number on the paper.
    pub id_number: String,
    /// Tax PIN.
    pub kra_pin: String,
    /// Mobile number.
    pub phone: String,
    /// E-mail address; may be empty.
    pub email: String,
    /// Where the customer lives.
    pub address: String,
    /// What the customer does.
    pub occupation: String,
    /// Code of a [`SourceOfFunds`].
    pub source_of_funds: String,
    /// `yes` or `no`.
    pub pep: String,
    /// Why the customer is new although another one looks alike; needed when one does.
    pub duplicate_reason: String,
}

/// Labels of the fields, in the order of the form: used on the page, in the error summary and in
/// what the checker sees.
pub const FIELDS: &[(&str, &str)] = &[
    ("first_name", "First name"),
    ("other_names", "Other names"),
    ("surname", "Surname"),
    ("date_of_birth", "Date of birth"),
    ("id_kind", "Document"),
    ("id_number", "Document number"),
    ("kra_pin", "KRA PIN"),
    ("phone", "Mobile"),
    ("email", "E-mail"),
    ("address", "Address"),
    ("occupation", "Occupation"),
    ("source_of_funds", "Source of funds"),
    ("pep", "Politically exposed person"),
    ("duplicate_reason", "Why this is a new customer"),
];

/// The label of a field.
pub fn label(field: &str) -> &'static str {
    FIELDS.iter().find(|(name, _)| *name == field).map_or("", |(_, label)| label)
}

/// A customer that may be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// Name as on the ID.
    pub name: PersonName,
    /// Of full age.
    pub date_of_birth: Date,
    /// The paper.
    pub id: IdDocument,
    /// Tax PIN.
    pub kra_pin: KraPin,
    /// Mobile.
    pub phone: Phone,
    /// E-mail, if there is one.
    pub email: Option<Email>,
    /// Where the customer lives.
    pub address: String,
    /// What the customer does.
    pub occupation: String,
    /// Where the money comes from.
    pub source_of_funds: SourceOfFunds,
    /// Politically exposed?
    pub pep: Pep,
    /// Why this is a new customer although another one looks alike.
    pub duplicate_reason: Option<String>,
}

impl CifForm {
    /// Reads the whole form on a business date: every fault at once, one message a field.
    pub fn parse(&self, today: Date) -> Result<NewCustomer, FieldErrors> {
        let mut faults = FieldErrors::default();
        let first = faults.note("first_name", name_part(&self.first_name, "the first name"));
        let other = match self.other_names.trim() {
            "" => Some(None),
            typed => faults.note("other_names", name_part(typed, "other names").map(Some)),
        };
        let surname = faults.note("surname", name_part(&self.surname, "the surname"));
        let born = faults
            .note("date_of_birth", parse_date(&self.date_of_birth))
            .and_then(|born| faults.note("date_of_birth", adult_on(born, today)));
        let kind = IdKind::from_code(&self.id_kind);
        if kind.is_none() {
            faults.add("id_kind", "Choose the document the customer showed");
        }
        let id = kind.and_then(|kind| faults.note("id_number", IdDocument::parse(kind, &self.id_number)));
        if kind.is_none() && self.id_number.trim().is_empty() {
            faults.add("id_number", "Enter the number on the document");
        }
        let kra_pin = faults.note("kra_pin", KraPin::parse(&self.kra_pin));
        let phone = faults.note("phone", Phone::parse(&self.phone));
        let email = match self.email.trim() {
            "" => Some(None),
            typed => faults.note("email", Email::parse(typed).map(Some)),
        };
        let address = faults.note("address", plain_text(&self.address, "where the customer lives"));
        let occupation = faults.note("occupation", plain_text(&self.occupation, "what the customer does"));
        let source = SourceOfFunds::from_code(&self.source_of_funds);
        if source.is_none() {
            faults.add("source_of_funds", "Choose where the customer's money comes from");
        }
        let pep = match self.pep.as_str() {
            "yes" => Some(Pep::Exposed),
            "no" => Some(Pep::NotExposed),
            _ => {
                faults.add("pep", "Choose yes or no: ask the customer");
                None
            }
        };
        let reason = match self.duplicate_reason.trim() {
            "" => Some(None),
            typed => faults.note("duplicate_reason", plain_text(typed, "a reason").map(Some)),
        };
        let complete = || {
            Some(NewCustomer {
                name: PersonName { first: first?, other: other?, surname: surname? },
                date_of_birth: born?,
                id: id?,
                kra_pin: kra_pin?,
                phone: phone?,
                email: email?,
                address: address?,
                occupation: occupation?,
                source_of_funds: source?,
                pep: pep?,
                duplicate_reason: reason?,
            })
        };
        match complete() {
            Some(customer) if faults.is_empty() => Ok(customer),
            _ => Err(faults),
        }
    }
}

impl NewCustomer {
    /// The form that parses to this customer, canonical: what a request for approval keeps.
    pub fn to_form(&self) -> CifForm {
        CifForm {
            first_name: self.name.first.clone(),
            other_names: self.name.other.clone().unwrap_or_default(),
            surname: self.name.surname.clone(),
            date_of_birth: typed_date(self.date_of_birth),
            id_kind: self.id.kind().code().to_owned(),
            id_number: self.id.number().to_owned(),
            kra_pin: self.kra_pin.as_str().to_owned(),
            phone: self.phone.as_str().to_owned(),
            email: self.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
            address: self.address.clone(),
            occupation: self.occupation.clone(),
            source_of_funds: self.source_of_funds.code().to_owned(),
            pep: match self.pep {
                Pep::Exposed => "yes",
                Pep::NotExposed => "no",
            }
            .to_owned(),
            duplicate_reason: self.duplicate_reason.clone().unwrap_or_default(),
        }
    }

    /// What will be in the file, line by line.
    pub fn summary(&self) -> Vec<SummaryLine> {
        let mut lines = vec![
            SummaryLine::new("Name", self.name.to_string()),
            SummaryLine::new("Date of birth", format_date(self.date_of_birth)),
            SummaryLine::new(self.id.kind().title(), self.id.number()),
            SummaryLine::new(label("kra_pin"), self.kra_pin.as_str()),
            SummaryLine::new(label("phone"), format_phone(self.phone.as_str())),
            SummaryLine::new(label("email"), self.email.as_ref().map_or("None", Email::as_str)),
            SummaryLine::new(label("address"), &self.address),
            SummaryLine::new(label("occupation"), &self.occupation),
            SummaryLine::new(label("source_of_funds"), self.source_of_funds.title()),
            SummaryLine::new(
                label("pep"),
                match self.pep {
                    Pep::Exposed => "Yes",
                    Pep::NotExposed => "No",
                },
            ),
        ];
        if let Some(reason) = &self.duplicate_reason {
            lines.push(SummaryLine::new(label("duplicate_reason"), reason));
        }
        lines
    }
}

/// What an existing customer has in common with the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateSignal {
    /// The same document: it is the same person.
    SameId,
    /// The same tax PIN: it is the same person.
    SamePin,
    /// The same mobile number: families share phones.
    SamePhone,
    /// The same name and date of birth.
    SameNameAndBirth,
}

impl DuplicateSignal {
    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::SameId => "Same document",
            Self::SamePin => "Same KRA PIN",
            Self::SamePhone => "Same mobile number",
            Self::SameNameAndBirth => "Same name and date of birth",
        }
    }

    /// Whether it stops the registration rather than asking for a reason.
    pub fn stops(self) -> bool {
        matches!(self, Self::SameId | Self::SamePin)
    }

    /// The signal of the word the database function returns.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "same_id" => Some(Self::SameId),
            "same_pin" => Some(Self::SamePin),
            "same_phone" => Some(Self::SamePhone),
            "same_name_and_birth" => Some(Self::SameNameAndBirth),
            _ => None,
        }
    }
}

/// A customer that looks like the new one; the name is masked when another branch keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    /// What they share.
    pub signal: DuplicateSignal,
    /// The existing customer.
    pub number: CustomerNumber,
    /// Its name, perhaps masked.
    pub name: String,
    /// Code of the branch that keeps it.
    pub branch_code: String,
    /// Version of the existing customer.
    pub version: i64,
}

/// What the check-answers page shows before anything is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CifCheck {
    /// What was entered.
    pub lines: Vec<SummaryLine>,
    /// The rating it leads to.
    pub rating: RiskRating,
    /// Customers that look alike.
    pub duplicates: Vec<Duplicate>,
    /// Why a second person must approve; empty when nobody must.
    pub reasons: Vec<String>,
    /// A word of caution that stops nothing.
    pub cautions: Vec<String>,
    /// The key under which exactly this content will be registered once.
    pub key: RequestKey,
}

/// Whether the duplicates found let the registration go on: the same document or PIN never, other
/// likenesses with a reason.
pub fn duplicates_allow(new: &NewCustomer, duplicates: &[Duplicate]) -> Result<(), FieldErrors> {
    let mut faults = FieldErrors::default();
    for duplicate in duplicates {
        let whose = format!("customer {} ({}, {})", duplicate.number, duplicate.name, duplicate.branch_code);
        match duplicate.signal {
            DuplicateSignal::SameId => faults
                .add("id_number", format!("This document belongs to {whose}: open that customer instead")),
            DuplicateSignal::SamePin => {
                faults.add("kra_pin", format!("This PIN belongs to {whose}: open that customer instead"));
            }
            DuplicateSignal::SamePhone | DuplicateSignal::SameNameAndBirth => {
                if new.duplicate_reason.is_none() {
                    faults.add(
                        "duplicate_reason",
                        format!("{}: {whose}. Say why this is another person", duplicate.signal.title()),
                    );
                }
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Why a second person must look, from the rating.
pub fn approval_reasons(rating: &RiskRating) -> Vec<String> {
    if rating.band < RiskBand::High {
        return Vec::new();
    }
    rating
        .factors
        .iter()
        .map(|factor| format!("{} ({}), {} points", factor.factor, factor.evidence, factor.points))
        .collect()
}
