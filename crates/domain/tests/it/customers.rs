use jiff::civil::{Date, date};
use proptest::prelude::*;
use tawi_domain::customer_ops::cif_create::{
    CifForm, Duplicate, DuplicateSignal, FIELDS, approval_reasons, duplicates_allow,
};
use tawi_domain::customer_ops::customer::{
    Email, IdDocument, IdKind, KraPin, Pep, Phone, SourceOfFunds, masked_name, masked_number, masked_phone,
    name_part,
};
use tawi_domain::customer_ops::enquiries::{Query, understand};
use tawi_domain::customer_ops::risk::{RiskBand, RiskInput, rate};
use tawi_domain::language::english;
use tawi_domain::shared::operation_form::Form;

const TODAY: Date = date(2026, 3, 26);

fn form() -> CifForm {
    CifForm {
        first_name: "Amina".into(),
        other_names: "Njeri".into(),
        surname: "Kariuki".into(),
        date_of_birth: "08/09/1984".into(),
        id_kind: "national_id".into(),
        id_number: "23456789".into(),
        kra_pin: "A001234567K".into(),
        phone: "0722 000 318".into(),
        email: "amina@kariuki.co.ke".into(),
        address: "Milimani, Nakuru".into(),
        occupation: "Hardware trader".into(),
        source_of_funds: "business".into(),
        pep: "no".into(),
        duplicate_reason: String::new(),
    }
}

fn with(field: &str, typed: &str) -> CifForm {
    let mut value = serde_json::to_value(form()).unwrap();
    value[field] = typed.into();
    serde_json::from_value(value).unwrap()
}

fn fault(field: &str, typed: &str) -> String {
    match with(field, typed).parse(TODAY) {
        Ok(_) => String::new(),
        Err(faults) => {
            assert_eq!(faults.len(), 1, "only {field} is wrong: {faults}");
            faults.of(field).unwrap_or_else(|| panic!("the fault belongs to {field}: {faults}")).to_owned()
        }
    }
}

#[test]
fn a_whole_form_becomes_a_customer_and_back() {
    let customer = form().parse(TODAY).unwrap();
    assert_eq!(customer.name().to_string(), "Amina Njeri Kariuki");
    assert_eq!(customer.phone.as_str(), "+254722000318");
    assert_eq!(CifForm::of(&customer).parse(TODAY).unwrap(), customer);
}

#[test]
fn an_empty_form_has_all_its_faults_at_once_in_the_order_of_its_fields() {
    let faults = CifForm::default().parse(TODAY).unwrap_err();
    let found: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    let required: Vec<&str> = FIELDS
        .iter()
        .map(|field| field.name)
        .filter(|name| !matches!(*name, "other_names" | "email" | "duplicate_reason"))
        .collect();
    assert_eq!(found, required);
}

