//! Signing in: tries are counted before a password is looked at, nobody shuts anybody else out, and what becomes of a
//! person while a hash is computed counts.

use crate::support::{Fallible, Story, as_owner, count, credentials, signed_in};
use jiff::SignedDuration;
use tawi_bank::demo::PASSWORD;
use tawi_bank::shared::auth::{self, SignedIn, WRONG};
use tawi_bank::shared::device::{Device, Origin};
use tawi_bank::shared::guessing::{EASILY_GUESSED, acceptable};
use tawi_bank::shared::own_password::{Chooser, choose_password};
use tawi_bank::shared::password::NOBODYS;
use tawi_bank::shared::sign_in_tries::NO_TRY_LEFT;
use tawi_bank::shared::staff;
use tawi_domain::shared::constants::{TRIES_FROM_A_PLACE, TRIES_FROM_EVERYWHERE};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::permissions::Role;
use tawi_domain::shared::staff::PasswordForm;
use tawi_testing::{TestBank, caller, seated};

/// 125 characters.
const LONG: &str = "the heron waits beside a brown river while seven boys carry water, salt and maize up to the market of \
                    Kisii before noon";

async fn from(
    test: &TestBank,
    origin: &Origin,
    staff_id: &str,
    password: &str,
) -> Result<SignedIn, AppError> {
    auth::sign_in(&test.bank, &credentials(staff_id, password), origin).await
}

#[tokio::test]
async fn people_sign_in_with_staff_id_and_password_as_they_type_it() -> Story {
    let test = TestBank::new().await?;
    let one = signed_in(&test, " lo-001 ", PASSWORD).await?;
    assert_eq!(one.assignments.len(), 1);
    let regional = signed_in(&test, "RM-001", PASSWORD).await?;
    assert_eq!(regional.assignments.len(), 3, "more than one seat is asked for");
    let branch = 2_i16.try_into()?;
    let seat = async |role| auth::take_seat(&test.bank, &regional.staff_id, branch, role).await;
    assert!(seat(Role::RegionalManager).await.is_ok());
    assert!(seat(Role::BranchManager).await.is_err());
    test.finish().await
}

/// Whoever it is, and whether they are: the same words, the same statements, the same audit.
#[tokio::test]
async fn unknown_wrong_and_disabled_are_answered_and_recorded_alike() -> Story {
    let test = TestBank::new().await?;
    staff::disable(&test.bank, &"TL-001".parse()?).await?;
    let long = "x".repeat(100_000);
    let tries = [
        ("ZZ-999", PASSWORD, "nobody of this staff ID"),
        ("nonsense", PASSWORD, "nobody of this staff ID"),
        ("LO-001", "wrong", "wrong password"),
        ("TL-001", PASSWORD, "disabled"),
        ("LO-001", long.as_str(), "wrong password"),
    ];
    for (staff_id, password, why) in tries {
        let before = commits(&test).await?;
        let refused = signed_in(&test, staff_id, password).await.unwrap_err();
        assert_eq!(refused, AppError::refused(WRONG), "{staff_id}");
        assert_eq!(commits(&test).await? - before, 1, "{staff_id}: one line, as for everybody");
        let last =
            "select detail ->> 'why' from audit_event where operation = 'sign_in' order by id desc limit 1";
        let told: Option<String> = sqlx::query_scalar(last).fetch_one(test.bank.owner()).await?;
        assert_eq!(told.as_deref(), Some(why), "{staff_id}");
    }
    test.finish().await
}

async fn commits(test: &TestBank) -> Fallible<i64> {
    Ok(count(test, "select count(distinct transaction) from audit_event").await?)
}

/// Thirty at once with one right password among them: no more than five are looked at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tries_are_counted_before_a_password_is_looked_at() -> Story {
    let test = TestBank::new().await?;
    let mut knocks = tokio::task::JoinSet::new();
    for nth in 0..30 {
        let (bank, password) = (test.bank.clone(), if nth == 29 { PASSWORD } else { "a wrong one" });
        knocks.spawn(async move {
            auth::sign_in(&bank, &credentials("LO-001", password), &Origin::of("there")).await
        });
    }
    let mut looked_at = 0;
    while let Some(answer) = knocks.join_next().await {
        match answer? {
            Err(refused) if refused == AppError::refused(NO_TRY_LEFT) => {}
            Err(refused) if refused == AppError::refused(WRONG) => looked_at += 1,
            Err(other) => return Err(other.into()),
            Ok(_) => looked_at += 1,
        }
    }
    assert!(looked_at <= TRIES_FROM_A_PLACE + 1, "{looked_at} of 30; a right one forgets those before it");
    test.finish().await
}

