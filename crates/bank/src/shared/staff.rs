//! The administration of staff from the command line: people, their roles, their passwords.

use super::error::OpError;
use super::guessing::{acceptable, long_enough};
use crate::bank::Bank;
use crate::op::OpCtx;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::constants::TEMPORARY_PASSWORD_HOURS;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::name_text;
use tawi_domain::shared::ids::StaffId;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::{Operation, Role};

/// Adds a person; they hold no role yet. Answers whether they are new.
pub async fn add(bank: &Bank, staff_id: &StaffId, name: &str, password: String) -> Result<bool, OpError> {
    let name =
        name_text(name, "the person's name", 120).map_err(|fault| AppError::refused(fault.to_string()))?;
    judged(bank, &password, &[staff_id.as_str(), &name])?;
    let hash = bank.hasher().desk()?.hash(password).await?;
    let mut ctx = OpCtx::begin_program(bank, Operation::StaffAdministration).await?;
    if !insert(ctx.conn(), staff_id, &name, &hash, false).await? {
        return Ok(false);
    }
    let subject = format!("staff:{staff_id}");
    ctx.commit(Outcome::Done, &subject, "Added to the staff", json!({ "name": name }), None).await?;
    Ok(true)
}

/// A role to be given, or to end.
#[derive(Debug, Clone)]
pub struct RoleChange {
    /// The person.
    pub staff_id: StaffId,
    /// Code of the branch.
    pub branch_code: String,
    /// The role.
    pub role: Role,
    /// From when; the branch's business date when none is given.
    pub from: Option<Date>,
    /// Until when, that day included; open when none is given.
    pub until: Option<Date>,
    /// The most the person may approve alone.
    pub limit: Option<Money>,
}

/// Gives a role at a branch, or changes its dates and limit.
pub async fn set_role(bank: &Bank, change: &RoleChange) -> Result<(), OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::StaffAdministration).await?;
    let Some(today) = business_date(ctx.conn(), &change.branch_code).await? else {
        return Err(AppError::NotFound(format!("There is no branch {}", change.branch_code)).into());
    };
    let from = change.from.unwrap_or(today);
    if change.until.is_some_and(|until| until < from) {
        return Err(AppError::refused("A role ends on the day it begins or later").into());
    }
    if !write_role(ctx.conn(), change).await? {
        return Err(unknown(&change.staff_id).into());
    }
    let what = format!("Role {} at {}", change.role.title(), change.branch_code);
    let detail = json!({
        "from": from.to_string(),
        "until": change.until.map(|until| until.to_string()),
        "limit": change.limit.map(|limit| limit.to_string()),
    });
    ctx.commit(Outcome::Done, &format!("staff:{}", change.staff_id), &what, detail, None).await
}

/// Takes a role away at once.
pub async fn end_role(bank: &Bank, staff_id: &StaffId, branch_code: &str, role: Role) -> Result<(), OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::StaffAdministration).await?;
    if !delete_role(ctx.conn(), staff_id, branch_code, role).await? {
        return Err(AppError::NotFound(format!("{staff_id} is not {} at {branch_code}", role.title())).into());
    }
    let what = format!("No longer {} at {branch_code}", role.title());
    ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), &what, json!({}), None).await
}

/// Disables a person: they can do nothing from this moment, their sessions and streams end.
pub async fn disable(bank: &Bank, staff_id: &StaffId) -> Result<(), OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::StaffAdministration).await?;
    if !set_disabled(ctx.conn(), staff_id, true).await? {
        return Err(unknown(staff_id).into());
    }
    end_sessions(&mut ctx, staff_id).await?;
    ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), "Disabled", json!({}), None).await
}

/// Sets a password; sessions under the old one end.
pub async fn set_password(bank: &Bank, staff_id: &StaffId, password: String) -> Result<(), OpError> {
    let name = name_of(bank, staff_id).await?;
    judged(bank, &password, &[staff_id.as_str(), &name])?;
    let hash = bank.hasher().desk()?.hash(password).await?;
    let mut ctx = OpCtx::begin_program(bank, Operation::StaffAdministration).await?;
    if !write_password(ctx.conn(), staff_id, &hash, None).await? {
        return Err(unknown(staff_id).into());
    }
    end_sessions(&mut ctx, staff_id).await?;
    ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), "Password set", json!({}), None).await
}

/// How many people there are.
pub async fn count(bank: &Bank) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "people!" from staff"#).fetch_one(bank.owner()).await?)
}

/// Whether a password of the command line will do. Everybody in a demonstration has the one that its sign-in page shows.
fn judged(bank: &Bank, password: &str, own: &[&str]) -> Result<(), AppError> {
    let judged =
        if bank.settings().demonstration { long_enough(password) } else { acceptable(password, own) };
    judged.map_err(AppError::refused)
}

fn unknown(staff_id: &StaffId) -> AppError {
    AppError::NotFound(format!("There is nobody with the staff ID {staff_id}"))
}

