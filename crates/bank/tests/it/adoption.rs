//! Books that come from another cluster: refused until they are adopted, whole afterwards, with the past as
//! sealed as it was. `tests/it/restore.rs` tells the same with a real dump and a real second cluster.

use crate::support::{Fallible, Story, as_owner, count};
use jiff::civil::{Date, date};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tawi_bank::adopt::{Adopted, adopt};
use tawi_bank::business_date;
use tawi_bank::proof;
use tawi_bank::shared::cluster;
use tawi_domain::shared::business_date::BusinessDateMove;
use tawi_domain::shared::ids::AccountNumber;
use tawi_testing::clusters::{as_in_an_older_cluster, as_restored_into_a_younger_one, marked};
use tawi_testing::{AUDIT_KEY, TestBank, lending};

/// Names of the invariants that are broken.
async fn broken(test: &TestBank) -> Fallible<Vec<String>> {
    let mut owner = PgConnection::connect(test.url()).await?;
    let findings = proof::verify(&mut owner, &AUDIT_KEY).await?;
    owner.close().await?;
    let broken = findings.into_iter().filter(|finding| !finding.rows.is_empty());
    Ok(broken.map(|finding| finding.invariant).collect())
}

/// A bank with a loan, restored from an older cluster: marks in the middle of its life, a tail behind them.
async fn restored() -> Fallible<(TestBank, AccountNumber)> {
    let test = TestBank::new().await?;
    as_in_an_older_cluster(&test.bank).await?;
    let (_, loan) = lending::paid_out(&test.bank, 1).await?;
    marked(&test.bank, AUDIT_KEY).await?;
    lending::repay(&test.bank, &loan, "500", "before the dump").await?;
    as_restored_into_a_younger_one(&test.bank).await?;
    Ok((test, loan))
}

async fn refusal(test: &TestBank) -> Fallible<String> {
    let mut owner = test.bank.owner().acquire().await?;
    match cluster::must_be_at_home(&mut owner).await {
        Ok(()) => Err("these books are at home".into()),
        Err(refusal) => Ok(refusal.to_string()),
    }
}

fn to(day: Date) -> BusinessDateMove {
    BusinessDateMove::because(day, "a test")
}

#[tokio::test]
async fn restored_books_are_refused_then_adopted_and_go_on() -> Story {
    let (test, loan) = restored().await?;
    test.holds().await?;
    let lines = count(&test, "select count(*) from audit_event").await?;
    assert!(refusal(&test).await?.contains("run `tawi adopt`"));
    let moved = business_date::move_forward(&test.bank, "NBO-HQ", &to(date(2026, 3, 27))).await;
    assert!(moved.unwrap_err().to_string().contains("`tawi adopt`"), "nor does the command line write");

    let adopted = adopt(&test.bank, None).await?;
    assert!(adopted.ahead > 0 && adopted.broken == 0 && adopted.from != Some(adopted.to), "{adopted:?}");
    assert_eq!(adopted.lines, lines);
    let loose = "select count(*) from audit_event where operation <> 'adopt' and transaction >=
                 (select max(until_transaction) from audit_chain)";
    assert_eq!(count(&test, loose).await?, 0, "every line that stood before is under a link");
    let told = "select count(*) from audit_event e join cluster c on e.subject = 'cluster:' || c.number
                where e.operation = 'adopt' and e.detail ->> 'to' = c.identifier::text
                  and e.detail ->> 'from' = (select identifier::text from cluster where number = c.number - 1)";
    assert_eq!(count(&test, told).await?, 1, "the audit tells of both clusters");
    test.holds().await?;

    lending::repay(&test.bank, &loan, "1000", "after the adoption").await?;
    test.holds().await?;
    marked(&test.bank, AUDIT_KEY).await?;
    test.holds().await?;
    business_date::move_forward(&test.bank, "NBO-HQ", &to(date(2026, 4, 27))).await?;
    let test = test.led().await?;
    test.finish().await
}

#[tokio::test]
async fn what_an_older_program_writes_into_books_that_were_not_adopted_breaks_them() -> Story {
    let (test, loan) = restored().await?;
    // People are not asked where the books are: their portal would not have started.
    lending::repay(&test.bank, &loan, "1000", "not adopted").await?;
    let found = broken(&test).await?;
    for invariant in [
        "control accounts are the sum of the items behind them",
        "the roll-up and its tail are all postings",
        "audit verifies",
    ] {
        assert!(found.contains(&invariant.to_owned()), "{found:?} should name {invariant:?}");
    }

    // Adopted nevertheless, for a reason: the books are right again, the audit tells what is wrong with it.
    let refused = adopt(&test.bank, None).await.unwrap_err().to_string();
    assert!(refused.contains("--despite-broken-audit"), "{refused}");
    let nothing = adopt(&test.bank, Some(" ")).await.unwrap_err().to_string();
    assert!(nothing.contains("Enter why"), "{nothing}");
    let adopted = adopt(&test.bank, Some("Restored by the old program")).await?;
    assert!(adopted.broken > 0, "{adopted:?}");
    assert_eq!(broken(&test).await?, ["audit verifies"]);
    let told = "select count(*) from audit_event where detail ->> 'despite' = 'Restored by the old program'
                  and (detail ->> 'audit_faults')::int > 0";
    assert_eq!(count(&test, told).await?, 1);
    test.discard().await
}

