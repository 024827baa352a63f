//! Routes against the operation table: a menu entry leads to a page, a page belongs to an operation.

use crate::support::{Served, Story, location};
use tawi::server::router::ROUTES;
use tawi_bank::demo::PEOPLE;
use tawi_domain::shared::permissions::{Operation, can_perform_action};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_drawn_for_those_who_may_and_refused_to_the_others() -> Story {
    let served = Served::start().await?;
    let nobody = served.anonymous()?;
    for operation in Operation::ALL {
        let Some(route) = operation.spec().route else { continue };
        let answer = nobody.get(route).await?;
        assert_eq!(answer.status(), 303, "{route}");
        assert!(location(&answer).starts_with("/sign-in"), "{route}");
    }
    for known in PEOPLE {
        let person = served.person(known.staff_id).await?;
        let role = known.seats[0].1;
        assert_eq!(person.get("/").await?.status(), 200, "{}", known.staff_id);
        for operation in Operation::ALL {
            let Some(route) = operation.spec().route else { continue };
            let expected = if can_perform_action(role, operation) { 200 } else { 403 };
            let answer = person.get(route).await?;
            assert_eq!(answer.status(), expected, "{} at {route}", known.staff_id);
            assert!(
                answer.text().await?.contains("Demonstration"),
                "{route} says that it is a demonstration"
            );
        }
        assert_eq!(person.get("/no/such/page").await?.status(), 404);
    }
    served.finish().await
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
