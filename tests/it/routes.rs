//! Every page, for everybody; the routes the router knows.

use crate::support::{Served, Story, location};
use std::collections::BTreeSet;
use tawi::pages::PAGES;
use tawi::server::router::ROUTES;
use tawi_bank::demo::PEOPLE;
use tawi_domain::shared::permissions::{Operation, can_perform_action};
use tawi_domain::shared::place::{Place, PlaceKind};

/// A place of each kind, with something that is not there: a page says so itself.
fn place(kind: PlaceKind) -> Place {
    let text = match kind {
        PlaceKind::Desk | PlaceKind::NewPerson | PlaceKind::NewBranch | PlaceKind::HolidayChange => "",
        PlaceKind::Approval | PlaceKind::Request => "019a0000-0000-7000-8000-000000000000",
        PlaceKind::Receipt => "RC-0000572-4",
        PlaceKind::Customer => "12345671",
        PlaceKind::Account | PlaceKind::Loan | PlaceKind::PayOut | PlaceKind::Repay => "00101000000156",
        PlaceKind::Person => "QQ-404",
        PlaceKind::StaffChange => "QQ-404/disable",
        PlaceKind::Parameter => "excise_on_fees_percent",
    };
    kind.of(text).unwrap_or_else(|| panic!("{kind:?} is not made of {text}"))
}

/// Every page of the table with an address that leads to it.
fn pages() -> Vec<(String, Operation)> {
    let with_a_place = PlaceKind::ALL.map(|kind| (kind.pattern(), place(kind).href()));
    PAGES
        .iter()
        .map(|(page, row)| {
            let start = row.operation.spec().start.is_some_and(|start| start.path == row.path);
            let href = if start {
                Place::Start(row.operation).href()
            } else {
                let found = with_a_place.iter().find(|(pattern, _)| *pattern == row.path);
                found.unwrap_or_else(|| panic!("no place leads to {page:?}")).1.clone()
            };
            (href, row.operation)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_drawn_for_those_who_may_and_refused_to_the_others() -> Story {
    let served = Served::start().await?;
    let nobody = served.anonymous()?;
    for (href, _) in pages() {
        let answer = nobody.get(&href).await?;
        assert_eq!(answer.status(), 303, "{href}");
        assert!(location(&answer).starts_with("/sign-in"), "{href}");
    }
    let mut drawn = BTreeSet::new();
    let mut refused = 0;
    for known in PEOPLE {
        let person = served.person(known.staff_id).await?;
        let role = known.seats[0].1;
        assert_eq!(person.get("/").await?.status(), 200, "{}", known.staff_id);
        for (href, operation) in pages() {
            let may = can_perform_action(role, operation);
            let answer = person.get(&href).await?;
            let status = answer.status().as_u16();
            // What a page is about may not be there; the page itself is.
            let expected: &[u16] = if may { &[200, 404] } else { &[403] };
            assert!(expected.contains(&status), "{} at {href}: {status}", known.staff_id);
            match status {
                200 => drop(drawn.insert(href.clone())),
                403 => refused += 1,
                _ => {}
            }
            let words = answer.text().await?;
            assert!(words.contains("Demonstration"), "{href} says that it is a demonstration");
            assert!(!words.contains("There is no such page"), "{href} leads nowhere");
        }
        assert_eq!(person.get("/no/such/page").await?.status(), 404);
    }
    // Who is refused a page is recorded, as at a door.
    let recorded =
        "select count(*) from audit_event where outcome = 'refused' and detail ->> 'status' = '403'";
    let recorded: i64 = sqlx::query_scalar(recorded).fetch_one(served.test.bank.owner()).await?;
    assert_eq!(recorded, refused);
    for operation in Operation::ALL {
        if operation.spec().start.is_some() {
            let href = Place::Start(operation).href();
            assert!(drawn.contains(&href), "{href} was never seen to be drawn");
        }
    }
    served.finish().await
}

#[test]
fn every_place_is_a_page_and_every_page_a_place_that_its_operation_guards() {
    let patterns: BTreeSet<&str> = PAGES.iter().map(|(_, row)| row.path).collect();
    assert_eq!(patterns.len(), PAGES.len(), "two pages at one path");
    for kind in PlaceKind::ALL {
        assert!(kind == PlaceKind::Desk || patterns.contains(kind.pattern()), "{kind:?} leads to no page");
    }
    for operation in Operation::ALL {
        if let Some(start) = operation.spec().start {
            let row = PAGES.iter().find(|(_, row)| row.path == start.path);
            let (_, row) = row.unwrap_or_else(|| panic!("{} begins on no page", operation.code()));
            assert_eq!(row.operation, operation, "{}", start.path);
        }
    }
}

#[test]
fn the_list_of_routes_is_what_the_router_has() {
    let source = include_str!("../../src/server/router.rs");
    let mut found: Vec<(String, String)> = source
        .split(".route(\"")
        .skip(1)
        .filter_map(|rest| {
            let (path, rest) = rest.split_once('"')?;
            let method = if rest.trim_start_matches([',', ' ']).starts_with("get(") { "GET" } else { "POST" };
            Some((method.to_owned(), path.to_owned()))
        })
        .filter(|(_, path)| !path.starts_with("/api/"))
        .collect();
    found.sort();
    let mut listed: Vec<(String, String)> =
        ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    listed.sort();
    assert_eq!(found, listed);
}
