//! Booking an event on a loan: the one way in which anything happens to it. The loan is folded with the event, its
//! journal is the difference to what stands in the books, and status and figures follow from the fold.

use super::due;
use super::loan::{self, Folded, Happened, LoanRecord};
use super::performing;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::ledger;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_journal::{Booked, MoneyAt, journal_between};
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState, as_booked, fits_on, may_be_booked};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::Item;

/// What came of an event.
pub(crate) struct Outcome {
    /// The loan, its events as they are now.
    pub loan: LoanRecord,
    /// What is known of it on the business date.
    pub state: LoanState,
}

/// Books an event on a loan that is locked, with the money it moves, where it moves any. A loan whose row is not of
/// the business date is brought to it first, by a journal of its own.
///
/// # Errors
/// The loan is not as it was booked; the engine refuses the event; money moves and nobody said where; the ledger refuses
/// the journal.
pub(crate) async fn book_in_op(
    ctx: &mut OpCtx,
    loan: LoanRecord,
    event: LoanEvent,
    money_at: Option<MoneyAt<'_>>,
) -> Result<Outcome, OpError> {
    let mut loan = due::brought_up_in_op(ctx, loan).await?;
    let today = ctx.business_date()?;
    if let Some(unbooked) = loan.unbooked() {
        tracing::error!(loan = %loan.number, unbooked, "nothing is booked on a loan");
        let words = format!("Loan {}: {unbooked}. Tell whoever runs the portal", loan.number);
        return Err(AppError::refused(words).into());
    }
    may_be_booked(&loan.terms, &loan.events, &event, today).map_err(|fault| loan.refused(&fault))?;
    let state = loan.after(event, today).map_err(|fault| loan.refused(&fault))?;
    fits_on(&loan.events, &event, &state).map_err(|fault| loan.refused(&fault))?;
    let event = as_booked(event, &state).map_err(|fault| loan.refused(&fault))?;
    let booked = Booked::of(&state, performing::is_non_performing_in_op(ctx, &state).await?);
    let entries = journal_between(&loan.booked.unwrap_or_default(), &booked);
    let journal = if entries.is_empty() {
        None
    } else {
        let product: Item = loan.product.code.parse().map_err(OpError::stored)?;
        let narrative = format!("{}: loan {}", event.title(), loan.number);
        let journal = entries
            .journal(narrative, (&loan.number, &product), loan.currency, money_at.as_ref())
            .map_err(|fault| AppError::refused(fault.to_string()))?;
        Some(ledger::post_in_op(ctx, &journal).await?)
    };
    loan::insert_events_in_op(ctx, &[Happened { loan: &loan, event, journal }]).await?;
    let paid_out = loan.status == LoanStatus::Approved;
    let folded = Folded {
        loan: &loan,
        state: &state,
        booked,
        disbursed_on: loan.disbursed_on().or(event.paid_out_on()),
        terms: paid_out.then_some(&loan.terms),
        changes: true,
    };
    loan::save_in_op(ctx, &[folded]).await?;
    loan.events.push(event);
    loan.booked = Some(booked);
    loan.status = LoanStatus::of(&state);
    Ok(Outcome { loan, state })
}
