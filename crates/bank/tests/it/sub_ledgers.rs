//! What stands behind an account of the books: a registry that grows by rows, and what two branches owe each
//! other.

use crate::support::{Fallible, Story, as_owner, count};
use sqlx::{Connection, PgConnection};
use tawi_bank::op::{Look, OpCtx};
use tawi_bank::shared::balances;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber};
use tawi_domain::shared::permissions::Operation;
use tawi_testing::books::{cash_to_vault, paid_in_elsewhere, posted_pair};
use tawi_testing::lending::go_on;
use tawi_testing::{TestBank, caller, key, opened, posted, registered, seat};

async fn account(test: &TestBank, officer: &str, nth: u32) -> Fallible<AccountNumber> {
    let customer = registered(&test.bank, officer, nth).await?;
    opened(&test.bank, officer, &customer, "500").await
}

fn branch(number: i16) -> Fallible<BranchNumber> {
    Ok(BranchNumber::try_from(number)?)
}

async fn paid_at_the_other(
    test: &TestBank,
    officer: &str,
    account: &AccountNumber,
    shillings: u32,
    name: &str,
) -> Story {
    let who = caller(officer)?;
    let (here, there) =
        if who.branch == branch(1)? { (branch(1)?, branch(2)?) } else { (branch(2)?, branch(1)?) };
    let pair = paid_in_elsewhere(here, there, account, shillings)?;
    posted_pair(&test.bank, &who, &pair, key(name)?).await?;
    Ok(())
}

/// Statements of the database's owner in one transaction, on a connection of their own.
async fn at_once(test: &TestBank, statements: &str) -> Fallible<Result<(), sqlx::Error>> {
    let mut owner = PgConnection::connect(test.url()).await?;
    let whole = format!("begin; {statements} commit;");
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(whole)).execute(&mut owner).await.map(drop);
    owner.close().await?;
    Ok(done)
}

#[tokio::test]
async fn a_pair_is_a_journal_of_each_branch_on_its_own_date_and_nets_to_nil() -> Story {
    let test = TestBank::new().await?;
    let number = account(&test, "RO-002", 1).await?;
    go_on(&test.bank, jiff::Span::new().days(1)).await?;
    paid_at_the_other(&test, "RO-001", &number, 2500, "one").await?;
    let posted: Vec<(i16, String, String, String)> = sqlx::query_as(
        "select j.branch, j.business_date::text, p.account, (p.debit - p.credit)::text
         from journal j join posting p on p.journal = j.id
         where j.pair = 1 and p.gl_code = '1510' order by j.branch",
    )
    .fetch_all(test.bank.owner())
    .await?;
    let told = |branch, date: &str, item: &str, amount: &str| {
        (branch, date.to_owned(), item.to_owned(), amount.to_owned())
    };
    assert_eq!(posted, [told(1, "2026-03-27", "002", "-2500.00"), told(2, "2026-03-26", "001", "2500.00"),]);
    let balance = "select balance::bigint from account where branch = 2";
    assert_eq!(count(&test, balance).await?, 3000);
    // Each branch finds the act in its own audit, and a receipt of its own in its own books.
    for number in [1, 2] {
        let lines: i64 = sqlx::query_scalar(
            "select count(*) from audit_event where what = 'Posted' and branch = $1 and staff_id = 'RO-001'",
        )
        .bind(number)
        .fetch_one(test.bank.owner())
        .await?;
        assert_eq!(lines, 1, "branch {number}");
    }
    test.finish().await
}

#[tokio::test]
async fn a_pair_names_an_account_of_the_branch_that_pays_into_it() -> Story {
    let test = TestBank::new().await?;
    let number = account(&test, "RO-001", 1).await?;
    let refused = paid_at_the_other(&test, "RO-001", &number, 100, "one").await.unwrap_err();
    assert!(refused.to_string().contains("There is no account"), "{refused}");
    let nowhere = paid_in_elsewhere(branch(1)?, branch(77)?, &number, 100)?;
    let refused = posted_pair(&test.bank, &caller("RO-001")?, &nowhere, key("two")?).await.unwrap_err();
    assert!(refused.to_string().contains("There is no branch 077"), "{refused}");
    assert_eq!(count(&test, "select count(*) from journal where pair is not null").await?, 0);
    test.finish().await
}

