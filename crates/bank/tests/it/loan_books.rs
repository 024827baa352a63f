//! Loans in the books: days add up, a holiday moves what is not yet due, who does not pay earns the bank nothing, what
//! cannot be read is said in words, and a node of the version before is put right.

use crate::support::{Fallible, Story, count};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::BTreeMap;
use tawi_bank::credit_ops::{loan_seeding, loan_setup, repayment_tracking};
use tawi_bank::{Bank, Settings, approval, demo};
use tawi_domain::credit_ops::loan::LoanView;
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::credit_ops::repayment_tracking::LoanFilter;
use tawi_domain::credit_ops::schedule::{
    Charge, ChargeAmount, ChargeClass, ChargeTrigger, LoanEvent, fits_on, fold,
};
use tawi_domain::shared::approval::Verdict;
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::ids::{AccountNumber, BranchNumber};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::topic::Topic;
use tawi_testing::lending::{
    MANAGER, OFFICER, application, apply, borrower, go_on, go_to, loan_of, owed, paid_out, repay,
    small_loan_paid_out,
};
use tawi_testing::{TODAY, TestBank, caller, decide, key, seeding, ticket};

async fn seen(bank: &Bank, loan: &AccountNumber) -> Fallible<LoanView> {
    Ok(repayment_tracking::view(bank, &caller(OFFICER)?, loan).await?)
}

/// Debits less credits of every account.
async fn balances(bank: &Bank) -> Fallible<BTreeMap<String, Decimal>> {
    let rows: Vec<(String, Decimal)> = sqlx::query_as(
        "select gl_code, sum(debit - credit) from posting group by 1 having sum(debit - credit) <> 0",
    )
    .fetch_all(bank.owner())
    .await?;
    Ok(rows.into_iter().collect())
}

async fn on(bank: &Bank, code: &str) -> Fallible<Decimal> {
    Ok(balances(bank).await?.remove(code).unwrap_or_default())
}

/// The plan that an officer sees while typing, what the checker reads and what the loan's page says once it is
/// approved are one, days without work and taxes included.
#[tokio::test]
async fn what_is_planned_is_what_is_approved() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let form = LoanApplicationForm { product: seeding::PRODUCT.into(), ..application(&who, "50,000", "12") };
    let offer = loan_setup::offer(bank, &caller(OFFICER)?).await?;
    let product =
        offer.products.iter().find(|product| product.code == seeding::PRODUCT).ok_or("no product")?;
    let planned = |holidays: &[Date]| {
        let chosen = form.parse(TODAY)?.chosen();
        let mut terms = product.terms(&chosen, &offer.excise);
        terms.dates.closed.holidays = holidays.to_vec();
        Fallible::Ok(fold(&terms, &[LoanEvent::disbursed(TODAY)], TODAY)?)
    };
    let due = planned(&[])?.rows[1].due;
    let declared = sqlx::query("insert into holiday (day, name) values ($1, 'Declared')");
    declared.bind(due.to_sqlx()).execute(bank.owner()).await?;
    let offer = loan_setup::offer(bank, &caller(OFFICER)?).await?;
    let plan = planned(&offer.holidays)?;
    assert_ne!(plan.rows[1].due, due, "a holiday moves it");
    let request = ticket(apply(bank, &form, "apply").await?)?;
    let detail = approval::detail(bank, &caller(MANAGER)?, request).await?;
    let each = plan.money(plan.rows[1].total());
    let read = detail.review.facts.iter().find(|fact| fact.topic == Topic::Instalments);
    assert!(
        matches!(&read, Some(Fact { value: Value::Instalments { each: told, .. }, .. }) if *told == each),
        "{read:?}"
    );
    decide(bank, &caller(MANAGER)?, request, Verdict::Approve, "yes").await?;
    let approved = seen(bank, &loan_of(bank, request).await?).await?.state;
    assert_eq!((approved.rows, approved.totals), (plan.rows, plan.totals));
    test.finish().await
}

/// Several statements of the database's owner.
async fn script(test: &TestBank, statements: String) -> Fallible<()> {
    let mut owner = PgConnection::connect(test.url()).await?;
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut owner).await?;
    Ok(owner.close().await?)
}

