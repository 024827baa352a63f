//! Day counts: how the days of a period become a part of a year.
//!
//! Sources: ISDA 2006 Definitions, section 4.16 (actual and 30/360 families); the ISDA memorandum "EMU and
//! market conventions" (the three ACT/ACT); the Fineract loan schedules (split at 31 December, leap-day rule).

use super::LoanError;
use super::dates::{day_number, is_leap, month_length, months_after};
use super::fraction::Fraction;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How days become a part of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// Actual days over 365, leap year or not. ISDA 4.16(d).
    Actual365Fixed,
    /// Actual days over 360. ISDA 4.16(e).
    Actual360,
    /// Actual days over 364: fifty-two whole weeks a year.
    Actual364,
    /// Actual days over 366 when 29 February lies among them, else over 365.
    Actual365LeapDay,
    /// Actual days over the length of the year of the first disbursement, for the loan's whole life.
    ActualActualFirstYear,
    /// Actual days, cut at 31 December, each part over the length of its year.
    ActualActual31December,
    /// Actual days, cut at 1 January, each part over the length of its year. ISDA 4.16(b).
    ActualActualIsda,
    /// Whole years counted back from the end, the rest over 366 when it holds 29 February, else 365.
    ActualActualAfb,
    /// Actual days over the days of the period times the periods of a year. ISDA 4.16(c), ICMA rule 251.
    ActualActualIcma,
    /// A period of k months is k twelfths of a year whatever its length; a part of it counts by its actual
    /// days. Periods of days and weeks: actual days over 360.
    Twelfths,
    /// A period of k months is k twelfths of a year; inside it days are counted by 30E/360.
    Thirty360,
    /// 30/360, Bond Basis. ISDA 4.16(f).
    Thirty360BondBasis,
    /// 30E/360, Eurobond Basis. ISDA 4.16(g).
    Thirty360European,
    /// 30E/360 (ISDA): the last of February counts as the thirtieth, but not on the last due date. ISDA 4.16(h).
    Thirty360Isda,
    /// 30/360 US: the Bond Basis with the last of February as the thirtieth (SIA Standard Securities
    /// Calculation Methods, end-of-month rule).
    Thirty360Us,
}

/// What a day count may need to know besides two dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When the period begins.
    pub from: Date,
    /// When it ends.
    pub due: Date,
    /// The whole period under [`DayCount::Twelfths`] and [`DayCount::Thirty360`], as part of a year.
    pub nominal: Fraction,
    /// Periods in a year.
    pub periods_a_year: i64,
    /// Days of the year in which the loan was first paid out.
    pub first_year_days: i64,
    /// The loan's last due date.
    pub last_due: Date,
}

impl DayCount {
    /// Every day count, in the order of lists.
    pub const ALL: [Self; 15] = [
        Self::Actual365Fixed,
        Self::Actual360,
        Self::Actual364,
        Self::Actual365LeapDay,
        Self::ActualActualFirstYear,
        Self::ActualActual31December,
        Self::ActualActualIsda,
        Self::ActualActualAfb,
        Self::ActualActualIcma,
        Self::Twelfths,
        Self::Thirty360,
        Self::Thirty360BondBasis,
        Self::Thirty360European,
        Self::Thirty360Isda,
        Self::Thirty360Us,
    ];

