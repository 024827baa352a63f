//! A query without any filter still shows no other branch's rows.

use crate::support::{Fallible, Story, ask, exposed, register};
use sqlx::{AssertSqlSafe, Row};
use tawi_bank::op::Look;
use tawi_bank::shared::db;
use tawi_bank::{Bank, Caller};
use tawi_domain::shared::permissions::Operation;
use tawi_testing::lending::go_on;
use tawi_testing::samples::deeds;
use tawi_testing::{TestBank, caller, opened, registered};

/// The tables that show a branch's rows to its own people alone, as the database has them.
async fn scoped(test: &TestBank) -> Fallible<Vec<String>> {
    let tables = "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attname = 'branch'
           and c.relrowsecurity
         order by 1";
    Ok(sqlx::query_scalar(tables).fetch_all(test.bank.owner()).await?)
}

fn branches_in(table: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("select distinct branch from {table} where branch is not null order by 1"))
}

async fn branches_seen(bank: &Bank, who: &Caller, table: &str) -> Fallible<Vec<i16>> {
    let look = Look::Unrecorded("a test");
    let rows = bank.look(who, Operation::SignIn, async |ctx| {
        Ok((sqlx::query(branches_in(table)).fetch_all(ctx.conn()).await?, look))
    });
    Ok(rows.await?.iter().map(|row| row.get(0)).collect())
}

#[tokio::test]
async fn every_scoped_table_shows_only_the_callers_branch() -> Story {
    let test = TestBank::new().await?;
    for n in 1..=3 {
        let officer = format!("RO-00{n}");
        let customer = registered(&test.bank, &officer, n).await?;
        opened(&test.bank, &officer, &customer, "500").await?;
        register(&test.bank, &caller(&officer)?, &exposed(10 + n), &officer).await?;
    }
    // The head office does everything there is.
    for deed in deeds() {
        deed.carry_out(&test.bank, 0).await?;
    }
    go_on(&test.bank, jiff::Span::new().days(1)).await?;
    let mut job = test.bank.jobs().acquire().await?;
    tawi_bank::shared::balances::roll_up(&mut job).await?;
    drop(job);
    let tables = scoped(&test).await?;
    assert!(tables.len() >= 9, "{tables:?}");
    for table in tables {
        let there: Vec<i16> = sqlx::query_scalar(branches_in(&table)).fetch_all(test.bank.owner()).await?;
        assert!(
            there.contains(&1),
            "{table}: no operation's sample leaves anything in it, nothing to be hidden"
        );
        let own: Vec<i16> = there.iter().copied().filter(|branch| *branch == 2).collect();
        assert_eq!(branches_seen(&test.bank, &caller("OS-002")?, &table).await?, own, "{table}");
        let all = branches_seen(&test.bank, &caller("AU-001")?, &table).await?;
        assert_eq!(all, there, "{table}: an auditor sees all");
    }
    test.finish().await
}

#[tokio::test]
async fn without_a_branch_set_nothing_is_seen_and_nothing_written() -> Story {
    let test = TestBank::new().await?;
    ask(&test, 1).await?;
    let mut connection = test.bank.pool().acquire().await?;
    for table in scoped(&test).await? {
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut *connection)
            .await?;
        assert_eq!(rows, 0, "{table}");
    }
    let search =
        sqlx::query("select * from customer_search('name', 'amina', 10)").execute(&mut *connection).await;
    assert!(search.is_err(), "the search function answers nobody without a branch");
    // A setting that ended with its transaction is an empty string, not null: it opens nothing.
    sqlx::query("select set_config('app.branches', '1', true)").execute(&mut *connection).await?;
    let rows: i64 =
        sqlx::query_scalar("select count(*) from approval_request").fetch_one(&mut *connection).await?;
    assert_eq!(rows, 0);
    drop(connection);
    test.finish().await
}

#[tokio::test]
async fn the_application_owns_nothing_and_cannot_touch_history() -> Story {
    let test = TestBank::new().await?;
    ask(&test, 1).await?;
    let mut connection = test.bank.pool().acquire().await?;
    let me: String = sqlx::query_scalar("select current_user::text").fetch_one(&mut *connection).await?;
    assert_eq!(me, "tawi_app");
    assert_eq!(db::unbounded(test.bank.pool()).await?, None);
    assert!(db::unbounded(test.bank.owner()).await?.is_some(), "a portal does not serve as the owner");
    for statement in [
        "update audit_event set what = 'nothing happened'",
        "delete from audit_event",
        "truncate audit_event",
        "update journal set narrative = 'x'",
        "delete from posting",
        "delete from approval_request",
        "update approval_request set payload = '{}'",
        "update approval_request set maker_id = 'OS-001'",
        "update idempotency_key set receipt = '{}'",
        "delete from idempotency_key",
        "update branch set business_date = '2030-01-01'",
        "update staff set id = 'XX-001' where id = 'RO-001'",
        "update staff set name = 'x'",
        "delete from staff",
        "update parameter set value = '1'",
        "delete from parameter",
        "delete from branch",
        "update gl_account set title = 'x'",
        "alter table audit_event disable trigger all",
        "alter table approval_request disable row level security",
        "create table mine ()",
        "insert into outbox (branch, roles, body, position) values (1, '{}', '{}', 99)",
        "insert into idempotency_key select 'job:9:loans_due:', operation, fingerprint, receipt from idempotency_key limit 1",
        "set role tawi_job",
    ] {
        let done = sqlx::query(statement).execute(&mut *connection).await;
        assert!(done.is_err(), "the application may: {statement}");
    }
    drop(connection);
    test.finish().await
}

#[tokio::test]
async fn every_table_with_a_branch_has_a_policy_or_a_reason() -> Story {
    let test = TestBank::new().await?;
    // Bank-wide by decision: the list of branches, their days, the chart, seats, holidays, customers, notices.
    let bank_wide = ["branch", "business_day", "gl_account", "staff_role", "holiday", "customer", "outbox"];
    let open: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attname = 'branch' and not c.relrowsecurity",
    )
    .fetch_all(test.bank.owner())
    .await?;
    let unexplained: Vec<&String> =
        open.iter().filter(|table| !bank_wide.contains(&table.as_str())).collect();
    assert!(unexplained.is_empty(), "{unexplained:?} need row-level security");
    test.finish().await
}
