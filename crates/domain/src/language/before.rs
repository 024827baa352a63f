//! Facts as the lines of requests and receipts from before there were facts. A request that waits since
//! then is compared by them, and a node of the version before reads them in what is stored now. Words that
//! have not changed since are those of today; a dump of then, decided in a test, names those that have. It
//! goes when no request from then waits and no such node serves.

use super::english;
use crate::credit_ops::schedule::{minor, money};
use crate::customer_ops::customer::format_phone;
use crate::customer_ops::risk::RiskRating;
use crate::shared::approval::{Before, Paper, Review, SummaryLine};
use crate::shared::dates::{format_date, format_date_with_weekday};
use crate::shared::fact::{Fact, Value};
use crate::shared::ids::AccountNumber;
use crate::shared::money::{Currency, Money};
use crate::shared::topic::{Saying, Topic};

/// What a review told then.
pub fn of(review: &Review) -> Before {
    Before { lines: lines(&review.facts), reasons: review.why.iter().map(english::reason).collect() }
}

/// What a paper told then.
pub fn paper(paper: &Paper) -> Vec<SummaryLine> {
    lines(&paper.facts)
}

/// A rating with its reasons in words, as the version before reads them.
#[must_use]
pub fn rating(mut rating: RiskRating) -> RiskRating {
    for factor in &mut rating.factors {
        if let Some(reason) = factor.reason {
            (factor.factor, factor.evidence) = english::risk(reason, factor.seen_in);
        }
    }
    rating
}

/// The lines of a request from then, as they are shown: the instalment of a pay-out stood there in cents.
pub fn shown(review: &Review) -> Vec<SummaryLine> {
    let currency = review.amount.map_or(Currency::Kes, Money::currency);
    let in_money = |line: &SummaryLine| {
        let (count, rest) = line.value.split_once(" of ")?;
        let (cents, when) = rest.split_once(", the first")?;
        let each = money(cents.parse().ok()?, currency).ok()?;
        Some(SummaryLine { value: format!("{count} of {each}, the first{when}"), ..line.clone() })
    };
    review.before.lines.iter().map(|line| in_money(line).unwrap_or_else(|| line.clone())).collect()
}

fn lines(facts: &[Fact]) -> Vec<SummaryLine> {
    facts.iter().map(|fact| SummaryLine { label: label(fact), value: value(fact) }).collect()
}

fn label(fact: &Fact) -> String {
    match (fact.topic, &fact.value) {
        (Topic::Debit, Value::Entry { gl_code, account, .. }) => side("Debit", gl_code, account.as_ref()),
        (Topic::Credit, Value::Entry { gl_code, account, .. }) => side("Credit", gl_code, account.as_ref()),
        (_, _) => english::label(fact),
    }
}

fn side(side: &str, gl_code: &str, account: Option<&AccountNumber>) -> String {
    account.map_or_else(|| format!("{side} {gl_code}"), |number| format!("{side} {number}"))
}

fn value(fact: &Fact) -> String {
    match (fact.topic, &fact.value) {
        (Topic::Day, Value::Date(day)) => format_date_with_weekday(*day),
        (Topic::Phone, Value::Text(number)) => format_phone(number),
        (Topic::Customer, Value::Customer { number, name }) => format!("{number} {name}"),
        (_, Value::Alike { number, name, branch }) => format!("{number} {name} ({branch})"),
        (_, Value::Person { staff_id, name }) => format!("{staff_id} {name}"),
        (Topic::CountsFrom, Value::Saying(Saying::WhenDone)) => "the day it is done".to_owned(),
        (Topic::Exposure, Value::AtMost { is, most }) => {
            format!("{} on all loans with this one, {} at most", english::value(is), figures(most))
        }
        // The amount stood there in cents, without its currency.
        (Topic::InstalmentsFromPayOut, Value::Instalments { count, each, .. }) => {
            let cents = minor(*each).unwrap_or_default();
            format!("{count} of {cents}, the first a month after it is paid out")
        }
        (_, Value::Entry { money, .. }) => money.to_string(),
        (_, Value::Due { amount, on }) => format!("{amount} on {}", format_date(*on)),
        (_, _) => english::told(fact),
    }
}

fn figures(value: &Value) -> String {
    if let Value::Money(money) = value { money.figures() } else { english::value(value) }
}
