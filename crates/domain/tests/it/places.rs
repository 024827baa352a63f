use std::collections::BTreeSet;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::{Place, PlaceKind};

/// What people know a page of this kind by.
fn known_by(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Approval | PlaceKind::Request => "019a0000-0000-7000-8000-000000000000",
        PlaceKind::Receipt => "RC-0000572-4",
        PlaceKind::Customer => "12345671",
        PlaceKind::Account | PlaceKind::Loan | PlaceKind::PayOut | PlaceKind::Repay => "00100000000190",
        PlaceKind::Person => "LO-001",
        PlaceKind::StaffChange => "LO-001/end-role",
        PlaceKind::Parameter => "approval_ladder.loan_application",
        PlaceKind::Desk | PlaceKind::NewPerson | PlaceKind::NewBranch | PlaceKind::HolidayChange => "",
    }
}

/// Whether a path is one of a pattern's, as the router sees it.
fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let fits = pattern.split('/').all(|segment| match (segment.strip_prefix(':'), parts.next()) {
        (None, part) => part == Some(segment),
        (Some(_), Some(part)) => !part.is_empty(),
        (Some(name), None) => name.ends_with('?'),
    });
    fits && parts.next().is_none()
}

#[test]
fn every_kind_of_page_is_found_by_what_people_know_it_by_and_its_path_is_the_routers() {
    for kind in PlaceKind::ALL {
        let place = kind.of(known_by(kind)).unwrap_or_else(|| panic!("{kind:?}"));
        let href = place.href();
        assert!(matches(kind.pattern(), &href), "{href} is not {}", kind.pattern());
        for part in known_by(kind).split('/') {
            assert!(href.contains(part), "{href} does not say {part}");
        }
        let sent = serde_json::to_string(&place).unwrap();
        assert_eq!(serde_json::from_str::<Place>(&sent).unwrap(), place);
    }
}

#[test]
fn what_is_no_number_leads_nowhere() {
    for kind in PlaceKind::ALL {
        let needs_a_number = !matches!(known_by(kind), "" | "approval_ladder.loan_application");
        assert_eq!(kind.of("nonsense").is_none(), needs_a_number, "{kind:?}");
    }
}

#[test]
fn no_part_of_a_path_breaks_out_of_it() {
    let place = Place::Parameter("../staff/new?x=1#y z".into());
    assert!(matches(PlaceKind::Parameter.pattern(), &place.href()), "{}", place.href());
    assert_eq!(Place::Desk.href_with(&[("next", "/a?b&c")]), "/?next=%2Fa%3Fb%26c");
}

#[test]
fn every_pattern_and_every_start_is_a_page_of_its_own() {
    let mut patterns: Vec<&str> = PlaceKind::ALL.into_iter().map(PlaceKind::pattern).collect();
    for operation in Operation::ALL {
        let Some(start) = operation.spec().start else {
            assert_eq!(Place::Start(operation).href(), "/", "{}", operation.code());
            continue;
        };
        assert!(matches(start.path, &Place::Start(operation).href()), "{}", operation.code());
        // The page of requests is both where they begin and where one of them stands.
        if !patterns.contains(&start.path) || !start.path.ends_with('?') {
            patterns.push(start.path);
        }
    }
    let different: BTreeSet<&&str> = patterns.iter().collect();
    assert_eq!(different.len(), patterns.len(), "{patterns:?}");
}
