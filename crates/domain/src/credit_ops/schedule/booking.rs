//! What may be booked on a loan: before the fold says what follows from it.

use super::LoanError;
use super::event::LoanEvent;
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
