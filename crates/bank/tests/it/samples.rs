//! What a sample says of its operation is so.

use crate::support::{Fallible, Story};
use std::collections::BTreeSet;
use tawi_bank::command::Command;
use tawi_domain::shared::approval::{Receipt, Verdict};
use tawi_domain::shared::permissions::{Approval, AuditClass, Manner, Operation, may_make};
use tawi_testing::sample::{Deed, MOST_OF_A_KIND, Sample};
use tawi_testing::samples::{deeds, sample};
use tawi_testing::{TODAY, TestBank, decide, ticket};

#[test]
fn every_sample_fits_the_row_of_its_operation() -> Story {
    for operation in Operation::ALL {
        let (spec, sample) = (operation.spec(), sample(operation));
        let code = spec.code;
        let manner = match &sample {
            Sample::Command(_) => Manner::Act,
            Sample::Look(_) => Manner::Look,
            Sample::Settle(_) => Manner::Settle,
            Sample::CommandLine(_) => Manner::Program,
        };
        assert_eq!(manner, spec.manner, "{code}");
        if let Sample::Command(deed) = &sample {
            assert_eq!(deed.operation, operation, "{code} is sampled by another operation");
            assert!(spec.maker.contains(&deed.maker()?.role), "{code}");
            assert_eq!(deed.checker.is_some(), spec.approval != Approval::Never, "{code}");
            if deed.checker.is_some() {
                assert!(spec.checker.contains(&deed.checker()?.role), "{code}");
            }
            assert_eq!(deed.posts.is_some(), spec.audit == AuditClass::Money, "{code}");
        }
        if let Some(looks) = sample.looks() {
            assert!(may_make(looks.by()?.role, operation).is_ok(), "{code}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_form_is_done_at_once_or_asked_for_as_its_sample_says_and_has_its_effect_once() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    for deed in deeds() {
        let (code, approval) = (deed.operation.code(), deed.operation.spec().approval);
        let forms = (deed.forms)(bank, 0).await?;
        assert_eq!(forms.at_once.is_some(), approval != Approval::Always, "{code}");
        assert_eq!(forms.asks.is_some(), approval != Approval::Never, "{code}");
        if let Some(form) = &forms.at_once {
            let before = deed.effects(bank).await?;
            let receipt = deed.send(bank, form, &format!("{code}-at-once")).await?;
            assert!(matches!(receipt, Receipt::Done { .. }), "{receipt:?}");
            assert_eq!(deed.effects(bank).await?, before + 1, "{code}");
        }
        if deed.checker.is_some() {
            // The last of its kind works like the first.
            let forms = (deed.forms)(bank, MOST_OF_A_KIND).await?;
            let before = deed.effects(bank).await?;
            let request = ticket(deed.send(bank, forms.asked()?, &format!("{code}-asks")).await?)?;
            assert_eq!(deed.effects(bank).await?, before, "{code}");
            decide(bank, &deed.checker()?, request, Verdict::Approve, &format!("{code}-yes")).await?;
            assert_eq!(deed.effects(bank).await?, before + 1, "{code}");
        }
    }
    test.finish().await
}

#[tokio::test]
async fn what_the_command_line_does_has_its_effect_once() -> Story {
    for operation in Operation::ALL {
        let Sample::CommandLine(run) = sample(operation) else { continue };
        let test = TestBank::new().await?;
        (run.prepare)(&test.bank, 0).await?;
        let effects = async || sqlx::query_scalar(run.effect).fetch_one(test.bank.owner()).await;
        let before: i64 = effects().await?;
        (run.run)(&test.bank).await?;
        assert_eq!(effects().await?, before + 1, "{}", operation.code());
        test.finish().await?;
    }
    Ok(())
}

/// A request keeps the canonical form, and reads it again when it is decided.
#[tokio::test]
async fn what_a_form_parses_to_is_what_its_canonical_form_parses_to() -> Story {
    let test = TestBank::new().await?;
    let read = |deed: &Deed, form: &serde_json::Value| -> Fallible<Command> {
        let command = Command::parse(deed.operation, form.clone(), TODAY)?;
        Ok(command.ok_or("no form starts this")?)
    };
    for deed in deeds() {
        let forms = (deed.forms)(&test.bank, 0).await?;
        for form in forms.each() {
            let command = read(&deed, form)?;
            let canonical = command.payload()?;
            let again = read(&deed, &canonical)?;
            assert_eq!(again.payload()?, canonical, "{}", deed.operation.code());
            assert_eq!(format!("{again:?}"), format!("{command:?}"), "{}", deed.operation.code());
        }
    }
    test.finish().await
}

#[tokio::test]
async fn every_look_has_a_door_of_its_own() -> Story {
    let test = TestBank::new().await?;
    let mut doors = BTreeSet::new();
    for operation in Operation::ALL {
        let Some(looks) = sample(operation).looks() else { continue };
        for knock in (looks.knocks)(&test.bank, &looks.by()?, 0).await? {
            assert!(doors.insert(knock.door), "two samples knock at {}", knock.door);
        }
    }
    assert!(doors.len() > 20, "{doors:?}");
    test.finish().await
}
