//! A branch's business date: moved from where it was seen, by a few days, to a working day.

use crate::support::{Fallible, Story, as_owner, count};
use jiff::civil::{Date, date};
use tawi_bank::business_date::move_forward;
use tawi_domain::shared::business_date::{BusinessDateMove, MoveTo};
use tawi_testing::{TODAY, TestBank};

const BRANCH: &str = "NBO-HQ";

fn next_from(seen: Date) -> BusinessDateMove {
    BusinessDateMove { from: Some(seen), to: MoveTo::NextWorkingDay, reason: None }
}

fn to(day: Date) -> BusinessDateMove {
    BusinessDateMove { from: None, to: MoveTo::Day(day), reason: None }
}

async fn is_at(test: &TestBank) -> Fallible<Date> {
    let day: String = sqlx::query_scalar("select business_date::text from branch where code = $1")
        .bind(BRANCH)
        .fetch_one(test.bank.owner())
        .await?;
    Ok(day.parse()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_five_who_move_one_date_at_once_one_does() -> Story {
    let test = TestBank::new().await?;
    let together = (0..5).map(|_| {
        let bank = test.bank.clone();
        tokio::spawn(async move { move_forward(&bank, BRANCH, &next_from(TODAY)).await })
    });
    let mut moved = 0;
    for one in together.collect::<Vec<_>>() {
        match one.await? {
            Ok((from, to)) => {
                assert_eq!((from, to), (TODAY, date(2026, 3, 27)));
                moved += 1;
            }
            Err(refused) => assert!(refused.to_string().contains("Look again"), "{refused}"),
        }
    }
    assert_eq!((moved, is_at(&test).await?), (1, date(2026, 3, 27)));
    test.finish().await
}

#[tokio::test]
async fn a_date_moves_a_few_days_to_a_working_day_or_for_a_reason() -> Story {
    let test = TestBank::new().await?;
    as_owner(&test, "insert into holiday (day, name) values ('2026-03-27', 'Idd-ul-Fitr')").await?;
    for (day, says) in [
        (date(2062, 3, 26), "7 days at most"),
        (date(9999, 12, 31), "7 days at most"),
        (date(2026, 4, 4), "7 days at most"),
        (date(2026, 3, 29), "no working day"),
        (date(2026, 3, 27), "no working day"),
        (TODAY, "only moves forward"),
        (date(2026, 3, 25), "only moves forward"),
    ] {
        let refused = move_forward(&test.bank, BRANCH, &to(day)).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{day}: {refused}");
    }
    assert_eq!(is_at(&test).await?, TODAY);
    // The holiday is passed over.
    assert_eq!(move_forward(&test.bank, BRANCH, &next_from(TODAY)).await?, (TODAY, date(2026, 3, 28)));
    let sunday = BusinessDateMove::because(date(2026, 3, 29), "Counted on Sunday");
    move_forward(&test.bank, BRANCH, &sunday).await?;
    let told = "select count(*) from audit_event where operation = 'business_date' and what like '%: Counted on Sunday'";
    assert_eq!(count(&test, told).await?, 1);
    // The bank may set how far.
    let farther = "insert into parameter (code, valid_from, value, source)
         values ('business_date_most_days', '2026-03-29', '30', 'test')";
    as_owner(&test, farther).await?;
    move_forward(&test.bank, BRANCH, &to(date(2026, 4, 20))).await?;
    assert!(move_forward(&test.bank, "NOWHERE", &to(date(2026, 4, 21))).await.is_err());
    test.finish().await
}
