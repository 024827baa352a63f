//! Every door × every role × own and other branch × nobody, from the samples. A door that no sample knocks
//! at fails, and so does one that was never seen to answer 200.

use crate::support::{Fallible, Person, Served, Story, location, sent, session_cookie};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tawi::server::router::ROUTES;
use tawi_bank::Caller;
use tawi_bank::demo::PEOPLE;
use tawi_domain::shared::approval::Verdict;
use tawi_domain::shared::permissions::{Manner, Operation, can_perform_action};
use tawi_testing::sample::{Deed, Knock, Open};
use tawi_testing::samples::{deeds, kinds, sample};
use tawi_testing::{caller, customer_form};

const NOBODYS_REQUEST: &str = "019a0000-0000-7000-8000-000000000000";

/// Everything a tour of the doors has seen.
#[derive(Default)]
struct Seen {
    /// Doors at which somebody was let in; those of commands with their operation.
    answered: BTreeSet<String>,
    tried: usize,
}

impl Seen {
    async fn knock(
        &mut self,
        person: &Person,
        name: &str,
        (door, of): (&str, &str),
        body: &str,
        expected: &[u16],
    ) -> Story {
        let answer = person.call(door, body).await?;
        let status = answer.status().as_u16();
        if !expected.contains(&status) {
            let words = answer.text().await?;
            return Err(format!("{name} at {door} {of}: {status}, not {expected:?}: {words}").into());
        }
        if status == 200 {
            self.answered.insert(format!("{door} {of}").trim().to_owned());
        }
        self.tried += 1;
        Ok(())
    }
}

/// What somebody is answered: those who may, at the head office, are let in; at another branch they may find
/// nothing of what was made at the head office; the others are refused.
fn expected(may: bool, who: &Caller) -> &'static [u16] {
    match (may, who.branch.get() == 1 || who.role.sees_all_branches()) {
        (false, _) => &[403],
        (true, true) => &[200],
        (true, false) => &[200, 404, 422],
    }
}

