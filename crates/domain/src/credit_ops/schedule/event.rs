//! What happens to a loan. Events stand in the order in which they were booked; the day in them is the day
//! from which they count, so a late booking is an event like any other.

use super::charge::{ChargeClass, PenaltyTerms};
use super::dates::Frequency;
use crate::shared::money::Money;
use crate::shared::rate::Rate;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What becomes of interest that is due when a loan is spread anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueInterest {
    /// It falls due with the next instalment.
    NextInstalment,
    /// It is spread in equal parts over the instalments.
    EqualSplit,
    /// Principal, and interest with what has run up, in equal parts; no interest after that.
    EqualPayable,
}

/// Something that happened to a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum LoanEvent {
    /// Money was paid out.
    Disbursed {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// How much of the approved amount; all of it when nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
    },
    /// More was lent than was first approved.
    ToppedUp {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// How much more.
        amount: Money,
    },
    /// Something was paid back.
    Repaid {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// How much.
        amount: Money,
    },
    /// Everything was paid back that settles the loan on the day.
    PaidOff {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// What it took; none before it is booked. What comes to the books later never changes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
    },
    /// Money went back to the borrower after they had paid too much.
    Refunded {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// How much.
        amount: Money,
    },
    /// An earlier event was undone, as if it had never been.
    Reversed {
        /// When it was undone.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// Which event, counted from 1.
        event: u32,
    },
    /// A fee or penalty was charged.
    Charged {
        /// When it was booked.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// When it is due.
        #[serde(with = "crate::shared::dates::day")]
        due: Date,
        /// Fee or penalty.
        class: ChargeClass,
        /// How much.
        amount: Money,
        /// Tax on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tax: Option<Money>,
    },
    /// Interest, fees or penalties that are due were waived: penalties first, then fees, then interest.
    Waived {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// How much.
        amount: Money,
    },
    /// Another rate holds from a day on; day d is the interval from d-1 to d.
    RateChanged {
        /// When it was agreed.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// The first day at the new rate.
        #[serde(with = "crate::shared::dates::day")]
        from: Date,
        /// Percent.
        rate: Rate,
    },
    /// Another rate holds from the instalment due on a day.
    RateChangedFromInstalment {
        /// When it was agreed.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// That instalment's due date.
        #[serde(with = "crate::shared::dates::day")]
        due: Date,
        /// Percent.
        rate: Rate,
    },
    /// No interest on these days, both included; instalments stay.
    InterestPaused {
        /// When it was agreed.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// First day.
        #[serde(with = "crate::shared::dates::day")]
        from: Date,
        /// Last day.
        #[serde(with = "crate::shared::dates::day")]
        to: Date,
    },
    /// An instalment falls due on another day, and the later ones follow; the instalment stays.
    DueDateMoved {
        /// When it was agreed.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// The day it was due.
        #[serde(with = "crate::shared::dates::day")]
        from: Date,
        /// The day it is due.
        #[serde(with = "crate::shared::dates::day")]
        to: Date,
    },
    /// A day without work was declared: instalments that fall due on it after the event's day move as the terms
    /// say, each for itself.
    HolidayDeclared {
        /// Since when it is known.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// The day without work.
        #[serde(with = "crate::shared::dates::day")]
        holiday: Date,
    },
    /// From an instalment on, more time: further instalments, instalments without principal, instalments
    /// whose interest waits for the one after them. All three nought changes nothing.
    Extended {
        /// When it was agreed.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// Due date of the first instalment it touches.
        #[serde(with = "crate::shared::dates::day")]
        due: Date,
        /// Further instalments.
        further: u16,
        /// Instalments without principal; the term grows by as many.
        without_principal: u16,
        /// Instalments whose interest waits.
        without_interest: u16,
    },
    /// Interest that is due and unpaid, and what has run up, became principal.
    Capitalised {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
    },
    /// What is open was spread over the instalments that remain.
    ReAmortised {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// Due interest.
        interest: DueInterest,
    },
    /// What is open was spread over new instalments.
    ReAged {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// Due date of the first new instalment.
        #[serde(with = "crate::shared::dates::day")]
        first_due: Date,
        /// How often.
        frequency: Frequency,
        /// How many.
        instalments: u16,
        /// Due interest.
        interest: DueInterest,
    },
    /// The rest was agreed anew: rate, number and frequency, and what lateness costs. Due interest stays due.
    Restructured {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// Due date of the first new instalment.
        #[serde(with = "crate::shared::dates::day")]
        first_due: Date,
        /// Percent.
        rate: Rate,
        /// How often.
        frequency: Frequency,
        /// How many.
        instalments: u16,
        /// What is charged for rows that are late from then on, instead of what the terms say; those when none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        penalty: Option<PenaltyTerms>,
    },
    /// Everything became due at once.
    Accelerated {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
    },
    /// The loan counts as lost in the books but is still owed; no more interest.
    ChargedOff {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
    },
    /// What is owed was given up.
    WrittenOff {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
    },
    /// What was left after the last due date, no more than the tolerance, was given up.
    GivenUp {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
    },
    /// Something came in after the loan had been written off.
    Recovered {
        /// When.
        #[serde(with = "crate::shared::dates::day")]
        on: Date,
        /// How much.
        amount: Money,
    },
}

