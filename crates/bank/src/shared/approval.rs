//! Four eyes: a request keeps what was seen; a decision binds to it and runs the deed inside its own
//! transaction, against today's state.

use super::error::OpError;
use super::ledger;
use crate::bank::Bank;
use crate::command::{Command, canonical, digest, hex};
use crate::dispatch;
use crate::op::{ATTEMPTS, Actor, Begun, Caller, OpCtx, settle, stored, stored_money};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tawi_domain::customer_ops::risk::RULE_SET;
use tawi_domain::shared::approval::{
    NewDecision, Permitted, Receipt, RequestDetail, RequestRow, RequestState, Review, Target, TargetKind,
    Verdict,
};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{BranchNumber, ReferenceKind, RequestId, RequestKey, StaffId};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::{
    Operation, Role, approval_limit_holds, checkers, may_check, may_make,
};
use uuid::Uuid;

/// Requests shown in a list at most.
const MOST_ROWS: i64 = 200;

fn payload_hash(operation: Operation, payload: &Value) -> [u8; 32] {
    digest(&[operation.code(), &canonical(payload)])
}

/// Stores the command with its hash and the versions of what it touches; the receipt is a ticket.
pub(crate) async fn request(mut ctx: OpCtx, payload: Value, review: Review) -> Result<Receipt, OpError> {
    let operation = ctx.operation();
    let reference = ctx.reference(ReferenceKind::Request).await?;
    let officer = ctx.officer()?.clone();
    let id = RequestId::from(Uuid::now_v7());
    let inserted = insert(&mut ctx, id, reference.as_str(), &payload, &review).await;
    if let Err(error) = inserted {
        return Err(match error.constraint() {
            Some("approval_request_one_waiting") => AppError::Conflict(
                "The same request waits for approval already. It is in the list of what was started"
                    .to_owned(),
            )
            .into(),
            _ => error,
        });
    }
    let roles = checkers(operation).to_vec();
    ctx.notify(
        Some(officer.branch),
        Audience { staff: None, roles: roles.clone() },
        NoticeBody::RequestMade {
            request: id,
            reference: reference.clone(),
            title: review.title.clone(),
            by: officer.name.clone(),
        },
    );
    let receipt = Receipt::Waiting {
        reference: reference.clone(),
        request: id,
        title: review.title.clone(),
        checker: roles,
        reasons: review.reasons.clone(),
    };
    let what = format!("Asked for approval: {}", review.title);
    ctx.commit(Outcome::Waiting, &format!("request:{reference}"), &what, json!({}), Some(&receipt)).await?;
    Ok(receipt)
}

/// Decides a request.
pub async fn decide(
    bank: &Bank,
    caller: &Caller,
    decision: &NewDecision,
    key: RequestKey,
) -> Result<Receipt, AppError> {
    let mut result = try_decide(bank, caller, decision, key.clone()).await;
    for _ in 1..ATTEMPTS {
        match &result {
            Err(error) if error.is_retriable() => {
                result = try_decide(bank, caller, decision, key.clone()).await;
            }
            _ => break,
        }
    }
    settle(bank, &Actor::Officer(caller.clone()), Operation::Approvals, result).await
}

