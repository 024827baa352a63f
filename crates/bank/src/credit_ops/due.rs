//! What days bring loans: interest and fees that are earned, instalments that fall due, charges for what is late,
//! holidays declared meanwhile. A job does it for all loans of a branch, in chunks, each with one journal whose lines
//! are summed by product; an operation that writes a loan before the job came to it does it for that loan first.

use super::loan::{self, Folded, Happened, LoanRecord};
use super::performing;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::ledger;
use jiff_sqlx::ToSqlx;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_journal::{Booked, ChunkEntries, Entries, journal_between};
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState};
use tawi_domain::shared::ids::{AccountNumber, Item};
use tawi_domain::shared::journal::{Journal, MOST_LINES};
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::Role;

/// A loan that something is wrong with, and what.
pub(crate) type Fault = (String, String);

/// The most lines that one loan's entries have: once so many are left in a journal, the next one begins.
const LINES_OF_A_LOAN: usize = 20;

/// The next loans of the operation's branch, in the order of their numbers, whose figures are not of its business
/// date. They are locked until the operation ends.
pub(crate) async fn next_in_op(ctx: &mut OpCtx, after: &str, most: i64) -> Result<Vec<String>, OpError> {
    let (branch, today) = (ctx.branch()?, ctx.business_date()?);
    Ok(sqlx::query_scalar!(
        r#"
        select number from loan
        where branch = $1 and booked_until is distinct from $2 and number > $3
          -- One that a node of the version before has closed may have left what it did not know of.
          and (status = 'active'
               or status = 'closed' and (interest_accrued, fees_due, penalties_due, unearned) <> (0, 0, 0, 0))
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

/// A loan as days have made it.
struct Grown {
    loan: LoanRecord,
    /// What the calendar has brought.
    events: Vec<LoanEvent>,
    state: LoanState,
    booked: Booked,
    entries: Entries,
}

/// Brings loans to the operation's business date, all at once. Answers those that cannot be reckoned; they stay
/// as they are.
pub(crate) async fn bring_up_in_op(ctx: &mut OpCtx, numbers: &[String]) -> Result<Vec<Fault>, OpError> {
    let loans = loan::read_many_in_op(ctx, numbers).await?;
    let (mut grown, mut faults) = (Vec::with_capacity(loans.len()), Vec::new());
    for number in numbers.iter().filter(|number| !loans.iter().any(|loan| loan.number.as_str() == *number)) {
        faults.push((number.clone(), "its customer, account or product is not there".to_owned()));
    }
    let non_performing_from = performing::non_performing_from_in_op(ctx).await?;
    for loan in loans {
        let number = loan.number.as_str().to_owned();
        match grow(ctx, loan, non_performing_from) {
            Ok(loan) => grown.push(loan),
            Err(fault) => faults.push((number, fault.to_string())),
        }
    }
    let journals = journals(&grown)?;
    ledger::post_many_in_op(ctx, &journals).await?;
    save(ctx, &grown).await?;
    Ok(faults)
}

fn grow(ctx: &mut OpCtx, loan: LoanRecord, non_performing_from: u32) -> Result<Grown, OpError> {
    let today = ctx.business_date()?;
    if let Some(unbooked) = loan.unbooked() {
        return Err(OpError::stored(unbooked));
    }
    let (events, state) = loan.told(today)?;
    let booked = Booked::of(&state, state.days_past_due > 0 && state.days_past_due >= non_performing_from);
    let (principal, interest_due) = loan.stands;
    let before = Booked::as_written_before(loan.booked, principal, interest_due, &booked);
    let entries = journal_between(&before, &booked);
    if let Some(fault) = not_of_days(&loan, &events, &booked) {
        return Err(OpError::stored(fault));
    }
    if loan.arrears.is_zero() && state.days_past_due > 0 {
        let roles = vec![Role::LoanOfficer, Role::CreditSupervisor, Role::BranchManager];
        let (number, name) = (loan.number.clone(), loan.name.clone());
        let body = NoticeBody::LoanLate { loan: number, name, arrears: state.money(state.arrears) };
        ctx.notify(Some(loan.branch), Audience { staff: None, roles }, body);
    }
    Ok(Grown { loan, events, state, booked, entries })
}

/// What no day brings: money, and what only an event that was booked does to a loan.
fn not_of_days(loan: &LoanRecord, brought: &[LoanEvent], now: &Booked) -> Option<String> {
    let (principal, interest_due) = loan.stands;
    let given_up = brought.iter().any(|event| matches!(event, LoanEvent::GivenUp { .. }));
    let moved = principal - now.books.principal;
    if moved != 0 && !(given_up && (0..=now.books.given_up).contains(&moved)) {
        return Some("its events tell of principal that was not booked".to_owned());
    }
    // What the version before wrote tells of no money.
    let known = loan
        .booked
        .filter(|known| (known.books.principal, known.books.interest_due) == (principal, interest_due))?;
    let money = |booked: &Booked| {
        let books = booked.books;
        (books.paid_out, books.paid_in, books.overpaid, books.lost, books.recovered)
    };
    (money(&known) != money(now)).then(|| "its events tell of money that was not booked".to_owned())
}

/// One journal for all of them, or as many as its lines ask for.
fn journals(grown: &[Grown]) -> Result<Vec<Journal>, OpError> {
    let (mut journals, mut chunk) = (Vec::new(), ChunkEntries::default());
    let whole = |chunk: &mut ChunkEntries| {
        let one = grown.len() == 1;
        let narrative = match grown.first() {
            Some(only) if one => format!("What the days brought loan {}", only.loan.number),
            _ => "What the days brought loans".to_owned(),
        };
        std::mem::take(chunk).journal(narrative).map_err(OpError::stored)
    };
    for Grown { loan, entries, .. } in grown.iter().filter(|grown| !grown.entries.is_empty()) {
        if chunk.len() + LINES_OF_A_LOAN > MOST_LINES {
            journals.extend(whole(&mut chunk)?);
        }
        let product: Item = loan.product.code.parse().map_err(OpError::stored)?;
        chunk.add(entries, &loan.number, &product, loan.currency);
    }
    journals.extend(whole(&mut chunk)?);
    Ok(journals)
}

async fn save(ctx: &mut OpCtx, grown: &[Grown]) -> Result<(), OpError> {
    let happened: Vec<Happened<'_>> = grown
        .iter()
        .flat_map(|Grown { loan, events, .. }| {
            events.iter().map(move |event| Happened { loan, event: *event, journal: None })
        })
        .collect();
    loan::insert_events_in_op(ctx, &happened).await?;
    let folded: Vec<Folded<'_>> = grown
        .iter()
        .map(|Grown { loan, events, state, booked, .. }| Folded {
            loan,
            state,
            booked: *booked,
            disbursed_on: loan.disbursed_on(),
            terms: None,
            changes: !events.is_empty(),
        })
        .collect();
    loan::save_in_op(ctx, &folded).await
}

/// A loan that is locked, brought to the operation's business date: whatever is written of it next rests on what
/// the days until then have brought.
pub(crate) async fn brought_up_in_op(ctx: &mut OpCtx, loan: LoanRecord) -> Result<LoanRecord, OpError> {
    let today = ctx.business_date()?;
    if loan.status == LoanStatus::Approved || loan.is_brought_up(today) {
        return Ok(loan);
    }
    let number: AccountNumber = loan.number;
    let faults = bring_up_in_op(ctx, &[number.as_str().to_owned()]).await?;
    if let Some((_, fault)) = faults.into_iter().next() {
        return Err(OpError::stored(fault));
    }
    loan::read_in_op(ctx, &number, loan::Hold::Look).await
}
