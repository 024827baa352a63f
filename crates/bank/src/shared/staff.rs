//! The administration of staff from the command line: people, their roles, their passwords.

use super::error::OpError;
use super::password;
use crate::bank::Bank;
use crate::op::OpCtx;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::bounded;
use tawi_domain::shared::ids::StaffId;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::{Operation, Role};

/// Adds a person; they hold no role yet. Answers whether they are new.
pub async fn add(bank: &Bank, staff_id: &StaffId, name: &str, password: String) -> Result<bool, OpError> {
    let name =
        bounded(name, "the person's name", 120).map_err(|fault| AppError::refused(fault.to_string()))?;
    password::acceptable(&password).map_err(AppError::refused)?;
    let hash = bank.hasher().hash(password).await?;
    let mut ctx = OpCtx::begin_program(bank, Operation::StaffAdministration).await?;
    let added = sqlx::query!(
        "insert into staff (id, name, password_hash) values ($1, $2, $3) on conflict do nothing",
        staff_id.as_str(),
        name,
        hash,
    )
    .execute(ctx.conn())
    .await?
    .rows_affected();
    if added == 0 {
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
    let branch = sqlx::query!("select number, business_date from branch where code = $1", change.branch_code)
        .fetch_optional(ctx.conn())
        .await?
        .ok_or_else(|| AppError::NotFound(format!("There is no branch {}", change.branch_code)))?;
    let from = change.from.unwrap_or(branch.business_date.to_jiff());
    if change.until.is_some_and(|until| until < from) {
        return Err(AppError::refused("A role ends on the day it begins or later").into());
    }
    let written = sqlx::query!(
        r#"
        insert into staff_role (staff_id, branch, role, valid_from, valid_to, limit_amount, limit_currency)
        select s.id, $2, $3, $4, $5, $6, $7 from staff s where s.id = $1
        on conflict (staff_id, branch, role) do update
        set valid_from = least(staff_role.valid_from, excluded.valid_from), valid_to = excluded.valid_to,
            limit_amount = excluded.limit_amount, limit_currency = excluded.limit_currency
        "#,
        change.staff_id.as_str(),
        branch.number,
        change.role.code(),
        from.to_sqlx() as _,
        change.until.map(ToSqlx::to_sqlx) as _,
        change.limit.map(Money::amount),
        change.limit.map(|limit| Currency::code(limit.currency())),
    )
    .execute(ctx.conn())
    .await?
    .rows_affected();
    if written == 0 {
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
    let ended = sqlx::query!(
        r#"
        delete from staff_role r using branch b
        where b.number = r.branch and b.code = $2 and r.staff_id = $1 and r.role = $3
        "#,
        staff_id.as_str(),
        branch_code,
        role.code(),
    )
    .execute(ctx.conn())
    .await?
    .rows_affected();
    if ended == 0 {
        return Err(AppError::NotFound(format!("{staff_id} is not {} at {branch_code}", role.title())).into());
    }
    let what = format!("No longer {} at {branch_code}", role.title());
    ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), &what, json!({}), None).await
}

/// Disables a person: they can do nothing from this moment, their sessions and streams end.
pub async fn disable(bank: &Bank, staff_id: &StaffId) -> Result<(), OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::StaffAdministration).await?;
    let disabled = sqlx::query!(
        "update staff set disabled_at = coalesce(disabled_at, now()) where id = $1",
        staff_id.as_str()
    )
    .execute(ctx.conn())
    .await?
    .rows_affected();
    if disabled == 0 {
        return Err(unknown(staff_id).into());
    }
    end_sessions(&mut ctx, staff_id).await?;
    ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), "Disabled", json!({}), None).await
}

/// Sets a password; sessions under the old one end.
pub async fn set_password(bank: &Bank, staff_id: &StaffId, password: String) -> Result<(), OpError> {
    password::acceptable(&password).map_err(AppError::refused)?;
    let hash = bank.hasher().hash(password).await?;
    let mut ctx = OpCtx::begin_program(bank, Operation::StaffAdministration).await?;
    let changed = sqlx::query!(
        "update staff set password_hash = $2, failed_attempts = 0, locked_until = null where id = $1",
        staff_id.as_str(),
        hash,
    )
    .execute(ctx.conn())
    .await?
    .rows_affected();
    if changed == 0 {
        return Err(unknown(staff_id).into());
    }
    end_sessions(&mut ctx, staff_id).await?;
    ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), "Password set", json!({}), None).await
}

/// How many people there are.
pub async fn count(bank: &Bank) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "people!" from staff"#).fetch_one(bank.owner()).await?)
}

fn unknown(staff_id: &StaffId) -> AppError {
    AppError::NotFound(format!("There is nobody with the staff ID {staff_id}"))
}

async fn end_sessions(ctx: &mut OpCtx, staff_id: &StaffId) -> Result<(), OpError> {
    sqlx::query!("delete from session where staff_id = $1", staff_id.as_str()).execute(ctx.conn()).await?;
    ctx.notify(
        None,
        Audience { staff: Some(staff_id.clone()), roles: Vec::new() },
        NoticeBody::SessionEnded { session: None },
    );
    Ok(())
}