#[tokio::test]
async fn wrong_tries_keep_only_their_own_place_waiting_and_no_longer_for_more_of_them() -> Story {
    let test = TestBank::new().await?;
    let (stranger, branch) = (Origin::of("a stranger"), Origin::of("the branch"));
    for staff_id in ["CS-001", "ZZ-999"] {
        for _ in 0..TRIES_FROM_A_PLACE {
            assert_eq!(
                from(&test, &stranger, staff_id, "wrong").await.unwrap_err(),
                AppError::refused(WRONG)
            );
        }
        let refused = from(&test, &stranger, staff_id, PASSWORD).await.unwrap_err();
        assert_eq!(
            refused,
            AppError::refused(NO_TRY_LEFT),
            "{staff_id}: the same whether there is such a person"
        );
    }
    from(&test, &branch, "CS-001", PASSWORD).await?;
    from(&test, &stranger, "LO-001", PASSWORD).await?;
    // Tries while they wait do not make it longer.
    test.bank.clock().advance(SignedDuration::from_mins(14));
    assert!(from(&test, &stranger, "CS-001", "wrong").await.is_err());
    test.bank.clock().advance(SignedDuration::from_mins(2));
    from(&test, &stranger, "CS-001", PASSWORD).await?;
    // Never more than five in any fifteen minutes.
    assert_eq!(from(&test, &stranger, "BM-001", "wrong").await.unwrap_err(), AppError::refused(WRONG));
    test.bank.clock().advance(SignedDuration::from_mins(14));
    let mut looked_at = 1;
    for _ in 0..9 {
        if from(&test, &stranger, "BM-001", "wrong").await.unwrap_err() == AppError::refused(WRONG) {
            looked_at += 1;
        }
    }
    assert_eq!(looked_at, TRIES_FROM_A_PLACE);
    test.bank.clock().advance(SignedDuration::from_mins(2));
    assert_eq!(from(&test, &stranger, "BM-001", "wrong").await.unwrap_err(), AppError::refused(WRONG));
    assert_eq!(from(&test, &stranger, "BM-001", "wrong").await.unwrap_err(), AppError::refused(NO_TRY_LEFT));
    test.finish().await
}

#[tokio::test]
async fn a_persons_own_device_counts_apart_from_everybody_else() -> Story {
    let test = TestBank::new().await?;
    let first = from(&test, &Origin::of("the branch"), "CS-001", PASSWORD).await?;
    let mark = first.device.mark(&test.bank)?;
    let known = Device::read(&test.bank, &mark).ok_or("a mark of its own is not read")?;
    assert_eq!(known, first.device);
    let own = Origin::with_marks(&test.bank, "the branch", &mark);
    // Strangers try from everywhere, and from the branch's own address.
    let most = usize::try_from(TRIES_FROM_EVERYWHERE)?;
    let flood = "insert into sign_in_try select 'CS-001', 'address ' || n, array_fill(clock_timestamp(), array[5]) from generate_series(1, 20) n";
    as_owner(&test, flood).await?;
    assert!(most <= 100);
    for address in ["the branch", "elsewhere"] {
        let refused = from(&test, &Origin::of(address), "CS-001", PASSWORD).await.unwrap_err();
        assert_eq!(refused, AppError::refused(NO_TRY_LEFT), "{address}");
    }
    assert_eq!(from(&test, &own, "CS-001", PASSWORD).await?.device, first.device);
    // It is nobody else's, it is bounded itself, and a mark that was touched is none.
    let refused = from(&test, &own, "LO-001", "wrong").await.unwrap_err();
    assert_eq!(refused, AppError::refused(WRONG));
    for _ in 0..TRIES_FROM_A_PLACE {
        assert!(from(&test, &own, "CS-001", "wrong").await.is_err());
    }
    let refused = from(&test, &own, "CS-001", PASSWORD).await.unwrap_err();
    assert_eq!(refused, AppError::refused(NO_TRY_LEFT));
    for spoilt in
        [mark.replace("CS-001", "LO-001"), mark.replace('.', ".9"), format!("{mark}0"), String::new()]
    {
        assert_eq!(Device::read(&test.bank, &spoilt), None, "{spoilt}");
    }
    // Those who share a counter keep theirs beside each other, and who signs in again keeps one.
    let other = from(&test, &own, "LO-001", PASSWORD).await?;
    let kept = own.kept_for(&test.bank, &other.device)?;
    let both = Origin::with_marks(&test.bank, "the branch", &format!("{kept}!rubbish"));
    assert_eq!(both.device_of(&"CS-001".parse()?), Some(&first.device));
    assert_eq!(both.device_of(&"LO-001".parse()?), Some(&other.device));
    assert_eq!(both.kept_for(&test.bank, &other.device)?.matches("LO-001").count(), 1);
    // Nor is it one of theirs any more once they have another password.
    staff::set_password(&test.bank, &"LO-001".parse()?, "seven boys carry salt uphill".into()).await?;
    for _ in 0..TRIES_FROM_A_PLACE {
        assert!(from(&test, &Origin::of("the branch"), "LO-001", "wrong").await.is_err());
    }
    let refused = from(&test, &both, "LO-001", "seven boys carry salt uphill").await.unwrap_err();
    assert_eq!(refused, AppError::refused(NO_TRY_LEFT));
    test.bank.clock().advance(SignedDuration::from_hours(24 * 30));
    assert_eq!(Device::read(&test.bank, &mark), None, "thirty days");
    test.finish().await
}

