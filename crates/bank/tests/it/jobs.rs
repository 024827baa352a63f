//! What a new business date brings, in chunks: the same whoever does it, however often they are stopped, and
//! beside the day's work.

use crate::support::{Fallible, Story, as_owner, count, next};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use tawi_bank::business_date::{self, Flipped, flip};
use tawi_bank::{Bank, jobs};
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::shared::business_date::BusinessDateMove;
use tawi_domain::shared::ids::AccountNumber;
use tawi_domain::shared::notice::NoticeBody;
use tawi_testing::books::state;
use tawi_testing::lending::{
    MANAGER, OFFICER, application, borrower, disbursement, go_to, paid_out, repay, small_application,
    small_loan_paid_out,
};
use tawi_testing::{TODAY, TestBank, agreed, caller, command, listen};

/// A bank with loans that fall due on different days: weekly, fortnightly, monthly, one repaid already.
async fn lively() -> Fallible<(TestBank, Vec<AccountNumber>)> {
    let test = TestBank::new().await?;
    let mut loans = vec![paid_out(&test.bank, 1).await?.1];
    for (nth, frequency) in (2..).zip(["weekly", "fortnightly", "monthly"]) {
        let who = borrower(&test.bank, nth).await?;
        let form = LoanApplicationForm { frequency: frequency.into(), ..application(&who, "30000", "6") };
        let loan = agreed(&test.bank, OFFICER, MANAGER, &command(&form)?, &format!("loan-{nth}")).await?;
        let loan: AccountNumber = loan.parse()?;
        let form = command(&disbursement(&loan))?;
        agreed(&test.bank, OFFICER, MANAGER, &form, &format!("out-{nth}")).await?;
        loans.push(loan);
    }
    repay(&test.bank, &loans[3], "4000", "early").await?;
    Ok((test, loans))
}

async fn flip_to(bank: &Bank, day: Date) -> Fallible<Flipped> {
    Ok(flip(bank, "NBO-HQ", &BusinessDateMove::because(day, "a test")).await?)
}

#[tokio::test]
async fn forty_days_in_one_jump_are_forty_single_days() -> Story {
    let (singly, _) = lively().await?;
    let (at_once, _) = lively().await?;
    assert_eq!(state(&singly.bank).await?, state(&at_once.bank).await?, "they begin alike");
    for days in 1..=40 {
        let day = TODAY.checked_add(days.days())?;
        // In chunks of one row, too.
        let flipped = flip_to(&singly.bank, day).await?;
        jobs::run(&singly.bank, flipped.job, if days % 2 == 0 { 1 } else { jobs::ROWS }).await?;
        singly.holds().await?;
    }
    go_to(&at_once.bank, TODAY.checked_add(40.days())?).await?;
    let told = state(&at_once.bank).await?;
    assert_eq!(state(&singly.bank).await?, told);
    assert_eq!(told["late"].as_array().map(Vec::len), Some(4), "each became late, and is told once");
    singly.finish().await?;
    at_once.finish().await
}

#[tokio::test]
async fn whoever_pays_before_the_job_came_to_their_loan_pays_the_same() -> Story {
    let (before, loans) = lively().await?;
    let (after, _) = lively().await?;
    let day = date(2026, 4, 27);
    let flipped = flip_to(&before.bank, day).await?;
    for (nth, loan) in loans.iter().enumerate() {
        repay(&before.bank, loan, "1500", &format!("pay-{nth}")).await?;
        before.holds().await?;
    }
    let report = jobs::run(&before.bank, flipped.job, 1).await?;
    assert_eq!(report.set_aside, 0);
    go_to(&after.bank, day).await?;
    for (nth, loan) in loans.iter().enumerate() {
        repay(&after.bank, loan, "1500", &format!("pay-{nth}")).await?;
    }
    assert_eq!(state(&before.bank).await?, state(&after.bank).await?);
    before.finish().await?;
    after.finish().await
}

