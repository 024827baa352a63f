use proptest::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::shared::chart::{CHART, GlKind};
use tawi_domain::shared::ids::BranchNumber;
use tawi_domain::shared::journal::{Journal, JournalError, JournalPair, Posting, Side};
use tawi_domain::shared::money::{Currency, Money};

fn posting(gl_code: &str, side: Side, cents: i64) -> Posting {
    Posting {
        gl_code: gl_code.into(),
        item: None,
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
        "Account 2010 is posted through what stands behind it, the others directly"
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

fn branch(number: i16) -> BranchNumber {
    BranchNumber::try_from(number).unwrap()
}

proptest! {
    /// What one branch shows of the other is what the other shows of it, to the cent, whatever the lines.
    #[test]
    fn both_journals_of_a_pair_balance_and_net_to_nil(
        here in prop::collection::vec((1_i64..1_000_000_000, any::<bool>()), 1..8),
        there in prop::collection::vec((1_i64..1_000_000_000, any::<bool>()), 0..8),
    ) {
        let lines = |cents: &[(i64, bool)]| -> Vec<Posting> {
            cents.iter().map(|(cents, debit)| posting("1010", if *debit { Side::Debit } else { Side::Credit }, *cents)).collect()
        };
        let left = |cents: &[(i64, bool)]| cents.iter().map(|(cents, debit)| if *debit { *cents } else { -*cents }).sum::<i64>();
        let mut other = lines(&there);
        let missing = left(&here) + left(&there);
        if missing != 0 {
            other.push(posting("3010", if missing > 0 { Side::Credit } else { Side::Debit }, missing.abs()));
        }
        prop_assume!(!other.is_empty());
        let pair = JournalPair::new("x", (branch(1), lines(&here)), (branch(2), other));
        if left(&here) == 0 {
            prop_assert_eq!(pair, Err(JournalError::NothingBetween));
            return Ok(());
        }
        let pair = pair.unwrap();
        let between = |journal: &Journal| journal.postings().last().cloned().unwrap();
        let (of_here, of_there) = (between(pair.here().1), between(pair.there().1));
        prop_assert_eq!(of_here.money, of_there.money);
        prop_assert_ne!(of_here.side, of_there.side);
        prop_assert_eq!(of_here.item, Some(branch(2).into()));
        prop_assert_eq!(of_there.item, Some(branch(1).into()));
    }
}

#[test]
fn what_is_no_pair_is_refused_in_words() {
    let line = |side| vec![posting("1010", side, 100)];
    let pair = |here: i16, there: i16, lines: Vec<Posting>| {
        JournalPair::new("x", (branch(here), line(Side::Debit)), (branch(there), lines))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(pair(1, 1, line(Side::Credit)), "A pair of journals is of two branches");
    assert_eq!(pair(1, 2, line(Side::Debit)), "Debits and credits differ by KES 2.00");
    let dollars = Posting {
        money: Money::new(Decimal::ONE, Currency::Usd).unwrap(),
        ..posting("1010", Side::Credit, 1)
    };
    assert_eq!(pair(1, 2, vec![dollars]), "A pair of journals is of one currency");
}
