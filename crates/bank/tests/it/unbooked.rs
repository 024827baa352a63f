//! What nobody has booked on a loan is never booked with the next thing: neither a repayment nor a new day makes
//! right what somebody wrote past the books.

use crate::support::{Fallible, Story, count};
use jiff::ToSpan;
use jiff::civil::Date;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tawi_bank::credit_ops::repayment_tracking;
use tawi_bank::{jobs, proof};
use tawi_domain::credit_ops::schedule::LoanEvent;
use tawi_domain::shared::ids::AccountNumber;
use tawi_domain::shared::money::{Currency, Money};
use tawi_testing::lending::{OFFICER, go_on, go_to, paid_out, repay, small_loan_paid_out};
use tawi_testing::{AUDIT_KEY, TODAY, TestBank, caller, seeding};

/// A loan that has paid twice and is of today.
async fn paying() -> Fallible<(TestBank, AccountNumber)> {
    let test = TestBank::new().await?;
    let (_, loan) = paid_out(&test.bank, 1).await?;
    for (nth, amount) in ["1,000", "2,000"].into_iter().enumerate() {
        go_on(&test.bank, 20.days()).await?;
        repay(&test.bank, &loan, amount, &format!("paid-{nth}")).await?;
    }
    Ok((test, loan))
}

/// An event as an owner of the database would write it past everything.
fn event(body: &str) -> String {
    format!(
        "insert into loan_event (loan, nth, branch, kind, on_date, booked_on, amount, reference, journal, body)
         select loan, nth + 1, branch, '{body}'::jsonb ->> 'kind', ('{body}'::jsonb ->> 'on')::date, booked_on,
                coalesce(('{body}'::jsonb #>> '{{amount,amount}}')::numeric, 0), 'RC-9999999-9', 0, '{body}'
         from loan_event order by nth desc limit 1"
    )
}

#[tokio::test]
async fn neither_a_repayment_nor_a_day_books_what_was_written_past_the_books() -> Story {
    let kes = |amount: &str| format!(r#"{{"amount": "{amount}", "currency": "KES"}}"#);
    let today = TODAY.checked_add(40.days())?;
    let of = |date: Date, rest: &str| event(&format!(r#"{{"version": 1, "on": "{date}", {rest}}}"#));
    let waived = format!(r#""kind": "waived", "amount": {}"#, kes("10.00"));
    let charged = format!(
        r#""kind": "charged", "due": "{today}", "class": "fee", "amount": {}, "tax": null"#,
        kes("100.00")
    );
    let acts = [
        "delete from loan_event where nth = 3".to_owned(),
        "delete from loan_event where nth = 2".to_owned(),
        "update loan_event set nth = 80 where nth = 3".to_owned(),
        r#"update loan_event set body = jsonb_set(body, '{on}', '"9999-12-31"') where nth = 2"#.to_owned(),
        r#"update loan_event set body = jsonb_set(body, '{amount,amount}', '"7.00"') where nth = 2"#
            .to_owned(),
        r#"update loan set terms = jsonb_set(terms, '{rate}', '"1"')"#.to_owned(),
        r#"update loan set terms = jsonb_set(terms, '{instalments}', '36')"#.to_owned(),
        of(today, r#""kind": "rate_changed", "rate": "1""#),
        of(TODAY.checked_add(3.days())?, r#""kind": "rate_changed", "rate": "1""#),
        of(TODAY.checked_add(3.days())?, r#""kind": "interest_paused", "until": "2026-12-31""#),
        of(today, &waived),
        of(today, &charged),
    ];
    for act in acts {
        let (test, loan) = paying().await?;
        let mut owner = PgConnection::connect(test.url()).await?;
        let spoil = format!("set session_replication_role = replica; {act}");
        sqlx::raw_sql(AssertSqlSafe(spoil)).execute(&mut owner).await?;
        let before = count(&test, "select count(*) from journal").await?;
        let refused = repay(&test.bank, &loan, "10", "after").await.expect_err(&act);
        assert!(refused.to_string().contains("Tell whoever runs the portal"), "{act}: {refused}");
        assert_eq!(count(&test, "select count(*) from journal").await?, before, "{act}");
        go_to(&test.bank, TODAY.checked_add(41.days())?).await?;
        assert_eq!(count(&test, "select count(*) from job_fault").await?, 1, "{act}");
        let named = proof::verify(&mut owner, &AUDIT_KEY).await?;
        let named = named.iter().flat_map(|finding| &finding.rows).any(|row| row.contains(loan.as_str()));
        assert!(named, "{act}: not named");
        owner.close().await?;
        test.discard().await?;
    }
    Ok(())
}

/// What is paid last is interest alone, down to a cent: the books prove it like anything else.
#[tokio::test]
async fn the_last_cent_of_every_product_is_proven() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let loans = [
        paid_out(bank, 1).await?.1,
        small_loan_paid_out(bank, 2).await?.1,
        seeding::paid_out(bank, 3).await?,
    ];
    go_on(bank, 12.days()).await?;
    let today = TODAY.checked_add(12.days())?;
    for loan in &loans {
        let seen = repayment_tracking::view(bank, &caller(OFFICER)?, loan).await?;
        let pay_off = seen.state.money(seen.state.pay_off);
        let cent = Money::new(rust_decimal::Decimal::new(1, 2), Currency::Kes)?;
        let all_but = Money::new(pay_off.amount() - cent.amount(), Currency::Kes)?;
        for amount in [all_but, cent] {
            let paid = LoanEvent::Repaid { on: today, amount };
            seeding::seed(bank, loan, paid, &format!("{} {}", loan.as_str(), amount.figures())).await?;
        }
        let seen = repayment_tracking::view(bank, &caller(OFFICER)?, loan).await?;
        assert_eq!(seen.state.closed_on, Some(today), "{loan}");
    }
    test.finish().await
}

/// What all rows rest on is no fault of any of them: the job waits for it to be put right.
#[tokio::test]
async fn a_setting_that_cannot_be_read_sets_no_loan_aside() -> Story {
    let (test, _) = paying().await?;
    let spoil = |value: &str| {
        format!(
            "set session_replication_role = replica;
             update parameter set value = '{value}' where code = 'non_performing_from_days';
             set session_replication_role = origin"
        )
    };
    let mut owner = PgConnection::connect(test.url()).await?;
    sqlx::raw_sql(AssertSqlSafe(spoil("\"abc\""))).execute(&mut owner).await?;
    let stopped = go_to(&test.bank, TODAY.checked_add(41.days())?).await.unwrap_err().to_string();
    assert!(stopped.contains("non_performing_from_days"), "{stopped}");
    assert_eq!(count(&test, "select count(*) from job_fault").await?, 0);
    sqlx::raw_sql(AssertSqlSafe(spoil("90"))).execute(&mut owner).await?;
    owner.close().await?;
    assert_eq!(jobs::finish(&test.bank, jobs::ROWS).await?[0].rows, 1);
    test.finish().await
}
