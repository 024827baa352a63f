//! Work over many rows, by branch and date: what the days after one date up to another bring. A job has steps, a
//! step goes through its rows in their order, in chunks. A chunk is one transaction: one key, one audit line
//! whose seal covers the digest of its journals, and a note of how far it came. Whoever is killed goes on there,
//! and several who run one job take turns at its step.
//!
//! A job never stops its branch: a chunk holds the locks of its rows, keeps the date from moving, waits for nobody
//! for longer than a second, and whatever writes a loan before the job came to it brings that loan up first
//! (`credit_ops::due`). A row that cannot be done is set
//! aside by name, told to the branch, and tried again by the next job.

mod steps;

use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::ledger;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::PgConnection;
use std::time::Duration;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::ids::{BranchNumber, ReferenceKind, RequestKey};
use tawi_domain::shared::job::JobStep;
use tawi_domain::shared::permissions::Operation;

/// Rows of a chunk: enough to be quick, few enough that whoever waits for one of them waits for an instant.
pub const ROWS: i64 = 500;
/// How often a node that leads looks for what others left.
const PAUSE: Duration = Duration::from_secs(5);
/// How often a chunk that lost a race in the database, or was kept waiting for a row, is tried. Each time it lets go
/// of everything.
const ATTEMPTS: u32 = 60;

/// What a job has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Code of the branch.
    pub branch: String,
    /// The date it worked for.
    pub until: Date,
    /// Rows that were done.
    pub rows: i64,
    /// Rows that were set aside.
    pub set_aside: i64,
}

/// Opens the job of a new date, in the operation that moves it. Whatever an earlier job had left is taken over:
/// its days are this one's. Answers the job.
pub(crate) async fn open_in_op(
    ctx: &mut OpCtx,
    branch: BranchNumber,
    since: Date,
    until: Date,
) -> Result<i64, OpError> {
    let job = insert_job(ctx.conn(), branch, since, until).await?;
    for (nth, step) in (1..).zip(JobStep::ALL) {
        insert_step(ctx.conn(), job, nth, step).await?;
    }
    Ok(job)
}

/// Runs every job that has not ended, the oldest first, and reports each. What a program that was killed left
/// is finished so, by the next that comes.
///
/// # Errors
/// The database does not answer. What is done stays done.
pub async fn finish(bank: &Bank, rows: i64) -> Result<Vec<Report>, OpError> {
    let (mut reports, mut stopped) = (Vec::new(), None);
    for job in open_jobs(bank).await? {
        // A branch whose job stops does not stop the others.
        match run(bank, job, rows).await {
            Ok(report) => reports.push(report),
            Err(error) => {
                tracing::warn!(job, cause = %error, "a job stopped; it is tried again");
                stopped = Some(error);
            }
        }
    }
    stopped.map_or(Ok(reports), Err)
}

/// Finishes jobs that were begun and left, as long as this node leads and until it stops.
pub async fn keep_up(bank: Bank) {
    let mut stopping = bank.hub().stopping();
    while !*stopping.borrow() {
        if bank.hub().is_leading()
            && let Err(error) = finish(&bank, ROWS).await
        {
            tracing::debug!(cause = %error, "not every job ended");
        }
        let _ = tokio::time::timeout(PAUSE, stopping.changed()).await;
    }
}

/// Runs a job to its end, in chunks of so many rows.
///
/// # Errors
/// The database does not answer. What is done stays done.
pub async fn run(bank: &Bank, job: i64, rows: i64) -> Result<Report, OpError> {
    let (mut most, mut attempts) = (rows.max(1), 0);
    let stopping = bank.hub().stopping();
    loop {
        // A node that stops leaves the rest to another.
        if *stopping.borrow() {
            return report(bank, job).await;
        }
        match apart(bank, job, most).await {
            Ok(Went::On) => (most, attempts) = (rows.max(1), 0),
            Ok(Went::ToTheEnd) => return report(bank, job).await,
            Err(error) if (error.is_retriable() || error.is_kept_waiting()) && attempts < ATTEMPTS => {
                attempts += 1
            }
            Err(error) if !error.is_of_a_row() => return Err(error),
            // One of the rows is at fault: half of them at a time, until it stands alone.
            Err(_) if most > 1 => most /= 2,
            Err(_) => {
                alone(bank, job).await?;
                most = rows.max(1);
            }
        }
    }
}

/// A chunk in a task of its own: a row that makes the program panic is a row at fault like any other.
async fn apart(bank: &Bank, job: i64, most: i64) -> Result<Went, OpError> {
    let bank = bank.clone();
    match tokio::spawn(async move { chunk(&bank, job, most).await }).await {
        Ok(went) => went,
        Err(fault) => Err(OpError::stored(format!("a row that cannot be reckoned: {fault}"))),
    }
}

