//! Temporary passwords: whoever asks for one never sees it, whoever approves hands it out, and neither of the two is a
//! second pair of eyes for the other.

use crate::support::{Fallible, Story, count, signed_in};
use jiff::SignedDuration;
use tawi_bank::administration::handing_out::handed_out;
use tawi_bank::demo::PASSWORD;
use tawi_bank::shared::device::Origin;
use tawi_bank::shared::own_password::{Chooser, choose_password};
use tawi_bank::{Caller, approval, dispatch};
use tawi_domain::administration::staff_administration::StaffChangeForm;
use tawi_domain::shared::approval::{Receipt, Verdict};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::permissions::{Operation, Role};
use tawi_domain::shared::staff::PasswordForm;
use tawi_testing::{TestBank, caller, decide, given, key, seated, ticket};

fn change(act: &str, staff_id: &str, role: &str) -> StaffChangeForm {
    StaffChangeForm {
        act: act.into(),
        staff_id: staff_id.into(),
        name: "Jane Wambui Kimani".into(),
        branch: "NBO-HQ".into(),
        role: role.into(),
        ..StaffChangeForm::default()
    }
}

/// Sends a change.
async fn sent(test: &TestBank, who: &Caller, form: &StaffChangeForm, name: &str) -> Fallible<Receipt> {
    let form = serde_json::to_value(form)?;
    let sent =
        dispatch::submit_form(&test.bank, who, Operation::StaffAdministration, &form, key(name)?).await?;
    Ok(sent.receipt)
}

/// Approves a request; answers the password that is shown.
async fn approved(test: &TestBank, who: &Caller, request: RequestId, name: &str) -> Fallible<Option<String>> {
    decide(&test.bank, who, request, Verdict::Approve, name).await?;
    shown(test, who, request).await
}

/// The password that somebody is shown on the page of a request, which says whether there is one.
async fn shown(test: &TestBank, who: &Caller, request: RequestId) -> Fallible<Option<String>> {
    let password = handed_out(&test.bank, who, &request.to_string()).await?;
    if let Ok(page) = approval::detail(&test.bank, who, request).await {
        assert!(page.hands_out || password.is_none(), "it is shown where the page says so");
    }
    Ok(password)
}

async fn chosen(test: &TestBank, who: &Caller, current: Option<&str>, new: &str) -> Result<String, AppError> {
    let session = seated(&test.bank, who).await.map_err(|_| AppError::NotSignedIn)?;
    let from = Origin::of("here");
    let chooser = Chooser { staff_id: &who.staff_id, session, renews: current.is_none(), from: &from };
    let form = PasswordForm {
        current: current.unwrap_or_default().into(),
        password: new.into(),
        again: new.into(),
        ..PasswordForm::default()
    };
    choose_password(&test.bank, &chooser, &form).await
}

#[tokio::test]
async fn a_temporary_password_is_shown_to_whoever_approves_it_and_opens_only_the_choice_of_another() -> Story
{
    let test = TestBank::new().await?;
    let (admin, head, lender) = (caller("AD-001")?, caller("HB-001")?, caller("LO-001")?);
    let request = ticket(sent(&test, &admin, &change("password", "LO-001", ""), "reset").await?)?;
    signed_in(&test, "LO-001", PASSWORD).await?;
    let temporary = approved(&test, &head, request, "yes").await?.ok_or("no password is shown")?;
    assert_eq!(shown(&test, &head, request).await?, Some(temporary.clone()), "as often as they need");
    assert_eq!(shown(&test, &admin, request).await?, None, "who asked is never shown it");
    let second = given(&test.bank, "TL-001", "NBO-HQ", Role::HeadOfBranchBanking, None).await?;
    assert_eq!(shown(&test, &second, request).await?, None, "nor is anybody else");
    let looks = "select count(*) from audit_event where what like 'Was shown the temporary password%'
                 and subject = 'staff:LO-001' and staff_id = 'HB-001'";
    assert_eq!(count(&test, looks).await?, 2, "each time it was shown is on record");
    assert!(signed_in(&test, "LO-001", PASSWORD).await.is_err());
    assert!(signed_in(&test, "LO-001", &temporary).await?.must_renew);
    let stored = "select count(*) from approval_request where payload::text like '%argon2%'";
    assert_eq!(count(&test, stored).await?, 0, "no request keeps a password");
    for (new, field) in
        [("short", "password"), ("passwordpassword", "password"), (temporary.as_str(), "same")]
    {
        let AppError::Invalid(faults) = chosen(&test, &lender, None, new).await.unwrap_err() else {
            return Err(new.into());
        };
        assert!(faults.of(field).is_some(), "{field}: {faults}");
    }
    chosen(&test, &lender, None, "a good long password of mine").await?;
    assert!(!signed_in(&test, "LO-001", "a good long password of mine").await?.must_renew);
    let late = chosen(&test, &lender, None, "another good one of mine").await.unwrap_err();
    assert_eq!(late, AppError::NotSignedIn, "a temporary password replaces nothing but itself");
    let wrong = chosen(&test, &lender, Some("guess"), "another good one of mine").await.unwrap_err();
    assert!(wrong.to_string().contains("present password"), "{wrong}");
    assert_eq!(shown(&test, &head, request).await?, None, "it is good for nothing any more");
    test.finish().await
}