fn kes(shillings: i64) -> Fallible<Money> {
    Ok(Money::new(Decimal::from(shillings), Currency::Kes)?)
}

/// A loan of each product, on equal instalments, flat, and of the season, and payments that are some days late.
async fn a_year(step: i64) -> Fallible<BTreeMap<String, Decimal>> {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let loans = [
        paid_out(bank, 1).await?.1,
        small_loan_paid_out(bank, 2).await?.1,
        seeding::paid_out(bank, 3).await?,
    ];
    let mut day = 0;
    while day < 365 {
        day = (day + step).min(365);
        go_to(bank, TODAY.checked_add(day.days())?).await?;
        // Both look on these days.
        if day % 35 == 0 {
            for loan in &loans {
                let due = seen(bank, loan).await?.state.due.total();
                if due > 0 {
                    let amount = Money::new(Decimal::new(due, 2), Currency::Kes)?.figures();
                    repay(bank, loan, &amount, &format!("paid-{day}-{}", loan.as_str())).await?;
                }
            }
        }
    }
    let told = balances(bank).await?;
    test.finish().await?;
    Ok(told)
}

#[tokio::test]
async fn a_year_of_days_earns_what_a_year_of_due_dates_earns() -> Story {
    let daily = a_year(1).await?;
    assert_eq!(daily, a_year(35).await?);
    for code in ["4010", "4020", "4110", "4120", "2510"] {
        assert!(daily.contains_key(code), "{code}: {daily:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_holiday_declared_later_moves_what_is_not_yet_due() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let loan = seeding::paid_out(bank, 1).await?;
    let before = seen(bank, &loan).await?;
    let (first, second) = (before.state.rows[0].due, before.state.rows[1].due);
    go_to(bank, first.checked_add(3.days())?).await?;
    for day in [first, second] {
        let declared = sqlx::query("insert into holiday (day, name) values ($1, 'Declared')");
        declared.bind(day.to_sqlx()).execute(bank.owner()).await?;
    }
    // Seen at once; booked by the next day's job, and by nothing twice.
    let moved = seen(bank, &loan).await?;
    let next: Date = second.checked_add(1.day())?;
    assert_eq!((moved.state.rows[0].due, moved.state.rows[1].due), (first, next));
    assert_eq!(moved.state.rows[2].due, before.state.rows[2].due);
    go_on(bank, 1.day()).await?;
    go_on(bank, 1.day()).await?;
    assert_eq!(count(&test, "select count(*) from loan_event where kind = 'holiday_declared'").await?, 1);
    go_to(bank, next).await?;
    assert_eq!(seen(bank, &loan).await?.state.rows[1].due, next);
    test.finish().await
}

#[tokio::test]
async fn who_does_not_pay_any_more_earns_nothing_until_they_do() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let loan = paid_out(bank, 1).await?.1;
    go_on(bank, 120.days()).await?;
    // The first instalment is 89 days late.
    assert_eq!((seen(bank, &loan).await?.state.days_past_due, on(bank, "1290").await?), (89, Decimal::ZERO));
    let earned = on(bank, "4010").await?;
    assert!(earned < Decimal::ZERO);
    go_on(bank, 1.day()).await?;
    let unpaid = on(bank, "1210").await? + on(bank, "1215").await?;
    assert_eq!((on(bank, "1290").await?, on(bank, "4010").await?), (-unpaid, Decimal::ZERO));
    go_on(bank, 30.days()).await?;
    assert_eq!(on(bank, "4010").await?, Decimal::ZERO);
    // What is paid of it is income, and a loan that is paid up performs.
    let due = seen(bank, &loan).await?.state.due.total();
    repay(bank, &loan, &Money::new(Decimal::new(due, 2), Currency::Kes)?.figures(), "paid up").await?;
    assert_eq!(on(bank, "1290").await?, Decimal::ZERO);
    assert!(on(bank, "4010").await? < earned);
    // Written off while it does not perform, it costs what was in the books as income and principal.
    go_on(bank, 150.days()).await?;
    let (principal, suspended) = (on(bank, "1110").await?, on(bank, "1290").await?);
    assert!(suspended < Decimal::ZERO);
    seeding::seed(bank, &loan, LoanEvent::WrittenOff { on: TODAY.checked_add(301.days())? }, "lost").await?;
    assert_eq!((on(bank, "5110").await?, on(bank, "1290").await?), (principal, Decimal::ZERO));
    let status = "select count(*) from loan where status = 'written_off' and outstanding = 0";
    assert_eq!(count(&test, status).await?, 1);
    test.finish().await
}

#[tokio::test]
async fn what_cannot_be_read_of_a_loan_is_said_and_stops_nothing_else() -> Story {
    for (broken, says) in [
        ("update loan set terms = terms || '{\"phase_of_the_moon\": 1}'", "phase_of_the_moon"),
        ("update loan set terms = terms || '{\"version\": 2}'", "version 2"),
        ("update loan_event set body = body || '{\"kind\": \"frozen\"}' where nth = 1", "frozen"),
        ("update loan_event set body = body || '{\"colour\": \"red\"}' where nth = 1", "colour"),
        ("update loan set booked = '{\"books\": {}}'", "what stands in the books"),
    ] {
        let test = TestBank::new().await?;
        let bank = &test.bank;
        let (who, loan) = small_loan_paid_out(bank, 1).await?;
        let (_, sound) = small_loan_paid_out(bank, 2).await?;
        let column = if broken.contains("loan_event") { "loan" } else { "number" };
        let joins = if broken.contains("where") { "and" } else { "where" };
        let spoil = format!(
            "set session_replication_role = replica; {broken} {joins} {column} = '{}'",
            loan.as_str()
        );
        script(&test, spoil).await?;
        go_on(bank, 40.days()).await?;
        let sound = seen(bank, &sound).await?;
        assert_eq!(sound.state.as_of, sound.as_of);
        assert_eq!(count(&test, "select count(*) from job_fault").await?, 1, "{broken}");
        let page = seen(bank, &loan).await.unwrap_err().to_string();
        let again = apply(bank, &application(&who, "20,000", "6"), "again").await.unwrap_err().to_string();
        for told in [page, again] {
            assert!(told.contains(says) && told.contains("cannot be reckoned"), "{broken}: {told}");
        }
        let list = repayment_tracking::worklist(bank, &caller(OFFICER)?, LoanFilter::Open).await?;
        assert_eq!(list.len(), 2);
        test.discard().await?;
    }
    Ok(())
}

/// A node of the version before books interest when it falls due and knows nothing of what was earned day by day.
#[tokio::test]
async fn what_the_version_before_books_beside_is_put_right() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let loan = paid_out(bank, 1).await?.1;
    let alone = TestBank::new().await?;
    paid_out(&alone.bank, 1).await?;
    go_on(bank, 20.days()).await?;
    let due = seen(bank, &loan).await?.state.rows[0].clone();
    let interest = Decimal::new(due.asked.interest, 2);
    let number = loan.as_str();
    script(
        &test,
        format!(
            "begin;
             insert into journal (branch, business_date, operation, reference, narrative)
             select 1, business_date, 'business_date', 'RC-9999999-0', 'Interest due' from branch where number = 1;
             insert into posting (journal, line, branch, gl_code, account, currency, debit, credit)
             select j.id, v.line, 1, v.code, v.item, 'KES', v.debit, v.credit
             from (select max(id) as id from journal) j,
                  (values (1, '1210', '{number}', {interest}, 0), (2, '4010', null, 0, {interest})) v (line, code, item, debit, credit);
             update loan set interest_due = {interest}, interest_booked = {interest}, version = version + 1
             where number = '{number}';
             commit;"
        ),
    )
    .await?;
    for bank in [bank, &alone.bank] {
        go_to(bank, due.due.checked_add(1.day())?).await?;
    }
    assert_eq!(balances(bank).await?, balances(&alone.bank).await?);
    alone.finish().await?;
    test.finish().await
}

