//! Moving a branch's business date: from the date that was seen, to a working day that is near.

use super::dates::{days_between, format_date, format_date_with_weekday};
use super::error::AppError;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// How many days a date moves at once where no parameter says more or less.
pub const MOST_DAYS: i64 = 7;

/// Where a business date shall go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveTo {
    /// The next working day.
    NextWorkingDay,
    /// A date.
    Day(Date),
}

/// A move of a branch's business date, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessDateMove {
    /// The date the branch was seen at; a branch that is elsewhere by now is not moved. None moves it from
    /// wherever it is.
    pub from: Option<Date>,
    /// The date it shall have.
    pub to: MoveTo,
    /// Why it goes farther than it may, or to a day without work; recorded.
    pub reason: Option<String>,
}

impl BusinessDateMove {
    /// To a date, for a reason.
    pub fn because(to: Date, reason: &str) -> Self {
        Self { from: None, to: MoveTo::Day(to), reason: Some(reason.to_owned()) }
    }

    /// The new date of a branch that is at `now`. Its holidays are those from then on.
    ///
    /// # Errors
    /// The branch is no longer where it was seen; the date does not come after; it is no working day, or
    /// more than `most_days` ahead, and no reason was given.
    pub fn decide(
        &self,
        branch: &str,
        now: Date,
        holidays: &[Date],
        most_days: i64,
    ) -> Result<Date, AppError> {
        if let Some(seen) = self.from
            && seen != now
        {
            return Err(AppError::Conflict(format!(
                "{branch} is at {} and no longer at {}: somebody moved its date. Look again",
                format_date(now),
                format_date(seen)
            )));
        }
        let to = match self.to {
            MoveTo::Day(day) => day,
            MoveTo::NextWorkingDay => next_working_day(now, holidays)
                .ok_or_else(|| AppError::refused("The calendar has no further day"))?,
        };
        if to <= now {
            return Err(AppError::refused(format!(
                "{branch} is at {}: its business date only moves forward",
                format_date(now)
            )));
        }
        if self.reason.is_some() {
            return Ok(to);
        }
        let days = days_between(now, to);
        if days > most_days {
            return Err(AppError::refused(format!(
                "{} is {days} days after {}: a date moves by {most_days} days at most, or for a reason",
                format_date(to),
                format_date(now)
            )));
        }
        if !is_working_day(to, holidays) {
            return Err(AppError::refused(format!(
                "{} is no working day of {branch}: give a reason to go there",
                format_date_with_weekday(to)
            )));
        }
        Ok(to)
    }
}

/// Whether a branch works on a day: no Sunday and no holiday of the list, which holds the branch's own and
/// the bank's.
pub fn is_working_day(day: Date, holidays: &[Date]) -> bool {
    day.weekday() != Weekday::Sunday && !holidays.contains(&day)
}

/// The first working day after a day. `None` when the calendar ends before one is found.
pub fn next_working_day(after: Date, holidays: &[Date]) -> Option<Date> {
    let mut day = after.checked_add(1.day()).ok()?;
    while !is_working_day(day, holidays) {
        day = day.checked_add(1.day()).ok()?;
    }
    Some(day)
}
