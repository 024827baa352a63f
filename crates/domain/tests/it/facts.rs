//! Facts: how a change counts, and that every word is there in every language.

use proptest::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::customer_ops::customer::{IdKind, Pep, SourceOfFunds};
use tawi_domain::customer_ops::risk::{RiskInput, RiskReason, rate};
use tawi_domain::language::{Language, before, english, line, reasons, review_lines, risk_factor, swahili};
use tawi_domain::shared::approval::{Review, SummaryLine, TargetKind};
use tawi_domain::shared::change::{Compared, Weight, compare, weigh};
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::topic::{ChoiceList, Saying, Topic};

fn kes(shillings: i64) -> Money {
    Money::new(Decimal::from(shillings), Currency::Kes).unwrap()
}

fn at_most(is: i64, most: i64) -> Value {
    Value::AtMost { is: Box::new(kes(is).into()), most: Box::new(kes(most).into()) }
}

/// Every topic that this version tells.
fn told() -> Vec<Topic> {
    Topic::ALL.into_iter().filter(|topic| *topic != Topic::Later).collect()
}

/// What counts as better when it is less, and nothing else does.
const LESS_IS_BETTER: [Topic; 3] = [Topic::Exposure, Topic::Arrears, Topic::PrincipalOwedAfterwards];

#[test]
fn of_every_topic_a_change_is_worse_unless_it_is_named() {
    for topic in told() {
        let (more, less) = (Fact::new(topic, kes(100_000)), Fact::new(topic, kes(91_000)));
        let named = LESS_IS_BETTER.contains(&topic);
        assert_eq!(weigh(&more, &more.clone()), Weight::Same);
        assert_eq!(weigh(&more, &less) == Weight::Better, named, "{topic:?}");
        assert_eq!(weigh(&less, &more), Weight::Worse, "{topic:?}");
        let gone = Fact::new(topic, Value::None);
        assert_eq!(weigh(&more, &gone), Weight::Worse, "{topic:?}: what is gone is not less");
    }
}

