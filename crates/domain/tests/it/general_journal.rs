use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::general_journal::{JournalForm, JournalLineForm};
use tawi_domain::shared::operation_form::Form;

const TODAY: Date = date(2026, 3, 26);

fn line(gl_code: &str, account: &str, debit: &str, credit: &str) -> JournalLineForm {
    JournalLineForm {
        gl_code: gl_code.into(),
        account: account.into(),
        debit: debit.into(),
        credit: credit.into(),
    }
}

fn journal(lines: Vec<JournalLineForm>) -> JournalForm {
    JournalForm { narrative: "Cash to vault".into(), currency: "KES".into(), lines }
}

proptest! {
    #[test]
    fn a_journal_parses_from_the_form_it_writes(cents in 1_i64..1_000_000_000_000) {
        let figures = Decimal::new(cents, 2).to_string();
        let form = journal(vec![line("1020", "", &figures, ""), line("1010", "", "", &figures)]);
        let parsed = form.parse(TODAY).unwrap();
        prop_assert_eq!(JournalForm::of(&parsed).parse(TODAY).unwrap(), parsed);
    }
}

#[test]
fn a_general_journal_keeps_its_hands_off_loans() {
    let quietly = journal(vec![line("5210", "", "100", ""), line("1110", "00151000000168", "", "100")]);
    let refused = quietly.parse(TODAY).unwrap_err().to_string();
    assert!(refused.contains("moves with loans alone"), "{refused}");
}

#[test]
fn lines_nobody_wrote_into_are_none_and_the_others_keep_their_numbers() {
    let blank = || line("", " ", "", "");
    let spaced =
        journal(vec![blank(), line("1020", "", "5", ""), blank(), line("1010", "", "", "5"), blank()]);
    assert_eq!(spaced.parse(TODAY).unwrap().journal().postings().len(), 2);
    let wrong = journal(vec![line("1020", "", "5", ""), blank(), line("1010", "", "", "")]);
    assert_eq!(wrong.parse(TODAY).unwrap_err().to_string(), "Line 3: enter a debit or a credit");
}

#[test]
fn a_fault_that_is_told_anew_keeps_its_place_and_those_beside_it() {
    let mut faults = FieldErrors::one("number", "2 is the number of Nairobi");
    faults.add("name", "Enter a name");
    let told =
        |faults: &FieldErrors| -> Vec<String> { faults.iter().map(|fault| fault.message.clone()).collect() };
    faults.put("number", Some("A number has three figures"));
    faults.put("town", Some("Choose a town"));
    assert_eq!(told(&faults), ["A number has three figures", "Enter a name", "Choose a town"]);
    faults.put("name", None);
    assert_eq!(told(&faults), ["A number has three figures", "Choose a town"]);
}
