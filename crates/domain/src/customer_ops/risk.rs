//! The risk rating: points that explain themselves, added up to a band. Rule set 1 is simple on
//! purpose; a new one gets the next number, and a rating keeps the number it was made with.

use super::customer::{IdKind, Pep, SourceOfFunds};
use crate::shared::approval::Care;
use crate::shared::words::words;
use serde::{Deserialize, Serialize};

/// Number of the rule set below.
pub const RULE_SET: i64 = 1;
/// Points from which the risk is medium.
pub const MEDIUM_FROM: u16 = 30;
/// Points from which the risk is high.
pub const HIGH_FROM: u16 = 60;

words! {
    /// How much care a customer needs.
    #[derive(PartialOrd, Ord)]
    pub enum RiskBand {
        /// Reviewed every third year.
        Low = "low", "Low risk";
        /// Reviewed every second year.
        Medium = "medium", "Medium risk";
        /// Reviewed every year; accepted only with a second person's approval.
        High = "high", "High risk";
    }
}

impl RiskBand {
    /// How much care the band asks for.
    pub fn care(self) -> Care {
        match self {
            Self::Low => Care::Low,
            Self::Medium => Care::Medium,
            Self::High => Care::High,
        }
    }
}

/// One reason for points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskFactor {
    /// What it is.
    pub factor: String,
    /// What it was seen in.
    pub evidence: String,
    /// Its weight in points.
    pub points: u16,
}

/// A rating with everything that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskRating {
    /// The rule set.
    pub rule_set: i64,
    /// The sum, 100 at most.
    pub points: u16,
    /// The band.
    pub band: RiskBand,
    /// The reasons, heaviest first.
    pub factors: Vec<RiskFactor>,
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct RiskInput {
    /// Politically exposed?
    pub pep: Pep,
    /// Where the money comes from.
    pub source_of_funds: SourceOfFunds,
    /// The paper shown.
    pub id_kind: IdKind,
    /// How many other customers use the same phone.
    pub others_with_phone: usize,
}

/// Rates a new customer.
pub fn rate(input: RiskInput) -> RiskRating {
    let mut factors = Vec::new();
    let mut add = |factor: &str, evidence: String, points: u16| {
        factors.push(RiskFactor { factor: factor.to_owned(), evidence, points });
    };
    if input.pep == Pep::Exposed {
        add("Politically exposed person", "declared by the customer".to_owned(), 60);
    }
    match input.source_of_funds {
        SourceOfFunds::Other => add("Source of funds unclear", "“Other” was chosen".to_owned(), 20),
        SourceOfFunds::RemittanceFromAbroad => {
            add("Money from abroad", "main source of funds".to_owned(), 20);
        }
        SourceOfFunds::Business => add("Cash from trade", "main source of funds".to_owned(), 10),
        SourceOfFunds::Salary
        | SourceOfFunds::Farming
        | SourceOfFunds::Pension
        | SourceOfFunds::Investments
        | SourceOfFunds::Family => {}
    }
    match input.id_kind {
        IdKind::NationalId => {}
        IdKind::Passport => add("Identified by passport", "no national ID".to_owned(), 15),
        IdKind::AlienCard => add("Foreign national", "identified by alien card".to_owned(), 15),
    }
    if input.others_with_phone > 0 {
        let others = input.others_with_phone;
        let evidence = if others == 1 {
            "one other customer uses it".to_owned()
        } else {
            format!("{others} other customers use it")
        };
        add("Shared mobile number", evidence, 10);
    }
    factors.sort_by_key(|factor| std::cmp::Reverse(factor.points));
    let points = factors.iter().map(|factor| factor.points).sum::<u16>().min(100);
    let band = match points {
        points if points >= HIGH_FROM => RiskBand::High,
        points if points >= MEDIUM_FROM => RiskBand::Medium,
        _ => RiskBand::Low,
    };
    RiskRating { rule_set: RULE_SET, points, band, factors }
}