/// The queue of those who wait for a hash is bounded, and a place is free again only when the work is done: a hundred
/// who hang up have two hashes computed at a time like everybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hangs_up_frees_no_place_before_the_work_is_done() -> Story {
    let test = TestBank::new().await?;
    let hasher = test.bank.hasher();
    let mut crowd = Vec::new();
    let refused = loop {
        match hasher.room() {
            Ok(room) => crowd.push(room),
            Err(full) => break full,
        }
    };
    assert_eq!(refused.outward(), AppError::Busy);
    assert_eq!(crowd.len(), 64);
    assert_eq!(signed_in(&test, "LO-001", PASSWORD).await.unwrap_err(), AppError::Busy);
    let tried = "select count(*) from sign_in_try";
    assert_eq!(count(&test, tried).await?, 0, "who is sent away has no try less");
    // Each begins its work and is gone.
    for room in crowd {
        let mut work = Box::pin(async move { room.verify("some words".into(), None).await });
        let begun = futures::poll!(&mut work);
        assert!(begun.is_pending());
    }
    assert!(hasher.waiting() <= 2, "{} at work", hasher.waiting());
    while hasher.waiting() > 0 {
        tokio::task::yield_now().await;
    }
    signed_in(&test, "LO-001", PASSWORD).await?;
    test.finish().await
}

/// A person who is disabled, or whose password is changed, while the hash of theirs is computed is not let in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_a_person_meanwhile_counts() -> Story {
    let test = TestBank::new().await?;
    for (staff_id, meanwhile) in [
        ("LO-001", "update staff set disabled_at = now() where id = 'LO-001'"),
        ("CS-001", "update staff set password_hash = '$argon2id$v=19$other' where id = 'CS-001'"),
    ] {
        // Somebody holds the person's row until the hash is done.
        let mut held = test.bank.owner().begin().await?;
        sqlx::query("select from staff where id = $1 for update").bind(staff_id).execute(&mut *held).await?;
        let bank = test.bank.clone();
        let form = credentials(staff_id, PASSWORD);
        let knock = tokio::spawn(async move { auth::sign_in(&bank, &form, &Origin::of("there")).await });
        let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
        while count(&test, waits).await? == 0 {
            tokio::task::yield_now().await;
        }
        sqlx::query(sqlx::AssertSqlSafe(meanwhile)).execute(&mut *held).await?;
        held.commit().await?;
        assert_eq!(knock.await?.unwrap_err(), AppError::refused(WRONG), "{staff_id}");
    }
    test.finish().await
}

