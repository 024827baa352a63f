//! The four cases, and parallel duplicates.

use crate::support::{Story, count, exposed, form, register};
use tawi_domain::customer_ops::account_opening::AccountOpeningForm;
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::ids::RequestKey;
use tawi_testing::{TestBank, caller, command, registered, submit};

#[tokio::test]
async fn the_same_key_with_the_same_content_answers_the_first_receipt() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    let first = register(&test.bank, &officer, &form(1), "once").await?;
    for _ in 0..3 {
        assert_eq!(register(&test.bank, &officer, &form(1), "once").await?, first);
    }
    let ticket = register(&test.bank, &officer, &exposed(2), "ticket").await?;
    assert_eq!(
        register(&test.bank, &officer, &exposed(2), "ticket").await?,
        ticket,
        "a submission's receipt is its ticket"
    );
    assert_eq!(count(&test, "select count(*) from customer").await?, 1);
    test.finish().await
}

#[tokio::test]
async fn the_same_key_with_another_amount_or_another_account_is_refused() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    let holder = registered(&test.bank, "RO-001", 9).await?;
    let opening = |deposit: &str| AccountOpeningForm {
        customer: holder.to_string(),
        kind: "savings".into(),
        deposit: deposit.into(),
    };
    submit(&test.bank, &officer, &command(&opening("1000"))?, "k").await?;
    let other_amount = submit(&test.bank, &officer, &command(&opening("1001"))?, "k").await.unwrap_err();
    assert_eq!(other_amount.status(), 422);
    assert!(other_amount.to_string().contains("other content"), "{other_amount}");
    register(&test.bank, &officer, &form(1), "person").await?;
    let other_person = register(&test.bank, &officer, &form(2), "person").await.unwrap_err();
    assert_eq!(
        other_person.status(),
        422,
        "another subject under the key is not answered with somebody else's result"
    );
    let other_operation =
        submit(&test.bank, &officer, &command(&opening("1000"))?, "person").await.unwrap_err();
    assert_eq!(other_operation.status(), 422);
    assert_eq!(count(&test, "select count(*) from customer").await?, 2);
    test.finish().await
}

#[tokio::test]
async fn somebody_else_with_the_same_key_and_content_is_refused() -> Story {
    let test = TestBank::new().await?;
    register(&test.bank, &caller("RO-001")?, &form(1), "shared").await?;
    let other = register(&test.bank, &caller("RO-003")?, &form(1), "shared").await.unwrap_err();
    assert_eq!(other.status(), 422);
    assert!(other.to_string().contains("already sent"), "{other}");
    test.finish().await
}

#[tokio::test]
async fn refused_as_invalid_then_corrected_under_the_same_key_is_done() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    register(&test.bank, &officer, &form(1), "taken").await?;
    let clash = CifForm { kra_pin: form(1).kra_pin, ..form(2) };
    assert_eq!(register(&test.bank, &officer, &clash, "again").await.unwrap_err().status(), 422);
    register(&test.bank, &officer, &form(2), "again").await?;
    test.finish().await
}

#[tokio::test]
async fn a_key_of_a_thousand_characters_is_refused_in_words() -> Story {
    let test = TestBank::new().await?;
    let refused = register(&test.bank, &caller("RO-001")?, &form(1), &"k".repeat(1000)).await.unwrap_err();
    assert_eq!(refused.status(), 422);
    assert!(refused.to_string().contains("64 characters"), "{refused}");
    let made_up: Result<RequestKey, _> = "approval:00000000-0000-0000-0000-000000000000".parse();
    assert!(made_up.is_err(), "nobody can take the key of an approval's deed");
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_of_one_command_at_once_get_one_effect_and_one_receipt() -> Story {
    let test = TestBank::new().await?;
    for round in 0..25 {
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let (bank, officer, form, name) =
                (test.bank.clone(), caller("RO-001")?, form(round), format!("key-{round}"));
            senders.spawn(async move { register(&bank, &officer, &form, &name).await });
        }
        let mut receipts = Vec::new();
        while let Some(receipt) = senders.join_next().await {
            receipts.push(receipt??);
        }
        assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]), "{receipts:?}");
    }
    assert_eq!(count(&test, "select count(*) from customer").await?, 25);
    assert_eq!(
        count(&test, "select count(*) from audit_event where outcome = 'done' and operation = 'cif_create'")
            .await?,
        25
    );
    test.finish().await
}
