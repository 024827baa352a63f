//! What a loan costs, and what would change: two states of a loan side by side, as a restructuring is
//! decided on.

use super::real::Real;
use super::rounding::Rounding;
use super::state::{LoanState, Minor};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Decimals of a yearly rate as it is disclosed.
const RATE_DECIMALS: u32 = 2;

/// What a loan asks of its borrower from first to last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostOfLoan {
    /// The level instalment as it is now.
    pub instalment: Minor,
    /// Rows with something to pay.
    pub instalments: usize,
    /// Interest of all rows.
    pub interest: Minor,
    /// Fees, taxes and penalties of all rows and of the disbursement.
    pub charges: Minor,
    /// Everything beyond the principal.
    pub total_cost: Minor,
    /// Everything the borrower pays, the principal included.
    pub to_pay: Minor,
    /// The effective yearly rate in percent, two decimals (half up; Directive 2008/48/EC, annex I); none
    /// where the payments never balance what was lent.
    pub annual_rate_percent: Option<String>,
    /// The last due date.
    #[serde(with = "crate::shared::dates::optional_day")]
    pub ends_on: Option<Date>,
}

/// The cost of a loan paid out on these days.
pub fn cost_of(state: &LoanState, disbursed: &[(Date, Minor)]) -> CostOfLoan {
    let rate = state.effective_rate_percent(disbursed);
    let asking = || state.rows.iter().filter(|row| row.total() > 0);
    CostOfLoan {
        instalment: state.instalment,
        instalments: asking().count(),
        interest: state.totals.interest + state.at_disbursement.interest,
        charges: state.total_cost() - state.totals.interest - state.at_disbursement.interest,
        total_cost: state.total_cost(),
        to_pay: state.totals.principal + state.total_cost() - state.at_disbursement.capitalised,
        annual_rate_percent: rate.and_then(|rate: Real| rate.written(RATE_DECIMALS, Rounding::HalfUp)),
        ends_on: asking().map(|row| row.due).max(),
    }
}

/// A day on which the two states ask for different amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowChange {
    /// The day.
    #[serde(with = "crate::shared::dates::day")]
    pub on: Date,
    /// What the state before asks for on it.
    pub before: Minor,
    /// What the state after asks for.
    pub after: Minor,
}

/// Two states of a loan side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The cost before.
    pub before: CostOfLoan,
    /// The cost after.
    pub after: CostOfLoan,
    /// What is asked for, day by day, wherever the two differ.
    pub flows: Vec<FlowChange>,
}

/// Compares two states of one loan, paid out on these days.
pub fn compare(before: &LoanState, after: &LoanState, disbursed: &[(Date, Minor)]) -> Comparison {
    let mut days: Vec<Date> = before.rows.iter().chain(&after.rows).map(|row| row.due).collect();
    days.sort_unstable();
    days.dedup();
    let asked = |state: &LoanState, on: Date| -> Minor {
        state.rows.iter().filter(|row| row.due == on).map(super::state::Row::total).sum()
    };
    let flows = days
        .into_iter()
        .map(|on| FlowChange { on, before: asked(before, on), after: asked(after, on) })
        .filter(|change| change.before != change.after)
        .collect();
    Comparison { before: cost_of(before, disbursed), after: cost_of(after, disbursed), flows }
}
