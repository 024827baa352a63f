//! The days on which the bank, or one branch, is closed.

use crate::shared::dates::{format_date, years_later};
use crate::shared::field::{date, hidden, line, offered};
use crate::shared::form::{FieldErrors, TextError, any_text, bounded, name_text};
use crate::shared::operation_form::form;
use crate::shared::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How far ahead a holiday may be set, in years.
const FARTHEST_YEARS: i16 = 3;
const LONGEST_NAME: usize = 80;

words! {
    /// Whether a day is set or taken back.
    pub enum HolidayAct {
        /// The bank is closed on it.
        Set = "set", "Set a holiday";
        /// It is a working day after all.
        TakeBack = "take_back", "Take a holiday back";
    }
}

form! {
    /// What the page sends, as typed.
    pub struct HolidayForm for Holidays, Answers agreed by agree;
    /// A change of the calendar that may be tried.
    pub struct NewHoliday {
        /// Set or taken back.
        act: HolidayAct = hidden("Change").wanted("Choose whether the day is set or taken back");
        /// The day.
        day: Date = date("Day");
        /// What is celebrated; empty when taken back.
        name: String = line("Holiday").hint("As it was gazetted") => any_text;
        /// Code of the branch; none for the whole bank.
        branch: Option<String> = offered("For") => parse_branch;
    }
}

fn parse_branch(typed: &str) -> Result<Option<String>, TextError> {
    match typed.trim() {
        "" => Ok(None),
        code => bounded(code, "the branch", LONGEST_NAME).map(Some),
    }
}

/// A day that is set says what is celebrated; one that is taken back does not.
fn agree(mut answers: Answers, _: Date, faults: &mut FieldErrors) -> Answers {
    answers.name = match (answers.act, answers.name) {
        (Some(HolidayAct::TakeBack), _) => Some(String::new()),
        (_, Some(typed)) => faults.note("name", name_text(&typed, "what is celebrated", LONGEST_NAME)),
        (_, None) => None,
    };
    answers
}

/// A holiday as the calendar shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The day.
    #[serde(with = "crate::shared::dates::day")]
    pub day: Date,
    /// What is celebrated.
    pub name: String,
    /// Code of the branch; none for the whole bank.
    pub branch_code: Option<String>,
}

impl NewHoliday {
    /// What stands in the way, given the calendar. Days that have begun stay as they were: dates were
    /// reckoned with them.
    pub fn allow(&self, calendar: &[Holiday], today: Date) -> Result<(), FieldErrors> {
        let day = format_date(self.day);
        let same = |holiday: &&Holiday| holiday.day == self.day && holiday.branch_code == self.branch;
        let there = calendar.iter().find(same);
        let fault = match (self.act, there) {
            _ if self.day <= today => Some("Only days after today can be changed".to_owned()),
            _ if self.day > years_later(today, FARTHEST_YEARS) => {
                Some(format!("Holidays are set {FARTHEST_YEARS} years ahead at most"))
            }
            (HolidayAct::Set, Some(holiday)) => Some(format!("{day} is {} already", holiday.name)),
            (HolidayAct::TakeBack, None) => Some(format!("{day} is no holiday")),
            _ => None,
        };
        fault.map_or(Ok(()), |fault| Err(FieldErrors::one("day", fault)))
    }
}