async fn try_decide(
    bank: &Bank,
    caller: &Caller,
    decision: &NewDecision,
    key: RequestKey,
) -> Result<Receipt, OpError> {
    let begun = match decision.verdict {
        // Taking one's own request back needs the right to ask, not the right to decide.
        Verdict::Withdraw => OpCtx::begin(bank, caller, Operation::Requests, key, decision).await?,
        _ => OpCtx::begin(bank, caller, Operation::Approvals, key, decision).await?,
    };
    let mut ctx = match begun {
        Begun::Already(receipt) => return Ok(receipt),
        Begun::Fresh(ctx) => ctx,
    };
    let request = lock(ctx.conn(), decision.request)
        .await?
        .ok_or_else(|| AppError::NotFound("There is no such request at your branch".to_owned()))?;
    if request.state != RequestState::Waiting {
        return Err(AppError::Conflict(request.already()).into());
    }
    if hex(&request.payload_hash) != decision.payload_hash
        || payload_hash(request.operation, &request.payload) != request.payload_hash
    {
        return Err(AppError::Conflict(
            "This request is not the one you were shown. Open it again and look at it".to_owned(),
        )
        .into());
    }
    let officer = ctx.officer()?.clone();
    if decision.verdict == Verdict::Withdraw {
        if officer.staff_id != request.maker_id {
            return Err(
                AppError::NotAllowed("Only the person who asked can take a request back".to_owned()).into()
            );
        }
    } else {
        may_check(officer.role, &officer.staff_id, &request.maker_id, request.operation)?;
    }
    let settled = match decision.verdict {
        Verdict::Approve => {
            let amount = with_earlier_today(&mut ctx, &request).await?;
            approval_limit_holds(request.operation, amount, officer.limit)?;
            approve_in_op(&mut ctx, &request).await?
        }
        other => Settled { state: other.state(), effect: None, message: String::new() },
    };
    finish(*ctx, &request, decision, settled).await
}

/// How a decision ended.
struct Settled {
    state: RequestState,
    effect: Option<String>,
    message: String,
}

/// What is at stake, together with what this maker had approved of the same kind on this business date:
/// a sum that is split into small requests counts as one.
async fn with_earlier_today(ctx: &mut OpCtx, request: &Locked) -> Result<Option<Money>, OpError> {
    let Some(amount) = request.review.amount else { return Ok(None) };
    let business_date = ctx.business_date()?;
    let earlier = approved_today(ctx.conn(), request, amount.currency(), business_date).await?;
    let earlier = Money::new(earlier, amount.currency()).map_err(OpError::stored)?;
    amount.plus(earlier).map(Some).map_err(|error| AppError::refused(error.to_string()).into())
}

/// Runs the deed under `approval:<id>`. What the rules refuse today is recorded as refused, nothing of
/// it stays; what the database cannot do now fails the whole decision, which may be tried again.
async fn approve_in_op(ctx: &mut OpCtx, request: &Locked) -> Result<Settled, OpError> {
    maker_still_may(ctx, request).await?;
    same_versions(ctx.conn(), &request.review.targets).await?;
    let key = RequestKey::of_approval(request.id);
    sqlx::query!("savepoint deed").execute(ctx.conn()).await?;
    let operation = ctx.operation();
    ctx.set_deed(request.operation);
    let deed = deed_in_op(ctx, request, &key).await;
    ctx.set_deed(operation);
    match deed {
        Ok(effect) => {
            sqlx::query!("release savepoint deed").execute(ctx.conn()).await?;
            let message = effect.clone();
            Ok(Settled { state: RequestState::Approved, effect: Some(effect), message })
        }
        Err(OpError::App(refusal)) => {
            sqlx::query!("rollback to savepoint deed").execute(ctx.conn()).await?;
            Ok(Settled { state: RequestState::Refused, effect: None, message: refusal.to_string() })
        }
        Err(other) => Err(other),
    }
}

async fn deed_in_op(ctx: &mut OpCtx, request: &Locked, key: &RequestKey) -> Result<String, OpError> {
    let today = ctx.business_date()?;
    let command = Command::parse(request.operation, request.payload.clone(), today)?
        .ok_or_else(|| OpError::stored("a request for an operation that takes none"))?;
    let effect = dispatch::perform_in_op(ctx, &command, &request.review).await?;
    let receipt = Receipt::Done {
        reference: stored(&request.reference)?,
        title: request.review.title.clone(),
        effect: effect.number.clone(),
    };
    ctx.audit_in_op(
        Outcome::Done,
        &effect.subject,
        &format!("{}, as {} asked", effect.what, request.maker_id),
        json!({ "request": request.reference }),
    )
    .await?;
    ctx.store_key_in_op(key, &request.payload_hash, &receipt).await?;
    Ok(effect.number)
}

