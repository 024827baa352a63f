//! Loan products: what the bank lends on which conditions. A product has versions; a loan keeps the one it
//! was made with.

use super::schedule::{DayCount, InterestMethod, LoanTerms};
use crate::shared::approval::SummaryLine;
use crate::shared::money::{Money, MoneyError};
use crate::shared::rate::Rate;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// One version of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanProduct {
    /// Its code, for example `BIASHARA`.
    pub code: String,
    /// Its version, from 1.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Two figures of the loan number, 50 to 99.
    pub number_code: u8,
    /// How interest is taken.
    pub method: InterestMethod,
    /// How days are counted.
    pub day_count: DayCount,
    /// Percent a year.
    pub rate: Rate,
    /// The smallest loan.
    pub least: Money,
    /// The largest loan.
    pub most: Money,
    /// The fewest monthly instalments.
    pub shortest_months: u16,
    /// The most monthly instalments.
    pub longest_months: u16,
    /// Processing fee, percent of the amount, deducted when the loan is paid out.
    pub fee_percent: Decimal,
    /// The age in years that the borrower may reach before the last instalment.
    pub oldest_at_end_years: i16,
    /// The most one customer may owe on all loans together.
    pub most_exposure: Money,
    /// Whether new loans are made with it.
    pub offered: bool,
}

impl LoanProduct {
    /// The terms of a loan of this product.
    pub fn terms(&self, principal: Money, instalments: u16) -> LoanTerms {
        LoanTerms { principal, rate: self.rate, method: self.method, day_count: self.day_count, instalments }
    }

    /// The processing fee of an amount and the excise duty on it, each rounded to the cent, half away from
    /// zero. `excise_percent` is the dated parameter `excise_on_fees_percent`.
    pub fn fees(&self, principal: Money, excise_percent: Decimal) -> Result<Fees, MoneyError> {
        let fee = percent_of(principal.amount(), self.fee_percent).ok_or(MoneyError::TooLarge)?;
        let excise = percent_of(fee, excise_percent).ok_or(MoneyError::TooLarge)?;
        let net = principal.amount() - fee - excise;
        Ok(Fees {
            fee: Money::new(fee, principal.currency())?,
            excise: Money::new(excise, principal.currency())?,
            net: Money::new(net, principal.currency())?,
        })
    }

    /// What a reader of the product wants to know.
    pub fn summary(&self) -> Vec<SummaryLine> {
        vec![
            SummaryLine::new("Interest", format!("{} a year, {}", self.rate, self.method.title())),
            SummaryLine::new("Days", self.day_count.title()),
            SummaryLine::new("Amount", format!("{} to {}", self.least, self.most.figures())),
            SummaryLine::new("Term", format!("{} to {} months", self.shortest_months, self.longest_months)),
            SummaryLine::new("Processing fee", format!("{} %, deducted", self.fee_percent.normalize())),
            SummaryLine::new("Age at the end", format!("{} years at most", self.oldest_at_end_years)),
            SummaryLine::new("All loans of a customer", format!("{} at most", self.most_exposure)),
        ]
    }
}

/// What is deducted when a loan is paid out, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// Processing fee.
    pub fee: Money,
    /// Excise duty on it.
    pub excise: Money,
    /// What the customer receives.
    pub net: Money,
}

fn percent_of(amount: Decimal, percent: Decimal) -> Option<Decimal> {
    let exact = amount.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?;
    Some(exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}