#[tokio::test]
async fn a_borrower_who_is_late_today_is_late_to_the_rules_before_the_job_came() -> Story {
    let test = TestBank::new().await?;
    let (who, _) = small_loan_paid_out(&test.bank, 1).await?;
    let flipped = flip_to(&test.bank, date(2026, 5, 5)).await?;
    let again = tawi_testing::lending::apply(&test.bank, &small_application(&who), "again").await;
    let refused = again.unwrap_err().to_string();
    assert!(
        refused.contains("late") || refused.contains("overdue") || refused.contains("arrears"),
        "{refused}"
    );
    jobs::run(&test.bank, flipped.job, jobs::ROWS).await?;
    assert_eq!(
        tawi_testing::lending::apply(&test.bank, &small_application(&who), "again")
            .await
            .unwrap_err()
            .to_string(),
        refused
    );
    test.finish().await
}

/// What a node of the version before would write, which books no interest before it takes a repayment.
#[tokio::test]
async fn a_loan_is_not_written_past_interest_that_is_not_booked_yet() -> Story {
    let (test, loans) = lively().await?;
    let flipped = flip_to(&test.bank, date(2026, 4, 27)).await?;
    let statement =
        format!("update loan set interest_due = interest_due + 5 where number = '{}'", loans[0].as_str());
    let refused = as_owner(&test, &statement).await.unwrap_err().to_string();
    assert!(refused.contains("before its interest was booked"), "{refused}");
    jobs::run(&test.bank, flipped.job, jobs::ROWS).await?;
    test.finish().await
}

