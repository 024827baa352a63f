//! What a bank may set: each parameter has its fields, their bounds, and the direction in which a change
//! loosens a control and so needs a second person.

use crate::shared::dates::{format_date, iso_date, parse_date, years_later};
use crate::shared::fact::{Fact, Value};
use crate::shared::field;
use crate::shared::form::FieldErrors;
use crate::shared::listing::Listing;
use crate::shared::money::{Currency, Money};
use crate::shared::operation_form::Form;
use crate::shared::permissions::{Limit, Operation};
use crate::shared::topic::Topic;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far ahead a change may be dated, in years: a slip in the year must not freeze a parameter.
const FARTHEST_YEARS: i16 = 1;

/// Something a bank may set, with a day from which on it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// Years between reviews of a customer's file, by risk.
    KycReviewYears,
    /// Least deposits of new accounts, and when a second person looks.
    AccountOpening,
    /// Excise duty on fees.
    ExciseOnFees,
    /// How long the approval of a loan is good for.
    LoanApprovalDays,
    /// From how many days past due on a loan does not perform.
    NonPerformingDays,
    /// How far a business date moves at once.
    BusinessDateDays,
    /// Who decides which amounts of an operation.
    Ladder(Operation),
}

/// What a field counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Whole years, 1 to 10.
    Years,
    /// Whole days, 1 to 365.
    Days,
    /// Percent, 0 to 100, two decimals.
    Percent,
    /// Shillings above zero.
    Shillings,
    /// Shillings above zero; empty: any amount.
    ShillingsOrAny,
}

/// In which direction a change of a field loosens a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loosens {
    /// More of it is looser.
    Up,
    /// Less of it is looser.
    Down,
    /// Every change needs a second person.
    Either,
}

/// One value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Name of the input and key of the value.
    pub name: &'static str,
    /// As people read it.
    pub label: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// When a change needs a second person.
    pub loosens: Loosens,
}

const fn value(name: &'static str, label: &'static str, unit: Unit, loosens: Loosens) -> Field {
    Field { name, label, unit, loosens }
}

/// Values by field; none stands for any amount.
pub type Values = BTreeMap<String, Option<Decimal>>;

/// Operations whose amounts climb a ladder: those that several roles decide within their limits.
fn ladders() -> impl Iterator<Item = Operation> {
    Operation::ALL.into_iter().filter(|operation| {
        let spec = operation.spec();
        spec.limit == Limit::CheckerAmount && spec.checker.len() > 1
    })
}

impl Parameter {
    /// Every parameter, in the order of the page.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::KycReviewYears,
            Self::AccountOpening,
            Self::ExciseOnFees,
            Self::LoanApprovalDays,
            Self::NonPerformingDays,
            Self::BusinessDateDays,
        ];
        all.extend(ladders().map(Self::Ladder));
        all
    }

    /// The word in the database and in the address of its page.
    pub fn code(self) -> String {
        match self {
            Self::KycReviewYears => "kyc_review_years".to_owned(),
            Self::AccountOpening => "account_opening".to_owned(),
            Self::ExciseOnFees => "excise_on_fees_percent".to_owned(),
            Self::LoanApprovalDays => "loan_approval_valid_days".to_owned(),
            Self::NonPerformingDays => "non_performing_from_days".to_owned(),
            Self::BusinessDateDays => "business_date_most_days".to_owned(),
            Self::Ladder(operation) => format!("approval_ladder.{}", operation.code()),
        }
    }

    /// The parameter of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().into_iter().find(|parameter| parameter.code() == code)
    }

    /// As people read it.
    pub fn title(self) -> String {
        match self {
            Self::KycReviewYears => "Review of customers' files".to_owned(),
            Self::AccountOpening => "Opening deposits".to_owned(),
            Self::ExciseOnFees => "Excise duty on fees".to_owned(),
            Self::LoanApprovalDays => "Approval of a loan".to_owned(),
            Self::NonPerformingDays => "Loans that do not perform".to_owned(),
            Self::BusinessDateDays => "Business date".to_owned(),
            Self::Ladder(operation) => format!("Who approves: {}", operation.spec().title.to_lowercase()),
        }
    }

    /// What it governs, in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::KycReviewYears => "A customer's file is reviewed when these years have passed.",
            Self::AccountOpening => {
                "What is paid in at least when an account is opened, and above what a second person looks."
            }
            Self::ExciseOnFees => "Duty booked on every fee.",
            Self::NonPerformingDays => {
                "From so many days past due on, interest and penalties of a loan are no income until they are paid."
            }
            Self::BusinessDateDays => {
                "A branch's date moves by these days at most; farther, or to a day without work, for a reason."
            }
            Self::LoanApprovalDays => {
                "An approved loan that is not paid out within these days must be applied for again."
            }
            Self::Ladder(_) => {
                "Each role decides up to its amount; empty: any amount. Personal limits hold besides."
            }
        }
    }

    /// Its values.
    pub fn fields(self) -> Vec<Field> {
        use Loosens::{Down, Either, Up};
        match self {
            Self::KycReviewYears => vec![
                value("low", "Low risk", Unit::Years, Up),
                value("medium", "Medium risk", Unit::Years, Up),
                value("high", "High risk", Unit::Years, Up),
            ],
            Self::AccountOpening => vec![
                value("savings_least", "Savings account, least deposit", Unit::Shillings, Down),
                value("current_least", "Current account, least deposit", Unit::Shillings, Down),
                value("approval_above", "Second person above", Unit::Shillings, Up),
            ],
            Self::ExciseOnFees => vec![value("percent", "Percent of the fee", Unit::Percent, Either)],
            Self::LoanApprovalDays | Self::NonPerformingDays | Self::BusinessDateDays => {
                vec![value("days", "Days", Unit::Days, Up)]
            }
            Self::Ladder(operation) => operation
                .spec()
                .checker
                .iter()
                .map(|role| value(role.code(), role.title(), Unit::ShillingsOrAny, Up))
                .collect(),
        }
    }
}

