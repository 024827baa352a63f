//! A loan from the application to its last cent, and everybody who tries something else.

use crate::support::{Fallible, Story, as_owner, count, next};
use jiff::civil::date;
use tawi_bank::approval;
use tawi_bank::credit_ops::repayment_tracking;
use tawi_bank::customer_ops::account;
use tawi_bank::{Bank, dispatch};
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::repayment_tracking::LoanFilter;
use tawi_domain::customer_ops::account_opening::AccountOpeningForm;
use tawi_domain::shared::approval::{Receipt, Verdict};
use tawi_domain::shared::ids::AccountNumber;
use tawi_domain::shared::notice::NoticeBody;
use tawi_testing::lending::{
    Borrower, approved, ask_to_pay_out, borrower, go_to, paid_out, pay_out, repay, repayment,
};
use tawi_testing::{
    TestBank, caller, command, decide, decision, key, listen, opened, registered, submit, ticket,
};

async fn balance(bank: &Bank, number: &AccountNumber) -> Fallible<String> {
    Ok(account::balance(bank, &caller("LO-001")?, number).await?.ledger.figures())
}

#[tokio::test]
async fn a_loan_from_the_application_to_the_last_cent() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let (who, loan) = paid_out(bank, 1).await?;
    // 2 % fee on 120,000 and 20 % excise on the fee are kept back: 2,400 and 480.
    assert_eq!(balance(bank, &who.account).await?, "717,120.00");
    let view = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?;
    assert_eq!(view.row.status, LoanStatus::Active);
    assert_eq!(view.row.outstanding.figures(), "120,000.00");
    assert_eq!(view.fees.excise.figures(), "480.00");
    let first = view.state.rows.first().ok_or("no rows")?.clone();
    assert_eq!(first.due, date(2026, 4, 26));
    // 120,000 x 18 % x 31 / 365.
    assert_eq!(first.asked.interest, 183_452);

    go_to(bank, date(2026, 4, 26)).await?;
    let due = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?.state;
    assert_eq!(due.due.interest, 183_452);
    assert_eq!(due.days_past_due, 0);
    repay(bank, &loan, &due.figures(first.total()), "first").await?;
    let after = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?;
    assert_eq!(after.state.rows.first().and_then(|row| row.settled_on), Some(date(2026, 4, 26)));
    assert_eq!(after.row.next_due, Some(date(2026, 5, 26)));

    // The second instalment is missed: a day later the loan is late.
    go_to(bank, date(2026, 5, 27)).await?;
    let late = repayment_tracking::worklist(bank, &caller("CS-001")?, LoanFilter::Late).await?;
    assert_eq!(late.iter().map(|row| row.days_past_due).collect::<Vec<_>>(), [1]);

    let owed = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?.state;
    repay(bank, &loan, &owed.figures(owed.pay_off), "the rest").await?;
    let closed = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?;
    assert_eq!(closed.row.status, LoanStatus::Closed);
    assert!(closed.row.outstanding.amount().is_zero());
    let again = repay(bank, &loan, "1", "once more").await.unwrap_err();
    assert!(again.to_string().contains("paid off already"), "{again}");
    go_to(bank, date(2026, 6, 26)).await?;
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_loan_is_paid_out_once_whoever_tries_how_often() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    for round in 0..8_u32 {
        let who = borrower(bank, round).await?;
        let loan = approved(bank, &who, &format!("loan-{round}")).await?;
        // The same press many times, and other keys beside it.
        let mut tasks = tokio::task::JoinSet::new();
        for nth in 0..6_u32 {
            let (bank, loan) = (bank.clone(), loan.clone());
            let name = format!("out-{round}-{}", nth % 3);
            tasks.spawn(async move { ask_to_pay_out(&bank, &loan, &name).await });
        }
        let mut request = None;
        while let Some(sent) = tasks.join_next().await {
            if let Ok(receipt) = sent? {
                request = Some(ticket(receipt)?);
            }
        }
        let request = request.ok_or("nobody's request was taken")?;
        let decision = decision(bank, &caller("CS-001")?, request, Verdict::Approve).await?;
        let mut tasks = tokio::task::JoinSet::new();
        for (nth, staff_id) in ["CS-001", "BM-001", "CS-001", "BM-001"].into_iter().enumerate() {
            let (bank, decision) = (bank.clone(), decision.clone());
            tasks.spawn(async move {
                let key = key(&format!("yes-{round}-{nth}"))?;
                Fallible::Ok(approval::decide(&bank, &caller(staff_id)?, &decision, key).await)
            });
        }
        let mut done = 0;
        while let Some(decided) = tasks.join_next().await {
            done += u32::from(decided??.is_ok());
        }
        assert_eq!(done, 1, "one decision");
        assert_eq!(balance(bank, &who.account).await?, "717,120.00");
        let late = ask_to_pay_out(bank, &loan, &format!("again-{round}")).await.unwrap_err();
        assert_eq!(late.status(), 409, "{late}");
    }
    assert_eq!(count(&test, "select count(*) from loan_event").await?, 8);
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_repayments_race_for_the_last_shilling() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let (who, loan) = paid_out(bank, 1).await?;
    // The loan keeps 10,000: that is what everybody tries to pay at once.
    let amount = "10,000";
    repay(bank, &loan, "110,000", "most").await?;
    let mut tasks = tokio::task::JoinSet::new();
    for nth in 0..8 {
        let (bank, loan) = (bank.clone(), loan.clone());
        tasks.spawn(async move { repay(&bank, &loan, amount, &format!("last-{nth}")).await });
    }
    let mut taken = 0;
    while let Some(sent) = tasks.join_next().await {
        match sent? {
            Ok(_) => taken += 1,
            Err(refused) => assert_eq!(refused.status(), 422, "{refused}"),
        }
    }
    assert_eq!(taken, 1, "only one pays the loan off");
    assert_eq!(balance(bank, &who.account).await?, "597,120.00");
    test.finish().await
}

