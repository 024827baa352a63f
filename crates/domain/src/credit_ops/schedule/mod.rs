//! The loan engine: a loan is terms plus events, and [`fold`] tells everything that is known about it on a
//! day. Pure and deterministic, without a clock: the same call draws the schedule as an officer types, is
//! what the ledger books, and runs in the end of day. Every rule that moves a cent is a named choice of the
//! [`LoanTerms`]; amounts inside are whole minor units, fractions exact, annuities of 38 digits.

mod allocation;
mod amount;
mod annual_rate;
mod booking;
mod books;
mod charge;
mod comparison;
mod dates;
mod day_count;
pub mod delinquency;
mod event;
mod explain;
mod export;
pub mod financial;
mod fold;
mod form;
mod fraction;
mod history;
mod plan;
mod quote;
mod real;
mod rounding;
mod state;
mod stored;
mod terms;

pub use allocation::*;
pub use annual_rate::*;
pub use booking::may_be_booked;
pub use books::LoanBooks;
pub use charge::*;
pub use comparison::{Comparison, CostOfLoan, compare, cost_of};
pub use dates::*;
pub use day_count::{DayCount, Span};
pub use event::{DueInterest, LoanEvent};
pub use explain::{Explanation, Segment, Step, explain};
pub use form::TermsForm;
pub use fraction::Fraction;
pub use history::{Told, history, history_csv};
pub use plan::{PlanRow, plan};
pub use quote::{LONGEST_QUOTE_DAYS, PayOffQuote, QuotedDay, pay_off_quote};
pub use real::{Real, written};
pub use rounding::Rounding;
pub use state::*;
pub use stored::{StoredFault, event_to_store, stored_event, stored_terms, terms_to_store};
pub use terms::*;

use crate::shared::money::{Money, MoneyError};
use jiff::civil::Date;

/// Why a loan cannot be folded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoanError {
    /// Instalments out of range.
    #[error("A loan has 1 to {MOST_ROWS} instalments")]
    Instalments,
    /// Paid back before it was paid out.
    #[error("A loan is paid out before anything else happens to it")]
    Order,
    /// Too many events.
    #[error("A loan takes {MOST_EVENTS} events at most")]
    TooManyEvents,
    /// Too many rows.
    #[error("A schedule has {MOST_ROWS} rows at most")]
    TooManyRows,
    /// More than is owed.
    #[error("{pay_off} pays this loan off on that day: take no more than that")]
    AbovePayOff {
        /// What pays the loan off on the day of the payment.
        pay_off: Money,
    },
    /// More than was approved.
    #[error("No more can be paid out than was approved")]
    AboveApproved,
    /// Something for the rows to come, and there are none.
    #[error("The last instalment of this loan has fallen due: there is nothing left to plan")]
    AfterTheEnd,
    /// No instalment on the day.
    #[error("No instalment falls due on {}", crate::shared::dates::format_date(*.due))]
    NoInstalmentOn {
        /// The day.
        due: Date,
    },
    /// The first due date is not after the start.
    #[error("The first instalment falls due after the loan is paid out")]
    FirstDue,
    /// An event that is not there.
    #[error("There is no such event to reverse")]
    NothingToReverse,
    /// A refund of what was not paid too much.
    #[error("No more can be refunded than was paid too much")]
    NothingToRefund,
    /// A waiver of what is not due.
    #[error("No more can be waived than interest, fees and penalties that are due")]
    NothingToWaive,
    /// Dated after the business date.
    #[error("What happens to a loan is dated on the business date or before")]
    InTheFuture,
    /// Dated before the loan was paid out.
    #[error("What happens to a loan is dated on the day it was paid out or later")]
    BeforeTheLoan,
    /// Undoing what undoes something.
    #[error("A reversal is not reversed: book again what it took back")]
    ReversalOfReversal,
    /// Undoing what was undone.
    #[error("This event was reversed already")]
    ReversedAlready,
    /// A fee or penalty of a loan whose terms have none.
    #[error("The terms of this loan know no charge of this kind")]
    UnknownCharge,
    /// More lent on a loan that was lost.
    #[error("A loan that was charged or written off is not lent more on")]
    Lost,
    /// A recovery of more than was lost.
    #[error("{left} of what was written off is left to recover: take no more than that")]
    AboveWrittenOff {
        /// What is left.
        left: Money,
    },
    /// More is left than the tolerance, or instalments are to come.
    #[error("Only what is left after the last instalment can be given up, {tolerance} at most")]
    AboveTolerance {
        /// The tolerance of the terms.
        tolerance: Money,
    },
    /// A recovery of a loan that was not written off.
    #[error("Only a loan that was written off has recoveries")]
    NotWrittenOff,
    /// Amounts of another currency.
    #[error("Every amount of a loan is in the loan's currency")]
    Currency,
    /// A quote for too many days.
    #[error("A quote holds {LONGEST_QUOTE_DAYS} days at most")]
    QuoteTooLong,
    /// A date the calendar does not reach.
    #[error("The dates of this loan lie outside the calendar")]
    Dates,
    /// Amounts out of range.
    #[error("The amounts of this loan are too large to calculate")]
    Overflow,
    /// An amount out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The level instalment of an amount over periods of one rate each: `P f / (1 - (1+f)^-n)`, rounded as the
/// rules say; minor units.
pub fn level_instalment(
    amount: Minor,
    period_rate: Fraction,
    periods: u32,
    rules: &InstalmentRules,
) -> Result<Minor, LoanError> {
    fold::annuity(amount, period_rate, periods, rules.balloon, rules)
}

/// What is known about a loan on a day: its schedule, what was paid, what is owed.
///
/// `events` stand in the order in which they were booked; the day in each is the day from which it counts,
/// and those after `as_of` do not. Events of one day count in the order in which they were booked.
pub fn fold(terms: &LoanTerms, events: &[LoanEvent], as_of: Date) -> Result<LoanState, LoanError> {
    check(terms, events)?;
    fold::fold(terms, events, as_of, false).map(|(state, _)| state)
}

fn check(terms: &LoanTerms, events: &[LoanEvent]) -> Result<(), LoanError> {
    if terms.instalments == 0 || terms.instalments > MOST_ROWS {
        return Err(LoanError::Instalments);
    }
    if terms.frequency.every == 0 || terms.frequency.every > 366 {
        return Err(LoanError::Instalments);
    }
    if events.len() > MOST_EVENTS {
        return Err(LoanError::TooManyEvents);
    }
    Ok(())
}