impl Field {
    /// Reads a typed value.
    pub fn parse(&self, typed: &str) -> Result<Option<Decimal>, String> {
        let whole = |least: i64, most: i64, what: &str| {
            typed
                .trim()
                .parse::<i64>()
                .ok()
                .filter(|number| (least..=most).contains(number))
                .map(|number| Some(Decimal::from(number)))
                .ok_or_else(|| format!("Enter whole {what} from {least} to {most}"))
        };
        match self.unit {
            Unit::Years => whole(1, 10, "years"),
            Unit::Days => whole(1, 365, "days"),
            Unit::Percent => {
                let figures = typed.trim().trim_end_matches('%').trim_end();
                Decimal::from_str_exact(figures)
                    .ok()
                    .filter(|percent| *percent >= Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED)
                    .filter(|percent| percent.normalize().scale() <= 2)
                    .map(|percent| Some(percent.normalize()))
                    .ok_or_else(|| "Enter a percentage from 0 to 100, two decimals at most".to_owned())
            }
            Unit::ShillingsOrAny if typed.trim().is_empty() => Ok(None),
            Unit::Shillings | Unit::ShillingsOrAny => {
                let money = Money::parse(typed, Currency::Kes).map_err(|fault| fault.to_string())?;
                Ok(Some(money.amount().normalize()))
            }
        }
    }

    /// A value as people read it.
    pub fn show(&self, value: Option<Decimal>) -> String {
        let Some(value) = value else { return "any amount".to_owned() };
        match self.unit {
            Unit::Years => format!("{value} years"),
            Unit::Days => format!("{value} days"),
            Unit::Percent => format!("{value} %"),
            Unit::Shillings | Unit::ShillingsOrAny => {
                Money::new(value, Currency::Kes).map_or_else(|_| value.to_string(), |money| money.to_string())
            }
        }
    }

    /// Whether going from one value to another loosens the control.
    pub fn is_looser(&self, before: Option<Decimal>, after: Option<Decimal>) -> bool {
        let size = |value: Option<Decimal>| value.unwrap_or(Decimal::MAX);
        match self.loosens {
            Loosens::Up => size(after) > size(before),
            Loosens::Down => size(after) < size(before),
            Loosens::Either => after != before,
        }
    }
}

/// What the page sends, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParameterForm {
    /// Code of a [`Parameter`].
    pub code: String,
    /// The first day on which it counts; empty: the day it is done.
    pub valid_from: String,
    /// What was typed, by field.
    pub values: BTreeMap<String, String>,
}

/// The day from which on a change counts.
pub const VALID_FROM: field::Field =
    field::date("Counts from").asked("Counts from (empty: the day it is done)").named("valid_from");

/// A change of a parameter that may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewParameter {
    /// The parameter.
    pub parameter: Parameter,
    /// The first day on which it counts; none: the day it is done.
    pub valid_from: Option<Date>,
    /// Its values.
    pub values: Values,
}

