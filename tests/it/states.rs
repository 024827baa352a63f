//! Every door and every page × every role, at the head office and at other branches × every state a session can be in
//! besides a good one. What a door needs comes from the samples, as everywhere.

use crate::support::{Fallible, Person, Served, Story, location, sent};
use std::collections::BTreeSet;
use tawi::pages::PAGES;
use tawi::shared::presence::{SEAT, SeatMark};
use tawi_bank::demo::PEOPLE;
use tawi_domain::shared::ids::BranchNumber;
use tawi_domain::shared::permissions::Operation;
use tawi_testing::caller;
use tawi_testing::sample::Open;
use tawi_testing::samples::{deeds, sample};

/// What has become of a session, or of whoever it belongs to.
#[derive(Debug, Clone, Copy)]
struct State {
    name: &'static str,
    /// Brings it about, for the staff ID `$1`.
    by: &'static str,
    /// Undoes it.
    back: Option<&'static str>,
    /// What a door answers.
    answer: u16,
}

const STATES: [State; 6] = [
    State {
        name: "fifteen minutes without an act are over",
        by: "update session set expires_at = clock_timestamp() where staff_id = $1",
        back: None,
        answer: 401,
    },
    State {
        name: "twelve hours are over",
        by: "update session set ends_at = clock_timestamp() where staff_id = $1",
        back: None,
        answer: 401,
    },
    State {
        name: "it was ended elsewhere",
        by: "delete from session where staff_id = $1",
        back: None,
        answer: 401,
    },
    State {
        name: "the person was disabled",
        by: "update staff set disabled_at = now() where id = $1",
        back: Some("update staff set disabled_at = null where id = $1"),
        answer: 401,
    },
    State {
        name: "the role has ended",
        by: "update staff_role set valid_from = '2019-01-01', valid_to = '2020-01-01' where staff_id = $1",
        back: Some("update staff_role set valid_from = '2020-01-01', valid_to = null where staff_id = $1"),
        answer: 403,
    },
    State { name: "another seat was taken in this browser", by: "select $1::text", back: None, answer: 409 },
];

/// What is sent to every door: name, body, and whether it is open to everybody.
async fn doors(served: &Served) -> Fallible<Vec<(String, String, bool)>> {
    let mut doors = Vec::new();
    for operation in Operation::ALL {
        if let Some(looks) = sample(operation).looks() {
            for knock in (looks.knocks)(&served.test.bank, &caller(looks.by)?, 7).await? {
                doors.push((knock.door.to_owned(), knock.body, knock.open == Open::All));
            }
        }
    }
    for deed in deeds() {
        let forms = (deed.forms)(&served.test.bank, 7).await?;
        let (operation, form) = (deed.operation, forms.any()?);
        doors.push(("check".to_owned(), sent(operation, form, &[]), false));
        doors.push(("submit".to_owned(), sent(operation, form, &[("key", operation.code())]), false));
        let of = format!("operation={}&from=019a0000-0000-7000-8000-000000000000", operation.code());
        doors.push(("correction".to_owned(), of, false));
    }
    Ok(doors)
}

/// What a refused knock must leave as it was.
const LEFT: &str = "select (select count(*) from idempotency_key) + (select count(*) from approval_request)
    + (select count(*) from journal) + (select count(*) from outbox where body ->> 'kind' <> 'session_ended')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_door_and_no_page_opens_in_any_other_state() -> Story {
    let served = Served::start().await?;
    let owner = served.test.bank.owner();
    let doors = doors(&served).await?;
    let before: i64 = sqlx::query_scalar(LEFT).fetch_one(owner).await?;
    let mut tried = 0;
    for known in PEOPLE {
        for state in STATES {
            let person = served.person(known.staff_id).await?;
            sqlx::query(sqlx::AssertSqlSafe(state.by)).bind(known.staff_id).execute(owner).await?;
            // The page was drawn for the seat that was; another branch's is signed in now.
            let other = state.answer == 409;
            let mark = if other { another_seat(known.staff_id)? } else { own_seat(known.staff_id)? };
            for (door, body, open) in &doors {
                if *open {
                    continue;
                }
                let answer = person.call_with(door, body, &[(SEAT, mark.as_str())]).await?;
                let status = answer.status().as_u16();
                let words = format!("{} at {door}, when {}: {status}", known.staff_id, state.name);
                assert_eq!(status, state.answer, "{words}");
                tried += 1;
            }
            if !other {
                tried += pages_stay_shut(&person, state).await?;
            }
            let stream = person.get(&format!("/live?after=0&seat={mark}")).await?.status().as_u16();
            assert_eq!(stream, if other { 409 } else { 401 }, "{}: {}", known.staff_id, state.name);
            if let Some(back) = state.back {
                sqlx::query(sqlx::AssertSqlSafe(back)).bind(known.staff_id).execute(owner).await?;
            }
        }
    }
    let after: i64 = sqlx::query_scalar(LEFT).fetch_one(owner).await?;
    assert_eq!(after, before, "what was refused has left something");
    println!("{tried} triples of door or page, person and state");
    served.finish().await
}

/// Every page leads to the sign-in.
async fn pages_stay_shut(person: &Person, state: State) -> Fallible<usize> {
    let paths: BTreeSet<&str> =
        PAGES.iter().map(|(_, row)| row.path).filter(|path| !path.contains(':')).collect();
    for path in &paths {
        let answer = person.get(path).await?;
        assert_eq!(answer.status(), 303, "{path} when {}", state.name);
        assert!(location(&answer).starts_with("/sign-in"), "{path} when {}", state.name);
    }
    Ok(paths.len())
}

fn own_seat(staff_id: &str) -> Fallible<SeatMark> {
    let who = caller(staff_id)?;
    Ok(SeatMark::of(&who.staff_id, who.branch, who.role))
}

fn another_seat(staff_id: &str) -> Fallible<SeatMark> {
    let who = caller(staff_id)?;
    let other = BranchNumber::try_from(if who.branch.get() == 1 { 2 } else { 1 })?;
    Ok(SeatMark::of(&who.staff_id, other, who.role))
}
