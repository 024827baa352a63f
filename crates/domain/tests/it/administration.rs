use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::administration::holidays::{Holiday, HolidayForm};
use tawi_domain::administration::parameters::{
    Dated, Loosens, NewParameter, Parameter, ParameterForm, ParameterView, Unit, Values,
};
use tawi_domain::administration::staff_administration::{HeldRole, Person, StaffChangeForm};
use tawi_domain::language::english;
use tawi_domain::shared::business_date::next_working_day;
use tawi_domain::shared::fact::Fact;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::{Operation, Role};

const TODAY: Date = date(2026, 3, 26);

fn form(act: &str, fields: &[(&str, &str)]) -> StaffChangeForm {
    let mut form =
        StaffChangeForm { act: act.into(), staff_id: "OS-001".into(), ..StaffChangeForm::default() };
    for (field, value) in fields {
        let value = (*value).to_owned();
        match *field {
            "name" => form.name = value,
            "branch" => form.branch = value,
            "role" => form.role = value,
            "from" => form.from = value,
            "until" => form.until = value,
            "limit" => form.limit = value,
            other => panic!("no field {other}"),
        }
    }
    form
}

fn supervisor() -> Person {
    Person {
        staff_id: "OS-001".parse().unwrap(),
        name: "Halima Abdi Noor".into(),
        disabled: false,
        temporary_password: false,
        awaits_password: false,
        roles: vec![HeldRole {
            branch_code: "NBO-HQ".into(),
            role: Role::OperationsSupervisor,
            from: date(2026, 1, 1),
            until: Some(date(2026, 12, 31)),
            limit: Some(Money::new(Decimal::from(500_000), Currency::Kes).unwrap()),
        }],
    }
}

fn in_words(why: &[Fact]) -> Vec<String> {
    why.iter().map(english::reason).collect()
}

#[test]
fn what_gives_more_needs_a_second_person_and_what_takes_away_does_not() {
    let seat = [("branch", "NBO-HQ"), ("role", "operations_supervisor")];
    let with = |further: &[(&'static str, &'static str)]| {
        let fields: Vec<_> = seat.iter().chain(further).copied().collect();
        let new = form("role", &fields).parse(TODAY).unwrap();
        new.reasons(Some(&supervisor()), TODAY).map(|why| in_words(&why).join("; "))
    };
    assert_eq!(with(&[("until", "30/06/2026"), ("limit", "400000")]).unwrap(), "", "less, and shorter");
    assert!(with(&[("until", "31/12/2026"), ("limit", "500000.01")]).unwrap().contains("limit"));
    assert!(with(&[("limit", "500000")]).unwrap().contains("for longer"), "no last day is longer than one");
    assert!(with(&[("until", "31/12/2026"), ("limit", "500000")]).is_err(), "nothing would change");
    assert!(with(&[("from", "25/03/2026")]).is_err(), "yesterday");
    let new = form("role", &[("branch", "MSA-01"), ("role", "teller")]).parse(TODAY).unwrap();
    assert!(
        in_words(&new.reasons(Some(&supervisor()), TODAY).unwrap())[0].contains("becomes teller at MSA-01")
    );
    for (act, waits) in [("disable", false), ("password", true)] {
        let new = form(act, &[]).parse(TODAY).unwrap();
        assert_eq!(!new.reasons(Some(&supervisor()), TODAY).unwrap().is_empty(), waits, "{act}");
    }
    assert!(form("enable", &[]).parse(TODAY).unwrap().reasons(Some(&supervisor()), TODAY).is_err());
    let end = form("end-role", &seat).parse(TODAY).unwrap();
    assert!(end.reasons(Some(&supervisor()), TODAY).unwrap().is_empty());
    assert!(end.reasons(None, TODAY).is_err(), "nobody there");
}

#[test]
fn a_limit_is_for_those_who_decide_about_money() {
    let faults = form("role", &[("branch", "NBO-HQ"), ("role", "teller"), ("limit", "1000")]).parse(TODAY);
    assert!(faults.unwrap_err().of("limit").unwrap().contains("teller"));
    let faults = form("role", &[("limit", "-5"), ("from", "31/02/2026")]).parse(TODAY).unwrap_err();
    for field in ["branch", "role", "limit", "from"] {
        assert!(faults.of(field).is_some(), "{field}: every fault at once");
    }
    let faults = form("add", &[("name", "\u{202e}")]).parse(TODAY).unwrap_err();
    assert!(faults.of("name").is_some());
}

#[test]
fn changes_of_staff_survive_their_form() {
    for form in [
        form("add", &[("name", "Jane Wambui")]),
        form(
            "role",
            &[
                ("branch", "NBO-HQ"),
                ("role", "branch_manager"),
                ("until", "30/06/2026"),
                ("limit", "2500000"),
            ],
        ),
        form("end-role", &[("branch", "NBO-HQ"), ("role", "teller")]),
        form("disable", &[]),
        form("enable", &[]),
        form("password", &[]),
    ] {
        let new = form.parse(TODAY).unwrap();
        assert_eq!(StaffChangeForm::of(&new).parse(TODAY).unwrap(), new);
    }
}

fn typed(unit: Unit) -> BoxedStrategy<String> {
    match unit {
        Unit::Years => (1..=10_i64).prop_map(|n| n.to_string()).boxed(),
        Unit::Days => (1..=365_i64).prop_map(|n| n.to_string()).boxed(),
        Unit::Percent => (0..=10_000_i64).prop_map(|n| Decimal::new(n, 2).to_string()).boxed(),
        Unit::Shillings | Unit::ShillingsOrAny => {
            (1..=1_000_000_000_i64).prop_map(|n| Decimal::new(n, 2).to_string()).boxed()
        }
    }
}

