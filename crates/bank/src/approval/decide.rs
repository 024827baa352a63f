//! Deciding: bound to what was shown, against today's state, exactly once.

use super::targets::version_in_op;
use super::{deciders_in_op, deciders_of, operation_of, payload_hash, state_of};
use crate::bank::Bank;
use crate::command::Command;
use crate::op::{ATTEMPTS, Actor, Begun, Caller, OpCtx, settle};
use crate::shared::audit::UsedKey;
use crate::shared::canonical::hex;
use crate::shared::error::OpError;
use crate::shared::stored::stored;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tawi_domain::language::{self, before};
use tawi_domain::shared::approval::{NewDecision, Receipt, RequestState, Review, Target, Verdict};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::change::{Compared, compare};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::Fact;
use tawi_domain::shared::ids::{BranchNumber, RequestId, RequestKey, StaffId};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::{Operation, Role, approval_limit_holds, may_check, may_make};

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
    settle(bank, &Actor::Officer(caller.clone()), decision.verdict.operation(), result).await
}

async fn try_decide(
    bank: &Bank,
    caller: &Caller,
    decision: &NewDecision,
    key: RequestKey,
) -> Result<Receipt, OpError> {
    let operation = decision.verdict.operation();
    let mut ctx = match OpCtx::begin(bank, caller, operation, key, decision).await? {
        Begun::Already(receipt) => return Ok(*receipt),
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
    if officer.role.sees_all_branches() && request.branch != officer.branch {
        // Decided where it was asked: on that branch's date, told to its people.
        ctx.sit_at(request.branch, request.business_date);
    }
    if decision.verdict == Verdict::Withdraw {
        if officer.staff_id != request.maker_id {
            return Err(
                AppError::NotAllowed("Only the person who asked can take a request back".to_owned()).into()
            );
        }
    } else {
        may_check(officer.role, &officer.staff_id, &request.maker_id, request.operation)?;
        let today = ctx.business_date()?;
        let command = Command::parse(request.operation, request.payload.clone(), today);
        if let Ok(Some(command)) = command
            && command.facts().about == Some(&officer.staff_id)
        {
            let words = "This is about your own rights: another person must decide";
            return Err(AppError::NotAllowed(words.to_owned()).into());
        }
        if knew_password(ctx.conn(), &request.maker_id, &officer.staff_id).await? {
            return Err(AppError::NotAllowed(format!(
                "One of you knew the other's whole password, {} and you: another person must decide, or a new one is handed out",
                request.maker_name
            ))
            .into());
        }
        if !request.checkers.contains(&officer.role) {
            return Err(AppError::NotAllowed(format!(
                "An amount like this is decided by: {}",
                request.checkers.iter().map(|role| role.title()).collect::<Vec<_>>().join(", ")
            ))
            .into());
        }
    }
    let settled = match decision.verdict {
        Verdict::Approve => {
            still_decides(&mut ctx, &request, officer.role).await?;
            let amount = with_earlier_today(&mut ctx, &request).await?;
            approval_limit_holds(request.operation, amount, officer.limit)?;
            approve_in_op(&mut ctx, &request).await?
        }
        other @ (Verdict::Reject | Verdict::SendBack | Verdict::Withdraw) => {
            Settled { state: other.state(), effect: None, message: String::new(), better: Vec::new() }
        }
    };
    finish(*ctx, &request, decision, settled).await
}

/// A ladder that was tightened since the request was made counts: it may leave a role out, never let one in.
async fn still_decides(ctx: &mut OpCtx, request: &Locked, role: Role) -> Result<(), OpError> {
    let at_stake = request.review.ladder.or(request.review.amount);
    let today = deciders_in_op(ctx, request.operation, at_stake).await?;
    if today.contains(&role) {
        return Ok(());
    }
    let titles: Vec<&str> = today.iter().map(|role| role.title()).collect();
    Err(AppError::NotAllowed(format!(
        "The approval ladder was changed after this was asked: it is decided by {} now. Send it back, to be asked again",
        titles.join(" or ")
    ))
    .into())
}

/// How a decision ended.
struct Settled {
    state: RequestState,
    effect: Option<String>,
    message: String,
    /// What the bank stands better with than was shown.
    better: Vec<Fact>,
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
    let deed = ctx.within(request.operation, async |ctx| deed_in_op(ctx, request, &key).await).await;
    match deed {
        Ok((effect, better)) => {
            sqlx::query!("release savepoint deed").execute(ctx.conn()).await?;
            let message = effect.clone();
            Ok(Settled { state: RequestState::Approved, effect: Some(effect), message, better })
        }
        // Nothing of the request's: it is decided when there is time for it.
        Err(OpError::App(later @ (AppError::Busy | AppError::TooMany | AppError::Unavailable { .. }))) => {
            Err(later.into())
        }
        Err(OpError::App(refusal)) => {
            sqlx::query!("rollback to savepoint deed").execute(ctx.conn()).await?;
            let message = refusal.to_string();
            Ok(Settled { state: RequestState::Refused, effect: None, message, better: Vec::new() })
        }
        Err(other) => Err(other),
    }
}

/// Does the deed; answers its number, and what the bank stands better with than was shown.
async fn deed_in_op(
    ctx: &mut OpCtx,
    request: &Locked,
    key: &RequestKey,
) -> Result<(String, Vec<Fact>), OpError> {
    let today = ctx.business_date()?;
    let command = Command::parse(request.operation, request.payload.clone(), today)?
        .ok_or_else(|| OpError::stored("a request for an operation that takes none"))?;
    // Prices, rules and what is owed may have moved since: what is done is what was shown, or nothing is.
    let now = command.review_in_op(ctx).await?;
    let better = as_shown(ctx, &request.review, &now).await?;
    let effect = command.perform_in_op(ctx, &request.maker_id).await?;
    // Money moved under a reference of its own: that is the one on the receipt.
    let receipt = effect.receipt(match ctx.drawn_reference() {
        Some(drawn) => drawn.clone(),
        None => stored(&request.reference)?,
    });
    ctx.audit_in_op(
        Outcome::Done,
        &effect.subject,
        &format!("{}, as {} asked", effect.what, request.maker_id),
        json!({ "request": request.reference }),
        Some(UsedKey { key, fingerprint: &request.payload_hash, receipt: &receipt }),
    )
    .await?;
    Ok((effect.number, better))
}

/// Whether what would happen now is what was shown, or better for the bank on the same rung of the ladder.
/// Answers what is better. A request from before there were facts is held against the words of then.
async fn as_shown(ctx: &mut OpCtx, shown: &Review, now: &Review) -> Result<Vec<Fact>, OpError> {
    let compared = if shown.facts.is_empty() {
        let same = before::of(now).lines == shown.before.lines;
        if same { Compared::default() } else { return Err(not_as_shown(&[]).into()) }
    } else {
        compare(&shown.facts, &now.facts)
    };
    // The amount bounds who may decide: it is that of the content, whatever was stored beside it.
    if !compared.worse.is_empty() || now.amount != shown.amount {
        return Err(not_as_shown(&compared.worse).into());
    }
    if now.ladder != shown.ladder {
        let then = deciders_in_op(ctx, ctx.operation(), shown.ladder.or(shown.amount)).await?;
        let today = deciders_in_op(ctx, ctx.operation(), now.ladder.or(now.amount)).await?;
        if then != today {
            return Err(not_as_shown(&compared.better).into());
        }
    }
    Ok(compared.better)
}

fn not_as_shown(changes: &[Fact]) -> AppError {
    let changes: Vec<String> = changes.iter().map(language::change).collect();
    let changes = if changes.is_empty() { String::new() } else { format!(" ({})", changes.join("; ")) };
    AppError::Conflict(format!(
        "What would happen is no longer what you were shown{changes}. Send it back, so that the maker looks again"
    ))
}

/// The maker must still hold the role they asked in: a right taken away takes what it asked for along.
async fn maker_still_may(ctx: &mut OpCtx, request: &Locked) -> Result<(), OpError> {
    let role: Role = stored(&request.maker_role)?;
    let holds = maker_holds(ctx.conn(), &request.maker_id, request.branch, role).await?;
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
        let now = version_in_op(tx, target).await?;
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
        RequestState::Waiting
        | RequestState::Approved
        | RequestState::Rejected
        | RequestState::SentBack
        | RequestState::Withdrawn => decision.note.clone(),
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
    // For the maker and for every inbox it stood in.
    let (everywhere, here): (Vec<Role>, Vec<Role>) =
        request.checkers.iter().partition(|role| role.sees_all_branches());
    let maker = Audience { staff: Some(request.maker_id.clone()), roles: here };
    ctx.notify(Some(request.branch), maker, told.clone());
    if !everywhere.is_empty() {
        ctx.notify(None, Audience { staff: None, roles: everywhere }, told);
    }
    let message = match settled.state {
        RequestState::Approved => settled.message.clone(),
        RequestState::Refused => settled.message.clone(),
        RequestState::Waiting | RequestState::Rejected | RequestState::SentBack | RequestState::Withdrawn => {
            note.clone().unwrap_or_default()
        }
    };
    let receipt = Receipt::Decided {
        reference,
        request: request.id,
        state: settled.state,
        message,
        better: settled.better,
    };
    let what = format!("{}: {}", settled.state.title(), request.review.title);
    let outcome = if settled.state == RequestState::Refused { Outcome::Refused } else { Outcome::Done };
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

// SQL

struct Locked {
    id: RequestId,
    branch: BranchNumber,
    /// The branch's, today.
    business_date: Date,
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
    checkers: Vec<Role>,
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
        select r.branch, b.business_date, r.reference, r.operation, r.state, r.maker_id, m.name as maker_name, r.maker_role, r.payload,
               r.payload_hash, r.review, c.name as "checker_name?", r.decided_at, r.checkers
        from approval_request r
        join staff m on m.id = r.maker_id
        join branch b on b.number = r.branch
        left join staff c on c.id = r.checker_id
        where r.id = $1
        for update of r
        "#,
        id.get(),
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        let operation = operation_of(&row.operation)?;
        Ok(Locked {
            id,
            branch: BranchNumber::try_from(row.branch).map_err(OpError::stored)?,
            business_date: row.business_date.to_jiff(),
            checkers: deciders_of(operation, row.checkers.as_deref())?,
            reference: row.reference,
            operation,
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

/// Whether either of two people was shown the whole of the other's password, by a version that showed it: the two may be
/// one.
async fn knew_password(tx: &mut PgConnection, maker: &StaffId, checker: &StaffId) -> Result<bool, OpError> {
    Ok(sqlx::query_scalar!(
        r#"
        select exists (
            select from staff
            where (id = $2 and password_made_by = $1) or (id = $1 and password_made_by = $2)
        ) as "knew!"
        "#,
        maker.as_str(),
        checker.as_str(),
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