async fn knocks(served: &Served, operation: Operation, who: &Caller, nth: u32) -> Fallible<Vec<Knock>> {
    match sample(operation).looks() {
        Some(looks) => (looks.knocks)(&served.test.bank, who, nth).await,
        None => Ok(Vec::new()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_door_answers_every_role_as_the_table_says() -> Story {
    let served = Served::start().await?;
    let mut seen = Seen::default();
    let mut doors = BTreeSet::from(["check", "submit", "correction"].map(str::to_owned));
    let nobody = served.anonymous()?;
    // What is sent by those who will not be let in: it is looked at by nobody.
    let mut stale = Vec::new();
    for operation in Operation::ALL {
        let Some(looks) = sample(operation).looks() else { continue };
        for knock in knocks(&served, operation, &looks.by()?, 0).await? {
            doors.insert(knock.door.to_owned());
            let expected: &[u16] = if knock.open == Open::All { &[200] } else { &[401] };
            seen.knock(&nobody, "nobody", (knock.door, ""), &knock.body, expected).await?;
            stale.push((operation, knock));
        }
    }
    let registered: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    let listed: BTreeSet<String> = doors.iter().map(|door| format!("/api/{door}")).collect();
    assert_eq!(listed, registered, "a door nobody vouched for, or one that is gone");
    for (nth, known) in (1_u32..).zip(PEOPLE) {
        let person = served.person(known.staff_id).await?;
        let who = caller(known.staff_id)?;
        // Signing in again gives the session another id: it comes last.
        let last_of_all = Operation::ALL.into_iter().filter(|operation| *operation != Operation::SignIn);
        for operation in last_of_all.chain([Operation::SignIn]) {
            let makes = can_perform_action(who.role, operation);
            let may = |open| open != Open::Makers || makes;
            let here = stale.iter().filter(|(of, _)| *of == operation).map(|(_, knock)| knock.clone());
            let mut here: Vec<Knock> = here.collect();
            if here.iter().any(|knock| may(knock.open)) {
                here = knocks(&served, operation, &who, nth).await?;
            }
            for knock in here {
                // What is shown or settled there may be another's: their own, or another role's to decide.
                let others = operation.spec().manner == Manner::Settle || knock.open == Open::SignedIn;
                let named = sample(operation).looks().is_some_and(|looks| looks.by == known.staff_id);
                let expected = match may(knock.open) {
                    true if others && !named => &[200, 403, 404][..],
                    may => expected(may, &who),
                };
                seen.knock(&person, known.staff_id, (knock.door, ""), &knock.body, expected).await?;
            }
        }
    }
    let never: Vec<&String> = doors
        .iter()
        .filter(|door| !["check", "submit", "correction"].contains(&door.as_str()))
        .filter(|door| !seen.answered.contains(*door))
        .collect();
    assert!(never.is_empty(), "never seen to let anybody in: {never:?}");
    println!("{} pairs of door and person", seen.tried);
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_goes_through_three_doors_for_those_who_may_alone() -> Story {
    let served = Served::start().await?;
    let bank = &served.test.bank;
    let mut seen = Seen::default();
    let nobody = served.anonymous()?;
    let mut people = Vec::new();
    for known in PEOPLE {
        people.push((served.person(known.staff_id).await?, known.staff_id, caller(known.staff_id)?));
    }
    let correct = |operation: Operation, from: &str| {
        let own = [("operation", operation.code()), ("from", from)];
        form_urlencoded::Serializer::new(String::new()).extend_pairs(own).finish()
    };
    for deed in deeds() {
        let Deed { operation, .. } = deed;
        let of = operation.code();
        let forms = (deed.forms)(bank, 0).await?;
        let form = forms.any()?;
        let unused = json!({ "nothing": "of it" });
        for (door, body) in [
            ("check", sent(operation, form, &[])),
            ("submit", sent(operation, form, &[("key", &format!("nobody-{of}"))])),
            ("correction", correct(operation, NOBODYS_REQUEST)),
        ] {
            seen.knock(&nobody, "nobody", (door, of), &body, &[401]).await?;
            for (person, name, who) in &people {
                if !can_perform_action(who.role, operation) {
                    // Who may not do it hears nothing of its fields, right or wrong.
                    seen.knock(person, name, (door, of), &body, &[403]).await?;
                }
            }
        }
        for (person, name, who) in &people {
            if *name != deed.maker && can_perform_action(who.role, operation) {
                let there = expected(true, who);
                seen.knock(person, name, ("check", of), &sent(operation, form, &[]), there).await?;
                let key = format!("wrong-{of}-{name}");
                let wrong = sent(operation, &unused, &[("key", &key)]);
                seen.knock(person, name, ("submit", of), &wrong, &[404, 422]).await?;
            }
        }
        let (maker, name, _) = people.iter().find(|(_, name, _)| *name == deed.maker).ok_or("its maker")?;
        seen.knock(maker, name, ("correction", of), &correct(operation, NOBODYS_REQUEST), &[404]).await?;
        seen.knock(maker, name, ("check", of), &sent(operation, form, &[]), &[200]).await?;
        let key = format!("right-{of}");
        seen.knock(maker, name, ("submit", of), &sent(operation, form, &[("key", &key)]), &[200]).await?;
    }
    for deed in kinds() {
        let of = deed.operation.code();
        let request = deed.ask(bank, 1).await?;
        let words = format!("{of}-back");
        tawi_testing::decide(bank, &deed.checker()?, request, Verdict::SendBack, &words).await?;
        for (person, name, who) in &people {
            let expected: &[u16] = match (*name == deed.maker, can_perform_action(who.role, deed.operation)) {
                (true, _) => &[200],
                (false, true) => &[404],
                (false, false) => &[403],
            };
            let body = correct(deed.operation, &request.to_string());
            seen.knock(person, name, ("correction", of), &body, expected).await?;
        }
    }
    for deed in deeds() {
        for door in ["check", "submit"] {
            let door = format!("{door} {}", deed.operation.code());
            assert!(seen.answered.contains(&door), "{door} was never seen to let anybody in");
        }
    }
    println!("{} triples of door, operation and person", seen.tried);
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tab_that_was_opened_before_gets_a_sentence() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    for door in ["cif_create", "cif_check", "loan_application_correction", "no_such_door"] {
        let answer = person.call(door, "form[surname]=Kariuki&key=k").await?;
        assert_eq!(answer.status(), 422, "{door}");
        // As the browser's client reads it.
        let error: Value = answer.json().await?;
        let words = error["Invalid"][0]["message"].as_str().ok_or("words")?;
        assert!(words.contains("What you typed is still here"), "{words}");
    }
    served.finish().await
}

/// The `nth` customer's form as it travels, and what registering them answers.
async fn register(person: &Person, nth: u32, pep: &str) -> Fallible<Value> {
    let form = serde_json::to_value(customer_form(nth))?;
    let mut form = form;
    form["pep"] = json!(pep);
    let body = sent(Operation::CifCreate, &form, &[("key", &format!("customer-{nth}"))]);
    Ok(person.call("submit", &body).await?.json::<Value>().await?["receipt"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_branchs_account_is_not_found_at_any_door() -> Story {
    let served = Served::start().await?;
    let officer = served.person("RO-001").await?;
    let customer = register(&officer, 1, "no").await?;
    let customer = customer["effect"].as_str().ok_or("a customer")?;
    let opening = json!({ "customer": customer, "kind": "savings", "deposit": "500" });
    let body = sent(Operation::AccountOpening, &opening, &[("key", "a")]);
    let opened: Value = officer.call("submit", &body).await?.json().await?;
    let opened = &opened["receipt"];
    let account = opened["effect"].as_str().ok_or("an account")?;
    let receipt = opened["reference"].as_str().ok_or("a receipt")?;
    assert_eq!(officer.call("account_balance", &format!("number={account}")).await?.status(), 200);
    for staff_id in ["RO-002", "BM-002", "OS-003"] {
        let there = served.person(staff_id).await?;
        for (door, body) in [
            ("account", format!("number={account}")),
            ("account_balance", format!("number={account}")),
            ("receipt", format!("reference={receipt}")),
        ] {
            assert_eq!(there.call(door, &body).await?.status(), 404, "{staff_id} at {door}");
        }
        let none = there.call("accounts", &format!("customer={customer}")).await?;
        assert_eq!(none.text().await?, "{\"rows\":[]}", "{staff_id}");
    }
    let there = served.person("RO-002").await?;
    let body = sent(Operation::AccountOpening, &opening, &[("key", "b")]);
    assert_eq!(there.call("submit", &body).await?.status(), 422, "not a customer of that branch");
    served.finish().await
}

/// Asks for approval of a politically exposed customer; answers the request's id.
async fn waiting_request(served: &Served) -> Fallible<String> {
    let officer = served.person("RO-001").await?;
    let receipt = register(&officer, 900, "yes").await?;
    Ok(receipt["request"].as_str().ok_or("a ticket")?.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_branchs_request_is_not_found_at_any_door() -> Story {
    let served = Served::start().await?;
    let id = waiting_request(&served).await?;
    let here = served.person("OS-001").await?;
    let detail: serde_json::Value = here.call("request", &format!("id={id}")).await?.json().await?;
    let hash = detail["payload_hash"].as_str().ok_or("a hash")?;
    let decision = |key: &str, verdict: &str| {
        format!(
            "form[request]={id}&form[payload_hash]={hash}&form[verdict]={verdict}&form[note]=x&form[key]={key}"
        )
    };
    for staff_id in ["OS-002", "BM-002", "OS-003", "BM-003"] {
        let there = served.person(staff_id).await?;
        assert_eq!(there.call("request", &format!("id={id}")).await?.status(), 404, "{staff_id}");
        assert_eq!(there.call("decide", &decision(staff_id, "approve")).await?.status(), 404, "{staff_id}");
        assert_eq!(there.call("inbox", "").await?.text().await?, "{\"rows\":[]}", "{staff_id}");
        assert_eq!(there.get(&format!("/approvals/{id}")).await?.status(), 404, "{staff_id}");
    }
    // At the branch, but not a checker of this operation.
    let manager = served.person("BM-001").await?;
    assert_eq!(manager.call("decide", &decision("bm", "approve")).await?.status(), 403);
    let maker = served.person("RO-001").await?;
    assert_eq!(maker.call("decide", &decision("ro", "approve")).await?.status(), 403);
    assert_eq!(here.call("decide", &decision("os", "approve")).await?.status(), 200);
    assert_eq!(here.call("decide", &decision("os2", "approve")).await?.status(), 409);
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doors_that_are_not_server_functions() -> Story {
    let served = Served::start().await?;
    let nobody = served.anonymous()?;
    for (method, path) in ROUTES {
        let answer = match *method {
            "GET" => nobody.get(path).await?,
            _ => nobody.form(path, "").await?,
        };
        let (status, to) = (answer.status().as_u16(), location(&answer));
        match *path {
            "/health" => assert_eq!(status, 200),
            "/live" => assert_eq!(status, 401),
            "/sign-in" => assert_eq!((status, to.as_str()), (303, "/sign-in?why=empty")),
            "/sign-in/password" => assert_eq!((status, to.as_str()), (303, "/sign-in?why=ended")),
            "/sign-in/seat" => assert_eq!((status, to.as_str()), (303, "/sign-in?why=ended")),
            "/sign-out" => assert_eq!((status, to.as_str()), (303, "/sign-in")),
            other => return Err(format!("{other} is not vouched for").into()),
        }
    }
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_posts_are_refused_and_nothing_changes_by_get() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = person
            .client
            .post(format!("{}/api/frame", served.url))
            .header("cookie", &person.cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .send()
            .await?;
        assert_eq!(answer.status(), 403, "{name}: {value}");
    }
    for path in ["/api/submit", "/api/decide", "/sign-out"] {
        let status = person.get(path).await?.status().as_u16();
        assert!(matches!(status, 404 | 405), "GET {path}: {status}");
    }
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_carries_its_headers_and_the_cookie_its_marks() -> Story {
    let served = Served::start().await?;
    let nobody = served.anonymous()?;
    let answer =
        nobody.form("/sign-in", &format!("staff_id=LO-001&password={}", tawi_bank::demo::PASSWORD)).await?;
    for name in ["__Host-tawi=", "__Host-tawi-device="] {
        let mut set = answer.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let cookie = set.find(|cookie| cookie.starts_with(name)).ok_or(name)?;
        for mark in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(mark), "{cookie} lacks {mark}");
        }
    }
    let person = served.person("LO-001").await?;
    for path in ["/", "/sessions", "/sign-in", "/health", "/nowhere"] {
        let answer = person.get(path).await?;
        let header = |name: &str| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        assert!(header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!header("content-security-policy").contains("unsafe-inline"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        if path != "/health" {
            assert!(header("content-security-policy").contains("'strict-dynamic'"), "{path}");
            let page = answer.text().await?;
            assert!(!page.contains(" style=\""), "{path} has a style attribute");
        }
    }
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_changes_the_session_and_goes_only_to_own_pages() -> Story {
    let served = Served::start().await?;
    let person = served.person("LO-001").await?;
    let password = tawi_bank::demo::PASSWORD;
    let again =
        person.form("/sign-in", &format!("staff_id=LO-001&password={password}&next=%2Fsessions")).await?;
    let new = session_cookie(&again).ok_or("a cookie")?;
    assert_ne!(new, person.cookie, "an id planted before is worth nothing");
    assert_eq!(location(&again), "/sessions");
    assert_eq!(person.call("frame", "").await?.status(), 401, "the old one is gone");
    for next in [
        "%2F%09%2Fevil.example",
        "%2F%01",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let answer = served
            .anonymous()?
            .form("/sign-in", &format!("staff_id=LO-001&password={password}&next={next}"))
            .await?;
        assert_eq!(location(&answer), "/", "{next}");
    }
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_bodies_are_answered_in_words() -> Story {
    let served = Served::start().await?;
    let person = served.person("RO-001").await?;
    let of = "operation=cif_create";
    for body in [
        String::new(),
        "form={}&key=x".to_owned(),
        "operation=no_such_thing&form={}&key=x".to_owned(),
        "operation=enquiries&form={}&key=x".to_owned(),
        format!("{of}&key=only"),
        format!("{of}&form=not%20json&key=x"),
        format!("{of}&form=[1,2]&key=x"),
        format!("{of}&form={{\"first_name\":7}}&key=x"),
        format!("{of}&form={{\"first_name\":\"\\u0000\"}}&key=x"),
        format!("{of}&form={{\"unknown\":\"1\"}}&key=y"),
    ] {
        let answer = person.call("submit", &body).await?;
        assert_eq!(answer.status(), 422, "{body}");
        assert!(answer.text().await?.contains("message"), "{body}");
    }
    let form = serde_json::to_value(customer_form(1))?;
    let long_key = sent(Operation::CifCreate, &form, &[("key", &"k".repeat(1000))]);
    let answer = person.call("submit", &long_key).await?;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await?.contains("64 characters"));
    let huge = json!({ "address": "x".repeat(200_000) });
    let huge = sent(Operation::CifCreate, &huge, &[("key", "z")]);
    assert_eq!(person.call("submit", &huge).await?.status().as_u16() / 100, 4);
    served.finish().await
}