#[tokio::test]
async fn somebody_new_is_handed_a_password_by_whoever_approves_their_first_role() -> Story {
    let test = TestBank::new().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    assert!(matches!(sent(&test, &admin, &change("add", "TL-044", ""), "add").await?, Receipt::Done { .. }));
    let twice = sent(&test, &admin, &change("add", "TL-044", ""), "add-again").await.unwrap_err();
    assert!(twice.to_string().contains("Jane Wambui Kimani already"), "{twice}");
    let request = ticket(sent(&test, &admin, &change("role", "TL-044", "teller"), "role").await?)?;
    let temporary = approved(&test, &head, request, "yes").await?.ok_or("no password is shown")?;
    assert!(signed_in(&test, "TL-044", &temporary).await?.must_renew);
    // The second role makes none.
    let request =
        ticket(sent(&test, &admin, &change("role", "TL-044", "relationship_officer"), "more").await?)?;
    assert_eq!(approved(&test, &head, request, "more-yes").await?, None);
    test.bank.clock().advance(SignedDuration::from_hours(73));
    let late = signed_in(&test, "TL-044", &temporary).await.unwrap_err();
    assert!(late.to_string().contains("run out"), "{late}");
    let off = sent(&test, &admin, &change("disable", "TL-044", ""), "off").await?;
    assert!(matches!(off, Receipt::Done { .. }));
    ticket(sent(&test, &admin, &change("enable", "TL-044", ""), "on").await?)?;
    test.finish().await
}

/// One administrator who adds a person, has a role approved and signs in as them gains nothing: the password went to
/// whoever approved. And the two of a handing-out never check each other, whatever the account does with its password.
#[tokio::test]
async fn who_handed_out_a_password_and_who_has_it_do_not_check_each_other() -> Story {
    let test = TestBank::new().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    let puppet = given(&test.bank, "TL-001", "NBO-HQ", Role::HeadOfBranchBanking, None).await?;
    let request = ticket(sent(&test, &admin, &change("password", "TL-001", ""), "reset").await?)?;
    approved(&test, &head, request, "reset-yes").await?.ok_or("no password is shown")?;
    chosen(&test, &puppet, None, "one good long password").await?;
    chosen(&test, &puppet, Some("one good long password"), "another good one here").await?;
    // Head of branch banking handed it out; as an administrator they ask, the puppet would decide.
    let asking = given(&test.bank, "HB-001", "NBO-HQ", Role::Administrator, None).await?;
    let request = ticket(sent(&test, &asking, &change("role", "OS-001", "teller"), "raise").await?)?;
    let refused = decide(&test.bank, &puppet, request, Verdict::Approve, "puppet").await.unwrap_err();
    assert!(refused.to_string().contains("handed out"), "{refused}");
    // And the other way round.
    let asking = given(&test.bank, "TL-001", "NBO-HQ", Role::Administrator, None).await?;
    let form = change("role", "OS-001", "relationship_officer");
    let request = ticket(sent(&test, &asking, &form, "back").await?)?;
    let refused = decide(&test.bank, &head, request, Verdict::Approve, "master").await.unwrap_err();
    assert!(refused.to_string().contains("handed out"), "{refused}");
    // Who asked for the password never had it, and is free.
    let request = ticket(sent(&test, &admin, &change("role", "CS-001", "teller"), "free").await?)?;
    decide(&test.bank, &puppet, request, Verdict::Approve, "free-yes").await?;
    test.finish().await
}

/// A moment in which no password can be made is no fault of the request: it waits, and nothing of it was done.
#[tokio::test]
async fn a_crowd_spoils_no_request() -> Story {
    let test = TestBank::new().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    let request = ticket(sent(&test, &admin, &change("password", "LO-001", ""), "reset").await?)?;
    let hasher = test.bank.hasher();
    // Nobody at the sign-in stands before who administers.
    let doors: Vec<_> = std::iter::from_fn(|| hasher.room().ok()).collect();
    let desks: Vec<_> = std::iter::from_fn(|| hasher.desk().ok()).collect();
    let refused = decide(&test.bank, &head, request, Verdict::Approve, "crowd").await.unwrap_err();
    assert_eq!(refused, AppError::Busy);
    assert_eq!(count(&test, "select count(*) from approval_request where state = 'waiting'").await?, 1);
    let temporary = "select count(*) from staff where password_expires_at is not null";
    assert_eq!(count(&test, temporary).await?, 0, "nothing of it was done");
    drop(desks);
    approved(&test, &head, request, "later").await?.ok_or("no password is shown")?;
    drop(doors);
    test.finish().await
}

/// A node of the version before forgets who handed out a password when its owner changes it twice: the database does not.
#[tokio::test]
async fn no_node_forgets_who_handed_out_a_password() -> Story {
    let test = TestBank::new().await?;
    let made_by = "update staff set password_made_by = 'HB-001' where id = 'LO-001'";
    sqlx::query(made_by).execute(test.bank.owner()).await?;
    let as_before = "update staff set password_hash = 'x', password_made_by = null where id = 'LO-001'";
    sqlx::query(as_before).execute(test.bank.pool()).await?;
    let kept = "select count(*) from staff where id = 'LO-001' and password_made_by = 'HB-001'";
    assert_eq!(count(&test, kept).await?, 1);
    test.finish().await
}
