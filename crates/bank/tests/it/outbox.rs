//! One leader, replay, and what happens when it dies.

use crate::support::{Fallible, PATIENCE, Story, as_owner, ask, ask_as, count, exposed, next, register};
use std::time::Duration;
use tawi_bank::Bank;
use tawi_bank::shared::leader;
use tawi_bank::shared::notices;
use tawi_domain::shared::approval::Verdict;
use tawi_domain::shared::notice::NoticeBody;
use tawi_testing::{TestBank, caller, decide, listen};
use tokio::sync::watch;

/// How often a condition that tells nobody is looked at.
const GLANCE: Duration = Duration::from_millis(10);

async fn leads(bank: &Bank) -> Fallible<()> {
    let waiting = async {
        while !bank.hub().is_leading() {
            tokio::time::sleep(GLANCE).await;
        }
    };
    Ok(tokio::time::timeout(PATIENCE, waiting).await?)
}

/// Waits until another node than the leader has asked for the leader's lock and was refused.
async fn has_asked_in_vain(test: &TestBank) -> Fallible<()> {
    let refused = "
        select count(*) from pg_stat_activity a
        where datname = current_database() and usename = 'tawi_job' and state = 'idle'
          and query like '%pg_try_advisory_lock(7260)%'
          and not exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.objid = 7260)";
    let waiting = async {
        while count(test, refused).await? == 0 {
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, waiting).await?
}

