//! The loan as terms plus events: [`fold`] tells everything that is known about it on a day. Pure: the
//! same call draws the schedule as an officer types and is what the ledger books.
//!
//! Rules of this engine, one a line:
//! - instalments fall monthly, on the day of the disbursement, or the month's last day when it is shorter;
//! - interest of a declining loan is taken on what is not yet due, day by day under ACT/365F and a twelfth
//!   of a year a period under 30/360; interest of a flat loan is taken on the amount lent;
//! - every row is rounded to the cent, half away from zero, and the last row takes what is left;
//! - a payment settles what is due, oldest row first, interest before principal; what is left over repays
//!   principal in advance, so that the last instalments fall away; and what is left after that pays the
//!   interest of the running period, which is how a loan is paid off between two due dates.

mod folding;

use crate::shared::dates::days_between;
use crate::shared::money::{Money, MoneyError};
use crate::shared::rate::Rate;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The most instalments a loan has.
pub const MOST_INSTALMENTS: u16 = 360;
/// The most payments a loan takes.
pub const MOST_EVENTS: usize = 5_000;

/// How interest is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterestMethod {
    /// On the declining balance, in equal instalments.
    DecliningEqualInstalment,
    /// On the amount lent, the same each month.
    Flat,
}

impl InterestMethod {
    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::DecliningEqualInstalment => "Declining balance, equal instalments",
            Self::Flat => "Flat on the amount lent",
        }
    }
}

/// How days become a fraction of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// Actual days over 365, leap year or not.
    Actual365Fixed,
    /// Months of thirty days, years of 360: every period is a twelfth of a year.
    Thirty360,
}

impl DayCount {
    /// As contracts write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Actual365Fixed => "ACT/365F",
            Self::Thirty360 => "30/360",
        }
    }

    /// Days of a year.
    fn year(self) -> i64 {
        match self {
            Self::Actual365Fixed => 365,
            Self::Thirty360 => 360,
        }
    }

    /// Days from one date to another: actual, or by 30E/360 (ISDA 2006 section 4.16(g)).
    fn days(self, from: Date, to: Date) -> i64 {
        match self {
            Self::Actual365Fixed => days_between(from, to),
            Self::Thirty360 => {
                let months = i64::from(to.year() - from.year()) * 12 + i64::from(to.month() - from.month());
                months * 30 + i64::from(to.day().min(30)) - i64::from(from.day().min(30))
            }
        }
    }
}

/// What a loan was agreed to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanTerms {
    /// The amount lent.
    pub principal: Money,
    /// Percent a year.
    pub rate: Rate,
    /// How interest is taken.
    pub method: InterestMethod,
    /// How days are counted.
    pub day_count: DayCount,
    /// Monthly instalments, 1 to [`MOST_INSTALMENTS`].
    pub instalments: u16,
}

/// Something that happened to a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LoanEvent {
    /// The whole amount was paid out.
    Disbursed {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
    },
    /// Something was paid back.
    Repaid {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// How much.
        amount: Money,
    },
}

/// Why a loan cannot be folded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoanError {
    /// Instalments out of range.
    #[error("A loan has 1 to {MOST_INSTALMENTS} instalments")]
    Instalments,
    /// Paid back before it was paid out, or paid out twice.
    #[error("A loan is paid out once, before anything is paid back")]
    Order,
    /// Too many payments.
    #[error("A loan takes {MOST_EVENTS} payments at most")]
    TooManyEvents,
    /// More than is owed.
    #[error("{pay_off} pays this loan off on that day: take no more than that")]
    AbovePayOff {
        /// What pays the loan off on the day of the payment.
        pay_off: Money,
    },
    /// A date the calendar does not reach.
    #[error("The dates of this loan lie outside the calendar")]
    Dates,
    /// Amounts out of range.
    #[error("The amounts of this loan are too large to calculate")]
    Overflow,
    /// Two currencies, or an amount out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// One instalment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// From 1.
    pub number: u16,
    /// When the period begins.
    #[serde(with = "crate::shared::dates::day")]
    pub from: Date,
    /// When it is due.
    #[serde(with = "crate::shared::dates::day")]
    pub due: Date,
    /// Days of the period as the day count counts them.
    pub days: i64,
    /// What was not yet due when the period began.
    pub opening: Money,
    /// Principal due.
    pub principal: Money,
    /// Interest due.
    pub interest: Money,
    /// Principal paid of it.
    pub paid_principal: Money,
    /// Interest paid of it.
    pub paid_interest: Money,
    /// When the last cent of it was paid.
    #[serde(with = "crate::shared::dates::optional_day")]
    pub settled_on: Option<Date>,
}

