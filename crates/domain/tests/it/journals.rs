use proptest::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::shared::chart::{CHART, GlKind};
use tawi_domain::shared::journal::{Journal, JournalError, Posting, Side};
use tawi_domain::shared::money::{Currency, Money};

fn posting(gl_code: &str, side: Side, cents: i64) -> Posting {
    Posting {
        gl_code: gl_code.into(),
        account: None,
        side,
        money: Money::new(Decimal::new(cents, 2), Currency::Kes).unwrap(),
    }
}

proptest! {
    #[test]
    fn lines_are_a_journal_exactly_when_they_balance(cents in prop::collection::vec((1_i64..1_000_000_000, any::<bool>()), 2..12)) {
        let postings: Vec<Posting> = cents
            .iter()
            .map(|(cents, debit)| posting("1010", if *debit { Side::Debit } else { Side::Credit }, *cents))
            .collect();
        let difference: i64 = cents.iter().map(|(cents, debit)| if *debit { *cents } else { -*cents }).sum();
        match Journal::new("test".into(), postings.clone()) {
            Ok(_) => prop_assert_eq!(difference, 0),
            Err(JournalError::Unbalanced { difference: found, .. }) => prop_assert_eq!(found, Decimal::new(difference, 2)),
            Err(other) => prop_assert!(false, "{}", other),
        }
        // With the missing line they always do.
        if difference != 0 {
            let side = if difference > 0 { Side::Credit } else { Side::Debit };
            let mut whole = postings;
            whole.push(posting("3010", side, difference.abs()));
            prop_assert!(Journal::new("test".into(), whole).is_ok());
        }
    }
}

#[test]
fn faulty_lines_are_refused_in_words() {
    let refuse = |postings| Journal::new("test".into(), postings).unwrap_err().to_string();
    assert_eq!(refuse(vec![posting("1010", Side::Debit, 100)]), "A journal has two lines or more");
    assert_eq!(
        refuse(vec![posting("1010", Side::Debit, 100), posting("9999", Side::Credit, 100)]),
        "There is no account 9999 in the chart of accounts"
    );
    assert_eq!(
        refuse(vec![posting("1010", Side::Debit, 100), posting("2010", Side::Credit, 100)]),
        "Account 2010 is posted through a customer's account, the others directly"
    );
    assert_eq!(
        refuse(vec![posting("1010", Side::Debit, 100), posting("1020", Side::Credit, 99)]),
        "Debits and credits differ by KES 0.01"
    );
}

#[test]
fn amounts_in_two_currencies_do_not_balance_each_other() {
    let mut dollars = posting("1020", Side::Credit, 100);
    dollars.money = Money::new(Decimal::new(100, 2), Currency::Usd).unwrap();
    assert!(matches!(
        Journal::new("test".into(), vec![posting("1010", Side::Debit, 100), dollars]),
        Err(JournalError::Unbalanced { .. })
    ));
}

#[test]
fn the_chart_has_each_code_once_and_the_first_figure_tells_the_kind() {
    let mut codes: Vec<&str> = CHART.iter().map(|account| account.code).collect();
    codes.dedup();
    assert_eq!(codes.len(), CHART.len());
    for account in CHART {
        let first = match account.kind {
            GlKind::Asset => '1',
            GlKind::Liability => '2',
            GlKind::Equity => '3',
            GlKind::Income => '4',
            GlKind::Expense => '5',
        };
        assert!(account.code.starts_with(first), "{}", account.title);
    }
}
