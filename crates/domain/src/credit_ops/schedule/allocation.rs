//! How money that comes in is used, and what money that comes early does to the rest.

use serde::{Deserialize, Serialize};

/// What principal paid ahead of the plan does to the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prepayment {
    /// The instalment stays and the loan ends early; instalments with nothing to ask for fall away.
    #[default]
    FewerInstalments,
    /// A smaller instalment on the rest, over the number that remains.
    SmallerInstalment,
    /// It is taken off the principal of the next instalments, the last excepted.
    NextInstalments,
    /// Nothing: instalments and their number stay, the last asks for what is left.
    KeepInstalment,
}

/// A part of what is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Penalties.
    Penalty,
    /// Fees and the tax on them.
    Fee,
    /// Interest.
    Interest,
    /// Principal.
    Principal,
}

/// Whether one instalment is filled before the next, or one part before the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Instalment by instalment.
    #[default]
    Horizontal,
    /// Part by part, over all instalments.
    Vertical,
}

/// Where money goes that nothing due asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FutureRule {
    /// To principal, on top of what the running instalment asks for; then to the interest run up.
    #[default]
    BeyondInstalment,
    /// To the following instalments in order.
    Next,
    /// From the last instalment backwards.
    Last,
    /// The same share to the principal of every open instalment.
    Equal,
    /// To the principal of the running instalment, its own first.
    CurrentInstalment,
}

/// How a payment is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AllocationRules {
    /// Order of what is due.
    pub due: [Part; 4],
    /// Order of what is paid in advance.
    pub in_advance: [Part; 4],
    /// Across or down.
    pub direction: Direction,
    /// What nothing due asks for.
    pub future: FutureRule,
    /// What is paid above everything that is owed.
    pub excess: Excess,
}

impl Default for AllocationRules {
    fn default() -> Self {
        let order = [Part::Penalty, Part::Fee, Part::Interest, Part::Principal];
        Self {
            due: order,
            in_advance: order,
            direction: Direction::default(),
            future: FutureRule::default(),
            excess: Excess::default(),
        }
    }
}

/// What is paid above everything that is owed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Excess {
    /// The payment is refused.
    #[default]
    Refused,
    /// It is kept for the customer, and shown as overpaid.
    Kept,
}
