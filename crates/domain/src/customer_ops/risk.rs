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

words! {
    /// Why a customer has points. Its words are chosen where they are read.
    pub enum RiskReason {
        /// A politically exposed person.
        PoliticallyExposed = "politically_exposed";
        /// Nobody knows where the money comes from.
        SourceUnclear = "source_unclear";
        /// The money comes from abroad.
        MoneyFromAbroad = "money_from_abroad";
        /// The money comes from trade, in cash.
        CashFromTrade = "cash_from_trade";
        /// Known by a passport.
        Passport = "passport";
        /// Known by an alien card.
        ForeignNational = "foreign_national";
        /// Others use the same mobile number.
        SharedPhone = "shared_phone";
    }
}

/// One reason for points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskFactor {
    /// Its word; none in a rating that the version before made.
    #[serde(default)]
    pub reason: Option<RiskReason>,
    /// How many it was seen in, where that is counted.
    #[serde(default)]
    pub seen_in: u32,
    /// What it is, as the version before tells it (`language::before::rating`).
    pub factor: String,
    /// What it was seen in, as the version before tells it.
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
    let mut add = |reason: RiskReason, seen_in: u32, points: u16| {
        let (factor, evidence) = (String::new(), String::new());
        factors.push(RiskFactor { reason: Some(reason), seen_in, factor, evidence, points });
    };
    if input.pep == Pep::Exposed {
        add(RiskReason::PoliticallyExposed, 0, 60);
    }
    match input.source_of_funds {
        SourceOfFunds::Other => add(RiskReason::SourceUnclear, 0, 20),
        SourceOfFunds::RemittanceFromAbroad => add(RiskReason::MoneyFromAbroad, 0, 20),
        SourceOfFunds::Business => add(RiskReason::CashFromTrade, 0, 10),
        SourceOfFunds::Salary
        | SourceOfFunds::Farming
        | SourceOfFunds::Pension
        | SourceOfFunds::Investments
        | SourceOfFunds::Family => {}
    }
    match input.id_kind {
        IdKind::NationalId => {}
        IdKind::Passport => add(RiskReason::Passport, 0, 15),
        IdKind::AlienCard => add(RiskReason::ForeignNational, 0, 15),
    }
    if input.others_with_phone > 0 {
        add(RiskReason::SharedPhone, u32::try_from(input.others_with_phone).unwrap_or(u32::MAX), 10);
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