/// The next row alone, in a task of its own.
async fn alone(bank: &Bank, job: i64) -> Result<(), OpError> {
    let own = bank.clone();
    match tokio::spawn(async move { set_aside_next(&own, job, None).await }).await {
        Err(fault) => set_aside_next(bank, job, Some(format!("it cannot be reckoned: {fault}"))).await,
        Ok(Err(error)) if error.is_retriable() || error.is_kept_waiting() => Ok(()),
        Ok(done) => done,
    }
}

enum Went {
    On,
    ToTheEnd,
}

/// One chunk of the step that a job has come to.
async fn chunk(bank: &Bank, job: i64, most: i64) -> Result<Went, OpError> {
    let Some((mut ctx, place)) = take_turn(bank, job).await? else { return Ok(Went::ToTheEnd) };
    let items = steps::next_in_op(place.step, &mut ctx, &place.reached, most).await?;
    let faults = steps::do_in_op(place.step, &mut ctx, &items).await?;
    for (item, reason) in &faults {
        insert_fault(ctx.conn(), job, place.step, item, reason).await?;
        steps::alert(place.step, &mut ctx, item)?;
    }
    let ended = i64::try_from(items.len()).map_err(OpError::stored)? < most;
    let reached = items.last().cloned().unwrap_or_else(|| place.reached.clone());
    end_chunk(ctx, job, &place, Chunk { items: items.len(), faults, reached, ended }).await
}

/// Does the next row alone, and sets it aside when it fails: whose turn it is may have changed since a chunk of one
/// row failed, and the row that comes now is judged by what it does itself. `panicked`: it is not tried again.
async fn set_aside_next(bank: &Bank, job: i64, panicked: Option<String>) -> Result<(), OpError> {
    let Some((mut ctx, place)) = take_turn(bank, job).await? else { return Ok(()) };
    let items = steps::next_in_op(place.step, &mut ctx, &place.reached, 1).await?;
    sqlx::query("savepoint row").execute(ctx.conn()).await?;
    let told = ctx.told();
    let faults = match panicked {
        Some(reason) => items.iter().map(|item| (item.clone(), reason.clone())).collect(),
        None => match steps::do_in_op(place.step, &mut ctx, &items).await {
            Ok(faults) => faults,
            Err(error) if error.is_of_a_row() => {
                sqlx::query("rollback to savepoint row").execute(ctx.conn()).await?;
                ctx.untell(told);
                items.iter().map(|item| (item.clone(), error.to_string())).collect()
            }
            Err(error) => return Err(error),
        },
    };
    for (item, reason) in &faults {
        insert_fault(ctx.conn(), job, place.step, item, reason).await?;
        steps::alert(place.step, &mut ctx, item)?;
    }
    let reached = items.last().cloned().unwrap_or_else(|| place.reached.clone());
    let done = Chunk { items: items.len(), faults, reached, ended: items.is_empty() };
    let set_aside: Vec<String> = done.faults.iter().map(|(item, _)| item.clone()).collect();
    end_chunk(ctx, job, &place, done).await?;
    if !set_aside.is_empty() {
        tracing::error!(job, step = place.step.code(), rows = ?set_aside, "set aside");
    }
    Ok(())
}

/// Where a job stands.
struct Place {
    branch: String,
    nth: i16,
    step: JobStep,
    reached: String,
}

/// Begins a chunk of the step a job has come to, on the date its branch is at. Nobody else is at it until the
/// chunk ends. None when the job has ended, or another has taken it over.
async fn take_turn(bank: &Bank, job: i64) -> Result<Option<(OpCtx, Place)>, OpError> {
    loop {
        let Some(seen) = place_of(&mut *bank.owner().acquire().await?, job, false).await? else {
            return Ok(None);
        };
        let key = RequestKey::of_chunk(job, seen.place.step.code(), &seen.place.reached);
        let mut ctx = OpCtx::begin_chunk(bank, Operation::BusinessDate, seen.branch, key).await?;
        let Some(now) = place_of(ctx.conn(), job, true).await? else { return Ok(None) };
        // Somebody took this turn while the lock was waited for: the next is another one, under another key.
        if (now.place.nth, &now.place.reached) == (seen.place.nth, &seen.place.reached) {
            return Ok(Some((ctx, now.place)));
        }
    }
}

/// What a chunk did.
struct Chunk {
    items: usize,
    faults: Vec<(String, String)>,
    reached: String,
    ended: bool,
}

async fn end_chunk(mut ctx: OpCtx, job: i64, place: &Place, done: Chunk) -> Result<Went, OpError> {
    let set_aside = done.faults.len();
    let rows = done.items.saturating_sub(set_aside);
    let whole = note_progress(ctx.conn(), job, place.nth, &done, rows).await?;
    let digest = ledger::digest_in_op(&mut ctx).await?;
    let what = match set_aside {
        0 => format!("{}: {rows} done", place.step.title()),
        set_aside => format!("{}: {rows} done, {set_aside} set aside", place.step.title()),
    };
    let detail = json!({
        "job": job, "step": place.step.code(), "after": place.reached, "reached": done.reached, "rows": rows,
        "set_aside": done.faults.iter().map(|(item, _)| item).collect::<Vec<_>>(), "digest": digest,
    });
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let effect = format!("job {job}");
    let receipt = Receipt::Done { reference, title: what.clone(), effect, paper: None, lines: Vec::new() };
    ctx.commit(Outcome::Done, &format!("branch:{}", place.branch), &what, detail, Some(&receipt)).await?;
    Ok(if whole { Went::ToTheEnd } else { Went::On })
}

