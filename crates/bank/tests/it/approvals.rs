use crate::support::{Story, ask, count, exposed, form, register};
use tawi_bank::approval;
use tawi_bank::customer_ops::enquiries;
use tawi_domain::language;
use tawi_domain::shared::approval::{Permitted, Receipt, RequestState, Verdict};
use tawi_domain::shared::permissions::Operation;
use tawi_testing::{TestBank, caller, decide, decision, key};

#[tokio::test]
async fn a_risky_customer_waits_and_is_registered_when_approved() -> Story {
    let test = TestBank::new().await?;
    let request = ask(&test, 1).await?;
    assert_eq!(count(&test, "select count(*) from customer").await?, 0);
    let supervisor = caller("OS-001")?;
    let inbox = approval::inbox(&test.bank, &supervisor, 1).await?;
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].title, "Register Amina Njeri Kariuki");
    let detail = approval::detail(&test.bank, &supervisor, request).await?;
    assert_eq!(detail.may, Permitted::Decide);
    assert!(language::reasons(&detail.review)[0].contains("Politically exposed"));
    let Receipt::Decided { state, message, .. } =
        decide(&test.bank, &supervisor, request, Verdict::Approve, "yes").await?
    else {
        return Err("a decision".into());
    };
    assert_eq!(state, RequestState::Approved);
    let view = enquiries::view(&test.bank, &supervisor, &message.parse()?).await?;
    assert!(view.trail.iter().any(|line| line.what == "Registered the customer, as RO-001 asked"));
    assert!(approval::inbox(&test.bank, &supervisor, 1).await?.is_empty());
    test.finish().await
}

#[tokio::test]
async fn rejecting_and_sending_back_keep_the_words_and_change_nothing_else() -> Story {
    let test = TestBank::new().await?;
    let (maker, supervisor) = (caller("RO-001")?, caller("OS-001")?);
    let rejected = ask(&test, 1).await?;
    decide(&test.bank, &supervisor, rejected, Verdict::Reject, "no").await?;
    let sent_back = ask(&test, 2).await?;
    decide(&test.bank, &supervisor, sent_back, Verdict::SendBack, "ask").await?;
    let mine = approval::started(&test.bank, &maker, 1).await?;
    let states: Vec<RequestState> = mine.iter().map(|row| row.state).collect();
    assert_eq!(states, [RequestState::SentBack, RequestState::Rejected]);
    assert!(mine.iter().all(|row| row.note.as_deref() == Some("Please explain")));
    let payload =
        approval::payload_for_correction(&test.bank, &maker, sent_back, Operation::CifCreate).await?;
    assert_eq!(payload["surname"], "Kariuki");
    assert_eq!(
        approval::payload_for_correction(&test.bank, &caller("RO-002")?, sent_back, Operation::CifCreate)
            .await
            .unwrap_err()
            .status(),
        404
    );
    register(&test.bank, &maker, &exposed(2), "corrected").await?;
    let mine = approval::started(&test.bank, &maker, 1).await?;
    let asked_again: Vec<bool> = mine.iter().map(|row| row.asked_again).collect();
    assert_eq!(asked_again, [false, true, false], "what was corrected no longer waits for its maker");
    assert_eq!(count(&test, "select count(*) from customer").await?, 0);
    test.finish().await
}

#[tokio::test]
async fn only_the_maker_takes_a_request_back() -> Story {
    let test = TestBank::new().await?;
    let request = ask(&test, 1).await?;
    let other = decision(&test.bank, &caller("OS-001")?, request, Verdict::Withdraw).await?;
    let refused = approval::decide(&test.bank, &caller("OS-001")?, &other, key("other")?).await.unwrap_err();
    assert_eq!(refused.status(), 403);
    decide(&test.bank, &caller("RO-001")?, request, Verdict::Withdraw, "mine").await?;
    let late = approval::decide(
        &test.bank,
        &caller("OS-001")?,
        &decision(&test.bank, &caller("OS-001")?, request, Verdict::Approve).await?,
        key("late")?,
    )
    .await;
    assert_eq!(late.unwrap_err().status(), 409);
    test.finish().await
}

#[tokio::test]
async fn what_cannot_be_done_today_is_recorded_as_refused() -> Story {
    let test = TestBank::new().await?;
    let request = ask(&test, 1).await?;
    // Meanwhile the same person is registered elsewhere, at no risk.
    register(&test.bank, &caller("RO-002")?, &form(1), "meanwhile").await?;
    let receipt = decide(&test.bank, &caller("OS-001")?, request, Verdict::Approve, "yes").await?;
    let Receipt::Decided { state, message, .. } = receipt else { return Err("a decision".into()) };
    assert_eq!(state, RequestState::Refused);
    assert!(message.contains("belongs to customer"), "{message}");
    assert_eq!(count(&test, "select count(*) from customer").await?, 1);
    assert_eq!(count(&test, "select count(*) from idempotency_key where key like 'approval:%'").await?, 0);
    test.finish().await
}

#[tokio::test]
async fn a_decision_sent_again_answers_its_receipt_and_another_one_is_told_it_is_late() -> Story {
    let test = TestBank::new().await?;
    let supervisor = caller("OS-001")?;
    let request = ask(&test, 1).await?;
    let yes = decision(&test.bank, &supervisor, request, Verdict::Approve).await?;
    let first = approval::decide(&test.bank, &supervisor, &yes, key("d")?).await?;
    assert_eq!(approval::decide(&test.bank, &supervisor, &yes, key("d")?).await?, first);
    let late = approval::decide(&test.bank, &supervisor, &yes, key("e")?).await.unwrap_err();
    assert_eq!(late.status(), 409);
    assert!(late.to_string().contains("approved by Halima Abdi Noor"), "{late}");
    assert_eq!(count(&test, "select count(*) from customer").await?, 1);
    test.finish().await
}

#[tokio::test]
async fn another_branchs_request_is_not_found() -> Story {
    let test = TestBank::new().await?;
    let request = ask(&test, 1).await?;
    for who in ["OS-002", "BM-002", "RO-002", "TL-001", "LO-001"] {
        let error = approval::detail(&test.bank, &caller(who)?, request).await.unwrap_err();
        assert_eq!(error.status(), 404, "{who}: {error}");
    }
    assert!(
        approval::detail(&test.bank, &caller("AU-001")?, request).await.is_ok(),
        "an auditor reads everything"
    );
    test.finish().await
}
