//! Every door × every role × own and other branch × nobody. A door that is not in the table fails.

use crate::support::{Fallible, Served, Story, location};
use leptos::server_fn::axum::server_fn_paths;
use std::collections::BTreeSet;
use tawi::server::router::ROUTES;
use tawi_bank::demo::PEOPLE;
use tawi_domain::shared::permissions::{Operation, can_perform_action};

/// Who may pass a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// Everybody, signed in or not.
    All,
    /// Whoever may make the operation.
    Makers(Operation),
    /// Everybody signed in; what they see depends on the thing.
    SignedIn,
}

/// A server function: its name, who may pass, what is sent, and what somebody who may pass is answered.
struct Door {
    name: &'static str,
    open: Open,
    body: String,
    answers: &'static [u16],
}

const NOBODYS_REQUEST: &str = "019a0000-0000-7000-8000-000000000000";

const ACCOUNT: &str = "form[customer]=12345671&form[kind]=savings&form[deposit]=500";
const LOAN: &str = "form[customer]=12345671&form[product]=JAMII&form[amount]=9000&form[months]=6\
                    &form[account]=00101000000156&form[purpose]=Stock";
const NO_PERSON: &str = "form[act]=disable&form[staff_id]=QQ-404";
const OPEN_BRANCH: &str = "form[number]=1&form[code]=NBO-HQ&form[name]=Nairobi";
const NO_HOLIDAY: &str = "form[act]=take_back&form[day]=24/03/2026";
const NO_PARAMETER: &str =
    "form[code]=loan_approval_valid_days&form[valid_from]=26/03/2026&form[values][days]=60";
const NO_LOAN: &str = "form[loan]=00101000000156";

fn form(nth: u32) -> String {
    format!(
        "form[first_name]=Amina&form[surname]=Kariuki&form[date_of_birth]={:02}/09/1984&form[id_kind]=national_id\
         &form[id_number]={}&form[kra_pin]=A{nth:09}K&form[phone]=0722{nth:06}&form[address]=Milimani\
         &form[occupation]=Trader&form[source_of_funds]=salary&form[pep]=no",
        nth % 28 + 1,
        23_000_000 + nth
    )
}

