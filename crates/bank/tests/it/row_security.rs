//! A query without any filter still shows no other branch's rows.

use crate::loans::paid_out;
use crate::support::{Story, ask, cash_to_vault};
use sqlx::{AssertSqlSafe, Row};
use tawi_bank::op::OpCtx;
use tawi_bank::{Bank, Caller, dispatch};
use tawi_domain::shared::permissions::Operation;
use tawi_testing::{TestBank, caller, key, opened, registered};

const SCOPED: [&str; 9] = [
    "approval_request",
    "account",
    "account_serial",
    "journal",
    "posting",
    "gl_rollup",
    "audit_event",
    "loan",
    "loan_event",
];

async fn branches_seen(
    bank: &Bank,
    who: &Caller,
    table: &str,
) -> Result<Vec<i16>, Box<dyn std::error::Error + Send + Sync>> {
    let mut ctx = OpCtx::begin_enquiry(bank, who, Operation::SignIn).await?;
    let query = format!("select distinct branch from {table} where branch is not null order by 1");
    let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(ctx.conn()).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

#[tokio::test]
async fn every_scoped_table_shows_only_the_callers_branch() -> Story {
    let test = TestBank::new().await?;
    for (maker, checker, n) in [("OS-001", "BM-001", 1), ("OS-002", "BM-002", 2), ("OS-003", "BM-003", 3)] {
        let customer = registered(&test.bank, &format!("RO-00{n}"), n).await?;
        opened(&test.bank, &format!("RO-00{n}"), &customer, "500").await?;
        let receipt =
            dispatch::submit(&test.bank, &caller(maker)?, &cash_to_vault("100", "x")?, key(maker)?).await?;
        let tawi_domain::shared::approval::Receipt::Waiting { request, .. } = receipt else {
            return Err("ticket".into());
        };
        crate::support::decide(
            &test.bank,
            &caller(checker)?,
            request,
            tawi_domain::shared::approval::Verdict::Approve,
            checker,
        )
        .await?;
    }
    let mut job = test.bank.jobs().acquire().await?;
    tawi_bank::shared::ledger::roll_up(&mut job).await?;
    drop(job);
    // Only head office has a loan officer.
    paid_out(&test.bank, 9).await?;
    for table in SCOPED {
        let lends = table.starts_with("loan");
        let own: &[i16] = if lends { &[] } else { &[2] };
        assert_eq!(branches_seen(&test.bank, &caller("OS-002")?, table).await?, own, "{table}");
        let all: &[i16] = if lends { &[1] } else { &[1, 2, 3] };
        assert_eq!(
            branches_seen(&test.bank, &caller("AU-001")?, table).await?,
            all,
            "{table}: an auditor sees all"
        );
    }
    test.finish().await
}

#[tokio::test]
async fn without_a_branch_set_nothing_is_seen_and_nothing_written() -> Story {
    let test = TestBank::new().await?;
    ask(&test, 1).await?;
    let mut connection = test.bank.pool().acquire().await?;
    for table in SCOPED {
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