#[tokio::test]
async fn an_old_line_that_is_changed_or_removed_is_found_before_and_after_the_adoption() -> Story {
    for statement in [
        "update audit_event set what = 'Nothing' where id = (select min(id) from audit_event)",
        "delete from audit_event where id = (select min(id) from audit_event)",
        // From the tail, which no link covered before the adoption.
        "delete from audit_event where id = (select min(id) from audit_event where operation = 'repayment')",
        "delete from audit_chain where number = 1",
        "delete from audit_chain where number = 2",
    ] {
        let (test, loan) = restored().await?;
        adopt(&test.bank, None).await?;
        lending::repay(&test.bank, &loan, "1000", "after the adoption").await?;
        // Transactions of other databases in the cluster hold the chain back until they end.
        while count(&test, "select count(*) from audit_chain").await? < 3 {
            marked(&test.bank, AUDIT_KEY).await?;
        }
        tampered(&test, statement).await?;
        assert!(broken(&test).await?.contains(&"audit verifies".to_owned()), "{statement}");
        test.discard().await?;
    }
    let (test, _) = restored().await?;
    tampered(&test, "update audit_event set what = 'Nothing' where id = (select min(id) from audit_event)")
        .await?;
    let refused = adopt(&test.bank, None).await.unwrap_err().to_string();
    assert!(refused.contains("1 faults, the first at"), "{refused}");
    assert_eq!(count(&test, "select count(*) from cluster").await?, 1, "nothing of it stays");
    test.discard().await
}

#[tokio::test]
async fn books_that_move_twice_are_adopted_twice() -> Story {
    let (test, loan) = restored().await?;
    let first = adopt(&test.bank, None).await?;
    lending::repay(&test.bank, &loan, "1000", "in the second cluster").await?;
    marked(&test.bank, AUDIT_KEY).await?;
    // With the dump goes what its functions add to the numbers; here the next ones are larger than all it holds.
    tampered(&test, "update cluster set identifier = identifier - 1").await?;
    assert!(refusal(&test).await?.contains("`tawi adopt`"));
    let second = adopt(&test.bank, None).await?;
    assert!(second.lines > first.lines, "{first:?} {second:?}");
    lending::repay(&test.bank, &loan, "1000", "in the third").await?;
    marked(&test.bank, AUDIT_KEY).await?;
    assert_eq!(count(&test, "select count(*) from audit_event where operation = 'adopt'").await?, 2);
    test.finish().await
}

#[tokio::test]
async fn a_cluster_that_was_set_back_behind_its_books_is_another_one() -> Story {
    let test = TestBank::new().await?;
    lending::paid_out(&test.bank, 1).await?;
    marked(&test.bank, AUDIT_KEY).await?;
    let mut owner = test.bank.owner().acquire().await?;
    assert!(cluster::standing(&mut owner).await?.is_at_home());
    drop(owner);
    // A newer dump in a cluster that was itself restored to an earlier point in time.
    tampered(&test, "update gl_rollup_mark set until_transaction = until_transaction + 1000000000000")
        .await?;
    assert!(refusal(&test).await?.contains("`tawi adopt`"));
    adopt(&test.bank, None).await?;
    test.finish().await
}

#[tokio::test]
async fn books_at_home_and_books_that_are_served_are_not_adopted() -> Story {
    let test = TestBank::new().await?;
    let refused = adopt(&test.bank, None).await.unwrap_err().to_string();
    assert!(refused.contains("nothing to adopt"), "{refused}");
    test.finish().await?;

    let (test, _) = restored().await?;
    let mut leading = PgConnection::connect(test.url()).await?;
    leading.execute("select pg_advisory_lock(7260)").await?;
    let refused = adopt(&test.bank, None).await.unwrap_err().to_string();
    assert!(refused.contains("stop it"), "{refused}");
    leading.execute("select pg_advisory_unlock(7260)").await?;
    leading.close().await?;
    adopted_by_one_of(&test, 4).await?;
    test.finish().await
}

/// Several adopt at once: one does, the others hear of it.
async fn adopted_by_one_of(test: &TestBank, many: usize) -> Story {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..many {
        let bank = test.bank.clone();
        tasks.spawn(async move { adopt(&bank, None).await });
    }
    let outcomes = tasks.join_all().await;
    let done: Vec<&Adopted> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(done.len(), 1, "{outcomes:?}");
    assert_eq!(count(test, "select count(*) from cluster").await?, 2);
    Ok(())
}

#[tokio::test]
async fn nobody_but_the_owner_numbers_transactions_or_enters_a_cluster() -> Story {
    let test = TestBank::new().await?;
    for pool in [test.bank.pool(), test.bank.jobs()] {
        let mut connection = pool.acquire().await?;
        for statement in [
            "select number_transactions_ahead(5)",
            "insert into cluster (number, identifier, ahead) values (2, 1, 0)",
            "update cluster set identifier = 1",
        ] {
            assert!(sqlx::query(statement).execute(&mut *connection).await.is_err(), "{statement}");
        }
        assert!(cluster::standing(&mut connection).await?.is_at_home());
    }
    for statement in ["update cluster set identifier = 1", "delete from cluster", "truncate cluster"] {
        assert!(as_owner(&test, statement).await.is_err(), "{statement}");
    }
    test.finish().await
}

/// A superuser can switch triggers off.
async fn tampered(test: &TestBank, statement: &str) -> Story {
    let mut owner = PgConnection::connect(test.url()).await?;
    let statement = format!("set session_replication_role = replica; {statement}");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut owner).await?;
    owner.close().await?;
    Ok(())
}
