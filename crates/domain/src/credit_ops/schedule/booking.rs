//! What may be booked on a loan: before the fold says what follows from it.

use super::error::{LoanError, MOST_EVENTS};
use super::event::LoanEvent;
use super::state::LoanState;
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
    if lent.is_some_and(|lent| event.on() < lent) {
        return Err(LoanError::BeforeTheLoan);
    }
    if let LoanEvent::Reversed { event: number, .. } = *event {
        let target = usize::try_from(number).ok().and_then(|number| events.get(number.checked_sub(1)?));
        let undone =
            events.iter().any(|event| matches!(event, LoanEvent::Reversed { event, .. } if *event == number));
        return match target {
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
