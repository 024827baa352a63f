//! How late a loan is, and what follows from it: ages and buckets, classes and provisions, the ceiling on
//! interest, who may hand out cash.

use super::LoanError;
use super::dates::day_number;
use super::fraction::{Fraction, interest};
use super::rounding::Rounding;
use super::state::Minor;
use super::terms::of_percent;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A span of days past due, both ends included; open when it has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayBand {
    /// First day.
    pub from_days: i64,
    /// Last day.
    pub to_days: Option<i64>,
}

impl DayBand {
    /// Whether a number of days lies in it.
    pub fn holds(&self, days: i64) -> bool {
        self.from_days <= days && self.to_days.is_none_or(|to| days <= to)
    }
}

/// What is unpaid, by age: the day after the due date is day 1. Amounts outside every bucket are left out.
pub fn buckets(unpaid: &[(Date, Minor)], bands: &[DayBand], as_of: Date) -> Vec<(DayBand, Minor)> {
    bands
        .iter()
        .map(|band| {
            let inside = unpaid.iter().filter(|(due, _)| band.holds(day_number(as_of) - day_number(*due)));
            (*band, inside.map(|(_, amount)| amount).sum())
        })
        .filter(|(_, amount)| *amount != 0)
        .collect()
}

/// Days in which delinquency does not grow, counted from the day after `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelinquencyPause {
    /// It begins with the end of this day.
    #[serde(with = "crate::shared::dates::day")]
    pub from: Date,
    /// Last day.
    #[serde(with = "crate::shared::dates::day")]
    pub to: Date,
}

/// Days past due, and days delinquent: the same less a grace and the days of pauses gone by, not below 0.
pub fn days_delinquent(
    oldest_unpaid_due: Date,
    grace_days: i64,
    pauses: &[DelinquencyPause],
    as_of: Date,
) -> (i64, i64) {
    let past_due = (day_number(as_of) - day_number(oldest_unpaid_due)).max(0);
    let paused: i64 = pauses
        .iter()
        .map(|pause| {
            let from = pause.from.max(oldest_unpaid_due);
            (day_number(as_of.min(pause.to)) - day_number(from)).max(0)
        })
        .sum();
    (past_due, (past_due - grace_days - paused).max(0))
}

/// How a loan is classed by days past due. Central Bank of Kenya, prudential guideline CBK/PG/04.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoanClass {
    /// Paid as agreed.
    Normal,
    /// To be watched.
    Watch,
    /// Substandard: non-performing from here on.
    Substandard,
    /// Doubtful.
    Doubtful,
    /// Loss.
    Loss,
}

impl LoanClass {
    /// Whether interest on it stands under the ceiling.
    pub fn is_non_performing(self) -> bool {
        self >= Self::Substandard
    }

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Watch => "Watch",
            Self::Substandard => "Substandard",
            Self::Doubtful => "Doubtful",
            Self::Loss => "Loss",
        }
    }
}

/// A class and the days past due that lead to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassBand {
    /// The class.
    pub class: LoanClass,
    /// Its days.
    pub days: DayBand,
}

/// The class of a number of days past due; none when no band holds it.
pub fn class_of(days_past_due: i64, bands: &[ClassBand]) -> Option<LoanClass> {
    bands.iter().find(|band| band.days.holds(days_past_due)).map(|band| band.class)
}

/// A percentage of an amount, in minor units.
pub fn percent_of(amount: Minor, percent: Decimal, rounding: Rounding) -> Result<Minor, LoanError> {
    interest(amount, of_percent(percent)?, Fraction::ONE)?.round(rounding)
}

/// What may be recovered of a non-performing loan: the principal owing when it became so, interest since
/// then up to the same amount again, and the expenses of recovery. Banking Act (Cap. 488), section 44A.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recoverable {
    /// Interest that may be asked for.
    pub interest: Minor,
    /// Everything that may be asked for.
    pub most: Minor,
}

/// The in duplum rule.
pub fn in_duplum(principal: Minor, contract_interest: Minor, expenses: Minor) -> Recoverable {
    let interest = contract_interest.min(principal);
    Recoverable { interest, most: principal + interest + expenses }
}