#[test]
fn every_field_says_what_is_wrong_with_it() {
    let mut lines = Vec::new();
    for (field, typed) in [
        ("first_name", ""),
        ("first_name", "Амина"),
        ("first_name", "A1"),
        ("first_name", "🙂"),
        ("first_name", "مريم"),
        ("first_name", "Am\0ina"),
        ("first_name", "<script>"),
        ("first_name", "--"),
        ("surname", "K\u{202e}x"),
        ("date_of_birth", "31/02/1984"),
        ("date_of_birth", "01/01/2030"),
        ("date_of_birth", "01/01/1890"),
        ("date_of_birth", "27/03/2008"),
        ("date_of_birth", "soon"),
        ("id_kind", "library_card"),
        ("id_number", "12345"),
        ("id_number", "1234567A"),
        ("kra_pin", "A0098765K"),
        ("kra_pin", "P001234567K"),
        ("kra_pin", "nonsense"),
        ("phone", "0612345678"),
        ("phone", "0722"),
        ("phone", "call me"),
        ("email", "amina"),
        ("email", "a@b"),
        ("address", ""),
        ("occupation", "\u{200b}"),
        ("source_of_funds", "lottery"),
        ("pep", "perhaps"),
    ] {
        let message = fault(field, typed);
        assert!(!message.is_empty(), "{field} accepts {typed:?}");
        lines.push(format!("{field} {:?}: {message}", typed));
    }
    let long = fault("address", &"x".repeat(201));
    lines.push(format!("address 201 times x: {long}"));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_day_of_the_eighteenth_birthday_is_of_age() {
    assert_eq!(fault("date_of_birth", "26/03/2008"), "");
    assert!(fault("date_of_birth", "27/03/2008").contains("guardian"));
}

#[test]
fn phones_are_read_as_people_write_them() {
    for typed in
        ["0722000318", "0722 000 318", "722000318", "254722000318", "+254 722 000 318", "+254722-000-318"]
    {
        assert_eq!(Phone::parse(typed).unwrap().as_str(), "+254722000318", "{typed}");
    }
    assert_eq!(Phone::parse("0110 123 456").unwrap().as_str(), "+254110123456");
    assert_eq!(Phone::parse("+44 7911 123456").unwrap().as_str(), "+447911123456");
}

#[test]
fn sensitive_details_are_masked() {
    assert_eq!(masked_number("23456417"), "•••••417");
    assert_eq!(masked_phone("+254722000318"), "+254 722 ••• 318");
    assert_eq!(masked_name("Amina Kariuki"), "A••••• K•••••");
}

#[test]
fn the_search_box_knows_what_it_was_given() {
    assert!(matches!(understand("12345671").unwrap(), Query::Number(_)));
    assert!(matches!(understand("1234 5671").unwrap(), Query::Number(_)));
    assert_eq!(understand("12345678").unwrap(), Query::Id("12345678".into()));
    assert_eq!(understand("a001234567k").unwrap(), Query::Pin("A001234567K".into()));
    assert!(matches!(understand("0722 000 318").unwrap(), Query::PhoneOrId { .. }));
    assert_eq!(understand("AK1234567").unwrap(), Query::Id("AK1234567".into()));
    assert_eq!(understand("  Amina   Kariuki ").unwrap(), Query::Name("amina kariuki".into()));
    for short in ["a", "al", "a l", "a.l"] {
        assert!(understand(short).unwrap_err().to_string().contains("3 letters"), "{short}");
    }
    assert!(understand("%").is_err());
    assert!(understand("amina\0").is_err());
    assert!(understand(&"x".repeat(81)).is_err());
}

#[test]
fn a_politically_exposed_person_is_a_high_risk_and_says_why() {
    let rating = rate(RiskInput {
        pep: Pep::Exposed,
        source_of_funds: SourceOfFunds::Salary,
        id_kind: IdKind::NationalId,
        others_with_phone: 0,
    });
    assert_eq!(rating.band, RiskBand::High);
    assert_eq!(
        approval_reasons(&rating).iter().map(english::reason).collect::<Vec<_>>(),
        ["Politically exposed person (declared by the customer), 60 points"]
    );
}

#[test]
fn only_a_high_risk_needs_a_second_person() {
    let rating = rate(RiskInput {
        pep: Pep::NotExposed,
        source_of_funds: SourceOfFunds::Other,
        id_kind: IdKind::Passport,
        others_with_phone: 1,
    });
    assert_eq!((rating.points, rating.band), (45, RiskBand::Medium));
    assert!(approval_reasons(&rating).is_empty());
}

#[test]
fn the_same_document_stops_and_the_same_phone_asks_for_a_reason() {
    let alike = |signal| Duplicate {
        signal,
        number: "12345671".parse().unwrap(),
        name: "A••••• K•••••".into(),
        branch_code: "MSA-01".into(),
        version: 1,
    };
    let customer = form().parse(TODAY).unwrap();
    let stopped = duplicates_allow(&customer, &[alike(DuplicateSignal::SameId)]).unwrap_err();
    assert!(stopped.of("id_number").unwrap().contains("12345671"));
    let asked = duplicates_allow(&customer, &[alike(DuplicateSignal::SamePhone)]).unwrap_err();
    assert!(asked.of("duplicate_reason").is_some());
    let reasoned = with("duplicate_reason", "Her sister, same phone").parse(TODAY).unwrap();
    assert!(duplicates_allow(&reasoned, &[alike(DuplicateSignal::SamePhone)]).is_ok());
    assert!(duplicates_allow(&reasoned, &[alike(DuplicateSignal::SamePin)]).is_err());
}

proptest! {
    #[test]
    fn no_text_in_any_field_makes_the_form_panic(texts in prop::collection::vec("\\PC{0,60}", 14)) {
        let values: serde_json::Map<String, serde_json::Value> =
            FIELDS.iter().zip(texts).map(|(field, text)| (field.name.to_owned(), text.into())).collect();
        let form: CifForm = serde_json::from_value(values.into()).unwrap();
        let _ = form.parse(TODAY);
    }

    #[test]
    fn what_is_accepted_is_accepted_again_in_its_canonical_form(pin in "A[0-9]{9}[A-Z]", id in "[0-9]{6,9}", national in "[17][0-9]{8}") {
        let pin_read = KraPin::parse(&pin.to_lowercase()).unwrap();
        prop_assert_eq!(KraPin::parse(pin_read.as_str()).unwrap(), pin_read);
        let id_read = IdDocument::parse(IdKind::NationalId, &id).unwrap();
        prop_assert_eq!(id_read.number(), id.as_str());
        let phone = Phone::parse(&format!("0{national}")).unwrap();
        prop_assert_eq!(Phone::parse(phone.as_str()).unwrap(), phone);
    }

    #[test]
    fn accepted_names_have_only_what_a_document_prints(text in "\\PC{1,40}") {
        if let Ok(name) = name_part(&text, "a name") {
            prop_assert!(name.chars().all(|c| c.is_alphabetic() || " -'.".contains(c)));
        }
        if let Ok(email) = Email::parse(&text) {
            prop_assert!(email.as_str().matches('@').count() == 1);
        }
    }
}