#[tokio::test]
async fn a_row_that_cannot_be_done_is_set_aside_by_name_and_tried_again() -> Story {
    let (test, loans) = lively().await?;
    let bank = &test.bank;
    let (whole, _) = lively().await?;
    let position = count(&test, "select last from outbox_counter").await?;
    // One whose terms cannot be read, one whose standing in the books cannot.
    let mut owner = PgConnection::connect(test.url()).await?;
    let spoil = format!(
        "set session_replication_role = replica;
         create table kept as select number, terms, booked from loan;
         update loan set terms = '{{}}' where number = '{}';
         update loan set booked = '{{\"books\": {{}}}}' where number = '{}';",
        loans[1].as_str(),
        loans[2].as_str()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(spoil)).execute(&mut owner).await?;
    let flipped = flip_to(bank, date(2026, 4, 27)).await?;
    let report = jobs::run(bank, flipped.job, jobs::ROWS).await?;
    assert_eq!((report.rows, report.set_aside), (2, 2));
    let named: Vec<String> =
        sqlx::query_scalar("select item from job_fault order by item").fetch_all(bank.owner()).await?;
    assert_eq!(named, [loans[1].as_str(), loans[2].as_str()]);
    let recorded = "select count(*) from audit_event where detail -> 'set_aside' <> '[]'";
    assert!(count(&test, recorded).await? >= 1);
    // The branch hears of it.
    let test = test.led().await?;
    let mut stream = listen(&test.bank, caller(MANAGER)?, position).await?;
    let mut heard = Vec::new();
    while heard.len() < 2 {
        if let NoticeBody::LoanSetAside { loan } = next(&mut stream).await?.body {
            heard.push(loan);
        }
    }
    assert_eq!(heard, [loans[1].clone(), loans[2].clone()]);
    // What was wrong is put right: the next date's job does them with the others.
    let mend = "update loan l set terms = k.terms, booked = k.booked
        from kept k where k.number = l.number and l.number in (select item from job_fault); drop table kept";
    sqlx::raw_sql(mend).execute(&mut owner).await?;
    owner.close().await?;
    for bank in [&test.bank, &whole.bank] {
        go_to(bank, date(2026, 4, 28)).await?;
    }
    assert_eq!(state(&test.bank).await?, state(&whole.bank).await?);
    whole.finish().await?;
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_who_run_one_job_do_each_row_once() -> Story {
    let (test, _) = lively().await?;
    let (alone, _) = lively().await?;
    let day = date(2026, 4, 27);
    let flipped = flip_to(&test.bank, day).await?;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..5 {
        let bank = test.bank.clone();
        all.spawn(async move { jobs::run(&bank, flipped.job, 1).await });
    }
    while let Some(done) = all.join_next().await {
        assert_eq!(done??.rows, 4);
    }
    go_to(&alone.bank, day).await?;
    assert_eq!(state(&test.bank).await?, state(&alone.bank).await?);
    let twice = "select count(*) - count(distinct narrative) from journal where operation = 'business_date'";
    assert_eq!(count(&test, twice).await?, 0);
    alone.finish().await?;
    test.finish().await
}

#[tokio::test]
async fn a_date_that_moves_on_takes_over_what_the_job_before_had_left() -> Story {
    let (test, _) = lively().await?;
    let (alone, _) = lively().await?;
    let first = flip_to(&test.bank, date(2026, 4, 27)).await?;
    let second = flip_to(&test.bank, date(2026, 4, 28)).await?;
    let since = "select count(*) from job where since = '2026-03-26' and until = '2026-04-28'";
    assert_eq!(count(&test, since).await?, 1, "its days are the next one's");
    assert_eq!(jobs::run(&test.bank, first.job, 1).await?.rows, 0, "it was taken over");
    assert_eq!(jobs::finish(&test.bank, 1).await?.len(), 1);
    assert_eq!(jobs::run(&test.bank, second.job, 1).await?.rows, 4, "it had ended, and is told again");
    business_date::move_forward(
        &alone.bank,
        "NBO-HQ",
        &BusinessDateMove::because(date(2026, 4, 28), "a test"),
    )
    .await?;
    assert_eq!(state(&test.bank).await?, state(&alone.bank).await?);
    alone.finish().await?;
    test.finish().await
}

/// A node of the version before knows no jobs: it moves the date on beside an open one, which ends all the same.
#[tokio::test]
async fn a_job_ends_although_the_date_was_moved_on_beside_it() -> Story {
    let (test, _) = lively().await?;
    let (alone, _) = lively().await?;
    flip_to(&test.bank, date(2026, 4, 27)).await?;
    for statement in [
        "update business_day set closed_at = clock_timestamp() where branch = 1 and closed_at is null",
        "update branch set business_date = '2026-04-28' where number = 1",
        "insert into business_day (branch, business_date) values (1, '2026-04-28')",
    ] {
        as_owner(&test, statement).await?;
    }
    assert_eq!(jobs::finish(&test.bank, 1).await?[0].rows, 4);
    go_to(&alone.bank, date(2026, 4, 28)).await?;
    assert_eq!(state(&test.bank).await?, state(&alone.bank).await?);
    alone.finish().await?;
    test.finish().await
}

/// A chunk that is under way holds its own rows and nothing else of the branch.
#[tokio::test]
async fn a_job_never_stops_its_branch() -> Story {
    let (test, loans) = lively().await?;
    let flipped = flip_to(&test.bank, date(2026, 4, 27)).await?;
    let mut chunk = PgConnection::connect(test.url()).await?;
    let under_way = format!(
        "begin; select pg_advisory_xact_lock_shared(7262, 1); select from job where id = {} for update;
         select from loan where number = '{}' for update",
        flipped.job,
        loans[0].as_str()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(under_way)).execute(&mut chunk).await?;
    let others = async {
        repay(&test.bank, &loans[1], "700", "beside").await?;
        borrower(&test.bank, 9).await?;
        Fallible::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(20), others)
        .await
        .map_err(|_| "the branch waits for the job")??;
    chunk.close().await?;
    jobs::run(&test.bank, flipped.job, jobs::ROWS).await?;
    test.finish().await
}

/// A node that leads finishes what a program that was killed has left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_that_serves_finishes_what_was_left() -> Story {
    let (test, _) = lively().await?;
    flip_to(&test.bank, date(2026, 4, 27)).await?;
    let test = test.led().await?;
    let working = tokio::spawn(jobs::keep_up(test.bank.clone()));
    let open = "select count(*) from job where ended_at is null";
    tokio::time::timeout(Duration::from_secs(30), async {
        while count(&test, open).await? > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Fallible::Ok(())
    })
    .await??;
    test.bank.hub().stop();
    working.await?;
    test.finish().await
}

