//! Signing in from somewhere, and how long somebody is taken to be there.

use crate::support::{Fallible, Person, Served, Story, location, sent, session_cookie};
use reqwest::header::SET_COOKIE;
use std::time::Duration;
use tawi::server::turns::{PerMinute, Turns};
use tawi::shared::presence::{IDLE, SEAT};
use tawi_bank::demo::PASSWORD;
use tawi_domain::shared::permissions::Operation;
use tawi_testing::{TestBank, customer_form};

/// Knocks at the sign-in; answers why it was refused, empty where it was not.
async fn knock(
    person: &Person,
    staff_id: &str,
    password: &str,
    headers: &[(&str, &str)],
) -> Fallible<String> {
    let answer =
        person.form_with("/sign-in", &format!("staff_id={staff_id}&password={password}"), headers).await?;
    let to = location(&answer);
    let why = to.split_once("why=").map(|(_, why)| why.split('&').next().unwrap_or_default());
    Ok(why.unwrap_or_default().to_owned())
}

const LIMIT: &[(&str, &str)] = &[("TAWI_SIGN_INS_PER_MINUTE", "30")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_trusted_proxy_each_address_has_its_own_limit() -> Story {
    let proxied = [LIMIT, &[("TAWI_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]].concat();
    let served = Served::configured(TestBank::new().await?, &proxied).await?;
    let nobody = served.anonymous()?;
    let from = async |told: &str| knock(&nobody, "ZZ-404", "", &[("x-forwarded-for", told)]).await;
    for _ in 0..30 {
        assert_eq!(from("203.0.113.7").await?, "empty");
    }
    assert_eq!(from("203.0.113.7").await?, "many");
    // What a stranger writes to the left of it helps nobody, nor does a further proxy of ours.
    for told in ["198.51.100.1, 203.0.113.7", "203.0.113.7, 10.1.2.3", "rubbish, 203.0.113.7:4711"] {
        assert_eq!(from(told).await?, "many", "{told}");
    }
    assert_eq!(from("203.0.113.8").await?, "empty", "the others still sign in");
    assert_eq!(from("2001:db8:0:1::1").await?, "empty");
    for _ in 0..29 {
        assert_eq!(from("2001:db8:0:1:ffff::2").await?, "empty");
    }
    assert_eq!(from("2001:db8:0:1:abcd::3").await?, "many", "a network of one line is one address");
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_trusted_proxy_nobodys_word_is_taken() -> Story {
    let served = Served::configured(TestBank::new().await?, LIMIT).await?;
    let nobody = served.anonymous()?;
    for nth in 0..30 {
        let told = format!("203.0.113.{nth}");
        assert_eq!(knock(&nobody, "ZZ-404", "", &[("x-forwarded-for", &told)]).await?, "empty");
    }
    assert_eq!(knock(&nobody, "ZZ-404", "", &[("x-forwarded-for", "198.51.100.9")]).await?, "many");
    served.finish().await
}

#[test]
fn the_memory_of_limits_does_not_grow() {
    let limit = PerMinute::new(30);
    for nth in 0..400_000 {
        limit.count(&format!("2001:db8:{:x}:{:x}::/64", nth / 65_536, nth % 65_536));
    }
    assert!(limit.cells() <= 65_536, "{} cells", limit.cells());
}

#[tokio::test]
async fn turns_are_taken_in_bounds_and_forgotten() {
    let turns = Turns::new(2, 4);
    let (first, second) = (turns.take("a").await.unwrap(), turns.take("a").await.unwrap());
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let turns = turns.clone();
            tokio::spawn(async move { turns.take("a").await.is_some() })
        })
        .collect();
    while turns.waiting("a") < 4 {
        tokio::task::yield_now().await;
    }
    assert!(turns.take("a").await.is_none(), "four are there");
    assert!(turns.take("b").await.is_some(), "another's turn is another's");
    drop((first, second));
    for one in waiting {
        assert!(one.await.unwrap());
    }
    assert_eq!(turns.names(), 0, "what nobody uses is forgotten");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_tries_shut_out_no_device_that_its_person_has_used() -> Story {
    let served = Served::start().await?;
    let nobody = served.anonymous()?;
    let answer = nobody.form("/sign-in", &format!("staff_id=LO-001&password={PASSWORD}")).await?;
    let set = answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let device = set.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.contains("-device="));
    let device = device.ok_or("the device is not marked")?.to_owned();
    for _ in 0..5 {
        assert_eq!(knock(&nobody, "LO-001", "wrong", &[]).await?, "wrong");
    }
    assert_eq!(knock(&nobody, "LO-001", PASSWORD, &[]).await?, "wait");
    assert_eq!(knock(&nobody, "LO-001", PASSWORD, &[("cookie", &device)]).await?, "");
    assert_eq!(knock(&nobody, "ZZ-404", "wrong", &[("cookie", &device)]).await?, "wrong");
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_at_the_sign_in_is_told_to_come_again() -> Story {
    let served = Served::start().await?;
    let hasher = served.test.bank.hasher();
    let crowd: Vec<_> = std::iter::from_fn(|| hasher.room().ok()).collect();
    let answer =
        served.anonymous()?.form("/sign-in", &format!("staff_id=LO-001&password={PASSWORD}")).await?;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers().get("retry-after").ok_or("when")?, "5");
    assert!(answer.text().await?.contains("Many people sign in"));
    drop(crowd);
    served.person("LO-001").await?;
    served.finish().await
}

/// Seconds until the only session ends by itself.
async fn left(served: &Served) -> Fallible<i64> {
    let left = "select extract(epoch from expires_at - clock_timestamp())::bigint from session";
    Ok(sqlx::query_scalar(left).fetch_one(served.test.bank.owner()).await?)
}

async fn until(served: &Served, what: &str, holds: impl Fn(i64) -> bool) -> Story {
    let waiting = async {
        while !holds(left(served).await?) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Story::Ok(())
    };
    match tokio::time::timeout(Duration::from_secs(20), waiting).await {
        Ok(done) => done,
        Err(_) => Err(format!("{what}: {} seconds are left", left(served).await?).into()),
    }
}

/// What a page does by itself does not make its person be there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_lives_by_what_its_person_does() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    let untouched = "update session set seen_at = seen_at - interval '14 minutes',
                     expires_at = expires_at - interval '14 minutes'";
    let owner = served.test.bank.owner();
    sqlx::query(untouched).execute(owner).await?;
    // A notice lets the page fetch its frame and its lists; whoever should look at it went away long ago.
    for door in ["frame", "started", "notices"] {
        assert_eq!(person.call_with(door, "", &[(IDLE, "840")]).await?.status(), 200, "{door}");
    }
    assert_eq!(person.head("/").await?.status(), 200);
    let stream = person.stream("/live?after=0").await?;
    assert_eq!(stream.status(), 200);
    drop(stream);
    // One more call, of somebody who moved ten minutes ago: what the others did would have come before it.
    assert_eq!(person.call_with("frame", "", &[(IDLE, "600")]).await?.status(), 200);
    until(&served, "ten minutes ago", |left| (290..=300).contains(&left)).await?;
    assert_eq!(person.call_with("frame", "", &[(IDLE, "3")]).await?.status(), 200);
    until(&served, "three seconds ago", |left| left > 890).await?;
    sqlx::query(untouched).execute(owner).await?;
    assert_eq!(person.get("/").await?.status(), 200);
    until(&served, "a page that was opened", |left| left > 890).await?;
    sqlx::query(untouched).execute(owner).await?;
    assert_eq!(person.call("frame", "").await?.status(), 200);
    until(&served, "a page of a version before", |left| left > 890).await?;
    served.finish().await
}

/// The deed is done and answered although the session cannot be written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_cannot_be_written_is_nobodys_answer() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    let owner = served.test.bank.owner();
    sqlx::query("update session set seen_at = seen_at - interval '1 minute'").execute(owner).await?;
    sqlx::query("revoke update on session from tawi_app").execute(owner).await?;
    let form = serde_json::to_value(customer_form(1))?;
    let body = sent(Operation::CifCreate, &form, &[("key", "once")]);
    let answer = person.call("submit", &body).await?;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await?.contains("RC-"), "the receipt");
    // Nor is it of somebody who signs in: what is written after the answer was made is written beside it.
    assert_eq!(served.person("LO-001").await?.call("frame", "").await?.status(), 200);
    let ends = "select bool_and(data ? 'ends') from session where staff_id = 'LO-001'";
    assert!(sqlx::query_scalar::<_, bool>(ends).fetch_one(owner).await?, "its end stands in it all the same");
    served.finish().await
}

