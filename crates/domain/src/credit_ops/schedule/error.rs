//! Why a loan cannot be folded or an event not be booked, and the bounds of the engine.

use crate::shared::money::{Money, MoneyError};
use jiff::civil::Date;

/// The most rows a schedule has.
pub const MOST_ROWS: u16 = 1_200;
/// The most events a loan takes.
pub const MOST_EVENTS: usize = 5_000;
/// The most fees and penalties that terms agree on.
pub const MOST_CHARGES: usize = 100;
/// The most times that a loan is charged.
pub const MOST_ITEMS: usize = 20_000;
/// The most days a quote holds.
pub const LONGEST_QUOTE_DAYS: usize = 31;

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
    /// The last events of a loan are kept for its end.
    #[error("This loan has taken almost as many events as a loan takes: take no less than what pays it off")]
    NearlyFull,
    /// Too many charges in the terms, or on the way.
    #[error(
        "A loan agrees on {MOST_CHARGES} fees and penalties at most, and is charged {MOST_ITEMS} times at most"
    )]
    TooManyCharges,
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
    /// A loss of nothing.
    #[error("Nothing is owed of this loan: there is nothing to charge or write off")]
    NothingOwed,
    /// A second loss.
    #[error("This loan was written off already")]
    WrittenOffAlready,
    /// Undoing what another event stands on.
    #[error("A waiver came after this charge and may have given it up: take the waiver back first")]
    StoodOn,
    /// Undoing the only pay-out.
    #[error("A pay-out is not taken back here: the money is paid back as a repayment of the same day")]
    OnlyDisbursement,
    /// An event of nothing.
    #[error("An amount above zero is needed")]
    NoAmount,
    /// A day without work that has gone by.
    #[error("A day without work is declared before it comes")]
    PastHoliday,
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
