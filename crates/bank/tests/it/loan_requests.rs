//! What is asked for a loan, who decides it, and what is refused.

use crate::support::{Story, as_owner, count};
use jiff::civil::date;
use tawi_bank::approval;
use tawi_bank::credit_ops::{loan_application, loan_setup, repayment_tracking};
use tawi_bank::demo;
use tawi_domain::administration::parameters::ParameterForm;
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::credit_ops::loan_product::LoanProduct;
use tawi_domain::shared::approval::{Receipt, RequestState, Verdict};
use tawi_domain::shared::permissions::Role;
use tawi_testing::lending::{application, apply, approved, ask_to_pay_out, borrower, go_to, loan_of};
use tawi_testing::{TestBank, caller, command, decide, decision, key, submit, ticket};

#[tokio::test]
async fn the_rules_refuse_in_words_and_say_which() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let other = borrower(bank, 2).await?;
    for (change, says) in [
        (LoanApplicationForm { amount: "0".into(), ..application(&who, "", "12") }, "more than zero"),
        (LoanApplicationForm { amount: "-5".into(), ..application(&who, "", "12") }, "negative"),
        (LoanApplicationForm { amount: "12.345".into(), ..application(&who, "", "12") }, "two decimals"),
        (application(&who, &"9".repeat(31), "12"), "larger than the books"),
        (application(&who, "lots", "12"), "in figures"),
        (application(&who, "2,000,001", "12"), "is lent from KES 10,000.00 to 2,000,000.00"),
        (application(&who, "120000", "37"), "runs 3 to 36 months"),
        (application(&who, "120000", "many"), "months in figures"),
        (
            LoanApplicationForm { account: other.account.to_string(), ..application(&who, "120000", "12") },
            "'s own",
        ),
        (
            LoanApplicationForm { account: "00101000000199".into(), ..application(&who, "120000", "12") },
            "does not exist",
        ),
        (
            LoanApplicationForm { product: "GOLD".into(), ..application(&who, "120000", "12") },
            "no such loan product",
        ),
        (LoanApplicationForm { customer: "12345671".into(), ..application(&who, "1", "12") }, "No customer"),
    ] {
        let refused = apply(bank, &change, &format!("{says}-{}", change.amount.len())).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}, not {says}");
        assert_eq!(refused.status(), 422, "{refused}");
    }
    as_owner(&test, "update customer set review_due = '2026-03-25'").await?;
    let stale = apply(bank, &application(&who, "120000", "12"), "stale").await.unwrap_err();
    assert!(stale.to_string().contains("Know your customer"), "{stale}");
    as_owner(&test, "update customer set review_due = '2030-01-01'").await?;
    let findings =
        loan_application::findings(bank, &caller("LO-001")?, &application(&who, "120000", "12")).await?;
    assert!(findings.iter().all(|finding| finding.met), "{findings:?}");
    assert_eq!(count(&test, "select count(*) from loan").await?, 0);
    assert_eq!(count(&test, "select count(*) from approval_request").await?, 0);
    test.finish().await
}

#[tokio::test]
async fn the_ladder_says_who_decides() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let large = apply(bank, &application(&who, "600,000", "24"), "large").await?;
    let Receipt::Waiting { checker, .. } = &large else { return Err("a ticket".into()) };
    assert_eq!(checker, &[Role::BranchManager]);
    let request = ticket(large)?;
    let inbox = approval::inbox(bank, &caller("CS-001")?, 1).await?;
    assert!(inbox.is_empty(), "it is not the credit supervisor's");
    // Not even with what the manager was shown.
    let shown = decision(bank, &caller("BM-001")?, request, Verdict::Approve).await?;
    let above = approval::decide(bank, &caller("CS-001")?, &shown, key("cs")?).await.unwrap_err();
    assert_eq!(above.status(), 403, "{above}");
    let manager = approval::inbox(bank, &caller("BM-001")?, 1).await?;
    assert_eq!(manager.len(), 1);
    decide(bank, &caller("BM-001")?, request, Verdict::Approve, "bm").await?;
    test.finish().await
}

#[tokio::test]
async fn what_changed_between_application_and_decision_counts() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let request = ticket(apply(bank, &application(&who, "120,000", "12"), "one").await?)?;
    // The product gets a new version.
    let product = demo::products()?.into_iter().next().ok_or("no product")?;
    loan_setup::publish(bank, &LoanProduct { longest_months: 48, ..product.clone() }).await?;
    let stale = decide(bank, &caller("CS-001")?, request, Verdict::Approve, "a").await.unwrap_err();
    assert_eq!(stale.status(), 409, "{stale}");
    decide(bank, &caller("CS-001")?, request, Verdict::Reject, "b").await?;
    // Blocked in between, without a new version of anything: refused, and recorded so.
    let request = ticket(apply(bank, &application(&who, "130,000", "12"), "two").await?)?;
    as_owner(&test, "update customer set restrictions = '{block}'").await?;
    let Receipt::Decided { state, message, .. } =
        decide(bank, &caller("CS-001")?, request, Verdict::Approve, "c").await?
    else {
        return Err("a decision".into());
    };
    assert_eq!(state, RequestState::Refused);
    assert!(message.contains("blocked"), "{message}");
    as_owner(&test, "update customer set restrictions = '{}'").await?;
    // Retired.
    loan_setup::publish(bank, &LoanProduct { offered: false, ..product }).await?;
    let retired = apply(bank, &application(&who, "130,000", "12"), "three").await.unwrap_err();
    assert!(retired.to_string().contains("no longer offered"), "{retired}");
    test.finish().await
}

