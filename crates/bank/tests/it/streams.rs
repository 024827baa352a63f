//! A stream ends within a second of the right to it, whatever ended that; what it replays is bounded, and told to whom
//! it is for.

use crate::support::{Fallible, Story, as_owner, ask, count, ended, next};
use jiff::SignedDuration;
use std::time::{Duration, Instant};
use tawi_bank::shared::notices::{Stream, Told, recent};
use tawi_bank::shared::{session, staff};
use tawi_bank::{Bank, Caller};
use tawi_domain::shared::constants::NOTICE_DAYS;
use tawi_domain::shared::permissions::Role;
use tawi_testing::lending::go_on;
use tawi_testing::{TestBank, caller, listen, seated};

/// What ends somebody's right to hear.
type End = fn(&TestBank, [u8; 32]) -> futures::future::BoxFuture<'_, Story>;

fn owners(statement: &'static str) -> impl Fn(&TestBank) -> futures::future::BoxFuture<'_, Story> {
    move |test| Box::pin(async move { as_owner(test, statement).await.map(drop).map_err(Into::into) })
}

/// Nothing is told meanwhile: it ends by itself, in the time that is promised.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_within_a_second_of_its_right() -> Story {
    let ends: [(&str, End); 6] = [
        ("the time without an act is over", |test, _| {
            Box::pin(async {
                as_owner(test, "update session set expires_at = clock_timestamp()").await?;
                Ok(())
            })
        }),
        ("twelve hours are over", |test, _| {
            Box::pin(async {
                test.bank.clock().advance(SignedDuration::from_hours(13));
                Ok(())
            })
        }),
        ("another seat was taken, or somebody else signed in, in this session", |test, digest| {
            Box::pin(async move {
                assert!(session::retire(&test.bank, &digest).await?);
                Ok(())
            })
        }),
        ("the person was disabled", |test, _| {
            Box::pin(async { Ok(staff::disable(&test.bank, &caller("OS-001")?.staff_id).await?) })
        }),
        ("the role was taken away", |test, _| {
            Box::pin(async {
                let staff_id = caller("OS-001")?.staff_id;
                Ok(staff::end_role(&test.bank, &staff_id, "NBO-HQ", Role::OperationsSupervisor).await?)
            })
        }),
        ("the role's last day is over", |test, _| {
            Box::pin(async {
                as_owner(test, "update staff_role set valid_to = '2026-03-26' where staff_id = 'OS-001'")
                    .await?;
                go_on(&test.bank, jiff::Span::new().days(1)).await
            })
        }),
    ];
    for (what, end) in ends {
        let test = TestBank::live().await?;
        let supervisor = caller("OS-001")?;
        let digest = seated(&test.bank, &supervisor).await?;
        let mut stream = Stream::open(&test.bank, supervisor, digest, 0).await?;
        ask(&test, 1).await?;
        next(&mut stream).await?;
        end(&test, digest).await?;
        let since = Instant::now();
        assert_eq!(ended(&mut stream).await?, 401, "{what}");
        assert!(since.elapsed() < Duration::from_secs(1), "{what}: {:?}", since.elapsed());
        test.finish().await?;
    }
    Ok(())
}

/// What happens between the end of the right and the next look of the node is not told either: nobody watches here, what
/// is at hand was read before the session ended, and it is told to nobody.
#[tokio::test]
async fn nothing_is_told_after_the_right_has_ended() -> Story {
    let test = TestBank::new().await?;
    ask(&test, 1).await?;
    place(&test.bank).await?;
    for end in [
        "delete from session",
        "update session set expires_at = clock_timestamp()",
        "update staff set disabled_at = now() where id = 'OS-001'",
    ] {
        let mut stream = listen(&test.bank, caller("OS-001")?, 0).await?;
        owners(end)(&test).await?;
        let told = stream.next().await;
        assert!(told.is_err(), "{end}: {told:?}");
    }
    owners("update staff set disabled_at = null")(&test).await?;
    let mut stream = listen(&test.bank, caller("OS-001")?, 0).await?;
    next(&mut stream).await?;
    test.finish().await
}

#[tokio::test]
async fn a_position_beyond_the_last_is_the_last_and_lets_nobody_in() -> Story {
    let test = TestBank::live().await?;
    let mut stream = listen(&test.bank, caller("OS-001")?, i64::MAX).await?;
    ask(&test, 1).await?;
    assert_eq!(next(&mut stream).await?.position, 1);
    let mut early = listen(&test.bank, caller("OS-001")?, i64::MIN).await?;
    assert_eq!(next(&mut early).await?.position, 1);
    let shut = caller("OS-002")?;
    let digest = seated(&test.bank, &shut).await?;
    staff::disable(&test.bank, &shut.staff_id).await?;
    let refused = Stream::open(&test.bank, shut, digest, i64::MAX).await.map(drop).unwrap_err();
    assert_eq!(refused.outward().status(), 401);
    test.finish().await
}

