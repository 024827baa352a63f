//! What may be booked on a loan: before the fold says what follows from it.

use super::error::{LoanError, MOST_EVENTS};
use super::event::LoanEvent;
use super::state::{LoanState, money};
use super::terms::LoanTerms;
use jiff::civil::Date;

/// Whether an event may be booked after others on a day.
///
/// # Errors
/// It lies in the future or before the loan; it undoes what is not there, is undone already or is itself an undoing;
/// it charges what the terms do not know.
pub fn may_be_booked(
    terms: &LoanTerms,
    events: &[LoanEvent],
    event: &LoanEvent,
    today: Date,
) -> Result<(), LoanError> {
    if event.on() > today {
        return Err(LoanError::InTheFuture);
    }
    let lent = events.iter().filter_map(LoanEvent::paid_out_on).min();
    let due = if let LoanEvent::Charged { due, .. } = *event { due.min(event.on()) } else { event.on() };
    if lent.is_some_and(|lent| due < lent) {
        return Err(LoanError::BeforeTheLoan);
    }
    if event.amount(terms.principal).is_some_and(|amount| amount.amount().is_zero()) {
        return Err(LoanError::NoAmount);
    }
    if matches!(*event, LoanEvent::HolidayDeclared { on, holiday } if holiday <= on) {
        return Err(LoanError::PastHoliday);
    }
    if let LoanEvent::Reversed { event: number, .. } = *event {
        let target = usize::try_from(number).ok().and_then(|number| events.get(number.checked_sub(1)?));
        let is_undone = |number: u32| {
            events.iter().any(|event| matches!(event, LoanEvent::Reversed { event, .. } if *event == number))
        };
        let undone = is_undone(number);
        let living = |(at, event)| {
            let number = u32::try_from(at + 1).ok().filter(|number| !is_undone(*number));
            number.map(|number| (number, event))
        };
        let mut living = events.iter().enumerate().filter_map(living);
        let waived_since =
            || living.clone().any(|(of, event)| of > number && matches!(event, LoanEvent::Waived { .. }));
        return match target {
            Some(LoanEvent::Charged { .. }) if !undone && waived_since() => Err(LoanError::StoodOn),
            Some(LoanEvent::Disbursed { .. })
                if !undone && !living.any(|(of, event)| of != number && event.paid_out_on().is_some()) =>
            {
                Err(LoanError::OnlyDisbursement)
            }
            None => Err(LoanError::NothingToReverse),
            Some(LoanEvent::Reversed { .. }) => Err(LoanError::ReversalOfReversal),
            Some(_) if undone => Err(LoanError::ReversedAlready),
            Some(_) => Ok(()),
        };
    }
    let unknown = |class| !terms.charges.iter().any(|charge| charge.class == class);
    if matches!(*event, LoanEvent::Charged { class, .. } if unknown(class)) {
        return Err(LoanError::UnknownCharge);
    }
    Ok(())
}

/// Events that are kept for the end of a loan, so that what settles it always fits.
const KEPT_FOR_THE_END: usize = 100;

/// Whether one more event fits on a loan, that it leads to a state: towards the end of the room only what settles the
/// loan, or takes something back.
///
/// # Errors
/// The loan has taken as many events as it takes.
pub fn fits_on(events: &[LoanEvent], event: &LoanEvent, state: &LoanState) -> Result<(), LoanError> {
    let at_its_end = state.closed_on.is_some() || state.lost || matches!(event, LoanEvent::Reversed { .. });
    let room = if at_its_end { MOST_EVENTS } else { MOST_EVENTS - KEPT_FOR_THE_END };
    if events.len() < room { Ok(()) } else { Err(LoanError::NearlyFull) }
}

/// An event as it is kept, once the state that it leads to is known: a pay-off keeps what it took, so that what comes
/// to the books later never changes it.
///
/// # Errors
/// The amount is out of range.
pub fn as_booked(event: LoanEvent, state: &LoanState) -> Result<LoanEvent, LoanError> {
    match (event, state.allocations.last()) {
        (LoanEvent::PaidOff { on, amount: None }, Some(payment)) => {
            Ok(LoanEvent::PaidOff { on, amount: Some(money(payment.amount, state.currency)?) })
        }
        (_, _) => Ok(event),
    }
}