    /// As contracts write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Actual365Fixed => "ACT/365F",
            Self::Actual360 => "ACT/360",
            Self::Actual364 => "ACT/364",
            Self::Actual365LeapDay => "ACT/365, 366 with 29 February",
            Self::ActualActualFirstYear => "ACT/ACT of the first year",
            Self::ActualActual31December => "ACT/ACT, cut at 31 December",
            Self::ActualActualIsda => "ACT/ACT ISDA",
            Self::ActualActualAfb => "ACT/ACT AFB",
            Self::ActualActualIcma => "ACT/ACT ICMA",
            Self::Twelfths => "30/360 by the period",
            Self::Thirty360 => "30/360",
            Self::Thirty360BondBasis => "30/360 Bond Basis",
            Self::Thirty360European => "30E/360",
            Self::Thirty360Isda => "30E/360 ISDA",
            Self::Thirty360Us => "30/360 US",
        }
    }

    /// Whether a whole period is the same part of a year however long it is.
    pub fn is_by_the_period(self) -> bool {
        matches!(self, Self::Twelfths | Self::Thirty360)
    }

    /// The days between two dates as this convention counts them.
    pub fn days(self, a: Date, b: Date, last_due: Date) -> i64 {
        match self {
            Self::Thirty360 | Self::Thirty360European => thirty(a, b, |date, _| date.day().min(30)),
            Self::Thirty360BondBasis => {
                let first = a.day().min(30);
                thirty_days(a, b, first, if first == 30 { b.day().min(30) } else { b.day() })
            }
            Self::Thirty360Isda => thirty(a, b, |date, is_end| {
                let february = date.month() == 2 && date.day() == month_length(date);
                if (february && !(is_end && date == last_due)) || date.day() == 31 { 30 } else { date.day() }
            }),
            Self::Thirty360Us => {
                let ends_february = |date: Date| date.month() == 2 && date.day() == month_length(date);
                let first = if ends_february(a) { 30 } else { a.day().min(30) };
                let both = ends_february(a) && ends_february(b);
                let second = if both || (first == 30 && b.day() == 31) { 30 } else { b.day() };
                thirty_days(a, b, first, second)
            }
            Self::Actual365Fixed
            | Self::Actual360
            | Self::Actual364
            | Self::Actual365LeapDay
            | Self::ActualActualFirstYear
            | Self::ActualActual31December
            | Self::ActualActualIsda
            | Self::ActualActualAfb
            | Self::ActualActualIcma
            | Self::Twelfths => day_number(b) - day_number(a),
        }
    }

    /// The part of a year from `a` to `b`, both inside the period. Zero when they are one day or reversed.
    pub fn part_of_year(self, a: Date, b: Date, span: &Span) -> Result<Fraction, LoanError> {
        if b <= a {
            return Ok(Fraction::ZERO);
        }
        let actual = day_number(b) - day_number(a);
        let over = Fraction::of_days;
        match self {
            Self::Actual365Fixed => over(actual, 365),
            Self::Actual360 => over(actual, 360),
            Self::Actual364 => over(actual, 364),
            Self::Actual365LeapDay => over(actual, if holds_leap_day(a, b) { 366 } else { 365 }),
            Self::ActualActualFirstYear => over(actual, span.first_year_days),
            // A day is the interval that ends on it: cut at 31 December it belongs to its own year, cut at
            // 1 January to the year of the day before.
            Self::ActualActual31December => cut_by_years(a, b, 12, 31),
            Self::ActualActualIsda => cut_by_years(a, b, 1, 1),
            Self::ActualActualAfb => whole_years_back(a, b),
            Self::ActualActualIcma => by_reference_periods(a, b, span),
            Self::Twelfths => {
                let period = day_number(span.due) - day_number(span.from);
                span.nominal.times(Fraction::new(i128::from(actual), i128::from(period.max(1)))?)
            }
            Self::Thirty360 => {
                let whole = span.nominal.times_whole(360)?;
                let days = whole.numerator() / whole.denominator();
                let counted = |to: Date| {
                    if to == span.due {
                        return days;
                    }
                    i128::from(self.days(span.from, to, span.last_due)).clamp(0, days)
                };
                Fraction::new(counted(b) - counted(a), 360)
            }
            Self::Thirty360BondBasis | Self::Thirty360European | Self::Thirty360Isda | Self::Thirty360Us => {
                over(self.days(a, b, span.last_due).max(0), 360)
            }
        }
    }

    /// The sentence that says where a part of a year comes from.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Actual365Fixed => "actual days over 365",
            Self::Actual360 => "actual days over 360",
            Self::Actual364 => "actual days over 364",
            Self::Actual365LeapDay => "actual days over 366 when they hold 29 February, else over 365",
            Self::ActualActualFirstYear => "actual days over the days of the year of the first disbursement",
            Self::ActualActual31December => {
                "actual days, each year's over its own length, cut at 31 December"
            }
            Self::ActualActualIsda => "actual days, each year's over its own length, cut at 1 January",
            Self::ActualActualAfb => "whole years back from the end, the rest over 366 with 29 February",
            Self::ActualActualIcma => "actual days over the days of the period times the periods of a year",
            Self::Twelfths => "the period's share of a year, a part of it by its actual days",
            Self::Thirty360 => "months of thirty days, years of 360, a whole period always its months",
            Self::Thirty360BondBasis => "months of thirty days, years of 360 (Bond Basis)",
            Self::Thirty360European => "months of thirty days, years of 360 (European)",
            Self::Thirty360Isda => "months of thirty days, years of 360 (ISDA)",
            Self::Thirty360Us => "months of thirty days, years of 360 (US)",
        }
    }
}

