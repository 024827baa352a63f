//! Looking: inbox, what was started, one request whole.

use super::{deciders_of, new_key, operation_of, oversees, state_of};
use crate::administration::handing_out::half_of;
use crate::bank::Bank;
use crate::command::Command;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::canonical::hex;
use crate::shared::error::OpError;
use crate::shared::outbox;
use crate::shared::stored::{listing, only, stored, stored_money};
use jiff::civil::Date;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tawi_domain::shared::approval::{Permitted, RequestDetail, RequestRow, RequestState};
use tawi_domain::shared::constants::PAGE_ROWS;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{BranchNumber, RequestId, StaffId};
use tawi_domain::shared::listing::{Listing, pages};
use tawi_domain::shared::permissions::{Operation, Role, checkers, looks_at_requests_as, may_make};
use tawi_domain::shared::place::Place;
use tawi_domain::shared::staff::Officer;

/// What waits for the caller to decide, the oldest first, a page of it; pages are counted from one.
pub async fn inbox(bank: &Bank, caller: &Caller, page: u32) -> Result<Listing<RequestRow>, AppError> {
    bank.look(caller, Operation::Approvals, async |ctx| {
        let (operations, checker) = (decides(caller.role), &caller.staff_id);
        let filter = Filter::WaitingFor { operations: &operations, role: caller.role, checker };
        let in_all = count(ctx.conn(), caller).await?;
        let mut rows = rows(ctx.conn(), filter, page_of(in_all, page)).await?;
        rows.in_all = in_all;
        let detail = json!({ "found": rows.len() });
        Ok((rows, Look::with("approvals", "Looked at what waits for them", detail)))
    })
    .await
}

/// The page that is shown of a list: the last there is, where one beyond it was asked for.
fn page_of(in_all: usize, page: u32) -> u32 {
    page.clamp(1, pages(in_all))
}

/// The operations that a role decides about.
fn decides(role: Role) -> Vec<String> {
    let operations = Operation::ALL.into_iter().filter(|operation| checkers(*operation).contains(&role));
    operations.map(|operation| operation.code().to_owned()).collect()
}

/// What the caller has asked for, a page of it: first what was sent back to them, then the newest.
pub async fn started(bank: &Bank, caller: &Caller, page: u32) -> Result<Listing<RequestRow>, AppError> {
    bank.look(caller, Operation::Requests, async |ctx| {
        let in_all = count_made(ctx.conn(), &caller.staff_id).await?;
        let mut rows = rows(ctx.conn(), Filter::MadeBy(&caller.staff_id), page_of(in_all, page)).await?;
        rows.in_all = in_all;
        let detail = json!({ "found": rows.len() });
        Ok((rows, Look::with("requests", "Looked at what they asked for", detail)))
    })
    .await
}

/// What the frame of every page shows: who is signed in, how many requests wait for them, and the position of
/// the outbox where their stream goes on.
#[derive(Debug)]
pub struct Framed {
    /// Who is signed in.
    pub officer: Officer,
    /// How many requests wait for them.
    pub waiting: usize,
    /// Read before the rest: what happens in between is streamed once more, not lost.
    pub position: i64,
}

/// The frame of a page.
pub async fn frame(bank: &Bank, caller: &Caller) -> Result<Framed, AppError> {
    let own = Look::Unrecorded("the caller's own name and seat, and how many wait, nothing of them");
    bank.look(caller, Operation::SignIn, async |ctx| {
        let position = outbox::last_position(ctx.conn()).await?;
        let waiting = match may_make(caller.role, Operation::Approvals) {
            Ok(()) => count(ctx.conn(), caller).await?,
            Err(_) => 0,
        };
        Ok((Framed { officer: ctx.officer()?.clone(), waiting, position }, own))
    })
    .await
}

/// A request, whole, for its maker, for those who decide it and for those who oversee the branch.
pub async fn detail(bank: &Bank, caller: &Caller, id: RequestId) -> Result<RequestDetail, AppError> {
    bank.look(caller, looks_at_requests_as(caller.role), async |ctx| detail_in_op(ctx, caller, id).await)
        .await
}