/// The backend of whoever leads, another than the last one, dies as if its machine had.
async fn kill_the_leader(test: &TestBank, last: i32) -> Fallible<i32> {
    let waiting = async {
        loop {
            let killed: Option<(i32, bool)> = sqlx::query_as(
                "
                select pid, pg_terminate_backend(pid) from pg_locks
                where locktype = 'advisory' and objid = 7260 and granted and pid <> $1
                  and database = (select oid from pg_database where datname = current_database())
                ",
            )
            .bind(last)
            .fetch_optional(test.bank.owner())
            .await?;
            match killed {
                Some((pid, true)) => return Ok(pid),
                Some((_, false)) | None => tokio::time::sleep(GLANCE).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await?
}

#[tokio::test]
async fn a_request_streams_to_those_who_decide_and_its_decision_to_the_maker() -> Story {
    let test = TestBank::live().await?;
    let mut supervisor = listen(&test.bank, caller("OS-001")?, 0).await?;
    let mut maker = listen(&test.bank, caller("RO-001")?, 0).await?;
    let mut elsewhere = listen(&test.bank, caller("OS-002")?, 0).await?;
    let request = ask(&test, 1).await?;
    let made = next(&mut supervisor).await?;
    assert!(matches!(made.body, NoticeBody::RequestMade { request: of, .. } if of == request));
    decide(&test.bank, &caller("OS-001")?, request, Verdict::Approve, "yes").await?;
    let decided = next(&mut maker).await?;
    assert!(matches!(decided.body, NoticeBody::RequestDecided { request: of, .. } if of == request));
    assert!(
        matches!(next(&mut supervisor).await?.body, NoticeBody::RequestDecided { .. }),
        "it leaves every inbox"
    );
    let theirs = ask_as(&test, "RO-002", 2).await?;
    let first = next(&mut elsewhere).await?;
    assert!(
        matches!(first.body, NoticeBody::RequestMade { request: of, .. } if of == theirs),
        "another branch hears nothing before its own: {first:?}"
    );
    test.finish().await
}

#[tokio::test]
async fn a_stream_that_reconnects_gets_what_it_missed_once_and_in_order() -> Story {
    let test = TestBank::live().await?;
    let mut stream = listen(&test.bank, caller("OS-001")?, 0).await?;
    ask(&test, 0).await?;
    let seen = next(&mut stream).await?.position;
    drop(stream);
    for nth in 1..10 {
        ask(&test, nth).await?;
    }
    let mut stream = listen(&test.bank, caller("OS-001")?, seen).await?;
    ask(&test, 10).await?;
    let mut positions = Vec::new();
    for _ in 0..10 {
        positions.push(next(&mut stream).await?.position);
    }
    // One more, so that it is seen that none of the ten comes a second time.
    ask(&test, 11).await?;
    positions.push(next(&mut stream).await?.position);
    let expected: Vec<i64> = (seen + 1..=seen + 11).collect();
    assert_eq!(positions, expected);
    test.finish().await
}

/// Two nodes, one leader; requests come in on both while leaders are killed. Every stream sees every
/// notice, once, in the order of positions.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn leaders_die_and_nothing_is_lost_doubled_or_out_of_order() -> Story {
    const NOTICES: u32 = 60;
    const DEATHS: u32 = 8;
    const BETWEEN: u32 = NOTICES / DEATHS;
    let test = TestBank::live().await?;
    let other = test.another_node()?;
    let other_jobs = tokio::spawn(leader::run(other.clone()));
    let mut here = listen(&test.bank, caller("OS-001")?, 0).await?;
    let mut there = listen(&other, caller("OS-001")?, 0).await?;
    // Makers stay a few requests ahead of the deaths, so that each leader dies among commits.
    let (made, deaths) = (watch::Sender::new(0_u32), watch::Sender::new(0_u32));
    let killer = async {
        let mut made = made.subscribe();
        let mut last = 0;
        for death in 0..DEATHS {
            made.wait_for(|made| *made > death * BETWEEN).await?;
            last = kill_the_leader(&test, last).await?;
            deaths.send_replace(death + 1);
        }
        Fallible::Ok(())
    };
    let makers = async {
        let mut deaths = deaths.subscribe();
        for nth in 0..NOTICES {
            deaths.wait_for(|deaths| *deaths + 1 >= nth / BETWEEN).await?;
            let bank = if nth % 2 == 0 { &test.bank } else { &other };
            register(bank, &caller("RO-001")?, &exposed(nth), &format!("ask-{nth}")).await?;
            made.send_replace(nth + 1);
        }
        Fallible::Ok(())
    };
    let (killed, made) = tokio::join!(killer, makers);
    killed?;
    made?;
    // One more when all is over: whatever was doubled would come before it.
    ask(&test, NOTICES).await?;
    for stream in [&mut here, &mut there] {
        let mut positions = Vec::new();
        for _ in 0..=NOTICES {
            positions.push(next(stream).await?.position);
        }
        let expected: Vec<i64> = (1..=i64::from(NOTICES) + 1).collect();
        assert_eq!(positions, expected);
    }
    other.hub().stop();
    other_jobs.await?;
    test.finish().await
}

#[tokio::test]
async fn when_the_leader_stops_another_node_takes_over() -> Story {
    let test = TestBank::live().await?;
    let other = test.another_node()?;
    let other_jobs = tokio::spawn(leader::run(other.clone()));
    has_asked_in_vain(&test).await?;
    assert!(!other.hub().is_leading(), "one leader at a time");
    test.bank.hub().stop();
    leads(&other).await?;
    let mut stream = listen(&other, caller("OS-001")?, 0).await?;
    ask(&test, 1).await?;
    next(&mut stream).await?;
    other.hub().stop();
    other_jobs.await?;
    let end = tokio::time::timeout(PATIENCE, stream.next()).await??;
    assert_eq!(end, None, "streams end when their node stops");
    test.finish().await
}

/// A notice that cannot be read is passed over: the bell and every stream go on.
#[tokio::test]
async fn a_notice_that_cannot_be_read_stops_nobody() -> Story {
    let test = TestBank::live().await?;
    let supervisor = caller("OS-001")?;
    let mut stream = listen(&test.bank, supervisor.clone(), 0).await?;
    let spoilt = r#"
        insert into outbox (branch, roles, body)
        values (1, '{operations_supervisor}', '{"kind": "loan_late", "loan": "none", "name": 1}'),
               (1, '{operations_supervisor}', '"no object"')"#;
    as_owner(&test, spoilt).await?;
    let request = ask(&test, 1).await?;
    let heard = next(&mut stream).await?;
    assert!(matches!(heard.body, NoticeBody::RequestMade { request: of, .. } if of == request), "{heard:?}");
    assert_eq!(heard.position, 3);
    let mut late = listen(&test.bank, supervisor.clone(), 0).await?;
    assert_eq!(next(&mut late).await?, heard);
    assert_eq!(notices::recent(&test.bank, &supervisor).await?, [heard]);
    test.finish().await
}

#[tokio::test]
async fn notices_of_a_refused_deed_are_never_written() -> Story {
    let test = TestBank::new().await?;
    ask(&test, 1).await?;
    ask(&test, 1).await.unwrap_or_else(|_| unreachable!("the key answers the ticket"));
    let refused = register(&test.bank, &caller("RO-001")?, &exposed(1), "dup").await;
    assert!(refused.is_err());
    assert_eq!(count(&test, "select count(*) from outbox").await?, 1);
    assert_eq!(
        count(&test, "select last from outbox_counter").await?,
        0,
        "without a leader nothing has a position yet"
    );
    test.finish().await
}
