use crate::support::{Story, as_owner, count, ended, form, register, signed_in};
use jiff::SignedDuration;
use tawi_bank::demo::PASSWORD;
use tawi_bank::shared::session;
use tawi_bank::shared::session::{PostgresStore, own_sessions};
use tawi_bank::shared::staff::{self, RoleChange};
use tawi_domain::shared::permissions::Role;
use tawi_testing::lending::go_to;
use tawi_testing::{TestBank, caller, key, listen, seat};
use tower_sessions::{Session, SessionStore};

#[tokio::test]
async fn roles_begin_and_end_on_their_dates() -> Story {
    let test = TestBank::new().await?;
    let teller = seat("TL-001", "NBO-HQ", Role::RelationshipOfficer)?;
    assert_eq!(register(&test.bank, &teller, &form(1), "before").await.unwrap_err().status(), 403);
    let mut change = RoleChange {
        staff_id: teller.staff_id.clone(),
        branch_code: "NBO-HQ".into(),
        role: Role::RelationshipOfficer,
        from: Some(jiff::civil::date(2026, 3, 27)),
        until: Some(jiff::civil::date(2026, 3, 28)),
        limit: None,
    };
    staff::set_role(&test.bank, &change).await?;
    assert_eq!(register(&test.bank, &teller, &form(1), "early").await.unwrap_err().status(), 403);
    go_to(&test.bank, jiff::civil::date(2026, 3, 28)).await?;
    register(&test.bank, &teller, &form(1), "in-time").await?;
    go_to(&test.bank, jiff::civil::date(2026, 3, 29)).await?;
    assert_eq!(register(&test.bank, &teller, &form(2), "late").await.unwrap_err().status(), 403);
    change.until = Some(jiff::civil::date(2026, 3, 1));
    assert!(staff::set_role(&test.bank, &change).await.is_err());
    test.finish().await
}

#[tokio::test]
async fn a_disabled_person_can_do_nothing_and_their_stream_is_told() -> Story {
    let test = TestBank::live().await?;
    let officer = caller("RO-001")?;
    let mut stream = listen(&test.bank, officer.clone(), 0).await?;
    staff::disable(&test.bank, &officer.staff_id).await?;
    assert_eq!(ended(&mut stream).await?, 401);
    assert_eq!(register(&test.bank, &officer, &form(1), "after").await.unwrap_err().status(), 401);
    test.finish().await
}

/// A session in the store, as a sign-in would leave it.
async fn open(
    test: &TestBank,
    store: &PostgresStore,
) -> Result<Session, Box<dyn std::error::Error + Send + Sync>> {
    let expiry = tower_sessions::Expiry::OnInactivity(time::Duration::minutes(15));
    let session = Session::new(None, std::sync::Arc::new(store.clone()), Some(expiry));
    let who = session::Who {
        staff_id: "RO-001".parse()?,
        seat: caller("RO-001").ok().map(|who| (who.branch, who.role)),
        renews: false,
        stamp: None,
    };
    session.insert(session::WHO, who).await?;
    session.save().await?;
    let _ = test;
    Ok(session)
}

#[tokio::test]
async fn sessions_are_kept_hashed_listed_and_ended() -> Story {
    let test = TestBank::new().await?;
    let store = PostgresStore::new(test.bank.clone());
    let (here, there) = (open(&test, &store).await?, open(&test, &store).await?);
    let officer = caller("RO-001")?;
    let listed = own_sessions(&test.bank, &officer).await?;
    assert_eq!(listed.len(), 2);
    let id = there.id().ok_or("an id")?;
    let hex = tawi_bank::shared::canonical::hex(&session::digest_of(id));
    assert!(listed.iter().any(|row| row.digest == hex), "the cookie itself is not stored");
    let stolen = session::end(&test.bank, &caller("LO-001")?, &hex, key("steal")?).await.unwrap_err();
    assert_eq!(stolen.outward().status(), 404, "nobody ends another's session");
    session::end(&test.bank, &officer, &hex, key("end")?).await?;
    assert!(store.load(&id).await?.is_none());
    there.insert("more", 1).await?;
    there.save().await?;
    assert!(store.load(&id).await?.is_none(), "a session that was ended does not come back");
    assert!(store.load(&here.id().ok_or("an id")?).await?.is_some());
    test.finish().await
}

#[tokio::test]
async fn sessions_end_by_themselves_after_twelve_hours_at_the_latest() -> Story {
    let test = TestBank::new().await?;
    let store = PostgresStore::new(test.bank.clone());
    let session = open(&test, &store).await?;
    let id = session.id().ok_or("an id")?;
    as_owner(&test, "update session set expires_at = now() + interval '1 year'").await?;
    test.bank.clock().advance(SignedDuration::from_mins(11 * 60));
    assert!(store.load(&id).await?.is_some());
    // Another seat gives it another id, and no hour more.
    session.cycle_id().await?;
    session.save().await?;
    as_owner(&test, "update session set expires_at = now() + interval '1 year'").await?;
    let id = session.id().ok_or("an id")?;
    assert!(store.load(&id).await?.is_some());
    test.bank.clock().advance(SignedDuration::from_mins(61));
    assert!(store.load(&id).await?.is_none());
    test.finish().await
}

#[tokio::test]
async fn no_session_opens_under_a_password_that_was_changed() -> Story {
    let test = TestBank::new().await?;
    let store = PostgresStore::new(test.bank.clone());
    let signed_in = signed_in(&test, "RO-001", PASSWORD).await?;
    let opens = async |stamp: &str| {
        let session = Session::new(None, std::sync::Arc::new(store.clone()), None);
        let who = session::Who {
            staff_id: "RO-001".parse()?,
            seat: None,
            renews: false,
            stamp: Some(stamp.to_owned()),
        };
        session.insert(session::WHO, who).await?;
        Ok::<bool, Box<dyn std::error::Error + Send + Sync>>(session.save().await.is_ok())
    };
    assert!(opens(&signed_in.stamp).await?);
    staff::set_password(&test.bank, &"RO-001".parse()?, "an entirely new one".into()).await?;
    assert!(!opens(&signed_in.stamp).await?);
    assert_eq!(count(&test, "select count(*) from session").await?, 0);
    test.finish().await
}

#[tokio::test]
async fn the_command_line_is_audited_and_refuses_what_people_do() -> Story {
    let test = TestBank::new().await?;
    let short = staff::set_password(&test.bank, &"LO-001".parse()?, "short".into()).await.unwrap_err();
    assert!(short.to_string().contains("12 characters"), "{short}");
    staff::set_password(&test.bank, &"LO-001".parse()?, "some longer words here".into()).await?;
    assert!(signed_in(&test, "LO-001", "some longer words here").await.is_ok());
    assert!(staff::disable(&test.bank, &"QQ-404".parse()?).await.is_err());
    assert_eq!(
        count(
            &test,
            "select count(*) from audit_event where what = 'Password set' and subject = 'staff:LO-001'"
        )
        .await?,
        1
    );
    let deed = tawi_bank::op::OpCtx::begin_program(
        &test.bank,
        tawi_domain::shared::permissions::Operation::CifCreate,
    )
    .await;
    assert!(deed.is_err(), "the command line registers no customers");
    test.finish().await
}
