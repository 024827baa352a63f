//! Administration: what gives more waits for a second person, what takes away is done at once, nobody
//! changes or decides their own rights.

use crate::support::{Fallible, Story, count, form, next, register};
use jiff::civil::date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use tawi_bank::administration::{branch_setup, holidays, parameters};
use tawi_bank::shared::staff::{self, RoleChange};
use tawi_bank::{Bank, Caller};
use tawi_domain::administration::branch_setup::BranchForm;
use tawi_domain::administration::holidays::HolidayForm;
use tawi_domain::administration::parameters::{Parameter, ParameterForm};
use tawi_domain::administration::staff_administration::StaffChangeForm;
use tawi_domain::shared::approval::{Receipt, RequestState, Verdict};
use tawi_domain::shared::business_date::{BusinessDateMove, next_working_day};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::notice::NoticeBody;
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::Role;
use tawi_testing::{TODAY, TestBank, caller, command, decide, listen, seat, submit, ticket};

fn change(act: &str, staff_id: &str, role: &str, limit: &str) -> StaffChangeForm {
    StaffChangeForm {
        act: act.into(),
        staff_id: staff_id.into(),
        name: "Jane Wambui Kimani".into(),
        branch: "NBO-HQ".into(),
        role: role.into(),
        limit: limit.into(),
        ..StaffChangeForm::default()
    }
}

async fn staff_change(
    bank: &Bank,
    who: &Caller,
    form: &StaffChangeForm,
    name: &str,
) -> Result<Receipt, AppError> {
    submit(bank, who, &command(form)?, name).await
}

#[tokio::test]
async fn a_role_given_waits_and_a_role_ended_does_not() -> Story {
    let test = TestBank::new().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    let teller = seat("TL-001", "NBO-HQ", Role::RelationshipOfficer)?;
    let give = change("role", "TL-001", "relationship_officer", "");
    let request = ticket(staff_change(&test.bank, &admin, &give, "give").await?)?;
    assert_eq!(register(&test.bank, &teller, &form(1), "early").await.unwrap_err().status(), 403);
    decide(&test.bank, &head, request, Verdict::Approve, "yes").await?;
    register(&test.bank, &teller, &form(1), "now").await?;
    let end = change("end-role", "TL-001", "relationship_officer", "");
    assert!(matches!(staff_change(&test.bank, &admin, &end, "end").await?, Receipt::Done { .. }));
    assert_eq!(register(&test.bank, &teller, &form(2), "late").await.unwrap_err().status(), 403);
    let again = staff_change(&test.bank, &admin, &end, "end-again").await.unwrap_err();
    assert!(again.to_string().contains("is not relationship officer"), "{again}");
    test.finish().await
}

#[tokio::test]
async fn a_limit_rises_under_four_eyes_and_falls_at_once() -> Story {
    let test = TestBank::new().await?;
    let admin = caller("AD-001")?;
    let raise = change("role", "OS-001", "operations_supervisor", "900000");
    ticket(staff_change(&test.bank, &admin, &raise, "raise").await?)?;
    let lower = change("role", "OS-001", "operations_supervisor", "100000");
    assert!(matches!(staff_change(&test.bank, &admin, &lower, "lower").await?, Receipt::Done { .. }));
    let limit = "select limit_amount::bigint from staff_role where staff_id = 'OS-001' and branch = 1";
    assert_eq!(count(&test, limit).await?, 100_000, "the raise still waits");
    test.finish().await
}

#[tokio::test]
async fn nobody_changes_or_decides_their_own_rights() -> Story {
    let test = TestBank::live().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    let mut stream = listen(&test.bank, admin.clone(), 0).await?;
    for form in [change("role", "AD-001", "branch_manager", "1000000"), change("disable", "AD-001", "", "")] {
        let refused = staff_change(&test.bank, &admin, &form, &form.act).await.unwrap_err();
        assert_eq!(refused.status(), 403, "{refused}");
    }
    let raise = change("role", "HB-001", "head_of_branch_banking", "");
    let raise =
        StaffChangeForm { act: "role".into(), role: "branch_manager".into(), limit: "5".into(), ..raise };
    let request = ticket(staff_change(&test.bank, &admin, &raise, "raise").await?)?;
    let refused = decide(&test.bank, &head, request, Verdict::Approve, "own").await.unwrap_err();
    assert_eq!(refused.status(), 403, "{refused}");
    assert!(refused.to_string().contains("your own rights"), "{refused}");
    next(&mut listen(&test.bank, head.clone(), 0).await?).await?;
    let told = tawi_bank::shared::notices::recent(&test.bank, &admin).await?;
    assert!(told.is_empty(), "who asks is told nothing new, though their role decides");
    let waits = "select count(*) from approval_request where state = 'waiting'";
    assert_eq!(count(&test, waits).await?, 1, "and it is not spoilt for others");
    // Nor does the administrator decide what they asked for themselves.
    let own = decide(&test.bank, &admin, request, Verdict::Approve, "asker").await.unwrap_err();
    assert_eq!(own.status(), 403, "{own}");
    // Another administrator may.
    let second = RoleChange {
        staff_id: "TL-001".parse()?,
        branch_code: "NBO-HQ".into(),
        role: Role::Administrator,
        from: None,
        until: None,
        limit: None,
    };
    staff::set_role(&test.bank, &second).await?;
    let second = seat("TL-001", "NBO-HQ", Role::Administrator)?;
    decide(&test.bank, &second, request, Verdict::Approve, "other").await?;
    let first = next(&mut stream).await?.body;
    assert!(
        matches!(first, NoticeBody::RequestDecided { .. }),
        "the first they hear is the decision: {first:?}"
    );
    test.finish().await
}

