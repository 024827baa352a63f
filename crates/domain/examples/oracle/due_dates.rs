//! Due dates as the engine lays them out, for a loan of nothing but dates.

use super::Fault;
use super::terms::{as_money, unsupported};
use super::words::RepayUnit;
use jiff::civil::Date;
use serde::Deserialize;
use tawi_domain::credit_ops::schedule as engine;
use tawi_domain::credit_ops::schedule::{DayCount, Frequency, LoanEvent, LoanTerms, Minor};
use tawi_domain::shared::rate::Rate;

/// The rule of a list of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum DateRule {
    #[serde(rename = "same_day_each_month")]
    Same,
    #[serde(rename = "first_day_of_next_month")]
    First,
    #[serde(rename = "last_day_of_month")]
    Last,
}

/// Due dates as the engine lays them out, for a loan of nothing but dates.
pub fn rule_dates(
    starts_on: Option<Date>,
    first_due_on: Option<Date>,
    rule: DateRule,
    every: u16,
    unit: RepayUnit,
    count: u32,
) -> Result<Vec<Date>, Fault> {
    let count = u16::try_from(count).map_err(|_| Fault::Error("too many installments".into()))?;
    let zero =
        Rate::try_from(rust_decimal::Decimal::ZERO).map_err(|fault| Fault::Error(fault.to_string()))?;
    let method = engine::InterestMethod::DecliningEqualInstalment;
    let principal = as_money(Minor::from(count) * 100)?;
    let mut terms = LoanTerms::plain(principal, zero, method, DayCount::Actual365Fixed, count);
    terms.frequency = Frequency { every, unit: unit.into() };
    let start = match (starts_on, first_due_on) {
        (Some(start), _) => start,
        (None, Some(first)) => {
            first.yesterday().map_err(|_| Fault::Error("the dates lie outside the calendar".into()))?
        }
        (None, None) => return Err(unsupported("dates without a start")),
    };
    match rule {
        DateRule::Same => {
            if let Some(first) = first_due_on {
                terms.dates.first_due = engine::FirstDue::On(first);
            }
        }
        DateRule::First => {
            terms.dates.due_day = engine::DueDay::Fixed(1);
            let first = match first_due_on {
                Some(first) => first,
                None => start.last_of_month().tomorrow().map_err(|_| Fault::Error("calendar".into()))?,
            };
            terms.dates.first_due = engine::FirstDue::On(first);
        }
        DateRule::Last => {
            terms.dates.due_day = engine::DueDay::EndOfMonth;
            let first = first_due_on.unwrap_or_else(|| start.last_of_month());
            if first <= start {
                // A loan that starts on the month's last day: the first date is that day itself.
                let mut rest = rule_dates(Some(start), None, DateRule::Same, every, unit, u32::from(count))?;
                for date in &mut rest {
                    *date = date.last_of_month();
                }
                rest.pop();
                rest.insert(0, first);
                return Ok(rest);
            }
            terms.dates.first_due = engine::FirstDue::On(first);
        }
    }
    let state = engine::fold(&terms, &[LoanEvent::disbursed(start)], start)?;
    Ok(state.rows.iter().map(|row| row.due).collect())
}

/// Dates some months apart, the first given.
pub fn monthly_dates(first: Date, every: u16, count: u32) -> Result<Vec<Date>, Fault> {
    rule_dates(None, Some(first), DateRule::Same, every, RepayUnit::Months, count)
}

/// So many months before a date.
pub fn months_before(date: Date, months: i32) -> Result<Date, Fault> {
    engine::months_after(date, -months, date.day()).ok_or_else(|| Fault::Error("calendar".into()))
}