/// Cash paid in at either of two branches for the other, at once: nobody waits for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pairs_in_both_directions_at_once_all_go_through() -> Story {
    const EACH: u32 = 15;
    let test = TestBank::new().await?;
    let (one, two) = (account(&test, "RO-001", 1).await?, account(&test, "RO-002", 2).await?);
    let mut all = tokio::task::JoinSet::new();
    for nth in 0..EACH {
        for (officer, account) in [("RO-001", &two), ("RO-002", &one)] {
            let who = caller(officer)?;
            let there = branch(3 - who.branch.get())?;
            let pair = paid_in_elsewhere(who.branch, there, account, 10)?;
            let (bank, key) = (test.bank.clone(), key(&format!("{officer}-{nth}"))?);
            all.spawn(async move { posted_pair(&bank, &who, &pair, key).await });
        }
    }
    while let Some(done) = all.join_next().await {
        done??;
    }
    let paid = "select count(*) from account where balance = 650";
    assert_eq!(count(&test, paid).await?, 2);
    test.finish().await
}

/// Half of a pair, a pair that does not net, one between three branches, and lines that need one: whoever
/// writes them, the database refuses.
#[tokio::test]
async fn the_database_refuses_what_is_no_whole_pair() -> Story {
    let test = TestBank::new().await?;
    let journal = |id: i64, branch: i64, pair: &str| {
        format!(
            "insert into journal (id, branch, business_date, operation, reference, narrative, pair)
             overriding system value values ({id}, {branch}, '2026-03-26', 'general_journal', 'R{id}', 'x', {pair});"
        )
    };
    let lines = |id: i64, branch: i64, item: &str, cents: i64| {
        format!(
            "insert into posting (journal, line, branch, gl_code, account, currency, debit, credit) values
             ({id}, 1, {branch}, '1510', {item}, 'KES', {cents}, 0), ({id}, 2, {branch}, '1010', null, 'KES', 0, {cents});"
        )
    };
    let back = |id: i64, branch: i64, item: &str, cents: i64| {
        format!(
            "insert into posting (journal, line, branch, gl_code, account, currency, debit, credit) values
             ({id}, 1, {branch}, '1010', null, 'KES', {cents}, 0), ({id}, 2, {branch}, '1510', {item}, 'KES', 0, {cents});"
        )
    };
    for (what, statements) in [
        ("without a pair", vec![journal(901, 1, "null"), lines(901, 1, "'002'", 5)]),
        ("without an item", vec![journal(901, 1, "null"), lines(901, 1, "null", 5)]),
        ("half a pair", vec![journal(901, 1, "9"), lines(901, 1, "'002'", 5)]),
        (
            "no line between them",
            vec![journal(901, 1, "9"), lines(901, 1, "null", 5).replace("1510", "1020")],
        ),
        (
            "other amounts",
            vec![
                journal(901, 1, "9"),
                lines(901, 1, "'002'", 5),
                journal(902, 2, "9"),
                back(902, 2, "'001'", 6),
            ],
        ),
        (
            "the same side",
            vec![
                journal(901, 1, "9"),
                lines(901, 1, "'002'", 5),
                journal(902, 2, "9"),
                lines(902, 2, "'001'", 5),
            ],
        ),
        (
            "three branches",
            vec![
                journal(901, 1, "9"),
                lines(901, 1, "'002'", 5),
                journal(902, 2, "9"),
                back(902, 2, "'003'", 5),
            ],
        ),
        (
            "one branch twice",
            vec![
                journal(901, 1, "9"),
                lines(901, 1, "'002'", 5),
                journal(902, 1, "9"),
                back(902, 1, "'002'", 5),
            ],
        ),
        ("itself", vec![journal(901, 1, "9"), lines(901, 1, "'001'", 5)]),
    ] {
        let done = at_once(&test, &statements.join(" ")).await?;
        let refused = done.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(
            ["stand behind", "does not net", "duplicate key"].iter().any(|words| refused.contains(words)),
            "{what}: {refused}"
        );
    }
    test.finish().await
}