/// The maker must still hold the role they asked in: a right taken away takes what it asked for along.
async fn maker_still_may(ctx: &mut OpCtx, request: &Locked) -> Result<(), OpError> {
    let branch = ctx.officer()?.branch;
    let role: Role = stored(&request.maker_role)?;
    let holds = maker_holds(ctx.conn(), &request.maker_id, branch, role).await?;
    if holds && may_make(role, request.operation).is_ok() {
        return Ok(());
    }
    Err(AppError::Conflict(format!(
        "{} may no longer ask for this. Reject the request, or let somebody else ask",
        request.maker_name
    ))
    .into())
}

async fn same_versions(tx: &mut PgConnection, targets: &[Target]) -> Result<(), OpError> {
    for target in targets {
        let now = match target.kind {
            TargetKind::Customer => customer_version(tx, &target.key).await?,
            TargetKind::Account => ledger::version_in_op(tx, &target.key).await?,
            TargetKind::RiskRules => Some(RULE_SET),
        };
        if now != Some(target.version) {
            return Err(AppError::Conflict(
                "What this request relies on has changed since it was made. Send it back, so that the maker looks again"
                    .to_owned(),
            )
            .into());
        }
    }
    Ok(())
}

async fn finish(
    mut ctx: OpCtx,
    request: &Locked,
    decision: &NewDecision,
    settled: Settled,
) -> Result<Receipt, OpError> {
    let officer = ctx.officer()?.clone();
    let note = match settled.state {
        RequestState::Refused => Some(settled.message.clone()),
        _ => decision.note.clone(),
    };
    let changed = record(&mut ctx, request.id, &settled, note.as_deref()).await?;
    if changed != 1 {
        return Err(AppError::Conflict("Somebody else has just decided this".to_owned()).into());
    }
    let reference: tawi_domain::shared::ids::Reference = stored(&request.reference)?;
    let told = NoticeBody::RequestDecided {
        request: request.id,
        reference: reference.clone(),
        title: request.review.title.clone(),
        state: settled.state,
        by: officer.name.clone(),
        note: note.clone(),
    };
    // One notice for the maker and for every inbox it stood in.
    let roles = checkers(request.operation).to_vec();
    ctx.notify(Some(officer.branch), Audience { staff: Some(request.maker_id.clone()), roles }, told);
    let message = match settled.state {
        RequestState::Approved => settled.message.clone(),
        RequestState::Refused => settled.message.clone(),
        _ => note.clone().unwrap_or_default(),
    };
    let receipt = Receipt::Decided { reference, request: request.id, state: settled.state, message };
    let what = format!("{}: {}", settled.state.title(), request.review.title);
    let outcome = if settled.state == RequestState::Refused { Outcome::Refused } else { Outcome::Done };
    ctx.set_deed(Operation::Approvals);
    ctx.commit(
        outcome,
        &format!("request:{}", request.reference),
        &what,
        json!({ "note": note, "payload_hash": decision.payload_hash }),
        Some(&receipt),
    )
    .await?;
    Ok(receipt)
}

/// What waits for the caller to decide, the oldest first.
pub async fn inbox(bank: &Bank, caller: &Caller) -> Result<Vec<RequestRow>, AppError> {
    let read = async {
        let mut ctx = OpCtx::begin_enquiry(bank, caller, Operation::Approvals).await?;
        let decides: Vec<String> = Operation::ALL
            .into_iter()
            .filter(|operation| checkers(*operation).contains(&caller.role))
            .map(|operation| operation.code().to_owned())
            .collect();
        rows(ctx.conn(), Filter::WaitingFor { operations: &decides, checker: &caller.staff_id }).await
    };
    settle(bank, &Actor::Officer(caller.clone()), Operation::Approvals, read.await).await
}

