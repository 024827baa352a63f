//! A key is good for one content of one person: the four cases and many senders at once, for every operation
//! that is done by a form.

use crate::support::{Fallible, Story, count, form, register};
use serde_json::{Value, json};
use tawi_bank::Bank;
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::ids::RequestKey;
use tawi_testing::sample::Deed;
use tawi_testing::samples::deeds;
use tawi_testing::{TestBank, caller, given, send};
use tokio::task::JoinSet;

/// Every form of a deed, each with what it relies on, under a name of its own.
async fn forms(bank: &Bank, deed: &Deed, nth: u32) -> Fallible<Vec<(String, Value)>> {
    let code = deed.operation.code();
    let (at_once, asks) = ((deed.forms)(bank, nth).await?, (deed.forms)(bank, nth + 1).await?);
    let mut forms = Vec::new();
    forms.extend(at_once.at_once.map(|form| (format!("{code}-at-once-{nth}"), form)));
    forms.extend(asks.asks.map(|form| (format!("{code}-asks-{nth}"), form)));
    Ok(forms)
}

/// How often something was done or asked for.
async fn traces(bank: &Bank, deed: &Deed) -> Fallible<i64> {
    let asked: i64 = sqlx::query_scalar("select count(*) from approval_request where operation = $1")
        .bind(deed.operation.code())
        .fetch_one(bank.owner())
        .await?;
    Ok(asked + deed.effects(bank).await?)
}

#[tokio::test]
async fn the_same_key_with_the_same_content_answers_the_first_receipt() -> Story {
    let test = TestBank::new().await?;
    for deed in deeds() {
        for (name, form) in forms(&test.bank, &deed, 0).await? {
            let before = traces(&test.bank, &deed).await?;
            let first = deed.send(&test.bank, &form, &name).await?;
            for _ in 0..3 {
                assert_eq!(deed.send(&test.bank, &form, &name).await?, first, "{name}");
            }
            assert_eq!(traces(&test.bank, &deed).await?, before + 1, "{name}");
        }
    }
    test.finish().await
}

#[tokio::test]
async fn the_same_key_with_other_content_or_another_operation_is_refused() -> Story {
    let test = TestBank::new().await?;
    let mut used: Option<String> = None;
    for deed in deeds() {
        let maker = deed.maker()?;
        let others = forms(&test.bank, &deed, 2).await?;
        for ((name, form), (_, other)) in forms(&test.bank, &deed, 0).await?.into_iter().zip(others) {
            let before = traces(&test.bank, &deed).await?;
            if let Some(used) = &used {
                let refused = send(&test.bank, &maker, deed.operation, &form, used).await.unwrap_err();
                assert_eq!(refused.status(), 422, "{name} under {used}: {refused}");
            }
            deed.send(&test.bank, &form, &name).await?;
            let refused = send(&test.bank, &maker, deed.operation, &other, &name).await.unwrap_err();
            assert_eq!(refused.status(), 422, "{name}: {refused}");
            assert!(refused.to_string().contains("other content"), "{refused}");
            assert_eq!(traces(&test.bank, &deed).await?, before + 1, "{name}");
            used = Some(name);
        }
    }
    test.finish().await
}

#[tokio::test]
async fn somebody_else_with_the_same_key_and_content_is_refused() -> Story {
    let test = TestBank::new().await?;
    for deed in deeds() {
        let colleague = given(&test.bank, "HO-001", "NBO-HQ", deed.maker()?.role, None).await?;
        for (name, form) in forms(&test.bank, &deed, 0).await? {
            let before = traces(&test.bank, &deed).await?;
            deed.send(&test.bank, &form, &name).await?;
            let refused = send(&test.bank, &colleague, deed.operation, &form, &name).await.unwrap_err();
            assert_eq!(refused.status(), 422, "{name}: {refused}");
            assert!(refused.to_string().contains("already sent"), "{refused}");
            assert_eq!(traces(&test.bank, &deed).await?, before + 1, "{name}");
        }
    }
    test.finish().await
}

#[tokio::test]
async fn refused_as_invalid_then_corrected_under_the_same_key_is_done() -> Story {
    let test = TestBank::new().await?;
    for deed in deeds() {
        for (name, form) in forms(&test.bank, &deed, 0).await? {
            let before = traces(&test.bank, &deed).await?;
            let nothing = send(&test.bank, &deed.maker()?, deed.operation, &json!({}), &name).await;
            assert_eq!(nothing.unwrap_err().status(), 422, "{name}");
            assert_eq!(traces(&test.bank, &deed).await?, before, "{name}");
            deed.send(&test.bank, &form, &name).await?;
            assert_eq!(traces(&test.bank, &deed).await?, before + 1, "{name}");
        }
    }
    test.finish().await
}

/// What only the database finds wrong leaves the key free as well.
#[tokio::test]
async fn refused_for_what_is_there_already_then_corrected_under_the_same_key_is_done() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    register(&test.bank, &officer, &form(1), "taken").await?;
    let clash = CifForm { kra_pin: form(1).kra_pin, ..form(2) };
    assert_eq!(register(&test.bank, &officer, &clash, "again").await.unwrap_err().status(), 422);
    register(&test.bank, &officer, &form(2), "again").await?;
    assert_eq!(count(&test, "select count(*) from customer").await?, 2);
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
    const ROUNDS: u32 = 3;
    const SENDERS: usize = 6;
    let test = TestBank::new().await?;
    for deed in deeds() {
        let maker = deed.maker()?;
        for round in 0..ROUNDS {
            for (name, form) in forms(&test.bank, &deed, 2 * round).await? {
                let before = traces(&test.bank, &deed).await?;
                let mut senders = JoinSet::new();
                for _ in 0..SENDERS {
                    let (bank, maker, form, name) =
                        (test.bank.clone(), maker.clone(), form.clone(), name.clone());
                    senders.spawn(async move { send(&bank, &maker, deed.operation, &form, &name).await });
                }
                let mut receipts: Vec<Receipt> = Vec::new();
                while let Some(receipt) = senders.join_next().await {
                    receipts.push(receipt??);
                }
                assert_eq!(receipts.len(), SENDERS);
                assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]), "{name}: {receipts:?}");
                assert_eq!(traces(&test.bank, &deed).await?, before + 1, "{name}");
            }
        }
    }
    test.finish().await
}

/// Each thing done under a key stands in the audit once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_leave_one_line_in_the_audit() -> Story {
    let test = TestBank::new().await?;
    let mut senders = JoinSet::new();
    for _ in 0..12 {
        let bank = test.bank.clone();
        senders
            .spawn(async move { Fallible::Ok(register(&bank, &caller("RO-001")?, &form(1), "one").await?) });
    }
    while let Some(receipt) = senders.join_next().await {
        receipt??;
    }
    let lines = "select count(*) from audit_event where outcome = 'done' and operation = 'cif_create'";
    assert_eq!(count(&test, lines).await?, 1);
    test.finish().await
}
