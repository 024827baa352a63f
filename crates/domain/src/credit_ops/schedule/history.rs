//! What happened to a loan, told line by line: for its page, its paper and spreadsheets.

use super::charge::ChargeAmount;
use super::event::LoanEvent;
use super::real::written;
use super::state::{LoanState, Minor, Parts, minor};
use crate::shared::dates::format_date;
use crate::shared::money::Money;
use jiff::civil::Date;

/// An event of a loan, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which event, counted from 1.
    pub number: usize,
    /// The day from which it counts.
    pub on: Date,
    /// What it was, in a few words.
    pub title: &'static str,
    /// What it was about.
    pub detail: String,
    /// Money that it moved, or changed what is owed by.
    pub amount: Option<Minor>,
    /// What a payment was used for, and what a waiver gave up.
    pub used: Option<Parts>,
    /// Whether it was undone since.
    pub undone: bool,
    /// Whether other terms hold from then on.
    pub agrees_anew: bool,
}

/// Everything that happened, in the order of the books.
pub fn history(events: &[LoanEvent], state: &LoanState) -> Vec<Told> {
    let undone = |number: usize| {
        events.iter().any(|event| matches!(event, LoanEvent::Reversed { event, .. } if usize::try_from(*event) == Ok(number)))
    };
    let told = events.iter().enumerate().map(|(at, event)| {
        let number = at + 1;
        let used = state.allocations.iter().find(|used| usize::try_from(used.event) == Ok(number));
        let waiver = || state.waivers.iter().find(|(event, _)| usize::try_from(*event) == Ok(number));
        let waived = || waiver().map(|(_, parts)| *parts);
        let later = |event: &LoanEvent| {
            if let LoanEvent::ToppedUp { amount, .. } = event { minor(*amount).unwrap_or(0) } else { 0 }
        };
        let living = events.iter().enumerate().filter(|(at, _)| !undone(at + 1));
        let topped_up: Minor = living.map(|(_, event)| later(event)).sum();
        let whole = state.lent - topped_up - state.capitalised - state.at_disbursement.capitalised;
        let own = if matches!(event, LoanEvent::Disbursed { amount: None, .. }) {
            // A loan says nothing of the amount where it was paid out whole.
            Some(whole)
        } else {
            event.amount(Money::zero(state.currency)).and_then(|money| minor(money).ok())
        };
        Told {
            number,
            on: event.on(),
            title: event.title(),
            detail: event.detail(state),
            amount: used.map(|used| used.amount).or(own),
            used: used.map(|used| used.parts()).or_else(waived),
            undone: undone(number),
            agrees_anew: event.agrees_anew(),
        }
    });
    told.collect()
}

impl LoanEvent {
    /// Whether other terms hold from then on.
    pub fn agrees_anew(&self) -> bool {
        match self {
            Self::RateChanged { .. }
            | Self::RateChangedFromInstalment { .. }
            | Self::DueDateMoved { .. }
            | Self::Extended { .. }
            | Self::ReAged { .. }
            | Self::Restructured { .. } => true,
            Self::Disbursed { .. }
            | Self::ToppedUp { .. }
            | Self::Repaid { .. }
            | Self::PaidOff { .. }
            | Self::Refunded { .. }
            | Self::Reversed { .. }
            | Self::Charged { .. }
            | Self::Waived { .. }
            | Self::InterestPaused { .. }
            | Self::HolidayDeclared { .. }
            | Self::Capitalised { .. }
            | Self::ReAmortised { .. }
            | Self::Accelerated { .. }
            | Self::ChargedOff { .. }
            | Self::WrittenOff { .. }
            | Self::GivenUp { .. }
            | Self::Recovered { .. } => false,
        }
    }

