//! One leader, replay, and what happens when it dies.

use crate::support::{Story, ask, count, decide};
use std::time::Duration;
use tawi_bank::Bank;
use tawi_bank::shared::leader;
use tawi_bank::shared::outbox::{self, Stream};
use tawi_domain::shared::approval::Verdict;
use tawi_domain::shared::notice::{Notice, NoticeBody};
use tawi_testing::{TestBank, caller};

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const PATIENCE: Duration = Duration::from_secs(60);

async fn next(stream: &mut Stream) -> Fallible<Notice> {
    let notice = tokio::time::timeout(PATIENCE, stream.next()).await??;
    notice.ok_or_else(|| "the stream ended".into())
}

async fn leads(bank: &Bank) -> Fallible<()> {
    let waiting = async {
        while !bank.hub().is_leading() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    Ok(tokio::time::timeout(PATIENCE, waiting).await?)
}

#[tokio::test]
async fn a_request_streams_to_those_who_decide_and_its_decision_to_the_maker() -> Story {
    let test = TestBank::live().await?;
    let mut supervisor = Stream::open(&test.bank, caller("OS-001")?, 0).await?;
    let mut maker = Stream::open(&test.bank, caller("RO-001")?, 0).await?;
    let mut elsewhere = Stream::open(&test.bank, caller("OS-002")?, 0).await?;
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
    assert!(
        tokio::time::timeout(Duration::from_millis(300), elsewhere.next()).await.is_err(),
        "another branch hears nothing"
    );
    test.finish().await
}

#[tokio::test]
async fn a_stream_that_reconnects_gets_what_it_missed_once_and_in_order() -> Story {
    let test = TestBank::live().await?;
    let mut stream = Stream::open(&test.bank, caller("OS-001")?, 0).await?;
    ask(&test, 0).await?;
    let seen = next(&mut stream).await?.position;
    drop(stream);
    for nth in 1..10 {
        ask(&test, nth).await?;
    }
    let mut stream = Stream::open(&test.bank, caller("OS-001")?, seen).await?;
    ask(&test, 10).await?;
    let mut positions = Vec::new();
    for _ in 0..10 {
        positions.push(next(&mut stream).await?.position);
    }
    let expected: Vec<i64> = (seen + 1..=seen + 10).collect();
    assert_eq!(positions, expected);
    test.finish().await
}

/// Two nodes, one leader; requests come in on both while leaders are killed. Every stream sees every
/// notice, once, in the order of positions.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn leaders_die_and_nothing_is_lost_doubled_or_out_of_order() -> Story {
    const NOTICES: u32 = 60;
    let test = TestBank::live().await?;
    let other = test.another_node()?;
    let other_jobs = tokio::spawn(leader::run(other.clone()));
    let mut here = Stream::open(&test.bank, caller("OS-001")?, 0).await?;
    let mut there = Stream::open(&other, caller("OS-001")?, 0).await?;
    let killer = async {
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(150)).await;
            // The backend that holds the leader's lock dies as if its machine had.
            sqlx::query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 7260 and granted and database = (select oid from pg_database where datname = current_database())")
                .execute(test.bank.owner())
                .await?;
        }
        Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    };
    let makers = async {
        for nth in 0..NOTICES {
            let bank = if nth % 2 == 0 { &test.bank } else { &other };
            crate::support::register(
                bank,
                &caller("RO-001")?,
                &crate::support::exposed(nth),
                &format!("ask-{nth}"),
            )
            .await?;
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    };
    let (killed, made) = tokio::join!(killer, makers);
    killed?;
    made?;
    for stream in [&mut here, &mut there] {
        let mut positions = Vec::new();
        for _ in 0..NOTICES {
            positions.push(next(stream).await?.position);
        }
        let expected: Vec<i64> = (1..=i64::from(NOTICES)).collect();
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
    assert!(!other.hub().is_leading(), "one leader at a time");
    test.bank.hub().stop();
    leads(&other).await?;
    let mut stream = Stream::open(&other, caller("OS-001")?, 0).await?;
    ask(&test, 1).await?;
    next(&mut stream).await?;
    other.hub().stop();
    other_jobs.await?;
    assert_eq!(stream.next().await?, None, "streams end when their node stops");
    test.finish().await
}

#[tokio::test]
async fn notices_of_a_refused_deed_are_never_written() -> Story {
    let test = TestBank::new().await?;
    ask(&test, 1).await?;
    ask(&test, 1).await.unwrap_or_else(|_| unreachable!("the key answers the ticket"));
    let refused =
        crate::support::register(&test.bank, &caller("RO-001")?, &crate::support::exposed(1), "dup").await;
    assert!(refused.is_err());
    assert_eq!(count(&test, "select count(*) from outbox").await?, 1);
    assert_eq!(outbox::position(&test.bank).await?, 0, "without a leader nothing has a position yet");
    test.finish().await
}