#[tokio::test]
async fn the_rules_are_asked_again_before_money_goes_out() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let loan = approved(bank, &who, "loan").await?;
    as_owner(&test, "update customer set restrictions = '{block}'").await?;
    let blocked = ask_to_pay_out(bank, &loan, "blocked").await.unwrap_err();
    assert!(blocked.to_string().contains("The customer is blocked"), "{blocked}");
    as_owner(&test, "update customer set restrictions = '{}'").await?;
    // Asked while all was well, decided when it no longer is.
    let request = ticket(ask_to_pay_out(bank, &loan, "well").await?)?;
    as_owner(&test, "update customer set restrictions = '{block}'").await?;
    let Receipt::Decided { state, .. } =
        decide(bank, &caller("CS-001")?, request, Verdict::Approve, "ill").await?
    else {
        return Err("a decision".into());
    };
    assert_eq!(state, RequestState::Refused);
    as_owner(&test, "update customer set restrictions = '{}'").await?;
    // The price changes between the question and the answer: what was shown is not what would happen.
    let request = ticket(ask_to_pay_out(bank, &loan, "price").await?)?;
    as_owner(&test, "update parameter set value = '\"25\"' where code = 'excise_on_fees_percent'").await?;
    let Receipt::Decided { state, message, .. } =
        decide(bank, &caller("CS-001")?, request, Verdict::Approve, "dearer").await?
    else {
        return Err("a decision".into());
    };
    assert_eq!(state, RequestState::Refused, "{message}");
    assert!(message.contains("no longer what you were shown"), "{message}");
    // An approval grows old.
    go_to(bank, date(2026, 5, 26)).await?;
    let old = ask_to_pay_out(bank, &loan, "old").await.unwrap_err();
    assert!(old.to_string().contains("apply again"), "{old}");
    assert_eq!(count(&test, "select count(*) from loan_event").await?, 0);
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_split_loan_stands_on_the_rung_of_the_whole() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let first = ticket(apply(bank, &application(&who, "400,000", "12"), "first").await?)?;
    // Both wait on the lower rung; when the first is decided the second is no longer what was shown.
    let second = ticket(apply(bank, &application(&who, "399,999", "12"), "second").await?)?;
    decide(bank, &caller("CS-001")?, first, Verdict::Approve, "one").await?;
    let Receipt::Decided { state, .. } =
        decide(bank, &caller("CS-001")?, second, Verdict::Approve, "two").await?
    else {
        return Err("a decision".into());
    };
    assert_eq!(state, RequestState::Refused);
    let Receipt::Waiting { checker, .. } = apply(bank, &application(&who, "399,999", "12"), "third").await?
    else {
        return Err("a ticket".into());
    };
    assert_eq!(checker, [Role::BranchManager]);
    test.finish().await
}

/// A ladder that was tightened while a request waits leaves out who may not decide it any more.
#[tokio::test]
async fn a_tightened_ladder_counts_for_what_waits_already() -> Story {
    let test = TestBank::new().await?;
    let who = borrower(&test.bank, 1).await?;
    let request = ticket(apply(&test.bank, &application(&who, "300000", "12"), "ask").await?)?;
    let values = [("credit_supervisor", "200000"), ("branch_manager", "")];
    let tight = ParameterForm {
        code: "approval_ladder.loan_application".into(),
        valid_from: "26/03/2026".into(),
        values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    let receipt = submit(&test.bank, &caller("AD-001")?, &command(&tight)?, "tight").await?;
    assert!(matches!(receipt, Receipt::Done { .. }));
    let refused = decide(&test.bank, &caller("CS-001")?, request, Verdict::Approve, "cs").await.unwrap_err();
    assert!(refused.to_string().contains("ladder was changed"), "{refused}");
    decide(&test.bank, &caller("BM-001")?, request, Verdict::Approve, "bm").await?;
    test.finish().await
}

/// Rate and frequency within what the product lets an application choose; the loan keeps them.
#[tokio::test]
async fn an_application_chooses_rate_and_frequency_within_the_product() -> Story {
    let test = TestBank::new().await?;
    let who = borrower(&test.bank, 1).await?;
    let asked = |rate: &str, frequency: &str, months: &str| LoanApplicationForm {
        rate: rate.into(),
        frequency: frequency.into(),
        ..application(&who, "120000", months)
    };
    let wrong = [
        (asked("13.99", "", "12"), "is lent at 14 to 24 %"),
        (asked("24.01", "", "12"), "is lent at 14 to 24 %"),
        (asked("twenty", "", "12"), "in figures"),
        (asked("", "hourly", "12"), "how often"),
        (asked("", "quarterly", "13"), "whole quarters"),
        (LoanApplicationForm { product: "JAMII".into(), ..asked("", "weekly", "12") }, "is paid monthly"),
    ];
    for (nth, (form, says)) in wrong.iter().enumerate() {
        let fault = apply(&test.bank, form, &format!("wrong-{nth}")).await.unwrap_err().to_string();
        assert!(fault.contains(says), "{fault} should say {says}");
    }
    let request = ticket(apply(&test.bank, &asked("20.5", "fortnightly", "6"), "chosen").await?)?;
    decide(&test.bank, &caller("CS-001")?, request, Verdict::Approve, "yes").await?;
    let loan = loan_of(&test.bank, request).await?;
    let view = repayment_tracking::view(&test.bank, &caller("LO-001")?, &loan).await?;
    assert_eq!((view.terms.rate.to_string().as_str(), view.state.rows.len()), ("20.5 %", 13));
    assert_eq!(view.state.rows[0].due, date(2026, 4, 9), "two weeks on");
    let cost = view.cost();
    assert_eq!(cost.charges, 288_000, "2 % and excise");
    assert!(cost.annual_rate_percent.is_some());
    test.finish().await
}