/// What the caller has asked for, the newest first.
pub async fn started(bank: &Bank, caller: &Caller) -> Result<Vec<RequestRow>, AppError> {
    let read = async {
        let mut ctx = OpCtx::begin_enquiry(bank, caller, Operation::Requests).await?;
        rows(ctx.conn(), Filter::MadeBy(&caller.staff_id)).await
    };
    settle(bank, &Actor::Officer(caller.clone()), Operation::Requests, read.await).await
}

/// How many requests wait for the caller.
pub async fn waiting_count(bank: &Bank, caller: &Caller) -> Result<usize, AppError> {
    if may_make(caller.role, Operation::Approvals).is_err() {
        return Ok(0);
    }
    Ok(inbox(bank, caller).await?.len())
}

/// A request, whole, for its maker, for those who decide it and for those who oversee the branch.
pub async fn detail(bank: &Bank, caller: &Caller, id: RequestId) -> Result<RequestDetail, AppError> {
    let result = try_detail(bank, caller, id).await;
    settle(bank, &Actor::Officer(caller.clone()), Operation::Approvals, result).await
}

async fn try_detail(bank: &Bank, caller: &Caller, id: RequestId) -> Result<RequestDetail, OpError> {
    let mut ctx = OpCtx::begin_enquiry(bank, caller, Operation::SignIn).await?;
    let gone = || OpError::from(AppError::NotFound("There is no such request at your branch".to_owned()));
    let row = rows(ctx.conn(), Filter::One(id)).await?.pop().ok_or_else(gone)?;
    let is_maker = row.maker_id == caller.staff_id;
    let decides = checkers(row.operation).contains(&caller.role);
    if !is_maker
        && !decides
        && !matches!(caller.role, Role::Auditor | Role::ComplianceOfficer | Role::BranchManager)
    {
        return Err(gone());
    }
    let body = body(ctx.conn(), id).await?.ok_or_else(gone)?;
    let may = match (row.state, is_maker, decides) {
        (RequestState::Waiting, false, true) => Permitted::Decide,
        (RequestState::Waiting, true, _) => Permitted::Withdraw,
        (RequestState::SentBack, true, _) if !row.asked_again => Permitted::Correct,
        _ => Permitted::Look,
    };
    let reference = row.reference.clone();
    let detail = RequestDetail {
        row,
        branch: BranchNumber::try_from(body.branch).map_err(OpError::stored)?,
        review: serde_json::from_value(body.review)?,
        payload_hash: hex(&body.payload_hash),
        may,
        effect: body.effect,
        key: new_key()?,
    };
    // A request shows a customer's data: looking at it is kept like any other look.
    ctx.set_deed(Operation::Approvals);
    ctx.commit(Outcome::Read, &format!("request:{reference}"), "Looked at the request", json!({}), None)
        .await?;
    Ok(detail)
}

/// The content of a request sent back, for its maker to correct.
pub async fn payload_for_correction(
    bank: &Bank,
    caller: &Caller,
    id: RequestId,
    operation: Operation,
) -> Result<Value, AppError> {
    let read = async {
        let mut ctx = OpCtx::begin_enquiry(bank, caller, operation).await?;
        sqlx::query_scalar!(
            r#"
            select payload from approval_request
            where id = $1 and maker_id = $2 and operation = $3 and state in ('sent_back', 'withdrawn', 'rejected')
            "#,
            id.get(),
            caller.staff_id.as_str(),
            operation.code(),
        )
        .fetch_optional(ctx.conn())
        .await?
        .ok_or_else(|| AppError::NotFound("There is no such request of yours to correct".to_owned()).into())
    };
    settle(bank, &Actor::Officer(caller.clone()), operation, read.await).await
}

/// A fresh key for a command, random.
pub fn new_key() -> Result<RequestKey, OpError> {
    stored(&Uuid::new_v4().to_string())
}

// SQL

struct Locked {
    id: RequestId,
    reference: String,
    operation: Operation,
    state: RequestState,
    maker_id: StaffId,
    maker_name: String,
    maker_role: String,
    payload: Value,
    payload_hash: [u8; 32],
    review: Review,
    checker_name: Option<String>,
    decided_at: Option<Timestamp>,
}