/// Ends every session of a person, and the streams that hang on them.
pub(crate) async fn end_sessions(ctx: &mut OpCtx, staff_id: &StaffId) -> Result<(), OpError> {
    sqlx::query!("delete from session where staff_id = $1", staff_id.as_str()).execute(ctx.conn()).await?;
    ctx.notify(
        None,
        Audience { staff: Some(staff_id.clone()), roles: Vec::new() },
        NoticeBody::SessionEnded { session: None },
    );
    Ok(())
}

// SQL

/// The name of a person, as the command line reads it.
async fn name_of(bank: &Bank, staff_id: &StaffId) -> Result<String, OpError> {
    let name = sqlx::query_scalar!("select name from staff where id = $1", staff_id.as_str());
    Ok(name.fetch_optional(bank.owner()).await?.unwrap_or_default())
}

/// Puts somebody on the staff. Answers whether they are new. Who awaits a password signs in with none before one is
/// handed out.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    staff_id: &StaffId,
    name: &str,
    hash: &str,
    awaits_password: bool,
) -> Result<bool, OpError> {
    let added = sqlx::query!(
        r#"
        insert into staff (id, name, password_hash, awaits_password) values ($1, $2, $3, $4)
        on conflict do nothing
        "#,
        staff_id.as_str(),
        name,
        hash,
        awaits_password,
    )
    .execute(tx)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// The business date of a branch.
pub(crate) async fn business_date(tx: &mut PgConnection, branch_code: &str) -> Result<Option<Date>, OpError> {
    let date = sqlx::query_scalar!("select business_date from branch where code = $1", branch_code)
        .fetch_optional(tx)
        .await?;
    Ok(date.map(|date| date.to_jiff()))
}

/// Writes a role as it shall be. Without a first day a role already held keeps its own, and a new one
/// begins on the branch's business date. Answers whether person and branch are there.
///
/// # Errors
/// The role serves customers and the branch has no counter.
pub(crate) async fn write_role(tx: &mut PgConnection, change: &RoleChange) -> Result<bool, OpError> {
    may_sit(tx, &change.branch_code, change.role).await?;
    let written = sqlx::query!(
        r#"
        insert into staff_role (staff_id, branch, role, valid_from, valid_to, limit_amount, limit_currency)
        select s.id, b.number, $3, coalesce($4, b.business_date), $5, $6, $7
        from staff s join branch b on b.code = $2
        where s.id = $1
        on conflict (staff_id, branch, role) do update
        set valid_from = coalesce($4, staff_role.valid_from), valid_to = excluded.valid_to,
            limit_amount = excluded.limit_amount, limit_currency = excluded.limit_currency
        "#,
        change.staff_id.as_str(),
        change.branch_code,
        change.role.code(),
        change.from.map(ToSqlx::to_sqlx) as _,
        change.until.map(ToSqlx::to_sqlx) as _,
        change.limit.map(Money::amount),
        change.limit.map(|limit| Currency::code(limit.currency())),
    )
    .execute(tx)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// Who serves customers sits at a branch with a counter: head office has none.
pub(crate) async fn may_sit(tx: &mut PgConnection, branch_code: &str, role: Role) -> Result<(), OpError> {
    let counter = sqlx::query_scalar!("select counter from branch where code = $1", branch_code);
    if role.serves_customers() && counter.fetch_optional(tx).await? == Some(false) {
        let role = role.title().to_lowercase();
        let words = format!("{branch_code} has no counter: a {role} sits at a branch that serves customers");
        return Err(AppError::field("branch", words).into());
    }
    Ok(())
}

/// Takes a role away. Answers whether it was there.
pub(crate) async fn delete_role(
    tx: &mut PgConnection,
    staff_id: &StaffId,
    branch_code: &str,
    role: Role,
) -> Result<bool, OpError> {
    let ended = sqlx::query!(
        r#"
        delete from staff_role r using branch b
        where b.number = r.branch and b.code = $2 and r.staff_id = $1 and r.role = $3
        "#,
        staff_id.as_str(),
        branch_code,
        role.code(),
    )
    .execute(tx)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Shuts a person out, or lets them in again. Answers whether they are there.
pub(crate) async fn set_disabled(
    tx: &mut PgConnection,
    staff_id: &StaffId,
    disabled: bool,
) -> Result<bool, OpError> {
    let changed = sqlx::query!(
        "update staff set disabled_at = case when $2 then coalesce(disabled_at, now()) end where id = $1",
        staff_id.as_str(),
        disabled,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Writes a password. A temporary one is only good for choosing another, and for so long by the database's clock, so many
/// seconds ahead of it; nobody knows the whole of it. Answers whether the person is there.
pub(crate) async fn write_password(
    tx: &mut PgConnection,
    staff_id: &StaffId,
    hash: &str,
    temporary: Option<i64>,
) -> Result<bool, OpError> {
    let changed = sqlx::query!(
        r#"
        update staff
        set password_hash = $2, password_made_by = null, awaits_password = false, failed_attempts = 0,
            locked_until = null,
            password_expires_at = clock_timestamp() + make_interval(secs => $3::bigint::float, hours => $4)
        where id = $1
        "#,
        staff_id.as_str(),
        hash,
        temporary,
        TEMPORARY_PASSWORD_HOURS,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}