    /// What it was about, beyond its title and amount.
    pub fn detail(&self, state: &LoanState) -> String {
        let day = format_date;
        match *self {
            Self::Disbursed { .. } => {
                let taken = state.at_disbursement;
                let fees = taken.deducted + taken.paid + taken.capitalised;
                match (fees, taken.tax) {
                    (0, _) => String::new(),
                    (fees, tax) => format!("Fees {}, {} of it tax", state.figures(fees), state.figures(tax)),
                }
            }
            Self::Reversed { event, .. } => format!("Took back event {event}"),
            Self::Charged { due, tax, .. } => match tax {
                Some(tax) => format!("Due {}, tax {}", day(due), tax.figures()),
                None => format!("Due {}", day(due)),
            },
            Self::RateChanged { from, rate, .. } => format!("{rate} a year from {}", day(from)),
            Self::RateChangedFromInstalment { due, rate, .. } => {
                format!("{rate} a year from the instalment due {}", day(due))
            }
            Self::InterestPaused { from, to, .. } => format!("No interest from {} to {}", day(from), day(to)),
            Self::DueDateMoved { from, to, .. } => {
                format!("From {} to {}, the later ones follow", day(from), day(to))
            }
            Self::HolidayDeclared { holiday, .. } => format!("{} is no working day", day(holiday)),
            Self::Extended { due, further, without_principal, without_interest, .. } => {
                let mut parts = Vec::new();
                for (count, what) in [
                    (further, "further instalments"),
                    (without_principal, "instalments without principal"),
                    (without_interest, "instalments whose interest waits"),
                ] {
                    if count > 0 {
                        parts.push(format!("{count} {what}"));
                    }
                }
                format!("From {}: {}", day(due), parts.join(", "))
            }
            Self::ReAged { first_due, frequency, instalments, .. } => {
                format!(
                    "{instalments} instalments, {}, first due {}",
                    frequency.title().to_lowercase(),
                    day(first_due)
                )
            }
            Self::Restructured { first_due, rate, frequency, instalments, penalty, .. } => {
                let mut told = format!(
                    "{instalments} instalments, {}, first due {}, {rate} a year",
                    frequency.title().to_lowercase(),
                    day(first_due)
                );
                if let Some(penalty) = penalty {
                    let much = match penalty.amount {
                        ChargeAmount::Flat(money) => money.to_string(),
                        ChargeAmount::Percent { percent, of, .. } => {
                            format!("{} % {}", percent.normalize(), of.title())
                        }
                    };
                    told.push_str(&format!("; penalty {much} after {} days", penalty.grace_days));
                }
                told
            }
            Self::Repaid { .. }
            | Self::PaidOff { .. }
            | Self::ToppedUp { .. }
            | Self::Refunded { .. }
            | Self::Waived { .. }
            | Self::Capitalised { .. }
            | Self::ReAmortised { .. }
            | Self::Accelerated { .. }
            | Self::ChargedOff { .. }
            | Self::WrittenOff { .. }
            | Self::GivenUp { .. }
            | Self::Recovered { .. } => String::new(),
        }
    }
}

const HEAD: &str = "No,Date,Event,Detail,Amount,Principal,Interest,Fees,Tax,Penalties,Reversed";

/// The history as comma-separated values (RFC 4180): dates ISO, amounts with a point and without separators.
pub fn history_csv(events: &[LoanEvent], state: &LoanState) -> String {
    let amount = |units: Minor| written(i128::from(units), state.currency.decimals());
    let mut lines = vec![HEAD.to_owned()];
    lines.extend(history(events, state).iter().map(|told| {
        let used = told.used.unwrap_or_default();
        let parts =
            [used.principal, used.interest, used.fees, used.tax, used.penalties].map(amount).join(",");
        let (detail, own) = (told.detail.replace('"', "\"\""), told.amount.map(amount).unwrap_or_default());
        let undone = if told.undone { "yes" } else { "" };
        format!("{},{},{},\"{detail}\",{own},{parts},{undone}", told.number, told.on, told.title)
    }));
    lines.push(String::new());
    lines.join("\r\n")
}
