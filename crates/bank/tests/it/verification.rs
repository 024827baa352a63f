//! `tawi verify` finds what it says it finds: each invariant is broken on purpose, as the owner of the
//! database could, and must be named.

use crate::support::{Fallible, Story, ask, count, form, register};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::BTreeSet;
use tawi_bank::proof;
use tawi_bank::shared::audit;
use tawi_domain::shared::ids::BranchNumber;
use tawi_testing::books::{paid_in_elsewhere, posted_pair};
use tawi_testing::{AUDIT_KEY, TestBank, caller, key, lending, opened, registered};

async fn broken(test: &TestBank) -> Fallible<Vec<String>> {
    let mut owner = PgConnection::connect(test.url()).await?;
    let findings = proof::verify(&mut owner, &AUDIT_KEY).await?;
    owner.close().await?;
    Ok(findings
        .into_iter()
        .filter(|finding| !finding.rows.is_empty())
        .map(|finding| finding.invariant)
        .collect())
}

/// A bank with a customer, an account and an approved loan that was paid out.
async fn lively() -> Fallible<TestBank> {
    let test = TestBank::new().await?;
    lending::paid_out(&test.bank, 1).await?;
    let customer = registered(&test.bank, "RO-002", 99).await?;
    let elsewhere = opened(&test.bank, "RO-002", &customer, "500").await?;
    let (here, there) = (BranchNumber::try_from(1)?, BranchNumber::try_from(2)?);
    let pair = paid_in_elsewhere(here, there, &elsewhere, 100)?;
    posted_pair(&test.bank, &caller("RO-001")?, &pair, key("pair")?).await?;
    lending::go_on(&test.bank, jiff::Span::new().months(1)).await?;
    let mut job = test.bank.jobs().acquire().await?;
    while count(&test, "select count(*) from audit_chain").await? == 0 {
        audit::add_link(&mut job, &AUDIT_KEY).await?;
    }
    Ok(test)
}

const OF_CHUNKS: &str = "each chunk of a job has its key and its audit line, and a step is the sum of them";