#[tokio::test]
async fn a_branch_is_opened_by_two_with_its_books() -> Story {
    let test = TestBank::new().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    let form = |number: &str, code: &str| BranchForm {
        number: number.into(),
        code: code.into(),
        name: "Nakuru".into(),
    };
    for (number, code) in [("1", "NKU-01"), ("4", "NBO-HQ")] {
        let taken = submit(&test.bank, &admin, &command(&form(number, code))?, code).await.unwrap_err();
        assert_eq!(taken.status(), 422, "{taken}");
    }
    let nakuru = command(&form("4", "nku-01"))?;
    let request = ticket(submit(&test.bank, &admin, &nakuru, "open").await?)?;
    decide(&test.bank, &head, request, Verdict::Approve, "yes").await?;
    let rows = branch_setup::branches(&test.bank, &admin).await?;
    assert!(rows.iter().any(|row| row.code == "NKU-01" && row.people == 0));
    let chart = "select count(*) - (select count(*) from gl_account where branch = 1) from gl_account where branch = 4";
    assert_eq!(count(&test, chart).await?, 0, "the same chart as everywhere");
    test.finish().await
}

fn parameter(code: &str, valid_from: &str, values: &[(&str, &str)]) -> ParameterForm {
    let values: BTreeMap<String, String> =
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ParameterForm { code: code.into(), valid_from: valid_from.into(), values }
}

#[tokio::test]
async fn what_loosens_waits_what_tightens_counts_at_once_and_the_past_stays() -> Story {
    let test = TestBank::new().await?;
    let (admin, head) = (caller("AD-001")?, caller("HB-001")?);
    let set =
        async |form: ParameterForm, name: &str| submit(&test.bank, &admin, &command(&form)?, name).await;
    let ladder = "approval_ladder.loan_application";
    let tight = parameter(ladder, "26/03/2026", &[("credit_supervisor", "200000"), ("branch_manager", "")]);
    assert!(matches!(set(tight.clone(), "tight").await?, Receipt::Done { .. }));
    assert_eq!(set(tight, "twice").await.unwrap_err().status(), 422, "that day is set");
    let loose = parameter(ladder, "27/03/2026", &[("credit_supervisor", "800000"), ("branch_manager", "")]);
    let request = ticket(set(loose, "loose").await?)?;
    decide(&test.bank, &head, request, Verdict::Approve, "yes").await?;
    let past = parameter("loan_approval_valid_days", "25/03/2026", &[("days", "10")]);
    assert!(set(past, "past").await.unwrap_err().to_string().contains("what is past stays"));

    // Whatever is set is read back as it was set, for every parameter.
    let views = parameters::parameters(&test.bank, &admin).await?;
    for (nth, view) in views.iter().enumerate() {
        let values: Vec<(&'static str, &'static str)> = view
            .parameter
            .fields()
            .iter()
            .enumerate()
            .map(|(at, field)| (field.name, if at == 0 { "6" } else { ["8", "9", ""][at.min(2)] }))
            .collect();
        let is_ladder = matches!(view.parameter, Parameter::Ladder(_));
        let last = values.len() - 1;
        // On a ladder somebody is left for the largest amounts.
        let filled = |(at, (name, value)): (usize, (&'static str, &'static str))| match (is_ladder, value) {
            (true, _) if at == last => (name, ""),
            (_, "") => (name, "9"),
            (_, value) => (name, value),
        };
        let values: Vec<(&str, &str)> = values.into_iter().enumerate().map(filled).collect();
        let form = parameter(&view.parameter.code(), "01/04/2026", &values);
        let expected = form.parse(TODAY)?.values;
        let receipt = set(form, &format!("each-{nth}")).await?;
        if let Receipt::Waiting { request, .. } = receipt {
            decide(&test.bank, &head, request, Verdict::Approve, &format!("yes-{nth}")).await?;
        }
        let after = parameters::parameters(&test.bank, &admin).await?;
        let read = after.iter().find(|one| one.parameter == view.parameter).ok_or("gone")?;
        assert_eq!(read.on(date(2026, 4, 1)), expected, "{}", view.parameter.title());
    }
    test.finish().await
}

