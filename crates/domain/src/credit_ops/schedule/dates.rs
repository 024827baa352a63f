//! Due dates: steps of days, weeks and months, what happens at a month's end, and days the bank is shut.

use super::LoanError;
use super::fraction::Fraction;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// Whether a year has 29 February.
pub fn is_leap(year: i16) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// Days since 1 March of the year 0, by the proleptic Gregorian calendar: differences are days.
pub fn day_number(date: Date) -> i64 {
    let month = i64::from(date.month());
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * shifted + 2) / 5 + i64::from(date.day()) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
}

/// So many days later, or earlier when negative.
pub fn days_after(date: Date, days: i64) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// Days of the date's month.
pub fn month_length(date: Date) -> i8 {
    match date.month() {
        2 if is_leap(date.year()) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// So many months later, on `day` or the month's last when it is shorter.
pub fn months_after(date: Date, months: i32, day: i8) -> Option<Date> {
    let first = month_of(date, months)?;
    Date::new(first.year(), first.month(), day.min(month_length(first))).ok()
}

/// The first day of the month so many months later.
fn month_of(date: Date, months: i32) -> Option<Date> {
    let total = i32::from(date.year()).checked_mul(12)?.checked_add(i32::from(date.month()) - 1)?;
    let total = total.checked_add(months)?;
    let year = i16::try_from(total.div_euclid(12)).ok()?;
    let month = i8::try_from(total.rem_euclid(12)).ok()? + 1;
    Date::new(year, month, 1).ok()
}

/// The unit of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Days.
    Days,
    /// Weeks of seven days.
    Weeks,
    /// Calendar months.
    Months,
}

/// How often an instalment falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequency {
    /// Units in a period, 1 to 366.
    pub every: u16,
    /// The unit.
    pub unit: Unit,
}

impl Frequency {
    /// Every month.
    pub const MONTHLY: Self = Self { every: 1, unit: Unit::Months };
    /// Every quarter of a year.
    pub const QUARTERLY: Self = Self { every: 3, unit: Unit::Months };
    /// Every week.
    pub const WEEKLY: Self = Self { every: 1, unit: Unit::Weeks };
    /// Every second week.
    pub const FORTNIGHTLY: Self = Self { every: 2, unit: Unit::Weeks };

    /// As people say it.
    pub fn title(self) -> String {
        match (self.every, self.unit) {
            (1, Unit::Days) => "Daily".to_owned(),
            (1, Unit::Weeks) => "Weekly".to_owned(),
            (1, Unit::Months) => "Monthly".to_owned(),
            (3, Unit::Months) => "Quarterly".to_owned(),
            (every, Unit::Days) => format!("Every {every} days"),
            (every, Unit::Weeks) => format!("Every {every} weeks"),
            (every, Unit::Months) => format!("Every {every} months"),
        }
    }

    /// A period as part of a year by its name alone: twelfths for months, days over 360 for days and weeks.
    pub fn nominal(self) -> Result<Fraction, LoanError> {
        let every = i128::from(self.every);
        match self.unit {
            Unit::Months => Fraction::new(every, 12),
            Unit::Weeks => Fraction::new(every * 7, 360),
            Unit::Days => Fraction::new(every, 360),
        }
    }

    /// Periods in a year, as contracts count them: 52 weeks, 365 days.
    pub fn periods_a_year(self) -> Fraction {
        let year: i128 = match self.unit {
            Unit::Months => 12,
            Unit::Weeks => 52,
            Unit::Days => 365,
        };
        Fraction::new(year, i128::from(self.every.max(1))).unwrap_or(Fraction::ONE)
    }

    /// Whole periods a year for the ICMA rule, one at least.
    pub(super) fn whole_periods_a_year(self) -> i64 {
        let count = self.periods_a_year();
        i64::try_from(count.numerator() / count.denominator()).unwrap_or(1).max(1)
    }
}

/// What a due day becomes in a month that is too short for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthEnd {
    /// The month's last day; later months go back to the due day.
    #[default]
    LastDay,
    /// The first of the next month; later months go back to the due day.
    FirstOfNext,
}

/// On which days of the month instalments fall due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueDay {
    /// The day on which the schedule starts.
    #[default]
    AsStart,
    /// Always the month's last day.
    EndOfMonth,
    /// A day of the month, 1 to 31.
    Fixed(i8),
}