/// The commonest, what repeats or runs along the keyboard, and what somebody tries first who knows the bank and the person.
const GUESSED: &[&str] = &[
    "passwordpassword",
    "            ",
    "123456789012",
    "qwertyuiop[]",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "Password1234",
    "p a s s w o r d 1",
    "letmeinletmein",
    "iloveyouiloveyou",
    "janewambuikimani",
    "TL-001TL-001",
    "wekezabank2026",
    "Wekeza-Bank-2026",
    "Wekeza-demo-2026!",
    "Wekeza2026Wekeza",
    "Welcome-Wekeza-1",
    "november-2026-wekeza",
    "Tawi-portal-2026",
    "CreditSupervisor2026",
    "Credit-Supervisor-1",
    "Nairobi-Kenya-2026",
    "hakunamatata254",
    "Harambee-2026-Kenya",
    "Manchester-United-1",
    "Safaricom-Mpesa-254",
    "Kimani@1985Wambui",
    "inamik-iubmaw",
    "enaj-kimani-2026",
    "0712345678-kimani",
    "+254712345678",
    "w3k3z@-b@nk!!",
    "poiuytrewq2026",
    "dragondragondragon",
    "sunshine1234",
];

#[test]
fn a_password_that_is_easily_guessed_is_refused() {
    let own = ["TL-001", "Jane Wambui Kimani"];
    let passed: Vec<_> = GUESSED
        .iter()
        .filter(|guessed| acceptable(guessed, &own) != Err(EASILY_GUESSED.to_owned()))
        .collect();
    assert!(passed.is_empty(), "{passed:?}");
    let good = [
        "four good words here",
        "mvua kubwa chini ya mwembe",
        "7Hq!vv2-zzkEmw",
        "Kikombe-taa-Wekeza-jiwe-2",
        LONG,
    ];
    for good in good {
        assert_eq!(acceptable(good, &own), Ok(()), "{good}");
    }
    assert!(acceptable("short", &[]).unwrap_err().contains("12 characters or more"));
    assert!(acceptable(&"k9 Lq".repeat(26), &[]).unwrap_err().contains("128 characters at most"));
    // Whatever is typed is looked at in no time: signs that stand for letters are read as one, and not as all they may be.
    for long in ["4@8({[3690!1|$5+7%2".repeat(6), "12".repeat(64), "ab".repeat(64), "áçéñ".repeat(32)] {
        let since = std::time::Instant::now();
        assert!(acceptable(&long, &own).is_err() || !long.is_empty());
        assert!(since.elapsed() < std::time::Duration::from_secs(1), "{long}: {:?}", since.elapsed());
    }
}

#[tokio::test]
async fn nobodys_hash_takes_the_same_work() -> Story {
    let test = TestBank::new().await?;
    let hash: String =
        sqlx::query_scalar("select password_hash from staff limit 1").fetch_one(test.bank.owner()).await?;
    let work = |hash: &str| hash.rsplitn(3, '$').nth(2).map(str::to_owned);
    assert_eq!(work(NOBODYS), work(&hash));
    assert!(!test.bank.hasher().room()?.verify("anything".into(), None).await?);
    test.finish().await
}

/// One session becomes one: of two who choose a password in the same session one is told that it has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_chosen_once_in_a_session_that_still_stands() -> Story {
    let test = TestBank::new().await?;
    let who = caller("LO-001")?;
    let session = seated(&test.bank, &who).await?;
    let choose = async |session: [u8; 32], current: &str, new: &str| {
        let form = PasswordForm {
            current: current.into(),
            password: new.into(),
            again: new.into(),
            ..PasswordForm::default()
        };
        let from = Origin::of("there");
        let chooser = Chooser { staff_id: &who.staff_id, session, renews: false, from: &from };
        choose_password(&test.bank, &chooser, &form).await
    };
    let (one, other) = tokio::join!(
        choose(session, PASSWORD, "one of two good choices"),
        choose(session, PASSWORD, "another of two choices"),
    );
    let answers = [one, other];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let gone = answers.into_iter().find_map(Result::err).ok_or("both")?;
    assert_eq!(gone, AppError::NotSignedIn);
    // Wrong ones count, and a right one comes too late.
    let session = seated(&test.bank, &who).await?;
    for _ in 0..TRIES_FROM_A_PLACE {
        assert!(choose(session, "a guess", "one of more good choices").await.is_err());
    }
    let late = choose(session, "one of two good choices", "one of more good choices").await.unwrap_err();
    assert_eq!(late, AppError::refused(NO_TRY_LEFT));
    test.finish().await
}
