//! Registering a customer: the form, and the customer it becomes.

use super::customer::{
    Email, IdDocument, IdKind, KraPin, Pep, PersonName, Phone, SourceOfFunds, adult_on, name_part,
};
use super::risk::{RiskBand, RiskFactor, RiskRating};
use crate::shared::fact::{Fact, Value};
use crate::shared::field::{area, date, line, mail, radio, select, telephone};
use crate::shared::form::{FieldErrors, any_text};
use crate::shared::ids::CustomerNumber;
use crate::shared::operation_form::form;
use crate::shared::topic::{ChoiceList, Topic};
use crate::shared::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

form! {
    /// What the page sends, as typed.
    pub struct CifForm for CifCreate, Answers agreed by agree;
    /// A customer that may be registered.
    pub struct NewCustomer {
        /// First name as on the document.
        first_name: String = line("First name").hint("As printed on the document")
            => |typed: &str| name_part(typed, "the first name");
        /// Middle names.
        other_names: Option<String> = line("Other names").optional()
            => |typed: &str| or_none(typed, |typed| name_part(typed, "other names"));
        /// Family name.
        surname: String = line("Surname") => |typed: &str| name_part(typed, "the surname");
        /// Of full age.
        date_of_birth: Date = date("Date of birth");
        /// The kind of paper the customer showed.
        id_kind: IdKind = select::<IdKind>("Document").wanted("Choose the document the customer showed");
        /// The number on it, as its kind has numbers.
        id_number: String = line("Document number") => any_text;
        /// Tax PIN.
        kra_pin: KraPin = line("KRA PIN").hint("A, nine figures, a letter");
        /// Mobile.
        phone: Phone = telephone("Mobile").hint("07, 01, 254 or +254");
        /// E-mail, if there is one.
        email: Option<Email> = mail("E-mail").optional();
        /// Where the customer lives.
        address: String = line("Address").hint("House, road, town").wanted("where the customer lives").wide();
        /// What the customer does.
        occupation: String = line("Occupation").wanted("what the customer does");
        /// Where the money comes from.
        source_of_funds: SourceOfFunds = select::<SourceOfFunds>("Source of funds")
            .wanted("Choose where the customer's money comes from");
        /// Politically exposed?
        pep: Pep = radio::<Pep>("Politically exposed person")
            .asked("Politically exposed person?")
            .hint("Holds or held a prominent public function, or is family or a close associate of somebody who does.")
            .wanted("Choose yes or no: ask the customer");
        /// Why this is a new customer although another one looks alike; needed when one does.
        duplicate_reason: Option<String> = area("Why this is a new customer")
            .hint("Another customer looks alike: your reason is kept in the audit")
            .wanted("a reason");
    }
}

/// Nothing typed is nothing.
fn or_none<T, E>(typed: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    match typed.trim() {
        "" => Ok(None),
        typed => read(typed).map(Some),
    }
}

/// A customer is of full age on the business date, and the number of a paper is one its kind has.
fn agree(mut answers: Answers, today: Date, faults: &mut FieldErrors) -> Answers {
    answers.date_of_birth =
        answers.date_of_birth.and_then(|born| faults.note("date_of_birth", adult_on(born, today)));
    answers.id_number = match (answers.id_kind, answers.id_number) {
        (Some(kind), Some(number)) => {
            faults.note("id_number", IdDocument::parse(kind, &number).map(|id| id.number().to_owned()))
        }
        (None, Some(number)) if number.trim().is_empty() => {
            faults.add("id_number", "Enter the number on the document");
            None
        }
        (None, number) | (_, number @ None) => number,
    };
    answers
}

impl NewCustomer {
    /// The name as on the document.
    pub fn name(&self) -> PersonName {
        PersonName {
            first: self.first_name.clone(),
            other: self.other_names.clone(),
            surname: self.surname.clone(),
        }
    }

    /// What will be in the file, fact by fact.
    pub fn file(&self) -> Vec<Fact> {
        let document = match self.id_kind {
            IdKind::NationalId => Topic::NationalId,
            IdKind::Passport => Topic::Passport,
            IdKind::AlienCard => Topic::AlienCard,
        };
        let email = self.email.as_ref().map_or(Value::None, |email| email.as_str().into());
        let mut facts = vec![
            Fact::new(Topic::Name, self.name().to_string()),
            Fact::new(Topic::DateOfBirth, self.date_of_birth),
            Fact::new(document, self.id_number.as_str()),
            Fact::new(Topic::KraPin, self.kra_pin.as_str()),
            Fact::new(Topic::Phone, self.phone.as_str()),
            Fact::new(Topic::Email, email),
            Fact::new(Topic::Address, self.address.as_str()),
            Fact::new(Topic::Occupation, self.occupation.as_str()),
            Fact::new(
                Topic::SourceOfFunds,
                Value::choice(ChoiceList::SourceOfFunds, self.source_of_funds.code()),
            ),
            Fact::new(
                Topic::PoliticallyExposed,
                Value::choice(ChoiceList::PoliticallyExposed, self.pep.code()),
            ),
        ];
        facts.extend(
            self.duplicate_reason.as_deref().map(|reason| Fact::new(Topic::AnotherPersonBecause, reason)),
        );
        facts
    }
}

words! {
    /// What an existing customer has in common with the new one.
    #[derive(PartialOrd, Ord)]
    pub enum DuplicateSignal {
        /// The same document: it is the same person.
        SameId = "same_id", "Same document";
        /// The same tax PIN: it is the same person.
        SamePin = "same_pin", "Same KRA PIN";
        /// The same mobile number: families share phones.
        SamePhone = "same_phone", "Same mobile number";
        /// The same name and date of birth.
        SameNameAndBirth = "same_name_and_birth", "Same name and date of birth";
    }
}

impl DuplicateSignal {
    /// Whether it stops the registration rather than asking for a reason.
    pub fn stops(self) -> bool {
        matches!(self, Self::SameId | Self::SamePin)
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
pub fn approval_reasons(rating: &RiskRating) -> Vec<Fact> {
    if rating.band < RiskBand::High {
        return Vec::new();
    }
    rating
        .factors
        .iter()
        .map(|RiskFactor { reason, seen_in, factor, evidence, points }| {
            let value = Value::Factor {
                reason: reason.map(|reason| reason.code().to_owned()),
                seen_in: *seen_in,
                factor: factor.clone(),
                evidence: evidence.clone(),
                points: *points,
            };
            Fact::new(Topic::RiskFactor, value)
        })
        .collect()
}
