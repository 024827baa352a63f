//! A loan from the application to its last cent, and everybody who tries something else.

use crate::support::{Fallible, Story, as_owner, count, decide, next};
use jiff::civil::{Date, date};
use tawi_bank::command::Command;
use tawi_bank::credit_ops::repayment_tracking;
use tawi_bank::customer_ops::account;
use tawi_bank::shared::outbox::Stream;
use tawi_bank::{Bank, business_date, dispatch};
use tawi_domain::credit_ops::disbursement::DisbursementForm;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::credit_ops::repayment_tracking::{LoanFilter, RepaymentForm};
use tawi_domain::customer_ops::account_opening::AccountOpeningForm;
use tawi_domain::shared::approval::{Receipt, Verdict};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, CustomerNumber, RequestId};
use tawi_domain::shared::journal::{JournalForm, JournalLineForm};
use tawi_domain::shared::notice::NoticeBody;
use tawi_testing::{TestBank, caller, key, opened, registered};

/// A customer with an account, as loans need one.
pub struct Borrower {
    pub customer: CustomerNumber,
    pub account: AccountNumber,
}

pub async fn borrower(bank: &Bank, nth: u32) -> Fallible<Borrower> {
    let customer = registered(bank, "RO-001", nth).await?;
    let account = opened(bank, "RO-001", &customer, "600000").await?;
    Ok(Borrower { customer, account })
}

pub fn application(who: &Borrower, amount: &str, months: &str) -> LoanApplicationForm {
    LoanApplicationForm {
        customer: who.customer.to_string(),
        product: "BIASHARA".into(),
        amount: amount.into(),
        months: months.into(),
        account: who.account.to_string(),
        purpose: "Stock for the shop".into(),
        ..LoanApplicationForm::default()
    }
}

pub async fn apply(bank: &Bank, form: &LoanApplicationForm, name: &str) -> Result<Receipt, AppError> {
    let command = Command::LoanApplication(form.parse().map_err(AppError::Invalid)?);
    submit(bank, &command, name).await
}

pub async fn submit(bank: &Bank, command: &Command, name: &str) -> Result<Receipt, AppError> {
    let refused = |error: Box<dyn std::error::Error + Send + Sync>| AppError::refused(error.to_string());
    let key = key(&name.replace(' ', "-")).map_err(refused)?;
    dispatch::submit(bank, &caller("LO-001").map_err(refused)?, command, key).await
}

pub fn ticket(receipt: Receipt) -> Fallible<RequestId> {
    match receipt {
        Receipt::Waiting { request, .. } => Ok(request),
        other => Err(format!("expected a ticket, got {other:?}").into()),
    }
}

/// An approved loan of 120,000 over 12 months.
pub async fn approved(bank: &Bank, who: &Borrower, name: &str) -> Fallible<AccountNumber> {
    let request = ticket(apply(bank, &application(who, "120,000", "12"), name).await?)?;
    decide(bank, &caller("CS-001")?, request, Verdict::Approve, &format!("{name}-yes")).await?;
    loan_of(bank, request).await
}

pub async fn loan_of(bank: &Bank, request: RequestId) -> Fallible<AccountNumber> {
    let detail = tawi_bank::shared::approval::detail(bank, &caller("CS-001")?, request).await?;
    Ok(detail.effect.ok_or("not approved")?.parse()?)
}

pub fn disbursement(loan: &AccountNumber) -> Fallible<Command> {
    let form = DisbursementForm { loan: loan.to_string() };
    Ok(Command::Disbursement(form.parse().map_err(|faults| faults.to_string())?))
}

pub fn repayment(loan: &AccountNumber, amount: &str) -> Result<Command, AppError> {
    let form = RepaymentForm { loan: loan.to_string(), amount: amount.into() };
    form.parse().map(Command::Repayment).map_err(AppError::Invalid)
}

pub async fn pay_out(bank: &Bank, loan: &AccountNumber, name: &str) -> Fallible<Receipt> {
    let request = ticket(submit(bank, &disbursement(loan)?, name).await?)?;
    Ok(decide(bank, &caller("CS-001")?, request, Verdict::Approve, &format!("{name}-yes")).await?)
}

pub async fn paid_out(bank: &Bank, nth: u32) -> Fallible<(Borrower, AccountNumber)> {
    let who = borrower(bank, nth).await?;
    let loan = approved(bank, &who, &format!("loan-{nth}")).await?;
    pay_out(bank, &loan, &format!("out-{nth}")).await?;
    Ok((who, loan))
}

