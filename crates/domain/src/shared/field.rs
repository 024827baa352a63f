//! Fields of forms: told once, with label, hint, control and how they are read. The form's struct, the
//! typed value, the canonical form and the field on the page come from it.

use super::dates::{iso_date, parse_date};
use super::form::plain_text;
use super::ids::{AccountNumber, CustomerNumber, StaffId};
use super::money::{Currency, Money};
use super::rate::Rate;
use super::words::Choice;
use jiff::civil::Date;

/// Code and title of each choice of a field.
pub type Choices = Vec<(&'static str, &'static str)>;

/// What a field is on the page.
#[derive(Debug, Clone, Copy)]
pub enum Control {
    /// A line of text.
    Line,
    /// A line of figures.
    Figures,
    /// A line for an amount or a rate.
    Decimal,
    /// A line for a telephone number.
    Telephone,
    /// A line for an e-mail address.
    Mail,
    /// A date, typed as day, month and year.
    Date,
    /// Several lines of text.
    Area,
    /// One of a list.
    Select(fn() -> Choices),
    /// One of a few, all in sight.
    Radio(fn() -> Choices),
    /// One of a few that the page knows.
    Offered,
    /// Nothing that anybody types.
    Hidden,
}

/// One field of a form.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name of the input, without the `form[...]` around it.
    pub name: &'static str,
    /// As people read it.
    pub label: &'static str,
    /// As it is asked on the page.
    pub asked: &'static str,
    /// How to write it, or what is meant.
    pub hint: &'static str,
    /// What it is on the page.
    pub control: Control,
    /// Whether it may stay empty.
    pub optional: bool,
    /// Whether it takes the whole row.
    pub wide: bool,
    /// What to enter when nothing was typed: `where the customer lives`; of choices, the whole sentence.
    pub wanted: &'static str,
}

const fn field(label: &'static str, control: Control) -> Field {
    Field { name: "", label, asked: label, hint: "", control, optional: false, wide: false, wanted: "" }
}

/// A line of text.
pub const fn line(label: &'static str) -> Field {
    field(label, Control::Line)
}

/// A line of figures.
pub const fn figures(label: &'static str) -> Field {
    field(label, Control::Figures)
}

/// A line for an amount or a rate.
pub const fn decimal(label: &'static str) -> Field {
    field(label, Control::Decimal)
}

/// A line for a telephone number.
pub const fn telephone(label: &'static str) -> Field {
    field(label, Control::Telephone)
}

/// A line for an e-mail address.
pub const fn mail(label: &'static str) -> Field {
    field(label, Control::Mail)
}

/// A date.
pub const fn date(label: &'static str) -> Field {
    field(label, Control::Date).hint("dd/mm/yyyy, for example 08/09/1984")
}

/// Several lines of text.
pub const fn area(label: &'static str) -> Field {
    field(label, Control::Area)
}

/// One of a list.
pub const fn select<T: Choice>(label: &'static str) -> Field {
    field(label, Control::Select(choices::<T>))
}

/// One of a few, all in sight.
pub const fn radio<T: Choice>(label: &'static str) -> Field {
    field(label, Control::Radio(choices::<T>))
}

/// One of a few that only the page knows.
pub const fn offered(label: &'static str) -> Field {
    field(label, Control::Offered)
}

/// What nobody types.
pub const fn hidden(label: &'static str) -> Field {
    field(label, Control::Hidden)
}

fn choices<T: Choice>() -> Choices {
    T::CHOICES.iter().map(|choice| (choice.word(), choice.words())).collect()
}

impl Field {
    /// Under a name: that of the form's member.
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// As it is asked on the page, where that is more than its name.
    pub const fn asked(mut self, asked: &'static str) -> Self {
        self.asked = asked;
        self
    }

    /// How to write it, or what is meant.
    pub const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// What to enter when nothing was typed.
    pub const fn wanted(mut self, wanted: &'static str) -> Self {
        self.wanted = wanted;
        self
    }

    /// Where its faults are shown: what nobody types has no place of its own on the page.
    pub fn fault_at(&self) -> &'static str {
        match self.control {
            Control::Hidden => "",
            Control::Line
            | Control::Figures
            | Control::Decimal
            | Control::Telephone
            | Control::Mail
            | Control::Date
            | Control::Area
            | Control::Select(_)
            | Control::Radio(_)
            | Control::Offered => self.name,
        }
    }

    /// It may stay empty.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// It takes the whole row.
    pub const fn wide(mut self) -> Self {
        self.wide = true;
        self
    }
}

/// A value that is typed into one field.
pub trait Typed: Sized {
    /// Reads what was typed.
    ///
    /// # Errors
    /// What is wrong and what to do, in the bank's words.
    fn read(typed: &str, field: &Field) -> Result<Self, String>;

    /// The canonical text: what a request for approval keeps.
    fn canonical(&self) -> String;
}

/// A value that is stored as it is typed.
macro_rules! typed_ids {
    ($($type:ty),+) => {
        $(impl Typed for $type {
            fn read(typed: &str, _: &Field) -> Result<Self, String> {
                typed.parse::<Self>().map_err(|fault| fault.to_string())
            }

            fn canonical(&self) -> String {
                self.as_str().to_owned()
            }
        })+
    };
}

typed_ids!(AccountNumber, CustomerNumber, StaffId);

impl Typed for String {
    fn read(typed: &str, field: &Field) -> Result<Self, String> {
        plain_text(typed, field.wanted).map_err(|fault| fault.to_string())
    }

    fn canonical(&self) -> String {
        self.clone()
    }
}

/// Shillings: no form asks for another currency without asking for the currency first.
impl Typed for Money {
    fn read(typed: &str, _: &Field) -> Result<Self, String> {
        Self::parse(typed, Currency::Kes).map_err(|fault| fault.to_string())
    }

    fn canonical(&self) -> String {
        self.amount().to_string()
    }
}

impl Typed for Date {
    fn read(typed: &str, _: &Field) -> Result<Self, String> {
        parse_date(typed).map_err(|fault| fault.to_string())
    }

    fn canonical(&self) -> String {
        iso_date(*self)
    }
}

impl Typed for u16 {
    fn read(typed: &str, field: &Field) -> Result<Self, String> {
        typed.trim().parse().map_err(|_| format!("Write {} in figures, for example 12", field.wanted))
    }

    fn canonical(&self) -> String {
        self.to_string()
    }
}

impl Typed for Rate {
    fn read(typed: &str, _: &Field) -> Result<Self, String> {
        Self::parse(typed).map_err(|fault| fault.to_string())
    }

    fn canonical(&self) -> String {
        self.percent().to_string()
    }
}

impl<T: Typed> Typed for Option<T> {
    fn read(typed: &str, field: &Field) -> Result<Self, String> {
        match typed.trim() {
            "" => Ok(None),
            typed => T::read(typed, field).map(Some),
        }
    }

    fn canonical(&self) -> String {
        self.as_ref().map(T::canonical).unwrap_or_default()
    }
}