/// The same by an id as it was sent.
pub async fn detail_of(bank: &Bank, caller: &Caller, id: &str) -> Result<RequestDetail, AppError> {
    let unknown = |_| AppError::NotFound("There is no such request at your branch".to_owned());
    let id = bank.heard(caller, looks_at_requests_as(caller.role), id.parse().map_err(unknown)).await?;
    detail(bank, caller, id).await
}

async fn detail_in_op(
    ctx: &mut OpCtx,
    caller: &Caller,
    id: RequestId,
) -> Result<(RequestDetail, Look), OpError> {
    let gone = || OpError::from(AppError::NotFound("There is no such request at your branch".to_owned()));
    let row = only(rows(ctx.conn(), Filter::One(id), 1).await?)?.ok_or_else(gone)?;
    let is_maker = row.maker_id == caller.staff_id;
    let decides = row.checker.contains(&caller.role);
    if !is_maker && !decides && !oversees(caller.role) {
        return Err(gone());
    }
    let body = body(ctx.conn(), id).await?.ok_or_else(gone)?;
    let may = match (row.state, is_maker, decides) {
        (RequestState::Waiting, false, true) => Permitted::Decide,
        (RequestState::Waiting, true, _) => Permitted::Withdraw,
        (RequestState::SentBack, true, _) if !row.asked_again => Permitted::Correct,
        _ => Permitted::Look,
    };
    let (reference, operation) = (row.reference.clone(), row.operation);
    let detail = RequestDetail {
        row,
        branch: BranchNumber::try_from(body.branch).map_err(OpError::stored)?,
        review: serde_json::from_value(body.review)?,
        payload_hash: hex(&body.payload_hash),
        may,
        effect: body.effect,
        receipt: body.receipt.as_deref().map(stored).transpose()?,
        correct_at: match may {
            Permitted::Correct => correct_at(operation, body.payload, ctx.business_date()?)?,
            Permitted::Decide | Permitted::Withdraw | Permitted::Look => None,
        },
        half: half_of(ctx.conn(), caller, id).await?,
        key: new_key()?,
    };
    // A request shows a customer's data: looking at it is kept like any other look.
    Ok((detail, Look::at(format!("request:{reference}"), "Looked at the request")))
}

/// The page on which a request is corrected. What does not parse any more is begun anew where its operation
/// begins.
fn correct_at(operation: Operation, payload: Value, today: Date) -> Result<Option<Place>, OpError> {
    match Command::parse(operation, payload, today) {
        Ok(command) => Ok(command.map(|command| command.facts().page)),
        Err(OpError::App(_) | OpError::Stored(_)) => {
            Ok(operation.spec().start.map(|_| Place::Start(operation)))
        }
        Err(other) => Err(other),
    }
}

/// The content of a request sent back, for its maker to correct.
pub async fn payload_for_correction(
    bank: &Bank,
    caller: &Caller,
    id: RequestId,
    operation: Operation,
) -> Result<Value, AppError> {
    bank.look(caller, operation, async |ctx| {
        let sent = sqlx::query!(
            r#"
            select reference, payload from approval_request
            where id = $1 and maker_id = $2 and operation = $3 and state in ('sent_back', 'withdrawn', 'rejected')
            "#,
            id.get(),
            caller.staff_id.as_str(),
            operation.code(),
        )
        .fetch_optional(ctx.conn())
        .await?
        .ok_or_else(|| AppError::NotFound("There is no such request of yours to correct".to_owned()))?;
        // It shows a customer's data, like the request itself.
        let look = Look::at(format!("request:{}", sent.reference), "Looked at the request to correct it");
        Ok((sent.payload, look))
    })
    .await
}

// SQL

struct Body {
    branch: i16,
    review: Value,
    payload: Value,
    payload_hash: Vec<u8>,
    effect: Option<String>,
    receipt: Option<String>,
}

async fn body(tx: &mut PgConnection, id: RequestId) -> Result<Option<Body>, OpError> {
    Ok(sqlx::query_as!(
        Body,
        r#"
        select r.branch, r.review, r.payload, r.payload_hash, r.effect,
               case when jsonb_array_length(k.receipt -> 'lines') > 0 then k.receipt ->> 'reference' end as receipt
        from approval_request r
        left join idempotency_key k on k.key = 'approval:' || r.id
        where r.id = $1
        "#,
        id.get()
    )
    .fetch_optional(tx)
    .await?)
}