fn doors(nth: u32) -> Vec<Door> {
    use Operation::{
        AccountOpening, Approvals, BranchSetup, CifCreate, Disbursement, Enquiries, Holidays,
        LoanApplication, LoanSetup, Parameters, Repayment, RepaymentTracking, Requests, StaffAdministration,
    };
    let door = |name, open, body: &str, answers| Door { name, open, body: body.to_owned(), answers };
    let decision = format!(
        "form[request]={NOBODYS_REQUEST}&form[payload_hash]=00&form[verdict]=approve&form[key]=d{nth}"
    );
    vec![
        door("entrance", Open::All, "", &[200]),
        door(
            "sign_in_again",
            Open::All,
            "form[staff_id]=LO-001&form[password]=wrong&form[branch]=1&form[role]=loan_officer",
            &[422],
        ),
        door("frame", Open::SignedIn, "", &[200]),
        door("inbox", Open::Makers(Approvals), "", &[200]),
        door("started", Open::Makers(Requests), "", &[200]),
        door("request", Open::SignedIn, &format!("id={NOBODYS_REQUEST}"), &[404]),
        door("decide", Open::Makers(Approvals), &decision, &[404]),
        door("own_sessions", Open::SignedIn, "", &[200]),
        door("end_session", Open::SignedIn, &format!("digest=00&key=e{nth}"), &[404]),
        door("cif_check", Open::Makers(CifCreate), &form(nth), &[200]),
        door("cif_create", Open::Makers(CifCreate), &format!("{}&key=c{nth}", form(nth)), &[200]),
        door("cif_correction", Open::Makers(CifCreate), &format!("from={NOBODYS_REQUEST}"), &[404]),
        door("customer_search", Open::Makers(Enquiries), "q=amina", &[200]),
        door("customer", Open::Makers(Enquiries), "number=12345671", &[404]),
        door("customer_reveal", Open::Makers(Enquiries), "number=12345671&detail=kra_pin", &[404]),
        door("account_opening_check", Open::Makers(AccountOpening), ACCOUNT, &[422]),
        door("account_opening", Open::Makers(AccountOpening), &format!("{ACCOUNT}&key=a{nth}"), &[422]),
        door("accounts", Open::Makers(Enquiries), "customer=12345671", &[200]),
        door("account", Open::Makers(Enquiries), "number=00101000000156", &[404]),
        door("account_balance", Open::Makers(Enquiries), "number=00101000000156", &[404]),
        door("command", Open::SignedIn, "q=amina", &[200]),
        door("portfolio", Open::Makers(RepaymentTracking), "", &[200]),
        door("receipt", Open::Makers(Enquiries), "reference=RC-0000572-4", &[404]),
        door("loan_products", Open::Makers(LoanSetup), "", &[200]),
        door("loan_applicant", Open::Makers(LoanApplication), "customer=12345671", &[422]),
        door("loan_eligibility", Open::Makers(LoanApplication), LOAN, &[422]),
        door("loan_application_check", Open::Makers(LoanApplication), LOAN, &[422]),
        door("loan_application", Open::Makers(LoanApplication), &format!("{LOAN}&key=l{nth}"), &[422]),
        door(
            "loan_application_correction",
            Open::Makers(LoanApplication),
            &format!("from={NOBODYS_REQUEST}"),
            &[404],
        ),
        door("loans", Open::Makers(RepaymentTracking), "filter=late", &[200]),
        door("customer_loans", Open::Makers(Enquiries), "customer=12345671", &[200]),
        door("loan", Open::Makers(Enquiries), "number=00101000000156", &[404]),
        door("disbursement_check", Open::Makers(Disbursement), NO_LOAN, &[404]),
        door("disbursement", Open::Makers(Disbursement), &format!("{NO_LOAN}&key=p{nth}"), &[404]),
        door("repayment_check", Open::Makers(Repayment), &format!("{NO_LOAN}&form[amount]=5"), &[404]),
        door("repayment", Open::Makers(Repayment), &format!("{NO_LOAN}&form[amount]=5&key=r{nth}"), &[404]),
        door("staff", Open::Makers(StaffAdministration), "", &[200]),
        door("staff_person", Open::Makers(StaffAdministration), "staff_id=QQ-404", &[404]),
        door("staff_change_check", Open::Makers(StaffAdministration), NO_PERSON, &[422]),
        door("staff_change", Open::Makers(StaffAdministration), &format!("{NO_PERSON}&key=s{nth}"), &[422]),
        door("branches", Open::Makers(BranchSetup), "", &[200]),
        door("branch_setup_check", Open::Makers(BranchSetup), OPEN_BRANCH, &[422]),
        door("branch_setup", Open::Makers(BranchSetup), &format!("{OPEN_BRANCH}&key=b{nth}"), &[422]),
        door("holidays", Open::Makers(Holidays), "", &[200]),
        door("holiday_check", Open::Makers(Holidays), NO_HOLIDAY, &[422]),
        door("holiday", Open::Makers(Holidays), &format!("{NO_HOLIDAY}&key=h{nth}"), &[422]),
        door("parameters", Open::Makers(Parameters), "", &[200]),
        door("parameter_check", Open::Makers(Parameters), NO_PARAMETER, &[422]),
        door("parameter", Open::Makers(Parameters), &format!("{NO_PARAMETER}&key=q{nth}"), &[422]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_door_answers_every_role_as_the_table_says() -> Story {
    let served = Served::start().await?;
    let listed: BTreeSet<String> = doors(0).iter().map(|door| format!("/api/{}", door.name)).collect();
    let registered: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(listed, registered, "a door nobody vouched for, or one that is gone");
    let mut tried = 0;
    let nobody = served.anonymous()?;
    for door in doors(0) {
        let expected: &[u16] = if door.open == Open::All { door.answers } else { &[401] };
        let status = nobody.call(door.name, &door.body).await?.status().as_u16();
        assert!(expected.contains(&status), "nobody at {}: {status}", door.name);
        tried += 1;
    }
    for (nth, known) in (1_u32..).zip(PEOPLE) {
        let person = served.person(known.staff_id).await?;
        let role = known.seats[0].1;
        for door in doors(nth) {
            let may = match door.open {
                Open::All | Open::SignedIn => true,
                Open::Makers(operation) => can_perform_action(role, operation),
            };
            let expected: &[u16] = if may { door.answers } else { &[403] };
            let status = person.call(door.name, &door.body).await?.status().as_u16();
            assert!(
                expected.contains(&status),
                "{} ({}) at {}: {status}",
                known.staff_id,
                role.code(),
                door.name
            );
            tried += 1;
        }
    }
    println!("{tried} pairs of door and person");
    served.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_branchs_account_is_not_found_at_any_door() -> Story {
    let served = Served::start().await?;
    let officer = served.person("RO-001").await?;
    let customer: serde_json::Value =
        officer.call("cif_create", &format!("{}&key=c", form(1))).await?.json().await?;
    let customer = customer["effect"].as_str().ok_or("a customer")?;
    let body = format!("form[customer]={customer}&form[kind]=savings&form[deposit]=500&key=a");
    let opened: serde_json::Value = officer.call("account_opening", &body).await?.json().await?;
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
        assert_eq!(none.text().await?, "[]", "{staff_id}");
    }
    let there = served.person("RO-002").await?;
    let body = format!("form[customer]={customer}&form[kind]=savings&form[deposit]=500&key=b");
    assert_eq!(there.call("account_opening", &body).await?.status(), 422, "not a customer of that branch");
    served.finish().await
}

/// Asks for approval of a politically exposed customer; answers the request's id.
async fn waiting_request(served: &Served) -> Fallible<String> {
    let officer = served.person("RO-001").await?;
    let body = format!("{}&key=waiting", form(900).replace("form[pep]=no", "form[pep]=yes"));
    let receipt: serde_json::Value = officer.call("cif_create", &body).await?.json().await?;
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
        assert_eq!(there.call("inbox", "").await?.text().await?, "[]", "{staff_id}");
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
    for path in ["/api/cif_create", "/api/decide", "/sign-out"] {
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
    let cookie = answer.headers().get("set-cookie").ok_or("a cookie")?.to_str()?.to_owned();
    for mark in ["__Host-tawi=", "HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(mark), "{cookie} lacks {mark}");
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
    let new = again
        .headers()
        .get("set-cookie")
        .ok_or("a cookie")?
        .to_str()?
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    assert_ne!(new, person.cookie, "an id planted before is worth nothing");
    assert_eq!(location(&again), "/sessions");
    assert_eq!(person.call("frame", "").await?.status(), 401, "the old one is gone");
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
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
    for body in ["", "form=1", "form[first_name]=%00&key=x", "form[unknown]=1&key=y", "key=only"] {
        let answer = person.call("cif_create", body).await?;
        assert_eq!(answer.status(), 422, "{body}");
        assert!(answer.text().await?.contains("message"), "{body}");
    }
    let long_key = format!("{}&key={}", form(1), "k".repeat(1000));
    let answer = person.call("cif_create", &long_key).await?;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await?.contains("64 characters"));
    let huge = format!("form[address]={}&key=z", "x".repeat(100_000));
    assert_eq!(person.call("cif_create", &huge).await?.status().as_u16() / 100, 4);
    served.finish().await
}