/// What breaks an invariant, and its name. Some statements break more than one.
const CASES: &[(&str, &str)] = &[
    ("update posting set debit = debit + 1 where debit > 0", "postings sum to zero per journal and currency"),
    ("delete from posting where line = 1", "every journal has two lines or more"),
    ("update account set balance = 5", "an item of a sub-ledger stands at the sum of its postings"),
    ("update account set balance = 5", "control accounts are the sum of the items behind them"),
    (
        "update loan set outstanding = outstanding - 1, interest_due = interest_due + 1",
        "an item of a sub-ledger stands at the sum of its postings",
    ),
    (
        "insert into loan_event
         select loan, nth + 1, branch, kind, on_date, amount, reference, journal, body, booked_on from loan_event",
        "a loan that is approved is not paid out, one that is paid out is so for no more than was approved",
    ),
    (
        "update loan_event set amount = amount + 1",
        "a loan that is approved is not paid out, one that is paid out is so for no more than was approved",
    ),
    (
        "update loan_event set booked_on = on_date - 1",
        "an event of a loan says the same in its body and beside it",
    ),
    (
        "update loan_event set body = jsonb_set(body, '{on}', '\"2026-01-01\"')",
        "an event of a loan says the same in its body and beside it",
    ),
    (
        "update loan set booked = jsonb_set(booked, '{books,principal}', '1')",
        "what stands in the books of a loan is what its row says",
    ),
    (
        "update loan set booked = jsonb_set(booked, '{suspended_interest}', '99999999')",
        "no more income of a loan is suspended than is owed of it",
    ),
    (
        "update loan set arrears = arrears + 1 where status = 'active'",
        "a loan's row says what its terms and events tell",
    ),
    (
        "update loan set booked = jsonb_set(booked, '{books,paid_in}', '7') where status = 'active'",
        "a loan's row says what its terms and events tell",
    ),
    (
        "update loan set terms = jsonb_set(terms, '{rate}', '\"1\"') where status = 'active'",
        "a loan's row says what its terms and events tell",
    ),
    (
        "update loan set status = 'closed', closed_on = disbursed_on where status = 'active'",
        "a loan's row says what its terms and events tell",
    ),
    (
        "update loan set next_due = next_due + 60 where status = 'active'",
        "a loan's row says what its terms and events tell",
    ),
    ("update loan_event set nth = 7", "a loan's row says what its terms and events tell"),
    (
        "update loan_event set body = jsonb_set(body, '{amount}', '{\"amount\": \"abc\"}')",
        "an event of a loan says the same in its body and beside it",
    ),
    (
        "update loan set principal = 7, terms = jsonb_set(terms, '{principal,amount}', '\"7.00\"')",
        "a loan is of the amount that was approved",
    ),
    (
        "update loan set booked_until = booked_until - 1 where status = 'active'",
        "a loan is of its branch's date, unless a job is on its way to it or has set it aside",
    ),
    ("delete from loan_event", "a loan's row says what its terms and events tell"),
    (
        "update loan_event set journal = 0",
        "money that an event of a loan moved is in a journal of its own that names the loan",
    ),
    (
        "update loan_event set journal = (select min(id) from journal)",
        "money that an event of a loan moved is in a journal of its own that names the loan",
    ),
    (
        "update loan set principal = principal + 1",
        "a loan is of the amount of its terms, and paid to an account of its borrower",
    ),
    (
        "update loan set customer_id = (select id from customer where id <> loan.customer_id limit 1)",
        "a loan is of the amount of its terms, and paid to an account of its borrower",
    ),
    (
        "update gl_account set sub_ledger_since = '2030-01-01' where code = '1510'",
        "an account of the books has gained its sub-ledger by the branch's next day",
    ),
    (
        "update loan set terms = jsonb_set(terms, '{principal,amount}', '\"7.00\"')",
        "a loan is of the amount of its terms, and paid to an account of its borrower",
    ),
    (
        "update posting set account = (select min(number) from account)",
        "every posting stands behind the item it names, and every item it names is there",
    ),
    (
        "update gl_account set sub_ledger = 'branch' where code = '1010'",
        "every posting stands behind the item it names, and every item it names is there",
    ),
    ("delete from sub_ledger_item where sub_ledger = 'loan'", "every account and every loan is an item"),
    (
        "update posting set debit = debit + 1 where gl_code = '1510' and debit > 0",
        "what concerns two branches is a pair of journals that nets to nil",
    ),
    (
        "update journal set pair = null where pair is not null and branch = 1",
        "what concerns two branches is a pair of journals that nets to nil",
    ),
    (
        "update posting set account = '003' where gl_code = '1510' and branch = 1",
        "what concerns two branches is a pair of journals that nets to nil",
    ),
    ("insert into gl_rollup values (1, '1010', 'KES', 1, 0)", "the roll-up and its tail are all postings"),
    (
        "delete from idempotency_key where key like 'approval:%'",
        "every approved request has one effect, every refused one its reason",
    ),
    (
        "alter table approval_request drop constraint approval_request_maker_is_not_checker; update approval_request set checker_id = maker_id",
        "maker is not checker",
    ),
    ("update approval_request set subject = ''", "what was approved is what was asked"),
    (
        "insert into journal (branch, business_date, operation, reference, narrative) select branch, business_date, operation, reference, narrative from journal",
        "one effect per idempotency key",
    ),
    (
        "update business_day set closed_at = '2020-01-01'; insert into business_day values (1, '2026-03-27')",
        "no journal of a closed business date after its close",
    ),
    ("update branch set business_date = '2026-04-01'", "a branch has one open day, its business date"),
    ("update outbox_counter set last = 99", "positions are given once and without gaps"),
    (
        "update audit_event set what = 'Nothing' where id = (select min(id) from audit_event)",
        "audit verifies",
    ),
    ("delete from audit_event where id = (select min(id) from audit_event)", "audit verifies"),
    (
        "update posting set debit = debit * 2, credit = credit * 2 where journal in (select id from journal where operation = 'business_date')",
        "what a chunk posted is what its audit line sealed",
    ),
    (
        "delete from posting where journal in (select id from journal where operation = 'business_date')",
        "what a chunk posted is what its audit line sealed",
    ),
    (
        "update job_step set ended_at = null",
        "a job that has ended did all its steps, or another took them over",
    ),
    ("update job set taken_over = id", "a job that has ended did all its steps, or another took them over"),
    ("delete from job_step", "a job that has ended did all its steps, or another took them over"),
    ("update job_step set chunks = chunks + 1", OF_CHUNKS),
    ("update job_step set rows = rows + 1", OF_CHUNKS),
    ("update job_step set set_aside = 1", OF_CHUNKS),
    ("insert into job_fault (job, step, item, reason) values (1, 'loans_due', 'x', 'x')", OF_CHUNKS),
    ("delete from idempotency_key where key like 'job:%'", OF_CHUNKS),
    (
        "update sub_ledger set sums = null where code = 'account'",
        "the sub-ledgers of accounts, loans, products and branches are registered as they were",
    ),
    (
        "update sub_ledger set paired = false where code = 'branch'",
        "the sub-ledgers of accounts, loans, products and branches are registered as they were",
    ),
    ("select number_transactions_ahead(5)", "transactions are numbered as the newest cluster says"),
    (
        "insert into cluster (number, identifier, ahead) values (2, 1, 0)",
        "every adoption by another cluster is recorded",
    ),
];

