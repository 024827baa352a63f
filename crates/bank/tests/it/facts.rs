//! What a checker approves is compared as facts.

use crate::support::{Story, as_owner};
use rust_decimal::Decimal;
use tawi_bank::approval::detail;
use tawi_bank::shared::receipt;
use tawi_domain::language::{self, Language};
use tawi_domain::shared::approval::{Receipt, RequestState, Verdict};
use tawi_domain::shared::fact::Value;
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::topic::Topic;
use tawi_testing::lending::{
    application, apply, approved_of, ask_to_pay_out, borrower, paid_out, pay_out, repay,
};
use tawi_testing::{TestBank, caller, decide, ticket};

/// The receipt names what became better, old and new; the decision stands.
#[tokio::test]
async fn an_instalment_paid_meanwhile_stops_no_second_loan() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let first = approved_of(bank, &application(&who, "100,000", "12"), "first").await?;
    pay_out(bank, &first, "out").await?;
    let second = ticket(apply(bank, &application(&who, "50,000", "12"), "second").await?)?;
    repay(bank, &first, "9,000", "instalment").await?;
    let (state, _, better) = decided(&test, "CS-001", second).await?;
    assert_eq!(state, RequestState::Approved);
    let [change] = better.as_slice() else { return Err(format!("one change: {better:?}").into()) };
    assert_eq!(change.topic, Topic::Exposure);
    let Value::Change { was, becomes } = &change.value else { return Err("a change".into()) };
    let exposed = |shillings: i64| Money::new(Decimal::from(shillings), Currency::Kes).map(Value::from);
    let of =
        |value: &Value| if let Value::AtMost { is, .. } = value { (**is).clone() } else { value.clone() };
    assert_eq!((of(was), of(becomes)), (exposed(150_000)?, exposed(141_000)?));
    assert!(language::change(change).contains("KES 150,000.00"), "{}", language::change(change));
    test.finish().await
}

/// On another rung another person decides: what they were shown does not bind them.
#[tokio::test]
async fn less_exposure_on_another_rung_is_looked_at_again() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let first = approved_of(bank, &application(&who, "300,000", "12"), "first").await?;
    pay_out(bank, &first, "out").await?;
    let second = ticket(apply(bank, &application(&who, "300,000", "12"), "second").await?)?;
    repay(bank, &first, "150,000", "much").await?;
    let (state, message, better) = decided(&test, "BM-001", second).await?;
    assert_eq!((state, better.len()), (RequestState::Refused, 0), "{message}");
    assert!(message.contains("Exposure") && message.contains("450,000.00"), "{message}");
    test.finish().await
}

/// A release that words its facts in another way refuses nobody's waiting request; another price does, and
/// says which.
#[tokio::test]
async fn other_words_stop_nothing_and_another_price_says_which() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let loan = approved_of(bank, &application(&who, "100,000", "12"), "loan").await?;
    let dearer = ticket(ask_to_pay_out(bank, &loan, "dearer").await?)?;
    as_owner(&test, "update parameter set value = '\"25\"' where code = 'excise_on_fees_percent'").await?;
    let (state, message, _) = decided(&test, "CS-001", dearer).await?;
    assert_eq!(state, RequestState::Refused);
    assert!(message.contains("Excise duty: KES 400.00 → KES 500.00"), "{message}");
    let reworded = ticket(ask_to_pay_out(bank, &loan, "reworded").await?)?;
    as_owner(&test, "alter table approval_request disable trigger all").await?;
    as_owner(&test, "update approval_request set review = jsonb_set(review, '{lines,3,label}', '\"Duty\"')")
        .await?;
    as_owner(&test, "alter table approval_request enable trigger all").await?;
    let (state, message, _) = decided(&test, "CS-001", reworded).await?;
    assert_eq!(state, RequestState::Approved, "{message}");
    test.finish().await
}

/// A request from before there were facts has lines alone: they are compared as they were written then.
#[tokio::test]
async fn a_request_without_facts_is_compared_by_the_words_of_then() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let who = borrower(bank, 1).await?;
    let loan = approved_of(bank, &application(&who, "100,000", "12"), "loan").await?;
    as_owner(&test, "alter table approval_request disable trigger all").await?;
    for (name, change, state) in [
        (
            "tampered",
            "review - 'facts' || jsonb_build_object('lines', jsonb_set(review -> 'lines', '{3,value}', '\"KES 1.00\"'))",
            RequestState::Refused,
        ),
        ("whole", "review - 'facts'", RequestState::Approved),
    ] {
        let request = ticket(ask_to_pay_out(bank, &loan, name).await?)?;
        as_owner(&test, &format!("update approval_request set review = {change} where id = '{request}'"))
            .await?;
        let shown = detail(bank, &caller("CS-001")?, request).await?.review;
        let lines = language::review_lines(&shown);
        assert!(shown.facts.is_empty() && lines.iter().any(|line| line.label == "Excise duty"), "{lines:?}");
        let (decided, message, _) = decided(&test, "CS-001", request).await?;
        assert_eq!(decided, state, "{name}: {message}");
    }
    as_owner(&test, "alter table approval_request enable trigger all").await?;
    test.finish().await
}

/// A receipt speaks the language it is asked for in, and says the same in both.
#[tokio::test]
async fn a_receipt_speaks_english_and_swahili() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let (_, loan) = paid_out(bank, 1).await?;
    let Receipt::Done { reference, .. } = repay(bank, &loan, "9,000", "pay").await? else {
        return Err("a receipt".into());
    };
    let (copied, _) = receipt::copy(bank, &caller("RO-001")?, &reference).await?;
    let Receipt::Done { paper: Some(paper), lines, .. } = copied else { return Err("a paper".into()) };
    let told = |language| -> Vec<(String, String)> {
        let line = |fact| language::line(fact, language);
        paper.facts.iter().map(line).map(|line| (line.label, line.value)).collect()
    };
    let (english, swahili) = (told(Language::English), told(Language::Swahili));
    assert_eq!(english.len(), lines.len());
    assert!(english.contains(&("Amount".into(), "KES 9,000.00".into())), "{english:?}");
    assert!(swahili.contains(&("Kiasi".into(), "KES 9,000.00".into())), "{swahili:?}");
    assert_eq!(language::heading(&paper, Language::Swahili), "Malipo ya mkopo yamepokelewa");
    test.finish().await
}

async fn decided(
    test: &TestBank,
    who: &str,
    request: RequestId,
) -> Result<
    (RequestState, String, Vec<tawi_domain::shared::fact::Fact>),
    Box<dyn std::error::Error + Send + Sync>,
> {
    let name = format!("decide-{request}");
    match decide(&test.bank, &caller(who)?, request, Verdict::Approve, &name).await? {
        Receipt::Decided { state, message, better, .. } => Ok((state, message, better)),
        other @ (Receipt::Done { .. } | Receipt::Waiting { .. }) => Err(format!("{other:?}").into()),
    }
}