/// Notices as if a leader had placed them: for a role at a branch, a role anywhere, and a person.
const FLOOD: &str = r#"
    with placed as (
        insert into outbox (branch, staff_id, roles, body)
        select case nth % 3 when 0 then 1 end, case nth % 3 when 2 then 'OS-001' end,
               case nth % 3 when 2 then '{}' else '{operations_supervisor}'::text[] end,
               '{"kind": "loan_set_aside", "loan": "00101000000156"}'
        from generate_series(1, 3000) nth returning id
    )
    select count(*) from placed"#;

async fn place(bank: &Bank) -> Story {
    sqlx::query("update outbox set position = id where position is null").execute(bank.owner()).await?;
    sqlx::query("update outbox_counter set last = (select max(id) from outbox)")
        .execute(bank.owner())
        .await?;
    Ok(())
}

#[tokio::test]
async fn who_missed_very_much_is_told_to_load_again() -> Story {
    let test = TestBank::new().await?;
    owners(FLOOD)(&test).await?;
    place(&test.bank).await?;
    let mut stream = listen(&test.bank, caller("OS-001")?, 0).await?;
    assert_eq!(stream.next().await?, Some(Told::Behind(3000)));
    // Who none of it is for has missed nothing: the first that they hear is their own.
    let mut other = listen(&test.bank, caller("TL-001")?, 0).await?;
    let mut near = listen(&test.bank, caller("OS-001")?, 2_900).await?;
    for position in 2_901..=3_000 {
        assert_eq!(next(&mut near).await?.position, position);
    }
    let test = test.led().await?;
    let request = ask(&test, 1).await?;
    let heard = next(&mut stream).await?;
    assert!(heard.position > 3_000, "{heard:?} after {request:?}");
    owners(r#"insert into outbox (staff_id, roles, body) values ('TL-001', '{}', '{"kind": "loan_set_aside", "loan": "00101000000156"}')"#)(&test).await?;
    test.bank.hub().wake_leader();
    assert!(next(&mut other).await?.position > heard.position);
    test.finish().await
}

/// The table of recipients, which replays and the bell read, names the same people as the live line does.
#[tokio::test]
async fn what_is_replayed_is_what_was_told_live() -> Story {
    let test = TestBank::live().await?;
    let people: Vec<Caller> =
        tawi_bank::demo::PEOPLE.iter().map(|person| caller(person.staff_id)).collect::<Fallible<_>>()?;
    let mut live = Vec::new();
    for who in &people {
        live.push(listen(&test.bank, who.clone(), 0).await?);
    }
    owners(
        r#"insert into outbox (branch, staff_id, roles, body)
           select b.number, s.id, r.roles, '{"kind": "loan_set_aside", "loan": "00101000000156"}'
           from (values (null), (1::smallint), (2::smallint)) b (number),
                (values (null), ('OS-001'), ('LO-001')) s (id),
                (values ('{}'::text[]), ('{loan_officer}'), ('{loan_officer,branch_manager,auditor}'), ('{later}')) r (roles)"#,
    )(&test)
    .await?;
    // One more for everybody, so that what does not come is seen not to come.
    owners(
        r#"insert into outbox (roles, body)
           select array_agg(distinct role), '{"kind": "loan_set_aside", "loan": "00101000000156"}' from staff_role"#,
    )(&test)
    .await?;
    test.bank.hub().wake_leader();
    for (who, stream) in people.iter().zip(&mut live) {
        let told = until(stream, 37).await.map_err(|error| format!("{} live: {error}", who.staff_id))?;
        let mut again = listen(&test.bank, who.clone(), 0).await?;
        let replayed =
            until(&mut again, 37).await.map_err(|error| format!("{} again: {error}", who.staff_id))?;
        assert_eq!(told, replayed, "{}", who.staff_id);
        let bell: Vec<i64> =
            recent(&test.bank, who).await?.into_iter().map(|notice| notice.position).collect();
        let newest: Vec<i64> = told.iter().rev().take(10).copied().collect();
        assert_eq!(bell, newest, "{}", who.staff_id);
    }
    test.finish().await
}

async fn until(stream: &mut Stream, last: i64) -> Fallible<Vec<i64>> {
    let mut positions = Vec::new();
    loop {
        let notice = next(stream).await?;
        positions.push(notice.position);
        if notice.position == last {
            return Ok(positions);
        }
    }
}

#[tokio::test]
async fn notices_are_kept_for_thirty_days() -> Story {
    let test = TestBank::live().await?;
    let mut stream = listen(&test.bank, caller("OS-001")?, 0).await?;
    for nth in 1..=3 {
        ask(&test, nth).await?;
        next(&mut stream).await?;
    }
    let kept = "select (select count(*) from outbox) + (select count(*) from outbox_recipient)";
    assert_eq!(count(&test, kept).await?, 6);
    test.bank.clock().advance(SignedDuration::from_hours(24 * i64::from(NOTICE_DAYS) + 1));
    let gone = async {
        while count(&test, kept).await? > 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Story::Ok(())
    };
    tokio::time::timeout(crate::support::PATIENCE, gone).await??;
    test.finish().await
}