/// Sessions, streams and the question whether a node is well have connections of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_is_taken_up_leaves_sessions_streams_and_health_alone() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    let pool = served.test.bank.pool();
    let mut taken = Vec::new();
    while taken.len() < 24 {
        taken.push(pool.acquire().await?);
    }
    let health: serde_json::Value = person.get("/health").await?.json().await?;
    assert_eq!(health["database"], "up");
    assert_eq!(health["clock"], "right");
    assert_eq!(person.stream("/live?after=0").await?.status(), 200);
    drop(taken);
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_clock_is_wrong_says_so() -> Story {
    let served = Served::start().await?;
    served.test.bank.clock().advance(jiff::SignedDuration::from_secs(7));
    let health: serde_json::Value = served.anonymous()?.get("/health").await?.json().await?;
    let told = health["clock"].as_str().ok_or("the clock")?;
    assert!(told.contains("ahead of the database's"), "{told}");
    served.finish().await
}

/// A session that a version before opened is given a cookie that lives as long as the browser, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_of_the_version_before_is_given_a_lasting_cookie() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    assert!(person.get("/").await?.headers().get(SET_COOKIE).is_none(), "one of this version has it");
    sqlx::query("update session set data = data - 'lasting'").execute(served.test.bank.owner()).await?;
    let answer = person.get("/").await?;
    let cookie = answer.headers().get(SET_COOKIE).ok_or("no cookie")?.to_str()?;
    assert!(cookie.starts_with(&person.cookie), "the same session: {cookie}");
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Expires"), "{cookie}");
    assert!(person.get("/").await?.headers().get(SET_COOKIE).is_none(), "once");
    served.finish().await
}

/// Whoever signs in over a page does so for the page's seat, although somebody else is signed in in this browser by now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_over_a_page_is_for_its_seat_whoever_else_is_signed_in() -> Story {
    let served = Served::start().await?;
    let other = served.person("RO-001").await?;
    let form =
        format!("form[staff_id]=LO-001&form[password]={PASSWORD}&form[branch]=1&form[role]=loan_officer");
    let answer = other.call_with("sign_in_again", &form, &[(SEAT, "LO-001:1:loan_officer")]).await?;
    assert_eq!(answer.status(), 200);
    let again = other.with(session_cookie(&answer).ok_or("no session")?);
    assert_eq!(again.call_with("frame", "", &[(SEAT, "LO-001:1:loan_officer")]).await?.status(), 200);
    served.finish().await
}
