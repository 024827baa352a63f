//! What is served, to whom and for how long it may be kept; and what holds nobody up.

use crate::support::{Fallible, Served, Story, location, sent};
use serde_json::json;
use std::time::{Duration, Instant};
use tawi_domain::shared::approval::Verdict;
use tawi_domain::shared::permissions::Operation;
use tawi_testing::{TestBank, caller, customer_form, decide};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn host(served: &Served) -> String {
    served.url.trim_start_matches("http://").to_owned()
}

/// Sends bytes as they are and reads what comes until the line is closed or nothing comes for a while.
async fn raw(served: &Served, bytes: &[u8]) -> Fallible<String> {
    let mut line = TcpStream::connect(host(served)).await?;
    line.write_all(bytes).await?;
    let mut heard = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(Ok(read)) = tokio::time::timeout(Duration::from_secs(2), line.read(&mut piece)).await {
        if read == 0 {
            break;
        }
        heard.extend_from_slice(&piece[..read]);
        if heard.windows(4).any(|window| window == b"\r\n\r\n") {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&heard).into_owned())
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_assets_that_were_found_are_kept() -> Story {
    let site = std::env::temp_dir().join(format!("tawi-site-{}", std::process::id()));
    for (file, text) in [
        ("pkg/name.txt", "new"),
        ("pkg/new/tawi.css", "new"),
        ("pkg/before/tawi.css", "of the version before"),
        ("fonts/tawi-sans.woff2", "font"),
        ("tawi.svg", "<svg/>"),
    ] {
        let file = site.join(file);
        std::fs::create_dir_all(file.parent().ok_or("a folder")?)?;
        std::fs::write(file, text)?;
    }
    let folder = site.to_string_lossy().into_owned();
    let variables = [("TAWI_SITE_DIR", folder.as_str()), ("TAWI_SIGN_INS_PER_MINUTE", "1000")];
    let served = Served::configured(TestBank::new().await?, &variables).await?;
    let person = served.person("RO-001").await?;
    for (path, expected, kept) in [
        ("/pkg/new/tawi.css", 200, "public, max-age=31536000, immutable"),
        ("/pkg/before/tawi.css", 200, "public, max-age=31536000, immutable"),
        ("/pkg/name.txt", 200, "no-store"),
        ("/pkg/new/none.css", 404, "no-store"),
        ("/fonts/tawi-sans.woff2", 200, "public, max-age=86400"),
        ("/fonts/none.woff2", 404, "no-store"),
        ("/tawi.svg", 200, "public, max-age=86400"),
        ("/x.svg", 404, "no-store"),
        ("/customers/x.svg", 404, "no-store"),
        ("/", 200, "no-store"),
        ("/health", 200, "no-store"),
    ] {
        let answer = person.get(path).await?;
        assert_eq!(answer.status(), expected, "{path}");
        let cache = answer.headers().get("cache-control").ok_or("a word on keeping")?;
        assert_eq!(cache, kept, "{path}");
        assert!(kept == "no-store" || answer.headers().get("set-cookie").is_none(), "{path} sets a cookie");
    }
    std::fs::remove_dir_all(site)?;
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_sites_name_is_not_answered() -> Story {
    let variables = [("TAWI_PUBLIC_URL", "https://tawi.bank"), ("TAWI_TRUSTED_PROXIES", "none")];
    let served = Served::configured(TestBank::new().await?, &variables).await?;
    for (request, expected) in [
        ("GET /sign-in HTTP/1.1\r\nhost: tawi.bank\r\n\r\n", "200"),
        ("GET /sign-in HTTP/1.1\r\nhost: TAWI.bank:443\r\n\r\n", "200"),
        ("GET /sign-in HTTP/1.1\r\nhost: evil.example\r\n\r\n", "421"),
        ("GET /sign-in HTTP/1.1\r\nhost: tawi.bank.evil.example\r\n\r\n", "421"),
        ("GET /sign-in HTTP/1.1\r\nhost: tawi.bank:8443\r\n\r\n", "421"),
        ("GET /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", "421"),
        ("GET /sign-in HTTP/1.1\r\nhost: evil@tawi.bank\r\n\r\n", "421"),
        ("GET /sign-in HTTP/1.1\r\nhost: tawi.bank\r\nhost: evil.example\r\n\r\n", "421"),
        ("GET http://evil.example/sign-in HTTP/1.1\r\nhost: tawi.bank\r\n\r\n", "421"),
        ("GET /tawi.svg HTTP/1.1\r\nhost: evil.example\r\n\r\n", "421"),
        ("GET /sign-in HTTP/1.1\r\n\r\n", "421"),
        ("GET /health HTTP/1.1\r\nhost: 10.0.0.3\r\n\r\n", "200"),
    ] {
        let answer = raw(&served, request.as_bytes()).await?;
        assert_eq!(status(&answer), expected, "{request} {answer}");
    }
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_arrive_whole_is_refused() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    let head = |more: &str| {
        format!(
            "POST /api/frame HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/x-www-form-urlencoded\r\n{more}\r\n",
            host(&served),
            person.cookie
        )
    };
    let with = |more: &str, body: &[u8]| [head(more).as_bytes(), body].concat();
    for (bytes, expected) in [
        (with("content-length: 2\r\n", b"\xff\xfe"), "400"),
        (with("transfer-encoding: chunked\r\n", b"zz\r\nrubbish\r\n"), "400"),
        (with("transfer-encoding: chunked\r\n", b"3\r\na=1\r\n0\r\n\r\n"), "200"),
        (with("content-length: 200000\r\n", &[b'a'; 200_000]), "413"),
        (with("content-length: 3\r\n", b"a=1"), "200"),
    ] {
        let answer = raw(&served, &bytes).await?;
        assert_eq!(status(&answer), expected, "{answer}");
    }
    for path in ["/customers?q=%ff%fe", "/customers/%ff", "/sign-in?next=%ff&why=%00", "/loans/%00", "/%ff"] {
        let answer = person.get(path).await?;
        assert!(answer.status().as_u16() < 500, "{path}: {}", answer.status());
    }
    served.finish().await
}

/// An unfinished head, an unfinished body and a rest are each given their time, and no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_drop_by_drop_is_cut_off() -> Story {
    let served = Served::start().await?;
    let own = host(&served);
    let lines = [
        "GET / HTTP/1.1\r\nhost: ".to_owned(),
        format!("POST /sign-in HTTP/1.1\r\nhost: {own}\r\ncontent-length: 100\r\n\r\nstaff_id="),
        format!("GET /tawi.svg HTTP/1.1\r\nhost: {own}\r\n\r\n"),
    ];
    let held = lines.map(|sent| {
        let own = own.clone();
        tokio::spawn(async move {
            let since = Instant::now();
            let mut line = TcpStream::connect(own).await?;
            line.write_all(sent.as_bytes()).await?;
            let mut heard = Vec::new();
            line.read_to_end(&mut heard).await?;
            Fallible::Ok(since.elapsed())
        })
    });
    for one in held {
        let held = one.await??;
        assert!(held < Duration::from_secs(30), "{held:?}");
    }
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_has_its_part_of_the_connections() -> Story {
    let variables = [("TAWI_MAX_CONNECTIONS", "16")];
    let served = Served::configured(TestBank::new().await?, &variables).await?;
    let own = host(&served);
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut line = TcpStream::connect(&own).await?;
        line.write_all(b"GET / HTTP/1.1\r\n").await?;
        held.push(line);
    }
    let mut fifth = TcpStream::connect(&own).await?;
    let mut heard = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), fifth.read_to_end(&mut heard)).await?;
    assert!(closed.is_err() || heard.is_empty(), "the fifth is closed at once");
    held.clear();
    let again = async {
        loop {
            if status(&raw(&served, format!("GET /health HTTP/1.1\r\nhost: {own}\r\n\r\n").as_bytes()).await?)
                == "200"
            {
                return Story::Ok(());
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await??;
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_waits_for_nobody() -> Story {
    let served = Served::start().await?;
    let person = served.person("OS-001").await?;
    let own = host(&served);
    let mut half = TcpStream::connect(&own).await?;
    half.write_all(b"GET / HTTP/1.1\r\nhost: ").await?;
    let mut body = TcpStream::connect(&own).await?;
    body.write_all(
        format!("POST /sign-in HTTP/1.1\r\nhost: {own}\r\ncontent-length: 9\r\n\r\nst").as_bytes(),
    )
    .await?;
    let stream = person.stream("/live?after=0").await?;
    let since = Instant::now();
    let test = served.ended().await?;
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    drop((half, body, stream));
    test.finish().await
}

/// Who asks for very much at once waits for themselves; what is far too much is told so, and a colleague waits for
/// nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_the_portal_for_themselves() -> Story {
    let variables = [("TAWI_SIGN_INS_PER_MINUTE", "1000"), ("TAWI_CONNECTIONS", "6")];
    let served = Served::configured(TestBank::new().await?, &variables).await?;
    let (greedy, colleague) = (served.person("RO-001").await?, served.person("LO-001").await?);
    // Whatever comes under this key waits for two seconds, and holds its connection while it asks.
    let mut held = served.test.bank.owner().acquire().await?;
    sqlx::query("select pg_advisory_lock(hashtextextended('held', 7263))").execute(&mut *held).await?;
    let form = serde_json::to_value(customer_form(1))?;
    let body = sent(Operation::CifCreate, &form, &[("key", "held")]);
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (greedy, body) = (greedy.clone(), body.clone());
        crowd.spawn(async move { greedy.call("submit", &body).await.map(|answer| answer.status().as_u16()) });
    }
    let mut too_many = 0;
    while let Some(answer) = crowd.join_next().await {
        match answer?? {
            429 => too_many += 1,
            409 => {}
            other => return Err(format!("the crowd was answered {other}").into()),
        }
        if too_many == 50 {
            break;
        }
    }
    let since = Instant::now();
    assert_eq!(colleague.call("frame", "").await?.status(), 200);
    assert_eq!(colleague.get("/loans").await?.status(), 200);
    assert!(since.elapsed() < Duration::from_secs(2), "the colleague waited {:?}", since.elapsed());
    crowd.abort_all();
    drop(held);
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_has_so_many_streams() -> Story {
    let served = Served::start().await?;
    let person = served.person("OS-001").await?;
    let mut open = Vec::new();
    for _ in 0..12 {
        let stream = person.stream("/live?after=0").await?;
        assert_eq!(stream.status(), 200);
        open.push(stream);
    }
    let one_more = person.stream("/live?after=0").await?;
    assert_eq!(one_more.status(), 429);
    assert_eq!(one_more.headers().get("retry-after").ok_or("when")?, "5");
    assert_eq!(served.person("OS-002").await?.stream("/live?after=0").await?.status(), 200);
    // Who closes one may open another.
    drop(open.pop());
    let again = async {
        while person.stream("/live?after=0").await?.status() != 200 {}
        Story::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(10), again).await??;
    served.finish().await
}

/// Text that a browser would read as the end of its element stays text.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_ends_an_element() -> Story {
    let served = Served::start().await?;
    let bank = &served.test.bank;
    let wicked = "</title></textarea><meta http-equiv=refresh content=0;url=//evil.example>";
    sqlx::query("update staff set name = $1 where id = 'TL-001'").bind(wicked).execute(bank.owner()).await?;
    let page = served.person("AD-001").await?.get("/staff/TL-001").await?.text().await?;
    assert!(page.contains("&lt;/title&gt;"), "the title says it as text");
    assert!(!page.contains("<meta http-equiv=refresh"), "and nothing reads it as markup");
    // A text area that is filled again with what was sent.
    let mut form = serde_json::to_value(customer_form(1))?;
    form["pep"] = json!("yes");
    form["duplicate_reason"] = json!(wicked);
    let person = served.person("RO-001").await?;
    let answer = person.call("submit", &sent(Operation::CifCreate, &form, &[("key", "k")])).await?;
    let answer: serde_json::Value = answer.json().await?;
    let request = answer["receipt"]["request"].as_str().ok_or("a ticket")?.to_owned();
    decide(bank, &caller("OS-001")?, request.parse()?, Verdict::SendBack, "back").await?;
    let page = person.get(&format!("/customers/new?from={request}")).await?.text().await?;
    assert!(page.contains("&lt;/textarea&gt;"), "it stands in the text area");
    assert!(!page.contains("<meta http-equiv=refresh"), "and does not end it");
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_of_a_page_is_guarded_like_the_page() -> Story {
    let served = Served::start().await?;
    let nobody = served.anonymous()?;
    for path in ["/", "/customers", "/loans", "/no/such/page"] {
        let answer = nobody.head(path).await?;
        assert_eq!(answer.status(), 303, "{path}");
        assert!(location(&answer).starts_with("/sign-in"), "{path}");
    }
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn next_is_a_page_of_ours_in_every_reading() -> Story {
    let served = Served::start().await?;
    let nobody = served.anonymous()?;
    let password = tawi_bank::demo::PASSWORD;
    for (next, goes) in [
        ("/sessions", "/sessions"),
        ("/customers?q=Amina", "/customers?q=Amina"),
        ("/%2F%09%2Fevil.example", "/"),
        ("/%09/evil.example", "/"),
        ("/%00", "/"),
        ("/%5Cevil.example", "/"),
        ("/sessions/..//evil.example", "/"),
        ("/sign-in?next=/sign-in", "/"),
        ("/api/frame", "/"),
        ("/sessions?x=%0d%0aset-cookie:y", "/"),
        ("//evil.example/sessions", "/"),
        ("/no/such/page", "/"),
    ] {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let answer = nobody.form("/sign-in", &format!("staff_id=LO-001&password={password}&{query}")).await?;
        assert_eq!(location(&answer), goes, "{next}");
    }
    served.finish().await
}

/// A stream says to load again where very much was missed, and ends with the session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_says_that_it_ended_and_that_it_is_behind() -> Story {
    let served = Served::of(TestBank::live().await?).await?;
    let person = served.person("OS-001").await?;
    let owner = served.test.bank.owner();
    let flood = r#"insert into outbox (staff_id, roles, body)
        select 'OS-001', '{}', '{"kind": "loan_set_aside", "loan": "00101000000156"}' from generate_series(1, 500)"#;
    sqlx::query(flood).execute(owner).await?;
    served.test.bank.hub().wake_leader();
    let placed = async {
        while sqlx::query_scalar::<_, i64>("select last from outbox_counter").fetch_one(owner).await? < 500 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Story::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(20), placed).await??;
    let mut events = person.stream("/live?after=0").await?;
    let mut heard = String::new();
    let told = async {
        while let Some(piece) = events.chunk().await? {
            heard.push_str(&String::from_utf8_lossy(&piece));
            if heard.contains("event: behind") && !heard.contains("ended") {
                sqlx::query("delete from session").execute(owner).await?;
            }
        }
        Story::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(20), told).await??;
    assert!(
        heard.contains("event: behind\ndata: 500") || heard.contains("event: behind\nid: 500"),
        "{heard}"
    );
    assert!(heard.trim_end().ends_with("event: ended\ndata: ended"), "{heard}");
    served.finish().await
}

/// Whether a session can be read or not: a call is answered as the browser's client reads it, with the reference.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_session_cannot_be_read_is_answered_as_a_call() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    sqlx::query("revoke select on session from tawi_app").execute(served.test.bank.owner()).await?;
    let answer = person.call("frame", "").await?;
    assert_eq!(answer.status(), 503);
    let told: serde_json::Value = answer.json().await?;
    assert!(told["Unavailable"]["reference"].is_string(), "{told}");
    let page = person.get("/").await?;
    assert_eq!(page.status(), 503);
    assert!(page.text().await?.contains("This page tries again by itself"));
    served.finish().await
}