/// Values and the day from which on they count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// The first day.
    #[serde(with = "crate::shared::dates::day")]
    pub valid_from: Date,
    /// The values; none where no ladder stood and every role decided any amount.
    pub values: Values,
    /// Where they come from.
    pub source: String,
}

/// A parameter as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterView {
    /// The parameter.
    pub parameter: Parameter,
    /// What was, is and will be in force, newest first.
    pub history: Listing<Dated>,
}

impl ParameterView {
    /// What is in force on a day; without any row every value is unbounded.
    pub fn on(&self, day: Date) -> Values {
        let dated = self.history.iter().filter(|dated| dated.valid_from <= day);
        dated.max_by_key(|dated| dated.valid_from).map(|dated| dated.values.clone()).unwrap_or_default()
    }
}

impl Form for ParameterForm {
    const OPERATION: Operation = Operation::Parameters;
    /// The values' fields are those of the parameter.
    const FIELDS: &'static [field::Field] = &[VALID_FROM];
    type Parsed = NewParameter;

    fn parse(&self, _: Date) -> Result<NewParameter, FieldErrors> {
        let Some(parameter) = Parameter::from_code(&self.code) else {
            return Err(FieldErrors::form("There is no such parameter"));
        };
        let mut faults = FieldErrors::default();
        let mut values = Values::new();
        for field in parameter.fields() {
            let typed = self.values.get(field.name).map_or("", String::as_str);
            if let Some(value) = faults.note(field.name, field.parse(typed)) {
                values.insert(field.name.to_owned(), value);
            }
        }
        if let (Parameter::Ladder(_), Some(first)) = (parameter, parameter.fields().first())
            && faults.is_empty()
            && values.values().all(Option::is_some)
        {
            faults
                .add(first.name, "Somebody must decide the largest amounts: leave one role without a bound");
        }
        let valid_from = match self.valid_from.trim() {
            "" => None,
            typed => faults.note("valid_from", parse_date(typed)),
        };
        if faults.is_empty() { Ok(NewParameter { parameter, valid_from, values }) } else { Err(faults) }
    }

    fn of(parsed: &NewParameter) -> Self {
        let text = |value: &Option<Decimal>| value.map(|value| value.to_string()).unwrap_or_default();
        Self {
            code: parsed.parameter.code(),
            valid_from: parsed.valid_from.map(iso_date).unwrap_or_default(),
            values: parsed.values.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        }
    }
}

impl NewParameter {
    /// A value as it counts before and from then on.
    pub fn setting(&self, field: &Field, before: &Values) -> Value {
        let of = |values: &Values| values.get(field.name).copied().flatten();
        Value::Setting {
            parameter: self.parameter.code(),
            field: field.name.to_owned(),
            was: of(before),
            becomes: of(&self.values),
        }
    }

    /// Why a second person must agree: what is looser than what would have counted on that day, or may be.
    ///
    /// # Errors
    /// The day is taken, in the past or too far off, or nothing would change.
    pub fn reasons(&self, view: &ParameterView, today: Date) -> Result<Vec<Fact>, FieldErrors> {
        let valid_from = self.valid_from.unwrap_or(today);
        if valid_from < today {
            let today = format_date(today);
            let fault = format!("It counts from today ({today}) or later: what is past stays");
            return Err(FieldErrors::one("valid_from", fault));
        }
        if valid_from > years_later(today, FARTHEST_YEARS) {
            return Err(FieldErrors::one("valid_from", "It counts within a year from today"));
        }
        if view.history.iter().any(|dated| dated.valid_from == valid_from) {
            let day = format_date(valid_from);
            let fault = format!("There is a change from {day} already: choose another day");
            return Err(FieldErrors::one("valid_from", fault));
        }
        let before = view.on(valid_from);
        let of = |values: &Values, field: &Field| values.get(field.name).copied().flatten();
        let changed = |field: &&Field| of(&before, field) != of(&self.values, field) || before.is_empty();
        let fields = self.parameter.fields();
        if fields.iter().filter(changed).count() == 0 {
            return Err(FieldErrors::form("These are the values already: nothing would change"));
        }
        Ok(fields
            .iter()
            .filter(|field| {
                // Held against what cannot be read anything may be looser.
                !view.history.unread.is_empty()
                    || field.is_looser(of(&before, field), of(&self.values, field))
            })
            .map(|field| Fact::new(Topic::BecomesLooser, self.setting(field, &before)))
            .collect())
    }
}
