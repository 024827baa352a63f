//! What a new business date brings loans: interest that falls due is booked, the figures are folded anew, and
//! whoever looks after late loans hears of each that became late. A job does it for all loans of a branch; an
//! operation that writes a loan before the job came to it does it for that loan first.

use super::loan::{self, LoanRecord};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::ledger;
use jiff_sqlx::ToSqlx;
use tawi_domain::credit_ops::loan::{LoanStatus, interest_journal};
use tawi_domain::credit_ops::schedule::LoanState;
use tawi_domain::shared::ids::AccountNumber;
use tawi_domain::shared::money::Money;
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::Role;

/// A loan that something is wrong with, and what.
pub(crate) type Fault = (String, String);

/// The next loans of the operation's branch, in the order of their numbers, that a due date has come to on its
/// business date. They are locked until the operation ends.
pub(crate) async fn next_in_op(ctx: &mut OpCtx, after: &str, most: i64) -> Result<Vec<String>, OpError> {
    let (branch, today) = (ctx.branch()?, ctx.business_date()?);
    Ok(sqlx::query_scalar!(
        r#"
        select number from loan
        where branch = $1 and status = 'active' and next_due <= $2 and number > $3
        order by number
        limit $4
        for update
        "#,
        branch.get(),
        today.to_sqlx() as _,
        after,
        most,
    )
    .fetch_all(ctx.conn())
    .await?)
}

/// Brings loans to the operation's business date, all at once. Answers those that cannot be reckoned; they stay
/// as they are.
pub(crate) async fn bring_up_in_op(ctx: &mut OpCtx, numbers: &[String]) -> Result<Vec<Fault>, OpError> {
    let (branch, today) = (ctx.branch()?, ctx.business_date()?);
    let (mut journals, mut changed, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for loan in loan::read_many_in_op(ctx, numbers).await? {
        let state = match loan.state(today) {
            Ok(state) => state,
            Err(fault) => {
                faults.push((loan.number.as_str().to_owned(), fault.to_string()));
                continue;
            }
        };
        let earned = state.money(state.interest_booked).amount() - loan.interest_booked;
        if !earned.is_zero() {
            let interest = Money::new(earned, loan.currency).map_err(OpError::stored)?;
            journals.push(interest_journal(&loan.number, interest).map_err(OpError::stored)?);
        }
        if became_late(&loan, &state) {
            let roles = vec![Role::LoanOfficer, Role::CreditSupervisor, Role::BranchManager];
            let (loan, name) = (loan.number.clone(), loan.name.clone());
            let body = NoticeBody::LoanLate { loan, name, arrears: state.money(state.arrears) };
            ctx.notify(Some(branch), Audience { staff: None, roles }, body);
        }
        // A loan that only grows older is left alone.
        if !tells(&loan, &state) {
            changed.push((loan, state));
        }
    }
    ledger::post_many_in_op(ctx, &journals).await?;
    loan::save_many_in_op(ctx, &changed).await?;
    Ok(faults)
}

/// A loan that is locked, brought to the operation's business date: whatever is written of it next rests on
/// interest that has been booked.
pub(crate) async fn brought_up_in_op(ctx: &mut OpCtx, loan: LoanRecord) -> Result<LoanRecord, OpError> {
    let today = ctx.business_date()?;
    // Only a due date brings anything, and most loans have not come to theirs.
    let came = loan.status == LoanStatus::Active && loan.next_due.is_some_and(|due| due <= today);
    if !came || tells(&loan, &loan.state(today)?) {
        return Ok(loan);
    }
    let number: AccountNumber = loan.number;
    let faults = bring_up_in_op(ctx, &[number.as_str().to_owned()]).await?;
    if let Some((_, fault)) = faults.into_iter().next() {
        return Err(OpError::stored(fault));
    }
    loan::read_in_op(ctx, &number, loan::Hold::Look).await
}

/// Whether a loan's row tells what its terms and events do.
fn tells(loan: &LoanRecord, state: &LoanState) -> bool {
    state.money(state.interest_booked).amount() == loan.interest_booked
        && state.money(state.arrears).amount() == loan.arrears
}

fn became_late(loan: &LoanRecord, state: &LoanState) -> bool {
    loan.arrears.is_zero() && state.days_past_due > 0
}