// SQL

async fn insert_job(
    tx: &mut PgConnection,
    branch: BranchNumber,
    since: Date,
    until: Date,
) -> Result<i64, OpError> {
    let left = sqlx::query!(
        r#"
        update job set ended_at = clock_timestamp() where branch = $1 and ended_at is null returning id, since
        "#,
        branch.get(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let since = left.as_ref().map_or(since, |left| left.since.to_jiff());
    let job = sqlx::query_scalar!(
        "insert into job (branch, since, until) values ($1, $2, $3) returning id",
        branch.get(),
        since.to_sqlx() as _,
        until.to_sqlx() as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    if let Some(left) = left {
        sqlx::query!("update job set taken_over = $2 where id = $1", left.id, job).execute(tx).await?;
    }
    Ok(job)
}

async fn insert_step(tx: &mut PgConnection, job: i64, nth: i16, step: JobStep) -> Result<(), OpError> {
    sqlx::query!("insert into job_step (job, nth, step) values ($1, $2, $3)", job, nth, step.code())
        .execute(tx)
        .await?;
    Ok(())
}

async fn insert_fault(
    tx: &mut PgConnection,
    job: i64,
    step: JobStep,
    item: &str,
    reason: &str,
) -> Result<(), OpError> {
    sqlx::query!(
        "insert into job_fault (job, step, item, reason) values ($1, $2, $3, $4)",
        job,
        step.code(),
        item,
        reason,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn open_jobs(bank: &Bank) -> Result<Vec<i64>, OpError> {
    Ok(sqlx::query_scalar!("select id from job where ended_at is null order by id")
        .fetch_all(bank.owner())
        .await?)
}

/// A place with what is needed to begin there.
struct Seen {
    place: Place,
    branch: BranchNumber,
}

/// The step a job has come to; locked, if it shall be, until the transaction ends.
async fn place_of(tx: &mut PgConnection, job: i64, locked: bool) -> Result<Option<Seen>, OpError> {
    if locked {
        // Whoever moves the date on takes the job over, and whoever has its turn notes progress: one at a time.
        sqlx::query!("select from job where id = $1 for update", job).execute(&mut *tx).await?;
    }
    let row = sqlx::query!(
        r#"
        select j.branch, b.code, s.nth, s.step, s.reached
        from job j
        join branch b on b.number = j.branch
        join job_step s on s.job = j.id and s.ended_at is null
        where j.id = $1 and j.ended_at is null
        order by s.nth
        limit 1
        "#,
        job
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(Seen {
            place: Place {
                branch: row.code,
                nth: row.nth,
                step: JobStep::from_code(&row.step).ok_or_else(|| OpError::stored(&row.step))?,
                reached: row.reached,
            },
            branch: BranchNumber::try_from(row.branch).map_err(OpError::stored)?,
        })
    })
    .transpose()
}

/// Notes how far a step came, and ends the job with its last step. Answers whether it ended.
async fn note_progress(
    tx: &mut PgConnection,
    job: i64,
    nth: i16,
    done: &Chunk,
    rows: usize,
) -> Result<bool, OpError> {
    sqlx::query!(
        r#"
        update job_step
        set reached = $3, chunks = chunks + 1, rows = rows + $4, set_aside = set_aside + $5,
            ended_at = case when $6 then clock_timestamp() end
        where job = $1 and nth = $2
        "#,
        job,
        nth,
        done.reached,
        i64::try_from(rows).map_err(OpError::stored)?,
        i64::try_from(done.faults.len()).map_err(OpError::stored)?,
        done.ended,
    )
    .execute(&mut *tx)
    .await?;
    let ended = sqlx::query!(
        r#"
        update job set ended_at = clock_timestamp()
        where id = $1 and not exists (select from job_step where job = $1 and ended_at is null)
        "#,
        job
    )
    .execute(tx)
    .await?;
    Ok(ended.rows_affected() == 1)
}

async fn report(bank: &Bank, job: i64) -> Result<Report, OpError> {
    let row = sqlx::query!(
        r#"
        select b.code, j.until, sum(s.rows)::bigint as "rows!", sum(s.set_aside)::bigint as "set_aside!"
        from job j
        join branch b on b.number = j.branch
        join job_step s on s.job = j.id
        where j.id = $1
        group by b.code, j.until
        "#,
        job
    )
    .fetch_one(bank.owner())
    .await?;
    Ok(Report { branch: row.code, until: row.until.to_jiff(), rows: row.rows, set_aside: row.set_aside })
}