pub async fn go_to(bank: &Bank, day: Date) -> Fallible<()> {
    business_date::move_forward(bank, "NBO-HQ", day).await?;
    Ok(())
}

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
    submit(bank, &repayment(&loan, &due.figures(first.total()))?, "first").await?;
    let after = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?;
    assert_eq!(after.state.rows.first().and_then(|row| row.settled_on), Some(date(2026, 4, 26)));
    assert_eq!(after.row.next_due, Some(date(2026, 5, 26)));

    // The second instalment is missed: a day later the loan is late.
    go_to(bank, date(2026, 5, 27)).await?;
    let late = repayment_tracking::worklist(bank, &caller("CS-001")?, LoanFilter::Late).await?;
    assert_eq!(late.iter().map(|row| row.days_past_due).collect::<Vec<_>>(), [1]);

    let owed = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?.state;
    submit(bank, &repayment(&loan, &owed.figures(owed.pay_off))?, "the rest").await?;
    let closed = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?;
    assert_eq!(closed.row.status, LoanStatus::Closed);
    assert!(closed.row.outstanding.amount().is_zero());
    let again = submit(bank, &repayment(&loan, "1")?, "once more").await.unwrap_err();
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
            let (bank, command) = (bank.clone(), disbursement(&loan)?);
            let name = format!("out-{round}-{}", nth % 3);
            tasks.spawn(async move { submit(&bank, &command, &name).await });
        }
        let mut request = None;
        while let Some(sent) = tasks.join_next().await {
            if let Ok(receipt) = sent? {
                request = Some(ticket(receipt)?);
            }
        }
        let request = request.ok_or("nobody's request was taken")?;
        let decision = crate::support::decision(bank, &caller("CS-001")?, request, Verdict::Approve).await?;
        let mut tasks = tokio::task::JoinSet::new();
        for (nth, staff_id) in ["CS-001", "BM-001", "CS-001", "BM-001"].into_iter().enumerate() {
            let (bank, decision) = (bank.clone(), decision.clone());
            tasks.spawn(async move {
                let key = key(&format!("yes-{round}-{nth}"))?;
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
                    tawi_bank::shared::approval::decide(&bank, &caller(staff_id)?, &decision, key).await,
                )
            });
        }
        let mut done = 0;
        while let Some(decided) = tasks.join_next().await {
            done += u32::from(decided??.is_ok());
        }
        assert_eq!(done, 1, "one decision");
        assert_eq!(balance(bank, &who.account).await?, "717,120.00");
        let late = submit(bank, &disbursement(&loan)?, &format!("again-{round}")).await.unwrap_err();
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
    submit(bank, &repayment(&loan, "110,000")?, "most").await?;
    let mut tasks = tokio::task::JoinSet::new();
    for nth in 0..8 {
        let (bank, command) = (bank.clone(), repayment(&loan, amount)?);
        tasks.spawn(async move { submit(&bank, &command, &format!("last-{nth}")).await });
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
        let refused = submit(bank, &repayment(loan, amount)?, says).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    }
    for (restriction, says) in [
        ("update account set restrictions = '{debit_block}'", "blocked for debits"),
        ("update account set restrictions = '{freeze}'", "frozen"),
    ] {
        as_owner(&test, restriction).await?;
        let refused = submit(bank, &repayment(&loan, "10")?, says).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    }
    as_owner(&test, "update account set restrictions = '{}', status = 'closed'").await?;
    let closed = submit(bank, &repayment(&loan, "10")?, "closed").await.unwrap_err();
    assert!(closed.to_string().contains("is closed"), "{closed}");
    let foreign =
        dispatch::submit(bank, &caller("RO-002")?, &repayment(&loan, "10")?, key("f")?).await.unwrap_err();
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
    let refused = submit(bank, &repayment(&loan, "118,000")?, "too much").await.unwrap_err();
    assert!(refused.to_string().contains("holds KES 117,620.00: that is not enough"), "{refused}");
    submit(bank, &repayment(&loan, "117,620")?, "all of it").await?;
    assert_eq!(balance(bank, &who.account).await?, "0.00");
    test.finish().await
}

#[tokio::test]
async fn whoever_lends_hears_at_once_that_a_loan_is_late() -> Story {
    let test = TestBank::live().await?;
    let bank = &test.bank;
    let (_, loan) = paid_out(bank, 1).await?;
    go_to(bank, date(2026, 4, 26)).await?;
    let position = tawi_bank::shared::outbox::position(bank).await?;
    let mut stream = Stream::open(bank, caller("LO-001")?, position).await?;
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

#[tokio::test]
async fn a_general_journal_keeps_its_hands_off_loans() -> Story {
    let test = TestBank::new().await?;
    let (_, loan) = paid_out(&test.bank, 1).await?;
    let line = |gl_code: &str, account: &str, debit: &str, credit: &str| JournalLineForm {
        gl_code: gl_code.into(),
        account: account.into(),
        debit: debit.into(),
        credit: credit.into(),
    };
    let form = JournalForm {
        narrative: "Written off quietly".into(),
        currency: "KES".into(),
        lines: vec![line("5210", "", "100", ""), line("1110", loan.as_str(), "", "100")],
    };
    let refused = form.parse().unwrap_err().to_string();
    assert!(refused.contains("moves with loans alone"), "{refused}");
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
            let (bank, command) = (
                test.bank.clone(),
                Command::AccountOpening(form.parse().map_err(|faults| faults.to_string())?),
            );
            tasks.spawn(async move {
                let key = key(&format!("open-{round}-{nth}"))?;
                let sent = dispatch::submit(&bank, &caller("RO-001")?, &command, key).await;
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(sent)
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
    let command = Command::AccountOpening(form.parse().map_err(|faults| faults.to_string())?);
    let request = ticket(dispatch::submit(&test.bank, &caller("RO-001")?, &command, key("large")?).await?)?;
    let above = decide(&test.bank, &caller("OS-001")?, request, Verdict::Approve, "os").await.unwrap_err();
    assert!(above.to_string().contains("above your limit"), "{above}");
    decide(&test.bank, &caller("BM-001")?, request, Verdict::Approve, "bm").await?;
    assert_eq!(count(&test, "select count(*) from account where balance = 2000000").await?, 1);
    test.finish().await
}
