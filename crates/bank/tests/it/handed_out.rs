//! Temporary passwords: who asks for one and who approves it each hand out half, so that one of the staff never becomes two.

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

/// Approves a request; answers the password that the two hand out together.
async fn approved(
    test: &TestBank,
    maker: &Caller,
    checker: &Caller,
    request: RequestId,
    name: &str,
) -> Fallible<Option<String>> {
    decide(&test.bank, checker, request, Verdict::Approve, name).await?;
    let (first, second) = (shown(test, maker, request).await?, shown(test, checker, request).await?);
    Ok(first.zip(second).map(|(first, second)| format!("{first}-{second}")))
}

/// The half that somebody is shown on the page of a request, which says that there is one.
async fn shown(test: &TestBank, who: &Caller, request: RequestId) -> Fallible<Option<String>> {
    let half = handed_out(&test.bank, who, &request.to_string()).await?;
    if let (Some(half), Ok(page)) = (&half, approval::detail(&test.bank, who, request).await) {
        assert_eq!(page.half, Some(half.half), "it is shown where the page says so");
    }
    Ok(half.map(|half| half.letters))
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
async fn a_temporary_password_is_handed_out_in_halves_and_opens_only_the_choice_of_another() -> Story {
    let test = TestBank::new().await?;
    let (admin, head, lender) = (caller("AD-001")?, caller("HB-001")?, caller("LO-001")?);
    let request = ticket(sent(&test, &admin, &change("password", "LO-001", ""), "reset").await?)?;
    assert_eq!(shown(&test, &admin, request).await?, None, "there is none before it is approved");
    signed_in(&test, "LO-001", PASSWORD).await?;
    let temporary = approved(&test, &admin, &head, request, "yes").await?.ok_or("no password is shown")?;
    let halves: Vec<&str> = temporary.splitn(3, '-').collect();
    assert_eq!((temporary.len(), halves.len()), (19, 3), "{temporary}");
    // Each sees their own half, as often as they need, and nobody else sees any.
    for (who, half) in [(&admin, &temporary[..9]), (&head, &temporary[10..])] {
        assert_eq!(shown(&test, who, request).await?.as_deref(), Some(half));
        assert!(signed_in(&test, "LO-001", half).await.is_err(), "half a password is none");
    }
    let second = given(&test.bank, "TL-001", "NBO-HQ", Role::HeadOfBranchBanking, None).await?;
    assert_eq!(shown(&test, &second, request).await?, None);
    let looks = "select count(*) from audit_event where what like 'Was shown their half%' and subject = 'staff:LO-001'";
    assert_eq!(count(&test, looks).await?, 4, "each time is on record");
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
    chosen(&test, &lender, None, "a heron by the brown river").await?;
    assert!(!signed_in(&test, "LO-001", "a heron by the brown river").await?.must_renew);
    let late = chosen(&test, &lender, None, "seven boys carry salt uphill").await.unwrap_err();
    assert_eq!(late, AppError::NotSignedIn, "a temporary password replaces nothing but itself");
    let wrong = chosen(&test, &lender, Some("guess"), "seven boys carry salt uphill").await.unwrap_err();
    assert!(wrong.to_string().contains("present password"), "{wrong}");
    assert_eq!(shown(&test, &head, request).await?, None, "it is good for nothing any more");
    test.finish().await
}

#[tokio::test]
async fn somebody_new_is_handed_a_password_by_the_two_who_gave_them_their_first_role() -> Story {
    let test = TestBank::new().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    assert!(matches!(sent(&test, &admin, &change("add", "TL-044", ""), "add").await?, Receipt::Done { .. }));
    let twice = sent(&test, &admin, &change("add", "TL-044", ""), "add-again").await.unwrap_err();
    assert!(twice.to_string().contains("Jane Wambui Kimani already"), "{twice}");
    let first = ticket(sent(&test, &admin, &change("role", "TL-044", "teller"), "role").await?)?;
    let more = ticket(sent(&test, &admin, &change("role", "TL-044", "relationship_officer"), "more").await?)?;
    let temporary = approved(&test, &admin, &head, first, "yes").await?.ok_or("no password is shown")?;
    assert!(signed_in(&test, "TL-044", &temporary).await?.must_renew);
    // The second role, asked for while there was none yet, makes none and is approved all the same.
    assert_eq!(approved(&test, &admin, &head, more, "more-yes").await?, None);
    test.bank.clock().advance(SignedDuration::from_hours(73));
    let late = signed_in(&test, "TL-044", &temporary).await.unwrap_err();
    assert!(late.to_string().contains("run out"), "{late}");
    let off = sent(&test, &admin, &change("disable", "TL-044", ""), "off").await?;
    assert!(matches!(off, Receipt::Done { .. }));
    ticket(sent(&test, &admin, &change("enable", "TL-044", ""), "on").await?)?;
    test.finish().await
}

/// One who asks for the passwords of two people, and one who approves both, sign in as neither: what they are shown is
/// half of each. Whole ones that a version before showed to somebody bar the two from checking each other.
#[tokio::test]
async fn nobody_of_the_staff_becomes_two() -> Story {
    let test = TestBank::new().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    for (staff_id, name) in [("RO-001", "one"), ("OS-001", "other")] {
        let request = ticket(sent(&test, &admin, &change("password", staff_id, ""), name).await?)?;
        decide(&test.bank, &head, request, Verdict::Approve, &format!("{name}-yes")).await?;
        for who in [&admin, &head] {
            let half = shown(&test, who, request).await?.ok_or("no half")?;
            assert_eq!(half.len(), 9, "{half}");
            assert!(signed_in(&test, staff_id, &half).await.is_err());
        }
    }
    // What a version before left on record.
    let puppet = given(&test.bank, "TL-001", "NBO-HQ", Role::HeadOfBranchBanking, None).await?;
    let known = "update staff set password_made_by = 'AD-001' where id = 'TL-001'";
    sqlx::query(known).execute(test.bank.owner()).await?;
    let request = ticket(sent(&test, &admin, &change("role", "CS-001", "teller"), "raise").await?)?;
    let refused = decide(&test.bank, &puppet, request, Verdict::Approve, "puppet").await.unwrap_err();
    assert!(refused.to_string().contains("whole password"), "{refused}");
    // Another one, in halves, frees them.
    let reset = ticket(sent(&test, &admin, &change("password", "TL-001", ""), "free").await?)?;
    decide(&test.bank, &head, reset, Verdict::Approve, "free-yes").await?;
    decide(&test.bank, &puppet, request, Verdict::Approve, "checked").await?;
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
    approved(&test, &admin, &head, request, "later").await?.ok_or("no password is shown")?;
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
