//! The days on which the bank, or one branch, is closed.

use crate::shared::dates::{format_date, parse_date, typed_date, years_later};
use crate::shared::form::{FieldErrors, bounded};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// How far ahead a holiday may be set, in years.
const FARTHEST_YEARS: i16 = 3;
const LONGEST_NAME: usize = 80;

/// Whether a day is set or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayAct {
    /// The bank is closed on it.
    Set,
    /// It is a working day after all.
    TakeBack,
}

impl HolidayAct {
    /// The word in the form.
    pub fn code(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::TakeBack => "take_back",
        }
    }
}

/// What the page sends, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HolidayForm {
    /// Code of a [`HolidayAct`].
    pub act: String,
    /// The day.
    pub day: String,
    /// What is celebrated.
    pub name: String,
    /// Code of the branch; empty for the whole bank.
    pub branch: String,
}

/// Labels of the fields, in the order of the form.
pub const FIELDS: &[(&str, &str)] =
    &[("act", "Change"), ("day", "Day"), ("name", "Holiday"), ("branch", "Branch")];

/// A change of the calendar that may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHoliday {
    /// Set or taken back.
    pub act: HolidayAct,
    /// The day.
    pub day: Date,
    /// What is celebrated; empty when taken back.
    pub name: String,
    /// Code of the branch; none for the whole bank.
    pub branch_code: Option<String>,
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

impl HolidayForm {
    /// Reads the whole form: every fault at once.
    pub fn parse(&self) -> Result<NewHoliday, FieldErrors> {
        let mut faults = FieldErrors::default();
        let act = [HolidayAct::Set, HolidayAct::TakeBack].into_iter().find(|act| act.code() == self.act);
        if act.is_none() {
            faults.add("act", "Choose whether the day is set or taken back");
        }
        let day = faults.note("day", parse_date(&self.day));
        let name = match act {
            Some(HolidayAct::TakeBack) => Some(String::new()),
            _ => faults.note("name", bounded(&self.name, "what is celebrated", LONGEST_NAME)),
        };
        let branch_code = match self.branch.trim() {
            "" => None,
            code => faults.note("branch", bounded(code, "the branch", LONGEST_NAME)),
        };
        match (act, day, name) {
            (Some(act), Some(day), Some(name)) if faults.is_empty() => {
                Ok(NewHoliday { act, day, name, branch_code })
            }
            _ => Err(faults),
        }
    }
}

impl NewHoliday {
    /// The canonical form.
    pub fn to_form(&self) -> HolidayForm {
        HolidayForm {
            act: self.act.code().to_owned(),
            day: typed_date(self.day),
            name: self.name.clone(),
            branch: self.branch_code.clone().unwrap_or_default(),
        }
    }

    /// What stands in the way, given the calendar. Days that have begun stay as they were: dates were
    /// reckoned with them.
    pub fn allow(&self, calendar: &[Holiday], today: Date) -> Result<(), FieldErrors> {
        let day = format_date(self.day);
        let same = |holiday: &&Holiday| holiday.day == self.day && holiday.branch_code == self.branch_code;
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

/// The first working day after a day: no Sunday and no holiday of the list, which holds the branch's own
/// and the bank's. `None` when the calendar ends before one is found.
pub fn next_working_day(after: Date, holidays: &[Date]) -> Option<Date> {
    let mut day = after.checked_add(1.day()).ok()?;
    while day.weekday() == Weekday::Sunday || holidays.contains(&day) {
        day = day.checked_add(1.day()).ok()?;
    }
    Some(day)
}