/// When the first instalment falls due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstDue {
    /// One period after the start; on a fixed day or the month's end, the first such day a period on.
    #[default]
    OnePeriodOn,
    /// On a date.
    On(#[serde(with = "crate::shared::dates::day")] Date),
    /// On the first due day that is at least so many days after the start.
    NotBefore {
        /// Days.
        days: u16,
    },
}

/// Days on which nothing falls due.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClosedDays {
    /// What a due date on such a day becomes.
    pub rule: HolidayRule,
    /// Saturdays are closed.
    pub saturdays: bool,
    /// Sundays are closed.
    pub sundays: bool,
    /// Public holidays, in order.
    #[serde(with = "crate::shared::dates::days")]
    pub holidays: Vec<Date>,
}

/// What a due date on a closed day becomes. ISDA 2006, section 4.12.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayRule {
    /// It stays.
    #[default]
    Stay,
    /// The next open day (Following).
    Next,
    /// The open day before (Preceding).
    Previous,
    /// The next open day, or the one before where the next lies in another month (Modified Following).
    NextInMonth,
}

impl ClosedDays {
    /// Whether the bank is shut.
    pub fn is_closed(&self, date: Date) -> bool {
        let weekday = date.weekday();
        (self.saturdays && weekday == Weekday::Saturday)
            || (self.sundays && weekday == Weekday::Sunday)
            || self.holidays.binary_search(&date).is_ok()
    }

    /// The open day that a due date becomes: the next within a year, or the one before within a month; the date itself
    /// where there is none.
    pub fn moved(&self, date: Date) -> Date {
        if self.rule == HolidayRule::Stay || !self.is_closed(date) {
            return date;
        }
        let search = |step: i64| {
            let farthest = if step > 0 { 366 } else { 31 };
            (1..=farthest).filter_map(|days| days_after(date, step * days)).find(|day| !self.is_closed(*day))
        };
        match self.rule {
            HolidayRule::Stay => None,
            HolidayRule::Next => search(1),
            HolidayRule::Previous => search(-1),
            HolidayRule::NextInMonth => {
                search(1).filter(|next| next.month() == date.month()).or_else(|| search(-1))
            }
        }
        .unwrap_or(date)
    }
}

/// The dates of a schedule: the nth lies n steps after the base.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stepper {
    pub(super) frequency: Frequency,
    pub(super) month_end: MonthEnd,
    pub(super) due_day: DueDay,
    /// Where counting starts.
    pub(super) base: Date,
    /// The day of the month that later months go back to.
    pub(super) day: i8,
}

impl Stepper {
    /// The date so many periods after the base.
    pub(super) fn after(&self, periods: u16) -> Result<Date, LoanError> {
        let units = i64::from(self.frequency.every) * i64::from(periods);
        let date = match self.frequency.unit {
            Unit::Days => days_after(self.base, units),
            Unit::Weeks => days_after(self.base, units * 7),
            Unit::Months => i32::try_from(units).ok().and_then(|months| self.month_date(months)),
        };
        date.ok_or(LoanError::Dates)
    }

    fn month_date(&self, months: i32) -> Option<Date> {
        let first = month_of(self.base, months)?;
        let day = if self.due_day == DueDay::EndOfMonth { month_length(first) } else { self.day };
        if day <= month_length(first) {
            return Date::new(first.year(), first.month(), day).ok();
        }
        match self.month_end {
            MonthEnd::LastDay => Date::new(first.year(), first.month(), month_length(first)).ok(),
            MonthEnd::FirstOfNext => month_of(first, 1),
        }
    }
}

/// A stretched or cut period in months: whole months counted forward, and what is left over the length of
/// the month that begins there.
pub(super) fn months_and_days(from: Date, due: Date) -> Result<Fraction, LoanError> {
    let mut months = 0;
    let mut reached = from;
    while let Some(next) = months_after(from, months + 1, from.day()).filter(|next| *next <= due) {
        reached = next;
        months += 1;
    }
    let next = months_after(from, months + 1, from.day()).ok_or(LoanError::Dates)?;
    let left = day_number(due) - day_number(reached);
    let length = day_number(next) - day_number(reached);
    let part = Fraction::new(i128::from(left.max(0)), i128::from(length.max(1)))?;
    Fraction::new(i128::from(months), 1)?.plus(part)?.times(Fraction::new(1, 12)?)
}
