//! The ledger: balances, roll-up, what it refuses, and many who post at once.

use crate::support::{Fallible, Story, as_owner, count};
use jiff::civil::date;
use rust_decimal::Decimal;
use tawi_bank::op::{Look, OpCtx};
use tawi_bank::shared::balances;
use tawi_bank::shared::error::OpError;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber};
use tawi_domain::shared::journal::Journal;
use tawi_domain::shared::money::Currency;
use tawi_domain::shared::permissions::Operation;
use tawi_testing::books::{cash_to_vault, paid_in, paid_in_dollars};
use tawi_testing::lending::go_to;
use tawi_testing::{TestBank, caller, key, opened, posted, registered};

/// An account to post to, opened with KES 500.
async fn account(test: &TestBank, nth: u32) -> Fallible<AccountNumber> {
    let customer = registered(&test.bank, "RO-001", nth).await?;
    opened(&test.bank, "RO-001", &customer, "500").await
}

async fn post(test: &TestBank, journal: &Journal, name: &str) -> Story {
    posted(&test.bank, &caller("RO-001")?, journal, key(name)?).await?;
    Ok(())
}

/// What the branch manager sees.
async fn looked<T>(test: &TestBank, read: impl AsyncFnOnce(&mut OpCtx) -> Result<T, OpError>) -> Fallible<T> {
    let look = Look::Unrecorded("a test");
    Ok(test
        .bank
        .look(&caller("BM-001")?, Operation::Enquiries, async |ctx| Ok((read(ctx).await?, look)))
        .await?)
}

async fn books(ctx: &mut OpCtx) -> Result<Vec<balances::GlBalance>, OpError> {
    let head_office = BranchNumber::try_from(1).map_err(OpError::stored)?;
    balances::balances_in_op(ctx.conn(), head_office, Currency::Kes).await
}

#[tokio::test]
async fn a_journal_moves_balances_and_the_sub_ledger_ties() -> Story {
    let test = TestBank::new().await?;
    let number = account(&test, 1).await?;
    post(&test, &paid_in(&number, 1000, "paid in")?, "one").await?;
    post(&test, &paid_in(&number, 510, "paid in again")?, "two").await?;
    let (balance, books) = looked(&test, async |ctx| {
        Ok((balances::balance_in_op(ctx.conn(), &number).await?, books(ctx).await?))
    })
    .await?;
    assert_eq!(balance.ok_or("no account")?.to_string(), "KES 1,990.00");
    let sides: Vec<(String, Decimal, Decimal)> =
        books.into_iter().map(|line| (line.code, line.debit, line.credit)).collect();
    let expected = [("1010", 2010, 0), ("2010", 0, 1990), ("4110", 0, 20)];
    assert_eq!(
        sides,
        expected.map(|(code, debit, credit)| (code.to_owned(), Decimal::from(debit), Decimal::from(credit)))
    );
    test.finish().await
}

#[tokio::test]
async fn the_roll_up_changes_no_balance() -> Story {
    let test = TestBank::new().await?;
    let number = account(&test, 1).await?;
    let read = async || -> Fallible<_> { looked(&test, books).await };
    for nth in 0..4 {
        post(&test, &paid_in(&number, 100 + nth, &format!("paid in {nth}"))?, &format!("k{nth}")).await?;
        let before = read().await?;
        let mut job = test.bank.jobs().acquire().await?;
        balances::roll_up(&mut job).await?;
        assert_eq!(read().await?, before);
    }
    // Transactions of other databases in the cluster hold the mark back until they end.
    let tail =
        "select count(*) from posting where transaction >= (select until_transaction from gl_rollup_mark)";
    let mut job = test.bank.jobs().acquire().await?;
    while count(&test, tail).await? > 0 {
        balances::roll_up(&mut job).await?;
    }
    drop(job);
    assert_eq!(read().await?.len(), 3);
    assert!(count(&test, "select count(*) from gl_rollup").await? > 0);
    test.finish().await
}