/// A loan that a node of the version before has closed: what happens to it afterwards is booked from where it stood,
/// not from nothing.
#[tokio::test]
async fn a_loan_that_the_version_before_closed_takes_events() -> Story {
    let mut told = Vec::new();
    for before in [false, true] {
        let test = TestBank::new().await?;
        let bank = &test.bank;
        let loan = paid_out(bank, 1).await?.1;
        go_on(bank, 10.days()).await?;
        let all = owed(bank, &loan).await?;
        repay(bank, &loan, &all, "paid off").await?;
        if before {
            let forget = "update loan set booked = null, booked_until = null";
            sqlx::query(forget).execute(bank.owner()).await?;
        }
        go_on(bank, 5.days()).await?;
        let on = TODAY.checked_add(15.days())?;
        seeding::seed(bank, &loan, LoanEvent::Reversed { on, event: 2 }, "bounced").await?;
        assert_eq!(count(&test, "select count(*) from loan where status = 'active'").await?, 1);
        told.push(balances(bank).await?);
        test.finish().await?;
    }
    assert_eq!(told[0], told[1]);
    Ok(())
}

/// Fees of every kind at the pay-out: each is taken once, whoever reads the loan again.
#[tokio::test]
async fn a_fee_at_the_pay_out_is_taken_once() -> Story {
    for trigger in [
        ChargeTrigger::DeductedAtDisbursement,
        ChargeTrigger::PaidAtDisbursement,
        ChargeTrigger::CapitalisedAtDisbursement,
    ] {
        let test = TestBank::new().await?;
        let bank = &test.bank;
        let mut product =
            demo::products()?.into_iter().find(|one| one.code == seeding::PRODUCT).ok_or("none")?;
        let mut terms = product.template.take().ok_or("no template")?;
        terms.charges = vec![Charge::new("Fee", ChargeClass::Fee, ChargeAmount::Flat(kes(1_000)?), trigger)];
        product.template = Some(terms);
        loan_setup::publish(bank, &product).await?;
        let loan = seeding::paid_out(bank, 1).await?;
        let first = seen(bank, &loan).await?;
        let taken = first.state.at_disbursement;
        assert_eq!(
            (taken.deducted + taken.paid + taken.capitalised, taken.tax),
            (120_000, 20_000),
            "{trigger:?}"
        );
        go_on(bank, 1.day()).await?;
        assert_eq!(seen(bank, &loan).await?.state.at_disbursement, taken, "{trigger:?}");
        assert_eq!(on(bank, "4110").await?, Decimal::from(-1_000), "{trigger:?}");
        test.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_booked_is_refused_by_name() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let loan = seeding::paid_out(bank, 1).await?;
    let plain = small_loan_paid_out(bank, 2).await?.1;
    go_on(bank, 40.days()).await?;
    let today = TODAY.checked_add(40.days())?;
    seeding::seed(bank, &loan, LoanEvent::Repaid { on: today, amount: kes(500)? }, "paid").await?;
    seeding::seed(bank, &loan, LoanEvent::Reversed { on: today, event: 2 }, "bounced").await?;
    let penalty =
        LoanEvent::Charged { on: today, due: today, class: ChargeClass::Penalty, amount: kes(1)?, tax: None };
    for (nth, (of, event, says)) in [
        (&loan, LoanEvent::Reversed { on: today, event: 3 }, "A reversal is not reversed"),
        (&loan, LoanEvent::Reversed { on: today, event: 2 }, "reversed already"),
        (&loan, LoanEvent::Reversed { on: today, event: 9 }, "no such event"),
        (
            &loan,
            LoanEvent::Repaid { on: TODAY.checked_sub(1.day())?, amount: kes(5)? },
            "the day it was paid out or later",
        ),
        (
            &loan,
            LoanEvent::Repaid { on: today.checked_add(1.day())?, amount: kes(5)? },
            "business date or before",
        ),
        (&loan, LoanEvent::Waived { on: today, amount: kes(900_000)? }, "No more can be waived"),
        (&loan, LoanEvent::Recovered { on: today, amount: kes(5)? }, "written off"),
        (&loan, LoanEvent::GivenUp { on: today }, "10.00 at most"),
        (&plain, penalty, "know no charge of this kind"),
        (&plain, LoanEvent::Reversed { on: today, event: 2 }, "no such event"),
    ]
    .into_iter()
    .enumerate()
    {
        let refused =
            seeding::seed(bank, of, event, &format!("refused-{nth}")).await.unwrap_err().to_string();
        assert!(refused.contains(says), "{event:?}: {refused}");
    }
    // Five thousand payments of a cent are too many; what pays the loan off still fits.
    let cent = Money::new(Decimal::new(1, 2), Currency::Kes)?;
    let mut events = seen(bank, &plain).await?.events;
    events.resize(4_999, LoanEvent::Repaid { on: today, amount: cent });
    let seen = seen(bank, &plain).await?;
    let pays_off = [events.clone(), vec![LoanEvent::paid_off(today)]].concat();
    let fold = |events: &[LoanEvent]| tawi_domain::credit_ops::schedule::fold(&seen.terms, events, today);
    let pays_off_at_last = pays_off.clone();
    assert_eq!(fold(&pays_off)?.closed_on, Some(today));
    let too_many = [pays_off, vec![LoanEvent::Reversed { on: today, event: 3 }]].concat();
    assert!(fold(&too_many).unwrap_err().to_string().contains("5000"));
    assert!(owed(bank, &loan).await?.contains('.'));
    // The last of them are kept for what ends it, or takes something back.
    let (paid, undone) =
        (LoanEvent::Repaid { on: today, amount: cent }, LoanEvent::Reversed { on: today, event: 3 });
    let open = fold(&events[..4_900])?;
    assert!(fits_on(&events[..4_899], &paid, &open).is_ok());
    assert!(fits_on(&events[..4_900], &paid, &open).unwrap_err().to_string().contains("pays it off"));
    assert!(fits_on(&events[..4_900], &undone, &open).is_ok());
    assert!(fits_on(&events, &LoanEvent::paid_off(today), &fold(&pays_off_at_last)?).is_ok());
    // Nor is a cent taken, unless it is the last.
    let refused = repay(bank, &plain, "9.99", "little").await.unwrap_err().to_string();
    assert!(refused.contains("10.00 is the least"), "{refused}");
    test.finish().await
}

/// Two shillings and more are missing at the end: the day after, they are given up, whoever looks first.
#[tokio::test]
async fn what_is_left_at_the_end_is_given_up() -> Story {
    let mut told = Vec::new();
    for step in [1, 40] {
        let test = TestBank::new().await?;
        let bank = &test.bank;
        let loan = seeding::paid_out(bank, 1).await?;
        go_on(bank, 30.days()).await?;
        let today = TODAY.checked_add(30.days())?;
        seeding::seed(bank, &loan, LoanEvent::Accelerated { on: today }, "called in").await?;
        let owed = seen(bank, &loan).await?.state.owed.total();
        let amount = Money::new(Decimal::new(owed - 240, 2), Currency::Kes)?;
        seeding::seed(bank, &loan, LoanEvent::Repaid { on: today, amount }, "nearly").await?;
        assert_eq!(seen(bank, &loan).await?.row.days_past_due, 0);
        for day in (step..=40).step_by(usize::try_from(step)?) {
            go_to(bank, today.checked_add(day.days())?).await?;
        }
        let seen = seen(bank, &loan).await?;
        assert_eq!((seen.state.given_up.total(), seen.state.owed.total()), (240, 0));
        assert_eq!(seen.state.closed_on, Some(today.checked_add(1.day())?));
        assert_eq!(on(bank, "5250").await?, Decimal::new(240, 2));
        assert_eq!(
            count(&test, "select count(*) from loan where status = 'closed' and outstanding = 0").await?,
            1
        );
        told.push(balances(bank).await?);
        test.finish().await?;
    }
    assert_eq!(told[0], told[1]);
    Ok(())
}

#[tokio::test]
async fn nobody_makes_up_the_life_of_a_bank_that_is_none_to_show() -> Story {
    let test = TestBank::new().await?;
    let loan = small_loan_paid_out(&test.bank, 1).await?.1;
    let bank = Bank::new(Settings { demonstration: false, ..test.bank.settings().clone() })?;
    let event = LoanEvent::Repaid { on: TODAY, amount: kes(5)? };
    let refused = loan_seeding::seed(&bank, BranchNumber::try_from(1)?, &loan, event, key("made up")?).await;
    assert!(refused.unwrap_err().to_string().contains("demonstration"));
    test.finish().await
}