impl Locked {
    fn already(&self) -> String {
        let by = self.checker_name.as_deref().unwrap_or("somebody");
        let at = self.decided_at.map(tawi_domain::shared::dates::format_moment).unwrap_or_default();
        format!("This was decided already: {} by {by}, {at}", self.state.title().to_lowercase())
    }
}

async fn lock(tx: &mut PgConnection, id: RequestId) -> Result<Option<Locked>, OpError> {
    let row = sqlx::query!(
        r#"
        select r.reference, r.operation, r.state, r.maker_id, m.name as maker_name, r.maker_role, r.payload,
               r.payload_hash, r.review, c.name as "checker_name?", r.decided_at
        from approval_request r
        join staff m on m.id = r.maker_id
        left join staff c on c.id = r.checker_id
        where r.id = $1
        for update of r
        "#,
        id.get(),
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(Locked {
            id,
            reference: row.reference,
            operation: operation_of(&row.operation)?,
            state: state_of(&row.state)?,
            maker_id: stored(&row.maker_id)?,
            maker_name: row.maker_name,
            maker_role: row.maker_role,
            payload: row.payload,
            payload_hash: row
                .payload_hash
                .try_into()
                .map_err(|_| OpError::stored("a hash of another length"))?,
            review: serde_json::from_value(row.review)?,
            checker_name: row.checker_name,
            decided_at: row.decided_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
    })
    .transpose()
}

async fn insert(
    ctx: &mut OpCtx,
    id: RequestId,
    reference: &str,
    payload: &Value,
    review: &Review,
) -> Result<(), OpError> {
    let officer = ctx.officer()?.clone();
    let business_date = ctx.business_date()?;
    let operation = ctx.operation();
    let hash = payload_hash(operation, payload);
    sqlx::query!(
        r#"
        insert into approval_request
            (id, reference, operation, branch, business_date, maker_id, maker_role, payload, payload_hash, review,
             subject, amount, currency)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        "#,
        id.get(),
        reference,
        operation.code(),
        officer.branch.get(),
        business_date.to_sqlx() as _,
        officer.staff_id.as_str(),
        officer.role.code(),
        payload,
        hash.as_slice(),
        serde_json::to_value(review)?,
        review.subject,
        review.amount.map(|money| money.amount()),
        review.amount.map(|money| money.currency().code()),
    )
    .execute(ctx.conn())
    .await?;
    Ok(())
}

async fn record(
    ctx: &mut OpCtx,
    id: RequestId,
    settled: &Settled,
    note: Option<&str>,
) -> Result<u64, OpError> {
    let officer = ctx.officer()?.clone();
    let now = ctx.now();
    let business_date = ctx.business_date()?;
    Ok(sqlx::query!(
        r#"
        update approval_request
        set state = $2, checker_id = $3, checker_role = $4, decided_at = $5, note = $6, effect = $7, decided_on = $8
        where id = $1 and state = 'waiting'
        "#,
        id.get(),
        settled.state.code(),
        officer.staff_id.as_str(),
        officer.role.code(),
        now.to_sqlx() as _,
        note,
        settled.effect,
        business_date.to_sqlx() as _,
    )
    .execute(ctx.conn())
    .await?
    .rows_affected())
}

/// The sum approved today for a maker and an operation. Two decisions on one maker's requests take turns.
async fn approved_today(
    tx: &mut PgConnection,
    request: &Locked,
    currency: Currency,
    business_date: Date,
) -> Result<Decimal, OpError> {
    let turn = format!("{}:{}", request.maker_id, request.operation.code());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 7264))", turn).execute(&mut *tx).await?;
    Ok(sqlx::query_scalar!(
        r#"
        select coalesce(sum(j.amount), 0) as "sum!" from approval_request j
        where j.maker_id = $1 and j.operation = $2 and j.currency = $3 and j.state = 'approved'
          and j.decided_on = $4
        "#,
        request.maker_id.as_str(),
        request.operation.code(),
        currency.code(),
        business_date.to_sqlx() as _,
    )
    .fetch_one(tx)
    .await?)
}