#[test]
fn every_invariant_is_broken_by_a_case_and_every_case_breaks_one_there_is() {
    let verified: BTreeSet<&str> = proof::invariants().collect();
    let broken: BTreeSet<&str> = CASES.iter().map(|(_, invariant)| *invariant).collect();
    assert_eq!(broken, verified);
}

#[tokio::test]
async fn each_broken_invariant_is_named() -> Story {
    for (statement, invariant) in CASES {
        let test = lively().await?;
        assert_eq!(broken(&test).await?, Vec::<String>::new());
        let mut owner = PgConnection::connect(test.url()).await?;
        // A superuser can switch triggers off; that is the attacker meant here.
        sqlx::raw_sql(AssertSqlSafe(format!("set session_replication_role = replica; {statement}")))
            .execute(&mut owner)
            .await?;
        owner.close().await?;
        let found = broken(&test).await?;
        assert!(found.contains(&(*invariant).to_owned()), "{statement}: {found:?} should name {invariant:?}");
        test.discard().await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_single_edited_audit_line_is_found() -> Story {
    let test = TestBank::new().await?;
    for nth in 0..40 {
        register(&test.bank, &caller("RO-001")?, &form(nth), &format!("k{nth}")).await?;
    }
    let mut owner = PgConnection::connect(test.url()).await?;
    sqlx::raw_sql("set session_replication_role = replica").execute(&mut owner).await?;
    let edits = [
        "at = at + interval '1 microsecond'",
        "branch = 2",
        "business_date = null",
        "staff_id = 'OS-001'",
        "role = 'auditor'",
        "operation = 'sign_in'",
        "outcome = 'read'",
        "subject = 'x'",
        "what = what || ' '",
        "reference = null",
        "detail = '{\"a\": 1}'",
        "seal = sha256('x')",
    ];
    let ids: Vec<i64> =
        sqlx::query_scalar("select id from audit_event where operation = 'cif_create' order by id")
            .fetch_all(&mut owner)
            .await?;
    for (at, id) in ids.iter().enumerate() {
        let edit = edits[at % edits.len()];
        sqlx::query(AssertSqlSafe(format!("update audit_event set {edit} where id = {id}")))
            .execute(&mut owner)
            .await?;
    }
    let found = audit::verify(&mut owner, &AUDIT_KEY).await?;
    assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ids);
    owner.close().await?;
    test.discard().await
}

#[tokio::test]
async fn the_chain_tells_that_the_last_lines_were_cut_off_and_who_has_another_key_sees_nothing_whole() -> Story
{
    let test = lively().await?;
    ask(&test, 9).await?;
    // Transactions of other databases in the cluster hold the chain back until they end.
    let loose = "select count(*) from audit_event where transaction >= (select max(until_transaction) from audit_chain)";
    let mut job = test.bank.jobs().acquire().await?;
    while count(&test, loose).await? > 0 {
        audit::add_link(&mut job, &AUDIT_KEY).await?;
    }
    let mut owner = PgConnection::connect(test.url()).await?;
    assert!(audit::verify(&mut owner, &AUDIT_KEY).await?.is_empty());
    assert!(!audit::verify(&mut owner, &[1; 32]).await?.is_empty());
    sqlx::raw_sql("set session_replication_role = replica; delete from audit_event where id = (select max(id) from audit_event)").execute(&mut owner).await?;
    assert_eq!(audit::verify(&mut owner, &AUDIT_KEY).await?.len(), 1);
    owner.close().await?;
    drop(job);
    test.discard().await
}