fn thirty(a: Date, b: Date, day: impl Fn(Date, bool) -> i8) -> i64 {
    thirty_days(a, b, day(a, false), day(b, true))
}

fn thirty_days(a: Date, b: Date, first: i8, second: i8) -> i64 {
    let months =
        (i64::from(b.year()) - i64::from(a.year())) * 12 + i64::from(b.month()) - i64::from(a.month());
    months * 30 + i64::from(second) - i64::from(first)
}

/// Whether a 29 February lies after `a` and not after `b`.
fn holds_leap_day(a: Date, b: Date) -> bool {
    (a.year()..=b.year())
        .filter(|year| is_leap(*year))
        .filter_map(|year| Date::new(year, 2, 29).ok())
        .any(|leap_day| a < leap_day && leap_day <= b)
}

/// Cut at one day of each year. Under 31 December the part after the cut is the next year's; under
/// 1 January the part before it is the last year's.
fn cut_by_years(a: Date, b: Date, month: i8, day: i8) -> Result<Fraction, LoanError> {
    let year_of_first_day =
        if month == 12 && a.month() == 12 && a.day() == 31 { a.year() + 1 } else { a.year() };
    let mut sum = Fraction::ZERO;
    let mut from = a;
    let mut year = year_of_first_day;
    while from < b {
        let cut_year = if month == 12 { year } else { year + 1 };
        let cut = Date::new(cut_year, month, day).unwrap_or(b).min(b);
        let length = if is_leap(year) { 366 } else { 365 };
        sum = sum.plus(Fraction::new(i128::from(day_number(cut) - day_number(from)), length)?)?;
        from = cut;
        year += 1;
    }
    Ok(sum)
}

/// Days over those of the reference period in which they lie times the periods of a year; days outside it
/// lie in notional periods before and after, as long as the frequency says.
fn by_reference_periods(a: Date, b: Date, span: &Span) -> Result<Fraction, LoanError> {
    let months = i32::try_from(12 / span.periods_a_year.max(1)).map_err(|_| LoanError::Overflow)?;
    let share = |from: Date, to: Date, begin: Date, end: Date| {
        let days = day_number(to) - day_number(from);
        let period = (day_number(end) - day_number(begin)).max(1);
        let year = period.checked_mul(span.periods_a_year).ok_or(LoanError::Overflow)?;
        Fraction::new(i128::from(days.max(0)), i128::from(year))
    };
    let mut sum = share(a.max(span.from), b.min(span.due).max(a.max(span.from)), span.from, span.due)?;
    let (mut begin, mut steps) = (span.from, 0);
    while a < begin && months > 0 {
        steps += 1;
        let earlier = months_after(span.from, -months * steps, span.from.day()).ok_or(LoanError::Dates)?;
        sum = sum.plus(share(a.max(earlier), b.min(begin).max(a.max(earlier)), earlier, begin)?)?;
        begin = earlier;
    }
    let (mut end, mut steps) = (span.due, 0);
    while end < b && months > 0 {
        steps += 1;
        let later = months_after(span.due, months * steps, span.due.day()).ok_or(LoanError::Dates)?;
        sum = sum.plus(share(a.max(end), b.min(later), end, later)?)?;
        end = later;
    }
    Ok(sum)
}

/// Whole years counted back from the end; 29 February goes back to 28 February in common years.
fn whole_years_back(a: Date, b: Date) -> Result<Fraction, LoanError> {
    let mut years = 0;
    let mut cut = b;
    while let Some(earlier) = months_after(b, -12 * (years + 1), b.day()).filter(|earlier| *earlier >= a) {
        cut = earlier;
        years += 1;
    }
    let leap = (a.year()..=cut.year())
        .filter(|year| is_leap(*year))
        .filter_map(|year| Date::new(year, 2, 29).ok())
        .any(|leap_day| a <= leap_day && leap_day < cut);
    let rest = i128::from(day_number(cut) - day_number(a));
    Fraction::new(rest, if leap { 366 } else { 365 })?.plus(Fraction::new(i128::from(years), 1)?)
}