/// Somebody's idea of a parameter.
fn form_of(parameter: Parameter) -> impl Strategy<Value = ParameterForm> {
    let fields: Vec<_> = parameter.fields().into_iter().map(|field| typed(field.unit)).collect();
    fields.prop_map(move |mut values: Vec<String>| {
        if matches!(parameter, Parameter::Ladder(_)) {
            *values.last_mut().unwrap() = String::new();
        }
        let names = parameter.fields().into_iter().map(|field| field.name.to_owned());
        ParameterForm {
            code: parameter.code(),
            valid_from: "27/03/2026".into(),
            values: names.zip(values).collect(),
        }
    })
}

fn any_parameter() -> impl Strategy<Value = Parameter> {
    proptest::sample::select(Parameter::all())
}

fn history(new: &NewParameter) -> ParameterView {
    let dated = Dated { valid_from: TODAY, values: new.values.clone(), source: "test".into() };
    ParameterView { parameter: new.parameter, history: vec![dated].into() }
}

proptest! {
    #[test]
    fn parameters_survive_their_form(form in any_parameter().prop_flat_map(form_of)) {
        let new = form.parse(TODAY).unwrap();
        prop_assert_eq!(ParameterForm::of(&new).parse(TODAY).unwrap(), new);
    }

    #[test]
    fn going_there_or_back_loosens_one_of_them((form, other) in any_parameter().prop_flat_map(|one| (form_of(one), form_of(one)))) {
        let (new, mut before) = (form.parse(TODAY).unwrap(), other.parse(TODAY).unwrap());
        prop_assume!(new.values != before.values);
        let there = new.reasons(&history(&before), TODAY).unwrap();
        before.valid_from = new.valid_from;
        let back = before.reasons(&history(&new), TODAY).unwrap();
        prop_assert!(!there.is_empty() || !back.is_empty());
        prop_assert!(new.reasons(&history(&new), TODAY).is_err(), "nothing would change");
    }

    #[test]
    fn the_next_working_day_is_the_first_that_is_one(days in proptest::collection::vec(0..40_i64, 0..30)) {
        let add = |n: i64| TODAY.checked_add(jiff::Span::new().days(n)).unwrap();
        let holidays: Vec<Date> = days.into_iter().map(add).collect();
        let works = |day: Date| day.weekday() != Weekday::Sunday && !holidays.contains(&day);
        let next = next_working_day(TODAY, &holidays).unwrap();
        prop_assert!(works(next) && next > TODAY);
        prop_assert!((1..60).map(add).take_while(|day| *day < next).all(|day| !works(day)));
    }
}

#[test]
fn a_ladder_leaves_somebody_for_the_largest_amounts() {
    let ladder = Parameter::Ladder(Operation::LoanApplication);
    let form = |supervisor: &str, manager: &str| ParameterForm {
        code: ladder.code(),
        valid_from: "27/03/2026".into(),
        values: [("credit_supervisor", supervisor), ("branch_manager", manager)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    };
    assert!(form("500000", "900000").parse(TODAY).unwrap_err().to_string().contains("largest amounts"));
    let tight = form("500000", "").parse(TODAY).unwrap();
    let loose = form("600000", "").parse(TODAY).unwrap();
    assert_eq!(loose.reasons(&history(&tight), TODAY).unwrap().len(), 1);
    assert!(tight.reasons(&history(&loose), TODAY).unwrap().is_empty(), "less is tighter");
    let none = ParameterView { parameter: ladder, history: Listing::default() };
    assert!(tight.reasons(&none, TODAY).unwrap().is_empty(), "a first bound is tighter than none");
    let mut late = tight.clone();
    late.valid_from = Some(date(2026, 3, 25));
    assert!(late.reasons(&none, TODAY).unwrap_err().of("valid_from").is_some(), "what is past stays");
    late.valid_from = Some(date(9999, 12, 31));
    assert!(late.reasons(&none, TODAY).unwrap_err().of("valid_from").is_some(), "a slip in the year");
    let mut between = history(&loose);
    between.history.rows[0].valid_from = date(2026, 6, 1);
    late.valid_from = None;
    assert!(late.reasons(&between, TODAY).unwrap().is_empty(), "a later change blocks no earlier one");
}

#[test]
fn every_parameter_says_when_it_loosens() {
    for parameter in Parameter::all() {
        assert_eq!(Parameter::from_code(&parameter.code()), Some(parameter));
        for field in parameter.fields() {
            let (less, more) = (Some(Decimal::ONE), Some(Decimal::TWO));
            let looser = field.is_looser(less, more) || field.is_looser(more, less);
            assert!(looser, "{} of {} never needs a second person", field.name, parameter.title());
            assert_eq!(
                field.loosens == Loosens::Either,
                field.is_looser(less, more) && field.is_looser(more, less)
            );
        }
    }
    assert!(Values::new().is_empty());
}

#[test]
fn days_that_have_begun_stay_as_they_were() {
    let change = |act: &str, day: &str| {
        HolidayForm { act: act.into(), day: day.into(), name: "Idd-ul-Fitr".into(), branch: String::new() }
            .parse(TODAY)
            .unwrap()
    };
    let calendar = [Holiday { day: date(2026, 4, 3), name: "Good Friday".into(), branch_code: None }];
    assert!(change("set", "27/03/2026").allow(&calendar, TODAY).is_ok());
    assert!(change("take_back", "03/04/2026").allow(&calendar, TODAY).is_ok());
    for (act, day) in
        [("set", "26/03/2026"), ("set", "03/04/2026"), ("take_back", "04/04/2026"), ("set", "01/01/2031")]
    {
        assert!(change(act, day).allow(&calendar, TODAY).is_err(), "{act} {day}");
    }
}