impl LoanEvent {
    /// Every kind, as it is kept.
    pub const KINDS: [&'static str; 23] = [
        "disbursed",
        "topped_up",
        "repaid",
        "paid_off",
        "refunded",
        "reversed",
        "charged",
        "waived",
        "rate_changed",
        "rate_changed_from_instalment",
        "interest_paused",
        "due_date_moved",
        "holiday_declared",
        "extended",
        "capitalised",
        "re_amortised",
        "re_aged",
        "restructured",
        "accelerated",
        "charged_off",
        "written_off",
        "given_up",
        "recovered",
    ];

    /// The whole approved amount was paid out.
    pub fn disbursed(on: Date) -> Self {
        Self::Disbursed { on, amount: None }
    }

    /// The day on which the loan was paid out, if that is what it was.
    pub fn paid_out_on(&self) -> Option<Date> {
        let Self::Disbursed { on, .. } = self else { return None };
        Some(*on)
    }

    /// The amount that it is about, where it is about one; of a loan of an approved amount.
    pub fn amount(&self, approved: Money) -> Option<Money> {
        match *self {
            Self::Disbursed { amount, .. } => Some(amount.unwrap_or(approved)),
            Self::ToppedUp { amount, .. }
            | Self::Repaid { amount, .. }
            | Self::Refunded { amount, .. }
            | Self::Charged { amount, .. }
            | Self::Waived { amount, .. }
            | Self::Recovered { amount, .. } => Some(amount),
            Self::PaidOff { amount, .. } => amount,
            Self::Reversed { .. }
            | Self::RateChanged { .. }
            | Self::RateChangedFromInstalment { .. }
            | Self::InterestPaused { .. }
            | Self::DueDateMoved { .. }
            | Self::HolidayDeclared { .. }
            | Self::Extended { .. }
            | Self::Capitalised { .. }
            | Self::ReAmortised { .. }
            | Self::ReAged { .. }
            | Self::Restructured { .. }
            | Self::Accelerated { .. }
            | Self::ChargedOff { .. }
            | Self::WrittenOff { .. }
            | Self::GivenUp { .. } => None,
        }
    }

    /// A pay-off of whatever is owed on a day.
    pub fn paid_off(on: Date) -> Self {
        Self::PaidOff { on, amount: None }
    }

    /// The day from which it counts.
    pub fn on(&self) -> Date {
        match *self {
            Self::Disbursed { on, .. }
            | Self::ToppedUp { on, .. }
            | Self::Repaid { on, .. }
            | Self::PaidOff { on, .. }
            | Self::Refunded { on, .. }
            | Self::Reversed { on, .. }
            | Self::Charged { on, .. }
            | Self::Waived { on, .. }
            | Self::RateChanged { on, .. }
            | Self::RateChangedFromInstalment { on, .. }
            | Self::InterestPaused { on, .. }
            | Self::DueDateMoved { on, .. }
            | Self::HolidayDeclared { on, .. }
            | Self::Extended { on, .. }
            | Self::Capitalised { on }
            | Self::ReAmortised { on, .. }
            | Self::ReAged { on, .. }
            | Self::Restructured { on, .. }
            | Self::Accelerated { on }
            | Self::ChargedOff { on }
            | Self::WrittenOff { on }
            | Self::GivenUp { on }
            | Self::Recovered { on, .. } => on,
        }
    }

    /// What happened, in a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Disbursed { .. } => "Paid out",
            Self::ToppedUp { .. } => "Topped up",
            Self::Repaid { .. } => "Repayment",
            Self::PaidOff { .. } => "Paid off",
            Self::Refunded { .. } => "Refund",
            Self::Reversed { .. } => "Reversal",
            Self::Charged { class: ChargeClass::Fee, .. } => "Fee charged",
            Self::Charged { class: ChargeClass::Penalty, .. } => "Penalty charged",
            Self::Waived { .. } => "Waiver",
            Self::RateChanged { .. } | Self::RateChangedFromInstalment { .. } => "Rate changed",
            Self::InterestPaused { .. } => "Interest paused",
            Self::DueDateMoved { .. } => "Due date moved",
            Self::HolidayDeclared { .. } => "Holiday declared",
            Self::Extended { .. } => "Extended",
            Self::Capitalised { .. } => "Interest capitalised",
            Self::ReAmortised { .. } => "Re-amortised",
            Self::ReAged { .. } => "Re-aged",
            Self::Restructured { .. } => "Restructured",
            Self::Accelerated { .. } => "Accelerated",
            Self::ChargedOff { .. } => "Charged off",
            Self::WrittenOff { .. } => "Written off",
            Self::GivenUp { .. } => "Small balance given up",
            Self::Recovered { .. } => "Recovery",
        }
    }
}