/// How many requests somebody has made.
async fn count_made(tx: &mut PgConnection, maker: &StaffId) -> Result<usize, OpError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from approval_request where maker_id = $1"#,
        maker.as_str()
    );
    usize::try_from(count.fetch_one(tx).await?).map_err(OpError::stored)
}

/// How many requests wait for somebody, on all pages.
async fn count(tx: &mut PgConnection, caller: &Caller) -> Result<usize, OpError> {
    let count = sqlx::query_scalar!(
        r#"
        select count(*) as "count!" from approval_request
        where state = 'waiting' and operation = any ($1) and maker_id <> $2 and $3 = any (coalesce(checkers, array[$3]))
        "#,
        &decides(caller.role),
        caller.staff_id.as_str(),
        caller.role.code(),
    );
    usize::try_from(count.fetch_one(tx).await?).map_err(OpError::stored)
}

/// Which requests a list shows.
enum Filter<'a> {
    WaitingFor { operations: &'a [String], role: Role, checker: &'a StaffId },
    MadeBy(&'a StaffId),
    One(RequestId),
}

async fn rows(tx: &mut PgConnection, filter: Filter<'_>, page: u32) -> Result<Listing<RequestRow>, OpError> {
    let (operations, role, checker, maker, one) = match filter {
        Filter::WaitingFor { operations, role, checker } => {
            (Some(operations), Some(role.code()), Some(checker.as_str()), None, None)
        }
        Filter::MadeBy(maker) => (None, None, None, Some(maker.as_str()), None),
        Filter::One(id) => (None, None, None, None, Some(id.get())),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"
        select r.id, r.reference, r.operation, r.review->>'title' as "title!", r.amount, r.currency, r.state,
               r.maker_id, m.name as maker_name, r.made_at, r.decided_at, c.name as "checker_name?", r.note,
               r.checkers, later.asked_again as "asked_again!"
        from approval_request r
        cross join lateral (
            select exists (
                select from approval_request n
                where n.maker_id = r.maker_id and n.operation = r.operation and n.subject = r.subject
                  and n.made_at > r.made_at
            ) as asked_again
        ) later
        join staff m on m.id = r.maker_id
        left join staff c on c.id = r.checker_id
        where ($1::text[] is null or (r.state = 'waiting' and r.operation = any ($1) and r.maker_id <> $2
                                   and $6 = any (coalesce(r.checkers, array[$6]))))
          and ($3::text is null or r.maker_id = $3)
          and ($4::uuid is null or r.id = $4)
        order by case when $3::text is null then r.made_at end,
                 r.state = 'sent_back' and not later.asked_again desc, r.made_at desc, r.id
        limit $5 offset $7
        "#,
        operations as _,
        checker,
        maker,
        one,
        i64::from(PAGE_ROWS),
        role,
        i64::from(page.saturating_sub(1)) * i64::from(PAGE_ROWS),
    )
    .fetch_all(tx)
    .await?;
    let name = |row: &Row| format!("request {}", row.reference);
    Ok(listing(rows, name, |row| {
        let operation = operation_of(&row.operation)?;
        Ok(RequestRow {
            id: RequestId::from(row.id),
            reference: stored(&row.reference)?,
            operation,
            title: row.title,
            amount: stored_money(row.amount, row.currency.as_deref())?,
            state: state_of(&row.state)?,
            maker_id: stored(&row.maker_id)?,
            maker_name: row.maker_name,
            checker: deciders_of(operation, row.checkers.as_deref())?,
            made_at: row.made_at.to_jiff(),
            decided_at: row.decided_at.map(jiff_sqlx::Timestamp::to_jiff),
            checker_name: row.checker_name,
            note: row.note,
            asked_again: row.asked_again,
        })
    }))
}

struct Row {
    id: uuid::Uuid,
    reference: String,
    operation: String,
    title: String,
    amount: Option<rust_decimal::Decimal>,
    currency: Option<String>,
    state: String,
    maker_id: String,
    maker_name: String,
    made_at: jiff_sqlx::Timestamp,
    decided_at: Option<jiff_sqlx::Timestamp>,
    checker_name: Option<String>,
    note: Option<String>,
    checkers: Option<Vec<String>>,
    asked_again: bool,
}