#[tokio::test]
async fn holidays_are_set_taken_back_and_stepped_over() -> Story {
    let test = TestBank::new().await?;
    let admin = caller("AD-001")?;
    let change = async |act: &str, day: &str, branch: &str, name: &str| {
        let form = HolidayForm {
            act: act.into(),
            day: day.into(),
            name: "Idd-ul-Fitr".into(),
            branch: branch.into(),
        };
        submit(&test.bank, &admin, &command(&form)?, name).await
    };
    let next_day = async |code: &str| {
        let days = holidays::calendar(&test.bank, &admin).await?.into_iter();
        let own = days.filter(|day| day.branch_code.as_deref().is_none_or(|branch| branch == code));
        let days: Vec<_> = own.map(|holiday| holiday.day).collect();
        Fallible::Ok(next_working_day(date(2026, 3, 26), &days).ok_or("no further day")?)
    };
    assert_eq!(next_day("NBO-HQ").await?, date(2026, 3, 27));
    change("set", "27/03/2026", "", "a").await?;
    change("set", "28/03/2026", "MSA-01", "b").await?;
    assert_eq!(next_day("NBO-HQ").await?, date(2026, 3, 28));
    assert_eq!(next_day("MSA-01").await?, date(2026, 3, 30), "the 29th is a Sunday");
    assert_eq!(change("set", "27/03/2026", "", "c").await.unwrap_err().status(), 422);
    assert_eq!(change("set", "30/03/2026", "XXX-99", "d").await.unwrap_err().status(), 422);
    change("take_back", "27/03/2026", "", "e").await?;
    assert_eq!(next_day("NBO-HQ").await?, date(2026, 3, 27));
    let kept = "select count(*) from audit_event where operation = 'holidays' and outcome = 'done'";
    assert_eq!(count(&test, kept).await?, 3);
    test.finish().await
}

#[tokio::test]
async fn what_waits_over_night_and_at_another_branch_is_still_approved() -> Story {
    let test = TestBank::new().await?;
    let head = caller("HB-001")?;
    // An administrator of another branch, whose requests head of branch banking decides from theirs.
    let there = RoleChange {
        staff_id: "OS-002".parse()?,
        branch_code: "MSA-01".into(),
        role: Role::Administrator,
        from: None,
        until: None,
        limit: None,
    };
    staff::set_role(&test.bank, &there).await?;
    let admin = seat("OS-002", "MSA-01", Role::Administrator)?;
    let give = change("role", "TL-001", "relationship_officer", "");
    let role = ticket(staff_change(&test.bank, &admin, &give, "give").await?)?;
    let branch = BranchForm { number: "4".into(), code: "NKU-01".into(), name: "Nakuru".into() };
    let branch = ticket(submit(&test.bank, &admin, &command(&branch)?, "open").await?)?;
    let looser = parameter("loan_approval_valid_days", "", &[("days", "90")]);
    let looser = ticket(submit(&test.bank, &admin, &command(&looser)?, "days").await?)?;
    for code in ["NBO-HQ", "MSA-01"] {
        tawi_bank::business_date::move_forward(
            &test.bank,
            code,
            &BusinessDateMove::because(date(2026, 3, 27), "a test"),
        )
        .await?;
    }
    for (request, name) in [(role, "role"), (branch, "branch"), (looser, "looser")] {
        let done = decide(&test.bank, &head, request, Verdict::Approve, name).await?;
        let Receipt::Decided { state, message, .. } = done else { return Err("undecided".into()) };
        assert_eq!(state, RequestState::Approved, "{name}: {message}");
    }
    let views = parameters::parameters(&test.bank, &admin).await?;
    let days = views.iter().find(|view| view.parameter == Parameter::LoanApprovalDays).ok_or("gone")?;
    let newest = days.history.first().ok_or("empty")?;
    assert_eq!((newest.valid_from, newest.source.as_str()), (date(2026, 3, 27), "set by OS-002"));
    test.finish().await
}

#[tokio::test]
async fn changes_of_one_person_take_turns() -> Story {
    let test = TestBank::new().await?;
    let admin = caller("AD-001")?;
    let limit = Money::new(Decimal::from(500_000), Currency::Kes)?;
    for round in 0..100 {
        let held = RoleChange {
            staff_id: "OS-001".parse()?,
            branch_code: "NBO-HQ".into(),
            role: Role::OperationsSupervisor,
            from: None,
            until: None,
            limit: Some(limit),
        };
        staff::set_role(&test.bank, &held).await?;
        let end = change("end-role", "OS-001", "operations_supervisor", "");
        let lower = change("role", "OS-001", "operations_supervisor", "499999");
        let names = (format!("end-{round}"), format!("lower-{round}"));
        let (ended, lowered) = tokio::join!(
            staff_change(&test.bank, &admin, &end, &names.0),
            staff_change(&test.bank, &admin, &lower, &names.1),
        );
        ended?;
        let held = "select count(*) from staff_role where staff_id = 'OS-001'";
        assert_eq!(
            count(&test, held).await?,
            0,
            "round {round}: an ended role came back by one person's hand"
        );
        if let Ok(Receipt::Waiting { request, .. }) = lowered {
            decide(&test.bank, &admin, request, Verdict::Withdraw, &format!("back-{round}")).await?;
        }
    }
    test.finish().await
}