#[tokio::test]
async fn the_database_refuses_what_does_not_balance_and_what_changes_history() -> Story {
    let test = TestBank::new().await?;
    post(&test, &cash_to_vault(100, "one")?, "one").await?;
    let account = account(&test, 1).await?;
    let number = account.as_str();
    let lines = |branch: i16, first: &str, second: &str| {
        format!(
            "with j as (insert into journal (branch, business_date, operation, reference, narrative)
             values (1, '2026-03-26', 'x', 'x', 'x') returning id)
             insert into posting (journal, line, branch, gl_code, account, currency, debit, credit)
             select id, l.line, {branch}, l.gl_code, l.account, l.currency, l.debit, l.credit
             from j, (values (1, {first}, 5, 0), (2, {second}, 0, 5))
                 l (line, gl_code, account, currency, debit, credit)"
        )
    };
    let sound = lines(1, "'1010', null, 'KES'", &format!("'2010', '{number}', 'KES'"));
    let mut owner = test.bank.owner().begin().await?;
    sqlx::query(sqlx::AssertSqlSafe(sound)).execute(&mut *owner).await?;
    owner.rollback().await?;
    for wrong in [
        lines(2, "'1010', null, 'KES'", "'1020', null, 'KES'"),
        lines(1, "'1010', null, 'KES'", "'1020', null, 'USD'"),
        lines(1, "'1010', null, 'KES'", "'9999', null, 'KES'"),
        lines(1, "'1010', null, 'KES'", "'2010', null, 'KES'"),
        lines(1, "'1010', null, 'KES'", "'2010', '00101000009952', 'KES'"),
        lines(1, "'2010', null, 'KES'", &format!("'4110', '{number}', 'KES'")),
        lines(1, "'1010', null, 'USD'", &format!("'2010', '{number}', 'USD'")),
    ] {
        let refused = as_owner(&test, &wrong).await.unwrap_err().to_string();
        assert!(refused.contains("journal"), "{refused}: {wrong}");
    }
    for statement in [
        "delete from account",
        "update account set control_code = '4110'",
        "delete from gl_account where code = '1010'",
        "update gl_account set sub_ledger = 'loan' where sub_ledger = 'account'",
        "delete from branch",
        "update posting set debit = debit + 1 where debit > 0",
        "delete from posting",
        "delete from journal",
        "update journal set narrative = 'x'",
        "truncate posting, journal",
        // A journal of one line; lines for an old journal.
        "with j as (insert into journal (branch, business_date, operation, reference, narrative) values (1, '2026-03-26', 'x', 'a', 'x') returning id) insert into posting (journal, line, branch, gl_code, currency, debit) select id, 1, 1, '1010', 'KES', 5 from j",
        "insert into posting (journal, line, branch, gl_code, currency, debit, credit) select id, l, 1, '1010', 'KES', case l when 8 then 5 else 0 end, case l when 9 then 5 else 0 end from journal, (values (8), (9)) v (l)",
    ] {
        assert!(as_owner(&test, statement).await.is_err(), "{statement}");
    }
    test.finish().await
}

#[tokio::test]
async fn unknown_foreign_and_mismatched_accounts_are_refused_in_words() -> Story {
    let test = TestBank::new().await?;
    let nowhere = AccountNumber::from_parts(1_i16.try_into()?, 1, 99).ok_or("number")?;
    let in_dollars = AccountNumber::from_parts(1_i16.try_into()?, 1, 98).ok_or("number")?;
    let refused = async |staff_id: &str, journal: &Journal, name: &str| -> Fallible<_> {
        Ok(posted(&test.bank, &caller(staff_id)?, journal, key(name)?).await.unwrap_err().outward())
    };
    let unknown = refused("RO-001", &paid_in(&nowhere, 100, "x")?, "a").await?;
    assert_eq!(unknown.status(), 404, "{unknown}");
    let number = account(&test, 1).await?;
    // No screen opens accounts in dollars yet.
    as_owner(
        &test,
        &format!(
            "insert into account (number, branch, control_code, currency, customer_id, kind, opened_on)
             select '{}', 1, '2010', 'USD', customer_id, kind, opened_on from account",
            in_dollars.as_str()
        ),
    )
    .await?;
    let foreign = refused("RO-002", &paid_in(&number, 100, "x")?, "b").await?;
    assert_eq!(foreign.status(), 404, "another branch's account is not found: {foreign}");
    let currency = refused("RO-001", &paid_in(&in_dollars, 100, "x")?, "c").await?;
    assert!(currency.to_string().contains("kept in USD"), "{currency}");
    let currency = refused("RO-001", &paid_in_dollars(&number, 100)?, "d").await?;
    assert!(currency.to_string().contains("kept in KES"), "{currency}");
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_postings_to_one_account_at_once_lose_nothing() -> Story {
    const TOGETHER: u32 = 12;
    const EACH: u32 = 10;
    let test = TestBank::new().await?;
    let number = account(&test, 1).await?;
    let mut tasks = tokio::task::JoinSet::new();
    for nth in 0..TOGETHER {
        let (bank, number) = (test.bank.clone(), number.clone());
        tasks.spawn(async move {
            for round in 0..EACH {
                let journal = paid_in(&number, 110, &format!("paid in {nth}"))?;
                posted(&bank, &caller("RO-001")?, &journal, key(&format!("p{nth}-{round}"))?).await?;
            }
            Fallible::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    assert_eq!(
        count(&test, "select (balance * 100)::bigint from account").await?,
        50_000 + i64::from(TOGETHER * EACH) * 10_000
    );
    test.finish().await
}

#[tokio::test]
async fn a_closed_business_date_takes_no_more_postings() -> Story {
    let test = TestBank::new().await?;
    post(&test, &cash_to_vault(100, "one")?, "one").await?;
    go_to(&test.bank, date(2026, 3, 27)).await?;
    post(&test, &cash_to_vault(100, "two")?, "two").await?;
    assert!(
        go_to(&test.bank, date(2026, 3, 27)).await.unwrap_err().to_string().contains("only moves forward")
    );
    assert_eq!(count(&test, "select count(distinct business_date) from journal").await?, 2);
    test.finish().await
}