/// Tills get a sub-ledger in a branch that has cash already: rows alone, and everything holds on every day.
#[tokio::test]
async fn an_account_gains_a_sub_ledger_from_its_first_day_by_rows_alone() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    account(&test, "RO-001", 1).await?;
    posted(bank, &caller("RO-001")?, &cash_to_vault(100, "before")?, key("before")?).await?;
    for statement in [
        "insert into sub_ledger (code, title) values ('till', 'tills')",
        "select gain_sub_ledger('till', '1010')",
        "insert into sub_ledger_item (sub_ledger, branch, item, gl_code) values ('till', 1, 'T1', '1010')",
    ] {
        as_owner(&test, statement).await?;
    }
    test.holds().await?;
    // The day goes on as it began, for nodes of either version.
    posted(bank, &caller("RO-001")?, &cash_to_vault(50, "the same day")?, key("the same day")?).await?;
    test.holds().await?;
    go_on(bank, jiff::Span::new().days(1)).await?;
    let refused = posted(bank, &caller("RO-001")?, &cash_to_vault(50, "after")?, key("after")?).await;
    assert!(refused.is_err(), "a line of cash names its till from now on");
    // The owner stands in for the program that will know tills: it posts through items, the opening one too.
    let line = |item: &str, at: i64| {
        format!(
            "insert into journal (id, branch, business_date, operation, reference, narrative)
             overriding system value values ({at}, 1, '2026-03-27', 'general_journal', 'R{at}', 'x');
             insert into posting (journal, line, branch, gl_code, account, currency, debit, credit) values
             ({at}, 1, 1, '1010', {item}, 'KES', 350, 0), ({at}, 2, 1, '1010', 'opening', 'KES', 0, 350);"
        )
    };
    for (item, at, goes) in
        [("'T1'", 901, true), ("'T2'", 902, false), ("'002'", 903, false), ("null", 904, false)]
    {
        let done = at_once(&test, &line(item, at)).await?;
        assert_eq!(done.is_ok(), goes, "{item}: {done:?}");
    }
    test.holds().await?;
    for statement in [
        "update gl_account set sub_ledger = 'loan', sub_ledger_since = '2030-01-01' where code = '1010'",
        "update gl_account set sub_ledger = 'branch', sub_ledger_since = '2020-01-01' where code = '1020'",
        "delete from sub_ledger_item where sub_ledger = 'till'",
        "update sub_ledger set sums = 'account_sums' where code = 'till'",
    ] {
        assert!(as_owner(&test, statement).await.is_err(), "{statement}");
    }
    // A branch that is opened later has it from the beginning.
    as_owner(
        &test,
        "insert into branch (number, code, name, business_date) values (4, 'NEW-04', 'x', '2026-03-27')",
    )
    .await?;
    as_owner(&test, "insert into business_day (branch, business_date) values (4, '2026-03-27')").await?;
    as_owner(&test, "insert into gl_account (branch, code, title, kind) values (4, '1010', 'Cash', 'asset')")
        .await?;
    let gained = "select count(*) from gl_account where branch = 4 and sub_ledger = 'till'";
    assert_eq!(count(&test, gained).await?, 1);
    test.finish().await
}

#[tokio::test]
async fn head_office_is_a_branch_of_its_own_where_nobody_serves_customers() -> Story {
    let test = TestBank::new().await?;
    let head_offices = "select count(*) from branch where not counter";
    assert_eq!(count(&test, head_offices).await?, 1);
    let chart = "select count(*) from gl_account g join branch b on b.number = g.branch where not b.counter";
    assert_eq!(
        count(&test, chart).await?,
        count(&test, "select count(*) from gl_account where branch = 1").await?
    );
    assert!(
        as_owner(&test, "insert into branch values (998, 'SECOND', 'x', '2026-03-26', false)").await.is_err()
    );
    for role in tawi_domain::shared::permissions::Role::ALL {
        let change = tawi_bank::shared::staff::RoleChange {
            staff_id: "TL-001".parse()?,
            branch_code: "HEAD-OFFICE".to_owned(),
            role,
            from: None,
            until: None,
            limit: None,
        };
        let done = tawi_bank::shared::staff::set_role(&test.bank, &change).await;
        assert_eq!(done.is_ok(), !role.serves_customers(), "{role}: {done:?}");
    }
    // Its books are read like any branch's.
    let manager = seat("TL-001", "NBO-HQ", tawi_domain::shared::permissions::Role::Teller)?;
    let read = async |ctx: &mut OpCtx| {
        let head_office = BranchNumber::try_from(999).map_err(tawi_bank::shared::error::OpError::stored)?;
        let currency = tawi_domain::shared::money::Currency::Kes;
        Ok((balances::balances_in_op(ctx.conn(), head_office, currency).await?, Look::Unrecorded("a test")))
    };
    assert!(test.bank.look(&manager, Operation::Enquiries, read).await?.is_empty());
    test.finish().await
}
