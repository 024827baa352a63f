//! One case after another: its kind says which part of the engine it asks.

#[path = "due_dates.rs"]
mod due_dates;
#[path = "figures.rs"]
mod figures;
#[path = "loan.rs"]
mod loan;
#[path = "rates.rs"]
mod rates;
#[path = "rules.rs"]
mod rules;
#[path = "simple.rs"]
mod simple;
#[path = "terms.rs"]
mod terms;
#[path = "words.rs"]
mod words;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Why a case has no result.
#[derive(Debug)]
pub enum Fault {
    /// It asks for something the runner does not know.
    Unsupported(String),
    /// The engine refused it.
    Error(String),
}

/// What a case gives.
pub type Outcome = Result<Value, Fault>;

impl From<tawi_domain::credit_ops::schedule::LoanError> for Fault {
    fn from(fault: tawi_domain::credit_ops::schedule::LoanError) -> Self {
        Self::Error(fault.to_string())
    }
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    inputs: Value,
}

/// The results of a file's cases by their names.
pub fn file(text: &str) -> Result<Map<String, Value>, String> {
    let file: File = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
    Ok(file.cases.into_iter().map(|case| (case.id, result(&case.kind, case.inputs))).collect())
}

fn result(kind: &str, inputs: Value) -> Value {
    match outcome(kind, inputs) {
        Ok(result) => result,
        Err(Fault::Unsupported(why)) => json!({ "unsupported": why }),
        Err(Fault::Error(message)) => json!({ "error": message }),
    }
}

/// Reads inputs; a field the runner does not know makes the case unsupported.
fn read<T: DeserializeOwned>(inputs: Value) -> Result<T, Fault> {
    serde_json::from_value(inputs).map_err(|fault| Fault::Unsupported(fault.to_string()))
}

fn outcome(kind: &str, inputs: Value) -> Outcome {
    match kind {
        "schedule.monthly" | "schedule.quote" | "schedule.fixed_amount" => simple::schedule(read(inputs)?),
        "broken_period_interest" => simple::broken_period(read(inputs)?),
        "dates" => simple::dates(read(inputs)?),
        "daily_interest" => simple::daily_interest(read(inputs)?),
        "day_count.act_act" => simple::year_fractions(read(inputs)?),
        "day_count.interest" => simple::year_fractions(read(inputs)?),
        "rate_factor" => rates::rate_factor(read(inputs)?),
        "annuity_factor" => rates::annuity_factor(read(inputs)?),
        "implicit_rate" => rates::implicit_rate(read(inputs)?),
        "apr.regz" => rates::regz(read(inputs)?),
        "apr.effective" => rates::effective(read(inputs)?),
        "apr.time_interval" => rates::time_interval(read(inputs)?),
        "apr.rounding" => rates::rounding(read(inputs)?),
        "delinquency.buckets" => rules::buckets(read(inputs)?),
        "delinquency.grace_and_pause" => rules::grace_and_pause(read(inputs)?),
        "in_duplum" => rules::in_duplum(read(inputs)?),
        "classification" => rules::classification(read(inputs)?),
        "provision" => rules::provision(read(inputs)?),
        "tax_on_fee" => rules::tax_on_fee(read(inputs)?),
        "cash_authority" => rules::cash_authority(read(inputs)?),
        _ if kind.starts_with("function.") => rates::function(read(inputs)?),
        "charge" | "allocation" => loan::run(read(inputs)?),
        _ if kind.starts_with("schedule.") || kind.starts_with("event.") => loan::run(read(inputs)?),
        _ => Err(Fault::Unsupported(format!("kind {kind}"))),
    }
}
