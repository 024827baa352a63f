//! Branches: opening one with its chart of accounts, and moving its business date.

use super::error::OpError;
use crate::bank::Bank;
use crate::op::OpCtx;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::chart::{CHART, Control};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::BranchNumber;
use tawi_domain::shared::permissions::Operation;

/// A branch to be opened.
#[derive(Debug, Clone)]
pub struct NewBranch {
    /// Its number.
    pub number: BranchNumber,
    /// Its code, for example `NBO-HQ`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The business date it opens on.
    pub business_date: Date,
}

/// Opens a branch with the chart of accounts. Opening one that is open already changes nothing.
pub async fn open(bank: &Bank, branch: &NewBranch) -> Result<(), OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::BranchSetup).await?;
    let opened = sqlx::query!(
        "insert into branch (number, code, name, business_date) values ($1, $2, $3, $4) on conflict do nothing",
        branch.number.get(),
        branch.code,
        branch.name,
        branch.business_date.to_sqlx() as _,
    )
    .execute(ctx.conn())
    .await?
    .rows_affected();
    if opened == 0 {
        return Ok(());
    }
    open_day(ctx.conn(), branch.number.get(), branch.business_date).await?;
    for account in CHART {
        sqlx::query!(
            "insert into gl_account (branch, code, title, kind, control) values ($1, $2, $3, $4, $5)",
            branch.number.get(),
            account.code,
            account.title,
            account.kind.code(),
            account.control == Control::SubLedger,
        )
        .execute(ctx.conn())
        .await?;
    }
    let subject = format!("branch:{}", branch.code);
    ctx.commit(Outcome::Done, &subject, "Opened the branch", json!({ "name": branch.name }), None).await
}

/// Moves a branch's business date forward: waits for what is being posted, closes the old day, opens the
/// new one. A date once closed is never posted to again.
pub async fn move_business_date(bank: &Bank, code: &str, to: Date) -> Result<Date, OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::BusinessDate).await?;
    let number = sqlx::query_scalar!("select number from branch where code = $1", code)
        .fetch_optional(ctx.conn())
        .await?
        .ok_or_else(|| AppError::NotFound(format!("There is no branch {code}")))?;
    sqlx::query!("select pg_advisory_xact_lock(7262, $1)", i32::from(number)).execute(ctx.conn()).await?;
    let from = sqlx::query_scalar!("select business_date from branch where number = $1", number)
        .fetch_one(ctx.conn())
        .await?
        .to_jiff();
    if to <= from {
        return Err(AppError::refused(format!(
            "{code} is at {}: its business date only moves forward",
            format_date(from)
        ))
        .into());
    }
    sqlx::query!(
        "update business_day set closed_at = clock_timestamp() where branch = $1 and closed_at is null",
        number
    )
    .execute(ctx.conn())
    .await?;
    sqlx::query!("update branch set business_date = $2 where number = $1", number, to.to_sqlx() as _)
        .execute(ctx.conn())
        .await?;
    open_day(ctx.conn(), number, to).await?;
    let what = format!("Moved the business date to {}", format_date(to));
    let detail = json!({ "from": from.to_string(), "to": to.to_string() });
    ctx.commit(Outcome::Done, &format!("branch:{code}"), &what, detail, None).await?;
    Ok(from)
}

// SQL

async fn open_day(tx: &mut PgConnection, branch: i16, date: Date) -> Result<(), OpError> {
    sqlx::query!(
        "insert into business_day (branch, business_date) values ($1, $2)",
        branch,
        date.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