async fn maker_holds(
    tx: &mut PgConnection,
    maker: &StaffId,
    branch: BranchNumber,
    role: Role,
) -> Result<bool, OpError> {
    Ok(sqlx::query_scalar!(
        r#"
        select exists (
            select from staff_role r
            join staff s on s.id = r.staff_id and s.disabled_at is null
            join branch b on b.number = r.branch
            where r.staff_id = $1 and r.branch = $2 and r.role = $3
              and b.business_date >= r.valid_from and b.business_date <= coalesce(r.valid_to, 'infinity')
        ) as "holds!"
        "#,
        maker.as_str(),
        branch.get(),
        role.code(),
    )
    .fetch_one(tx)
    .await?)
}

async fn customer_version(tx: &mut PgConnection, number: &str) -> Result<Option<i64>, OpError> {
    Ok(sqlx::query_scalar!("select version from customer where number = $1", number)
        .fetch_optional(tx)
        .await?)
}

struct Body {
    branch: i16,
    review: Value,
    payload_hash: Vec<u8>,
    effect: Option<String>,
}

async fn body(tx: &mut PgConnection, id: RequestId) -> Result<Option<Body>, OpError> {
    Ok(sqlx::query_as!(
        Body,
        "select branch, review, payload_hash, effect from approval_request where id = $1",
        id.get()
    )
    .fetch_optional(tx)
    .await?)
}

/// Which requests a list shows.
enum Filter<'a> {
    WaitingFor { operations: &'a [String], checker: &'a StaffId },
    MadeBy(&'a StaffId),
    One(RequestId),
}

async fn rows(tx: &mut PgConnection, filter: Filter<'_>) -> Result<Vec<RequestRow>, OpError> {
    let (operations, checker, maker, one) = match filter {
        Filter::WaitingFor { operations, checker } => (Some(operations), Some(checker.as_str()), None, None),
        Filter::MadeBy(maker) => (None, None, Some(maker.as_str()), None),
        Filter::One(id) => (None, None, None, Some(id.get())),
    };
    let rows = sqlx::query!(
        r#"
        select r.id, r.reference, r.operation, r.review->>'title' as "title!", r.amount, r.currency, r.state,
               r.maker_id, m.name as maker_name, r.made_at, r.decided_at, c.name as "checker_name?", r.note,
               exists (
                   select from approval_request n
                   where n.maker_id = r.maker_id and n.operation = r.operation and n.subject = r.subject
                     and n.made_at > r.made_at
               ) as "asked_again!"
        from approval_request r
        join staff m on m.id = r.maker_id
        left join staff c on c.id = r.checker_id
        where ($1::text[] is null or (r.state = 'waiting' and r.operation = any ($1) and r.maker_id <> $2))
          and ($3::text is null or r.maker_id = $3)
          and ($4::uuid is null or r.id = $4)
        order by case when $3::text is null then r.made_at end, r.made_at desc
        limit $5
        "#,
        operations as _,
        checker,
        maker,
        one,
        MOST_ROWS,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
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
                checker: checkers(operation).to_vec(),
                made_at: row.made_at.to_jiff(),
                decided_at: row.decided_at.map(jiff_sqlx::Timestamp::to_jiff),
                checker_name: row.checker_name,
                note: row.note,
                asked_again: row.asked_again,
            })
        })
        .collect()
}

fn operation_of(code: &str) -> Result<Operation, OpError> {
    Operation::from_code(code).ok_or_else(|| OpError::stored(format!("operation {code}")))
}

fn state_of(code: &str) -> Result<RequestState, OpError> {
    RequestState::from_code(code).ok_or_else(|| OpError::stored(format!("state {code}")))
}