/// Somebody holds a loan: the chunk lets go of what it has and comes again; others post meanwhile, and another
/// branch's job is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_row_that_somebody_holds_keeps_neither_its_branch_nor_another_waiting() -> Story {
    let (test, loans) = lively().await?;
    let day = date(2026, 4, 27);
    let mut holder = PgConnection::connect(test.url()).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "begin; select from loan where number = '{}' for update",
        loans[3].as_str()
    )))
    .execute(&mut holder)
    .await?;
    let flipped = flip_to(&test.bank, day).await?;
    let bank = test.bank.clone();
    let job = tokio::spawn(async move { jobs::run(&bank, flipped.job, jobs::ROWS).await });
    // It has the first three within the second that it waits for the fourth: who wants one of them has it in time.
    for (nth, loan) in loans[..3].iter().enumerate() {
        repay(&test.bank, loan, "500", &format!("meanwhile-{nth}")).await?;
    }
    holder.close().await?;
    assert_eq!(job.await??.set_aside, 0);
    test.finish().await
}

#[tokio::test]
async fn a_job_that_cannot_go_on_stops_no_other_branch() -> Story {
    let (test, _) = lively().await?;
    let bank = &test.bank;
    let stuck = flip_to(bank, date(2026, 4, 27)).await?;
    let other = flip(bank, "MSA-01", &BusinessDateMove::because(date(2026, 4, 27), "a test")).await?;
    // A step of a later version.
    let becomes = "update job_step set step = $2 where job = $1";
    sqlx::query(becomes).bind(stuck.job).bind("provisions").execute(bank.owner()).await?;
    assert!(jobs::finish(bank, jobs::ROWS).await.is_err());
    let ended: Option<i64> =
        sqlx::query_scalar("select id from job where branch = 2 and ended_at is not null and id = $1")
            .bind(other.job)
            .fetch_optional(bank.owner())
            .await?;
    assert_eq!(ended, Some(other.job));
    sqlx::query(becomes).bind(stuck.job).bind("loans_due").execute(bank.owner()).await?;
    jobs::finish(bank, jobs::ROWS).await?;
    test.finish().await
}

/// Four who run one job with a broken loan in it: nobody sets another loan aside.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_who_run_one_job_set_aside_what_is_broken_and_nothing_else() -> Story {
    for rows in [1, jobs::ROWS] {
        let (test, loans) = lively().await?;
        let mut owner = PgConnection::connect(test.url()).await?;
        sqlx::query("set session_replication_role = replica").execute(&mut owner).await?;
        let spoil = sqlx::query("update loan set terms = '{}' where number = $1");
        spoil.bind(loans[1].as_str()).execute(&mut owner).await?;
        owner.close().await?;
        let flipped = flip_to(&test.bank, date(2026, 4, 27)).await?;
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let bank = test.bank.clone();
            all.spawn(async move { jobs::run(&bank, flipped.job, rows).await });
        }
        while let Some(done) = all.join_next().await {
            done??;
        }
        let named: Vec<String> =
            sqlx::query_scalar("select item from job_fault").fetch_all(test.bank.owner()).await?;
        assert_eq!(named, [loans[1].as_str()], "{rows} rows");
        test.discard().await?;
    }
    Ok(())
}

/// An event that nobody booked is no day's work: the loan is set aside, and its figures stay.
#[tokio::test]
async fn money_that_was_not_booked_is_no_days_work() -> Story {
    let (test, loans) = lively().await?;
    let spoil = format!(
        "set session_replication_role = replica;
         update loan_event set amount = amount + 500, body = jsonb_set(body, '{{amount,amount}}', to_jsonb((amount + 500)::text))
         where kind = 'repaid' and loan = '{}'",
        loans[3].as_str()
    );
    let mut owner = PgConnection::connect(test.url()).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(spoil)).execute(&mut owner).await?;
    owner.close().await?;
    go_to(&test.bank, date(2026, 4, 27)).await?;
    let named: Vec<(String, String)> =
        sqlx::query_as("select item, reason from job_fault").fetch_all(test.bank.owner()).await?;
    assert_eq!(named.len(), 1);
    assert!(named[0].0 == loans[3].as_str() && named[0].1.contains("not booked"), "{named:?}");
    test.discard().await
}
