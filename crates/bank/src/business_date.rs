//! Moving a branch's business date. What the new date brings is a job.

use crate::administration::holidays;
use crate::bank::Bank;
use crate::jobs;
use crate::op::OpCtx;
use crate::shared::branch::open_day;
use crate::shared::error::OpError;
use crate::shared::parameter;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::PgConnection;
use std::time::Duration;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::business_date::{self, BusinessDateMove};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::BranchNumber;
use tawi_domain::shared::permissions::Operation;

/// Moves a branch's business date forward and does what the new date brings, to the end. Answers the old date
/// and the new one.
///
/// # Errors
/// As of [`flip`]. If the database goes away while the work of the new date is done, the date has moved all the
/// same: [`jobs::finish`] goes on with the rest.
pub async fn move_forward(
    bank: &Bank,
    code: &str,
    asked: &BusinessDateMove,
) -> Result<(Date, Date), OpError> {
    let flipped = flip(bank, code, asked).await?;
    jobs::run(bank, flipped.job, jobs::ROWS).await?;
    Ok((flipped.from, flipped.to))
}

/// How often a move that was kept waiting is tried, and how long others have in between.
const ATTEMPTS: u32 = 30;
const PAUSE: Duration = Duration::from_millis(200);

/// A business date that has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flipped {
    /// The old date.
    pub from: Date,
    /// The new one.
    pub to: Date,
    /// The job that does what the new date brings.
    pub job: i64,
}

/// Moves a branch's business date forward: waits for what is being posted, closes the old day, opens the new
/// one with the job of what it brings. A date once closed is never posted to again. Only this keeps the branch
/// from posting, for a moment.
///
/// # Errors
/// There is no such branch; its date is no longer the one the move begins from; the new one does not come
/// after it, is no working day or too far ahead, and no reason was given.
pub async fn flip(bank: &Bank, code: &str, asked: &BusinessDateMove) -> Result<Flipped, OpError> {
    let mut attempts = 0;
    loop {
        match flip_once(bank, code, asked).await {
            // Whoever waits for the date keeps the others from posting: it lets them by and asks again.
            Err(error) if error.is_kept_waiting() && attempts < ATTEMPTS => {
                attempts += 1;
                tokio::time::sleep(PAUSE).await;
            }
            moved => return moved,
        }
    }
}

async fn flip_once(bank: &Bank, code: &str, asked: &BusinessDateMove) -> Result<Flipped, OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::BusinessDate).await?;
    sqlx::query("set local lock_timeout = '1s'").execute(ctx.conn()).await?;
    let number = sqlx::query_scalar!("select number from branch where code = $1", code)
        .fetch_optional(ctx.conn())
        .await?
        .ok_or_else(|| AppError::NotFound(format!("There is no branch {code}")))?;
    sqlx::query!("select pg_advisory_xact_lock(7262, $1)", i32::from(number)).execute(ctx.conn()).await?;
    // Read behind the lock: of several who move one date, one finds it where they saw it.
    let from = sqlx::query_scalar!("select business_date from branch where number = $1", number)
        .fetch_one(ctx.conn())
        .await?
        .to_jiff();
    let calendar = holidays::of_branch(ctx.conn(), code, from).await?;
    let most_days = parameter::if_on_date(ctx.conn(), "business_date_most_days", from).await?;
    let most_days = most_days.unwrap_or(business_date::MOST_DAYS);
    let to = asked.decide(code, from, &calendar, most_days)?;
    close_day(ctx.conn(), number).await?;
    sqlx::query!("update branch set business_date = $2 where number = $1", number, to.to_sqlx() as _)
        .execute(ctx.conn())
        .await?;
    open_day(ctx.conn(), number, to).await?;
    let branch = BranchNumber::try_from(number).map_err(OpError::stored)?;
    ctx.sit_at(branch, to);
    let job = jobs::open_in_op(&mut ctx, branch, from, to).await?;
    let what = match &asked.reason {
        Some(reason) => format!("Moved the business date to {}: {reason}", format_date(to)),
        None => format!("Moved the business date to {}", format_date(to)),
    };
    let detail = json!({ "from": from.to_string(), "to": to.to_string(), "job": job });
    ctx.commit(Outcome::Done, &format!("branch:{code}"), &what, detail, None).await?;
    Ok(Flipped { from, to, job })
}

// SQL

async fn close_day(tx: &mut PgConnection, number: i16) -> Result<(), OpError> {
    sqlx::query!(
        "update business_day set closed_at = clock_timestamp() where branch = $1 and closed_at is null",
        number
    )
    .execute(tx)
    .await?;
    Ok(())
}