/// How a payment was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// When it was paid.
    #[serde(with = "crate::shared::dates::day")]
    pub on: Date,
    /// The payment.
    pub amount: Money,
    /// Interest that was due.
    pub interest: Money,
    /// Principal that was due.
    pub principal: Money,
    /// Principal repaid in advance.
    pub in_advance: Money,
    /// Interest of the running period, paid with the last of the principal.
    pub early_interest: Money,
}

/// Everything that is known about a loan on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanState {
    /// The instalments, past and to come.
    pub rows: Vec<Row>,
    /// How each payment was used, in the order of time.
    pub allocations: Vec<Allocation>,
    /// The instalment of every month but the last.
    pub instalment: Money,
    /// Principal still owed, due or not.
    pub principal: Money,
    /// Interest that fell due and is not paid.
    pub interest_due: Money,
    /// Principal that fell due and is not paid.
    pub principal_due: Money,
    /// Interest of the running period up to the day, not yet due and not paid.
    pub accrued: Money,
    /// Interest that belongs in the books: what fell due, and what was paid of the running period.
    pub interest_booked: Money,
    /// What pays the loan off on the day.
    pub pay_off: Money,
    /// The oldest row with something unpaid: its due date and what is missing of it.
    pub next_due: Option<NextDue>,
    /// Days since the oldest unpaid row fell due; zero on the day itself.
    pub days_past_due: u32,
    /// What is unpaid of rows due before the day.
    pub arrears: Money,
    /// Interest of all rows.
    pub total_interest: Money,
    /// When the last cent was paid.
    #[serde(with = "crate::shared::dates::optional_day")]
    pub closed_on: Option<Date>,
}

/// The instalment a borrower has to think of next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextDue {
    /// When it is or was due.
    #[serde(with = "crate::shared::dates::day")]
    pub on: Date,
    /// What is missing of it.
    pub amount: Money,
}

impl Row {
    /// What the row asks for.
    pub fn total(&self) -> Decimal {
        self.principal.amount() + self.interest.amount()
    }

    /// What is missing of it.
    pub fn unpaid(&self) -> Decimal {
        self.total() - self.paid_principal.amount() - self.paid_interest.amount()
    }
}

/// What is known about a loan on a day: its schedule, what was paid, what is owed.
///
/// `events` are in the order of time and the first is the disbursement; events after `as_of` do not count.
pub fn fold(terms: &LoanTerms, events: &[LoanEvent], as_of: Date) -> Result<LoanState, LoanError> {
    if terms.instalments == 0 || terms.instalments > MOST_INSTALMENTS {
        return Err(LoanError::Instalments);
    }
    if events.len() > MOST_EVENTS {
        return Err(LoanError::TooManyEvents);
    }
    let (first, paid) = events.split_first().ok_or(LoanError::Order)?;
    let LoanEvent::Disbursed { on: disbursed } = *first else { return Err(LoanError::Order) };
    let mut payments = Vec::with_capacity(paid.len());
    let mut last = disbursed;
    for event in paid {
        let LoanEvent::Repaid { on, amount } = *event else { return Err(LoanError::Order) };
        if on < last || amount.currency() != terms.principal.currency() {
            return Err(LoanError::Order);
        }
        last = on;
        if on <= as_of {
            payments.push((on, amount.amount()));
        }
    }
    folding::Folding::new(terms, as_of)?.run(disbursed, &payments)
}