#[test]
fn less_exposure_is_better_under_the_same_bound_and_currency_only() {
    let fact = |value| Fact::new(Topic::Exposure, value);
    let was = fact(at_most(100, 500));
    assert_eq!(weigh(&was, &fact(at_most(91, 500))), Weight::Better);
    assert_eq!(weigh(&was, &fact(at_most(91, 400))), Weight::Worse);
    assert_eq!(weigh(&was, &fact(at_most(101, 500))), Weight::Worse);
    assert_eq!(weigh(&was, &fact(kes(91).into())), Weight::Worse);
    assert_eq!(weigh(&was, &Fact::new(Topic::Arrears, at_most(91, 500))), Weight::Worse);
    let dollars = Money::new(Decimal::from(91), Currency::Usd).unwrap();
    assert_eq!(weigh(&fact(kes(100).into()), &fact(dollars.into())), Weight::Worse);
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let fact =
        (prop::sample::select(told()), 0_i64..5).prop_map(|(topic, units)| Fact::new(topic, kes(units)));
    prop::collection::vec(fact, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn nothing_changed_in_another_order_of_topics(shown in facts()) {
        let mut sorted = shown.clone();
        // Stable: facts of one topic keep their order.
        sorted.sort_by_key(|fact| fact.topic.code());
        prop_assert_eq!(compare(&shown, &sorted), Compared::default());
    }

    #[test]
    fn what_is_added_left_out_or_dearer_is_worse(shown in facts(), extra in prop::sample::select(told())) {
        let mut more = shown.clone();
        more.push(Fact::new(extra, kes(9)));
        prop_assert_eq!(compare(&shown, &more).worse.len(), 1);
        // A password that need not be handed out any more leaves nobody worse off.
        let gone = compare(&more, &shown);
        let left_out = if extra == Topic::TemporaryPassword { (1, 0) } else { (0, 1) };
        prop_assert_eq!((gone.better.len(), gone.worse.len()), left_out);
        let dearer: Vec<Fact> = shown.iter().map(|fact| Fact::new(fact.topic, kes(100))).collect();
        prop_assert_eq!(compare(&shown, &dearer).worse.len(), shown.len());
    }

    #[test]
    fn every_change_is_told_once_and_facts_survive_storage(shown in facts(), now in facts()) {
        let stored: Vec<Fact> = serde_json::from_str(&serde_json::to_string(&shown).unwrap()).unwrap();
        prop_assert_eq!(&stored, &shown);
        let Compared { better, worse } = compare(&shown, &now);
        prop_assert!(better.len() + worse.len() <= shown.len() + now.len());
        prop_assert_eq!(better.is_empty() && worse.is_empty(), {
            let (mut shown, mut now) = (shown.clone(), now.clone());
            shown.sort_by_key(|fact| fact.topic.code());
            now.sort_by_key(|fact| fact.topic.code());
            shown == now
        });
    }
}

#[test]
fn every_word_is_there_and_differs_where_languages_do() {
    let words = |fact: &Fact, language| {
        let SummaryLine { label, value } = line(fact, language);
        assert!(!label.is_empty() && !value.is_empty(), "{fact:?} in {language:?}");
        (label, value)
    };
    for topic in Topic::ALL {
        let fact = Fact::new(topic, "typed");
        let (english, swahili) = (words(&fact, Language::English), words(&fact, Language::Swahili));
        assert_ne!(english.0, swahili.0, "{topic:?}");
        assert_eq!(english.1, swahili.1, "what was typed is not translated");
    }
    for saying in Saying::ALL {
        let fact = Fact::new(Topic::Becomes, saying);
        assert_ne!(words(&fact, Language::English).1, words(&fact, Language::Swahili).1, "{saying:?}");
    }
    for (list, codes) in lists() {
        for code in codes {
            let fact = Fact::new(Topic::Becomes, Value::choice(list, code));
            let (english, swahili) = (words(&fact, Language::English).1, words(&fact, Language::Swahili).1);
            assert!(english != code && swahili != code && english != swahili, "{list:?} {code}");
        }
    }
}

/// The words of every list.
fn lists() -> Vec<(ChoiceList, Vec<&'static str>)> {
    use tawi_domain::credit_ops::loan_product::RepaymentFrequency;
    use tawi_domain::customer_ops::account::AccountKind;
    use tawi_domain::customer_ops::customer::{Pep, SourceOfFunds};
    use tawi_domain::customer_ops::risk::RiskBand;
    let codes = |list| match list {
        ChoiceList::AccountKind => AccountKind::ALL.map(AccountKind::code).to_vec(),
        ChoiceList::RiskBand => RiskBand::ALL.map(RiskBand::code).to_vec(),
        ChoiceList::SourceOfFunds => SourceOfFunds::ALL.map(SourceOfFunds::code).to_vec(),
        ChoiceList::PoliticallyExposed => Pep::ALL.map(Pep::code).to_vec(),
        ChoiceList::RepaymentFrequency => RepaymentFrequency::ALL.map(RepaymentFrequency::code).to_vec(),
    };
    ChoiceList::ALL.map(|list| (list, codes(list))).to_vec()
}

/// What a later version has written: its facts read as such, are shown in the words stored beside them, and nobody
/// approves them here.
#[test]
fn a_fact_of_a_later_version_is_shown_and_stops_the_decision() {
    let stored = serde_json::json!({
        "title": "Lend", "amount": null, "subject": "x", "targets": [{ "kind": "collateral", "key": "1", "version": 1 }],
        "facts": [
            { "topic": "collateral", "value": { "is": "text", "of": "A lorry" } },
            { "topic": "amount", "value": { "is": "weight", "of": "3 t" } },
            { "topic": "purpose", "value": { "is": "text", "of": "Stock" }, "since": "3.0" },
        ],
        "why": [{ "topic": "collateral_is_weak", "value": { "is": "none" } }],
        "lines": [
            { "label": "Collateral", "value": "A lorry" },
            { "label": "Weight", "value": "3 t" },
            { "label": "Purpose", "value": "Stock" },
        ],
        "reasons": ["The collateral is weak"],
    });
    let review: Review = serde_json::from_value(stored).unwrap();
    let shown: Vec<String> =
        review_lines(&review).into_iter().map(|line| format!("{}: {}", line.label, line.value)).collect();
    assert_eq!(shown, ["Collateral: A lorry", "Weight: 3 t", "Purpose: Stock"]);
    assert_eq!(reasons(&review), ["The collateral is weak"]);
    assert_eq!(review.targets[0].kind, TargetKind::Later);
    assert_eq!(compare(&review.facts, &review.facts).worse.len(), 2);
    assert_eq!(compare(&review.facts, &review.facts[2..]).worse.len(), 2);
}

#[test]
fn every_reason_of_a_rating_has_words_and_is_kept_for_the_version_before() {
    for reason in RiskReason::ALL {
        for seen_in in [0, 1, 3] {
            assert_ne!(english::risk(reason, seen_in), swahili::risk(reason, seen_in));
        }
    }
    let input = RiskInput {
        pep: Pep::Exposed,
        source_of_funds: SourceOfFunds::Other,
        id_kind: IdKind::AlienCard,
        others_with_phone: 2,
    };
    let told = before::rating(rate(input));
    assert!(told.factors.iter().all(|factor| !factor.factor.is_empty() && !factor.evidence.is_empty()));
    // A rating from before reads back, and its words stand.
    let old = serde_json::json!({ "factor": "Cash", "evidence": "seen", "points": 10 });
    assert_eq!(risk_factor(&serde_json::from_value(old).unwrap()), ("Cash".to_owned(), "seen".to_owned()));
}
