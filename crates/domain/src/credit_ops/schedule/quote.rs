//! What settles a loan, promised for some days.

use super::error::{LONGEST_QUOTE_DAYS, LoanError};
use super::event::LoanEvent;
use super::state::{LoanState, Minor, Row};
use super::terms::LoanTerms;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What settles a loan on each day until the quote ends, if nothing else happens to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayOffQuote {
    /// The days in order and what settles the loan on each, in minor units.
    pub days: Vec<QuotedDay>,
}

/// One day of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedDay {
    /// The day.
    #[serde(with = "crate::shared::dates::day")]
    pub on: Date,
    /// What settles the loan on it.
    pub amount: Minor,
}

impl PayOffQuote {
    /// What settles the loan on a day; none once the quote has ended.
    pub fn on(&self, day: Date) -> Option<Minor> {
        self.days.iter().find(|quoted| quoted.on == day).map(|quoted| quoted.amount)
    }

    /// The last day on which it holds.
    pub fn valid_until(&self) -> Option<Date> {
        self.days.last().map(|quoted| quoted.on)
    }
}

/// Quotes what settles a loan from one day to another, both included.
pub fn pay_off_quote(
    terms: &LoanTerms,
    events: &[LoanEvent],
    from: Date,
    until: Date,
) -> Result<PayOffQuote, LoanError> {
    let mut days = Vec::new();
    let mut on = from;
    while on <= until {
        if days.len() == LONGEST_QUOTE_DAYS {
            return Err(LoanError::QuoteTooLong);
        }
        days.push(QuotedDay { on, amount: super::fold(terms, events, on)?.pay_off });
        on = on.tomorrow().map_err(|_| LoanError::Dates)?;
    }
    Ok(PayOffQuote { days })
}

impl LoanState {
    /// What is unpaid of rows due before the day, oldest first: the due date and the amount, as ageing and
    /// buckets take them.
    pub fn overdue(&self) -> Vec<(Date, Minor)> {
        let late = self.rows.iter().filter(|row| row.due < self.as_of && row.unpaid() > 0);
        late.map(|row: &Row| (row.due, row.unpaid())).collect()
    }
}
