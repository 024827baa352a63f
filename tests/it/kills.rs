//! A program that is killed in the middle of a job: the next one goes on, and it ends the same.

use crate::support::{Fallible, Story};
use jiff::ToSpan;
use jiff::civil::Date;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tawi_bank::business_date::flip;
use tawi_bank::jobs;
use tawi_bank::shared::canonical::hex;
use tawi_domain::shared::business_date::BusinessDateMove;
use tawi_testing::books::state;
use tawi_testing::lending::small_loan_paid_out;
use tawi_testing::{AUDIT_KEY, TODAY, TestBank};

/// Loans of the bank, each a chunk of its own.
const LOANS: u32 = 12;
/// Kills, unless `TAWI_KILLS` says how many.
const KILLS: u32 = 5;

async fn with_loans() -> Fallible<TestBank> {
    let test = TestBank::new().await?;
    for nth in 0..LOANS {
        small_loan_paid_out(&test.bank, nth).await?;
    }
    Ok(test)
}

fn started(test: &TestBank) -> Fallible<Child> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tawi"));
    program
        .args(["jobs", "--rows", "1"])
        .env("DATABASE_URL", test.url())
        .env("TAWI_AUDIT_KEY", hex(&AUDIT_KEY));
    program.env("TAWI_LOG", "error").stdout(Stdio::null()).stderr(Stdio::null());
    Ok(program.env_remove("TAWI_APP_DATABASE_URL").env_remove("TAWI_DEMO").spawn()?)
}

async fn one(test: &TestBank, query: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(query).fetch_one(test.bank.owner()).await
}

/// Kills the program some moments after it has done a number of chunks more. Answers whether it was still at it.
async fn killed(test: &TestBank, chunks: i64, moments: u64) -> Fallible<bool> {
    let done = "select coalesce(sum(chunks), 0)::bigint from job_step";
    let until = one(test, done).await? + chunks;
    let mut program = started(test)?;
    while one(test, done).await? < until && program.try_wait()?.is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_micros(moments * 700)).await;
    program.kill()?;
    Ok(!program.wait()?.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_killed_again_and_again_ends_as_one_that_is_not() -> Story {
    let kills: u32 = std::env::var("TAWI_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let (test, whole) = (with_loans().await?, with_loans().await?);
    let (mut done, mut day): (u32, Date) = (0, TODAY);
    while done < kills {
        day = day.checked_add(1.month())?;
        let asked = BusinessDateMove::because(day, "a test");
        flip(&test.bank, "NBO-HQ", &asked).await?;
        let there = flip(&whole.bank, "NBO-HQ", &asked).await?;
        // After no chunk, after one, after two: at whatever the program is doing then.
        while done < kills && killed(&test, i64::from(done % 3), u64::from(done * 7 % 23)).await? {
            done += 1;
        }
        assert!(one(&test, "select count(*) from job where ended_at is null").await? <= 1);
        jobs::finish(&test.bank, 1).await?;
        jobs::run(&whole.bank, there.job, jobs::ROWS).await?;
        assert_eq!(state(&test.bank).await?, state(&whole.bank).await?, "{day}, after {done} kills");
        test.holds().await?;
    }
    eprintln!("killed {done} times, up to {day}");
    whole.finish().await?;
    test.finish().await
}