#[tokio::test]
async fn repayments_that_cannot_be_move_nothing() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let (who, loan) = paid_out(bank, 1).await?;
    let fresh = approved(bank, &who, "fresh").await?;
    for (loan, amount, says) in
        [(&loan, "120,000.01", "pays this loan off"), (&fresh, "10", "not paid out yet")]
    {
        let refused = repay(bank, loan, amount, says).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    }
    for (restriction, says) in [
        ("update account set restrictions = '{debit_block}'", "blocked for debits"),
        ("update account set restrictions = '{freeze}'", "frozen"),
    ] {
        as_owner(&test, restriction).await?;
        let refused = repay(bank, &loan, "10", says).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    }
    as_owner(&test, "update account set restrictions = '{}', status = 'closed'").await?;
    let closed = repay(bank, &loan, "10", "closed").await.unwrap_err();
    assert!(closed.to_string().contains("is closed"), "{closed}");
    let form = command(&repayment(&loan, "10"))?;
    let foreign = submit(bank, &caller("RO-002")?, &form, "f").await.unwrap_err();
    assert_eq!(foreign.status(), 403, "{foreign}");
    assert_eq!(balance(bank, &who.account).await?, "717,120.00");
    test.finish().await
}

#[tokio::test]
async fn more_than_the_account_holds_is_refused() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let customer = registered(bank, "RO-001", 1).await?;
    let account = opened(bank, "RO-001", &customer, "500").await?;
    let who = Borrower { customer, account };
    let loan = approved(bank, &who, "loan").await?;
    pay_out(bank, &loan, "out").await?;
    let refused = repay(bank, &loan, "118,000", "too much").await.unwrap_err();
    assert!(refused.to_string().contains("holds KES 117,620.00: that is not enough"), "{refused}");
    repay(bank, &loan, "117,620", "all of it").await?;
    assert_eq!(balance(bank, &who.account).await?, "0.00");
    test.finish().await
}

#[tokio::test]
async fn whoever_lends_hears_at_once_that_a_loan_is_late() -> Story {
    let test = TestBank::live().await?;
    let bank = &test.bank;
    let (_, loan) = paid_out(bank, 1).await?;
    go_to(bank, date(2026, 4, 26)).await?;
    let position = count(&test, "select last from outbox_counter").await?;
    let mut stream = listen(bank, caller("LO-001")?, position).await?;
    go_to(bank, date(2026, 4, 27)).await?;
    let (late, arrears) = loop {
        if let NoticeBody::LoanLate { loan, arrears, .. } = next(&mut stream).await?.body {
            break (loan, arrears);
        }
    };
    assert_eq!(late, loan);
    // The next day is no news: the next that is heard is what comes after it.
    go_to(bank, date(2026, 4, 28)).await?;
    approved(bank, &borrower(bank, 2).await?, "after").await?;
    let after = next(&mut stream).await?.body;
    assert!(matches!(after, NoticeBody::RequestDecided { .. }), "{after:?}");
    assert_eq!(count(&test, "select count(*) from outbox where body->>'kind' = 'loan_late'").await?, 1);
    let view = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?;
    assert_eq!(view.row.arrears, arrears);
    assert_eq!(view.row.days_past_due, 2);
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_second_accounts_at_once_are_still_seen() -> Story {
    let test = TestBank::new().await?;
    for round in 0..10_u32 {
        let customer = registered(&test.bank, "RO-001", round).await?;
        let form = AccountOpeningForm {
            customer: customer.to_string(),
            kind: "savings".into(),
            deposit: "900000".into(),
        };
        let mut tasks = tokio::task::JoinSet::new();
        for nth in 0..4 {
            let (bank, command) = (test.bank.clone(), command(&form)?);
            tasks.spawn(async move {
                let key = key(&format!("open-{round}-{nth}"))?;
                Fallible::Ok(dispatch::submit(&bank, &caller("RO-001")?, &command, key).await)
            });
        }
        let mut opened = 0;
        while let Some(sent) = tasks.join_next().await {
            opened += u32::from(matches!(sent??, Ok(Receipt::Done { .. })));
        }
        assert_eq!(opened, 1, "the others need a second person");
    }
    test.finish().await
}

#[tokio::test]
async fn a_large_opening_deposit_is_above_the_supervisors_limit() -> Story {
    let test = TestBank::new().await?;
    let customer = registered(&test.bank, "RO-001", 1).await?;
    let form = AccountOpeningForm {
        customer: customer.to_string(),
        kind: "savings".into(),
        deposit: "2,000,000".into(),
    };
    let request = ticket(submit(&test.bank, &caller("RO-001")?, &command(&form)?, "large").await?)?;
    let above = decide(&test.bank, &caller("OS-001")?, request, Verdict::Approve, "os").await.unwrap_err();
    assert!(above.to_string().contains("above your limit"), "{above}");
    decide(&test.bank, &caller("BM-001")?, request, Verdict::Approve, "bm").await?;
    assert_eq!(count(&test, "select count(*) from account where balance = 2000000").await?, 1);
    test.finish().await
}
