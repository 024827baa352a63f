use crate::support::{Story, as_owner, ask, count, exposed, form, register};
use tawi_bank::customer_ops::enquiries;
use tawi_bank::dispatch;
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::customer_ops::enquiries::MaskedDetail;
use tawi_domain::customer_ops::risk::RiskBand;
use tawi_domain::shared::approval::{Panel, Receipt};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::permissions::Operation;
use tawi_testing::{TestBank, caller, command};

#[tokio::test]
async fn a_low_risk_customer_is_registered_at_once_with_an_audit_line() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    let Receipt::Done { effect, .. } = register(&test.bank, &officer, &form(1), "one").await? else {
        return Err("a low risk needs no approval".into());
    };
    let view = enquiries::view(&test.bank, &officer, &effect.parse()?).await?;
    assert_eq!(view.name, "Amina Njeri Kariuki");
    assert_eq!(view.rating.band, RiskBand::Low);
    assert_eq!(view.review_due.to_string(), "2029-03-26", "a low risk is reviewed after three years");
    assert_eq!(view.id_number, "•••••001", "what is sensitive is masked");
    assert_eq!(view.trail[0].what, "Registered the customer");
    assert_eq!(view.trail[0].outcome, Outcome::Done);
    test.finish().await
}

#[tokio::test]
async fn looks_and_reveals_are_audited() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    let Receipt::Done { effect, .. } = register(&test.bank, &officer, &form(1), "one").await? else {
        return Err("not registered".into());
    };
    let number = effect.parse()?;
    enquiries::view(&test.bank, &caller("TL-001")?, &number).await?;
    let pin = enquiries::reveal(&test.bank, &caller("TL-001")?, &number, MaskedDetail::KraPin).await?;
    assert_eq!(pin, "A000000001K");
    let trail = enquiries::view(&test.bank, &officer, &number).await?.trail;
    assert_eq!(trail[0].what, "Was shown the KRA PIN");
    assert_eq!(trail[0].staff_name, "Mercy Achieng Odhiambo");
    assert_eq!(trail[1].what, "Looked at the customer");
    test.finish().await
}

#[tokio::test]
async fn refusals_are_audited_without_what_was_typed() -> Story {
    let test = TestBank::new().await?;
    let refused = register(&test.bank, &caller("TL-001")?, &form(1), "one").await.unwrap_err();
    assert_eq!(refused.status(), 403);
    let bad = serde_json::to_value(CifForm { surname: "Secret99".into(), ..form(2) })?;
    let officer = caller("RO-001")?;
    let faults = dispatch::check_form(&test.bank, &officer, Operation::CifCreate, &bad).await.unwrap_err();
    assert_eq!(faults.status(), 422);
    assert_eq!(count(&test, "select count(*) from audit_event where outcome = 'refused'").await?, 2);
    assert_eq!(
        count(
            &test,
            "select count(*) from audit_event where detail::text like '%Secret99%' or what like '%Secret99%'"
        )
        .await?,
        0
    );
    assert_eq!(count(&test, "select count(*) from idempotency_key").await?, 0, "a refusal stores no key");
    test.finish().await
}

#[tokio::test]
async fn the_same_document_at_another_branch_stops_and_shows_initials_only() -> Story {
    let test = TestBank::new().await?;
    register(&test.bank, &caller("RO-002")?, &form(1), "mombasa").await?;
    let AppError::Invalid(faults) =
        register(&test.bank, &caller("RO-001")?, &form(1), "nairobi").await.unwrap_err()
    else {
        return Err("a duplicate is a fault of the form".into());
    };
    let words = faults.of("id_number").unwrap_or_default();
    assert!(words.contains("A••••• N••••• K•••••") && words.contains("MSA-01"), "{words}");
    assert!(faults.of("kra_pin").is_some(), "all faults at once");
    test.finish().await
}

#[tokio::test]
async fn a_shared_phone_needs_a_reason_and_weighs_in_the_rating() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    register(&test.bank, &officer, &form(1), "one").await?;
    let mut sister = form(2);
    sister.phone = form(1).phone;
    let refused = register(&test.bank, &officer, &sister, "two").await.unwrap_err();
    assert!(refused.to_string().contains("another person"), "{refused}");
    sister.duplicate_reason = "Her sister".into();
    let check = dispatch::check(&test.bank, &officer, &command(&sister)?).await?;
    let [Panel::Rating { points: 10, .. }, Panel::Alike { rows, .. }] = check.review.panels.as_slice() else {
        return Err(format!("a rating and who is alike, not {:?}", check.review.panels).into());
    };
    assert_eq!(rows.len(), 1);
    register(&test.bank, &officer, &sister, "two").await?;
    test.finish().await
}

#[tokio::test]
async fn two_officers_register_one_person_at_once_and_one_of_them_is_told() -> Story {
    let test = TestBank::new().await?;
    for round in 0..20 {
        let (here, there) = (caller("RO-001")?, caller("RO-002")?);
        let (form, first, second) = (form(round), format!("a{round}"), format!("b{round}"));
        let (one, two) = tokio::join!(
            register(&test.bank, &here, &form, &first),
            register(&test.bank, &there, &form, &second)
        );
        let refused = match (one, two) {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
            other => return Err(format!("exactly one wins: {other:?}").into()),
        };
        assert_eq!(refused.status(), 422, "{refused}");
    }
    assert_eq!(count(&test, "select count(*) from customer").await?, 20);
    test.finish().await
}

#[tokio::test]
async fn customers_are_found_by_number_document_pin_phone_and_name() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    let Receipt::Done { effect, .. } = register(&test.bank, &officer, &form(7), "one").await? else {
        return Err("not registered".into());
    };
    register(&test.bank, &caller("RO-002")?, &form(8), "elsewhere").await?;
    for typed in [effect.as_str(), "20000007", "A000000007K", "0722 000 007"] {
        let found = enquiries::search(&test.bank, &officer, typed).await?;
        assert_eq!(found.len(), 1, "{typed}");
        assert_eq!(found[0].number.as_str(), effect);
    }
    for typed in ["amina", "kariuki amina", "Amnia Kariuki", "njeri"] {
        assert_eq!(enquiries::search(&test.bank, &officer, typed).await?.len(), 2, "{typed}");
    }
    let names: Vec<String> =
        enquiries::search(&test.bank, &officer, "amina").await?.into_iter().map(|row| row.name).collect();
    assert!(names.contains(&"A••••• N••••• K•••••".to_owned()), "{names:?}");
    assert!(enquiries::search(&test.bank, &officer, "100%").await?.is_empty());
    assert!(enquiries::search(&test.bank, &officer, "x").await.is_err());
    assert_eq!(enquiries::search(&test.bank, &caller("AD-001")?, "amina").await.unwrap_err().status(), 403);
    test.finish().await
}

#[tokio::test]
async fn the_same_risky_customer_cannot_wait_twice() -> Story {
    let test = TestBank::new().await?;
    ask(&test, 1).await?;
    let again = register(&test.bank, &caller("RO-001")?, &exposed(1), "again").await.unwrap_err();
    assert_eq!(again.status(), 409, "{again}");
    test.finish().await
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_customer_of_one_document() -> Story {
    let test = TestBank::new().await?;
    register(&test.bank, &caller("RO-001")?, &form(1), "one").await?;
    let copied = as_owner(&test, "insert into party (id, first_name, surname, date_of_birth, id_kind, id_number, kra_pin, phone, address, occupation)
        select gen_random_uuid(), 'X', 'Y', date_of_birth, id_kind, id_number, 'A999999999Z', phone, address, occupation from party").await;
    assert!(copied.is_err());
    test.finish().await
}
