//! Loan products: what the bank lends on which conditions. A product has versions; a loan keeps the one it
//! was made with.

use super::schedule::{
    Charge, ChargeAmount, ChargeBase, ChargeClass, ChargeIncome, ChargeTrigger, DatedPercent, DayCount,
    Frequency, InterestMethod, LoanTerms,
};
use crate::shared::approval::SummaryLine;
use crate::shared::money::{Money, MoneyError};
use crate::shared::rate::Rate;
use crate::shared::words::words;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

words! {
    /// How often a borrower pays.
    #[derive(Default)]
    pub enum RepaymentFrequency {
        /// Every week.
        Weekly = "weekly", "Weekly";
        /// Every second week.
        Fortnightly = "fortnightly", "Every two weeks";
        /// Every month.
        #[default]
        Monthly = "monthly", "Monthly";
        /// Every third month.
        Quarterly = "quarterly", "Quarterly";
    }
}

impl RepaymentFrequency {
    /// The engine's steps.
    pub fn steps(self) -> Frequency {
        match self {
            Self::Weekly => Frequency::WEEKLY,
            Self::Fortnightly => Frequency::FORTNIGHTLY,
            Self::Monthly => Frequency::MONTHLY,
            Self::Quarterly => Frequency::QUARTERLY,
        }
    }

    /// The frequency of the engine's steps, where the bank offers it.
    pub fn of(steps: Frequency) -> Option<Self> {
        Self::ALL.into_iter().find(|frequency| frequency.steps() == steps)
    }

    /// Instalments in a term of so many months: 52 weeks a year, begun ones counted.
    pub fn instalments(self, months: u16) -> u16 {
        let a_year: u32 = match self {
            Self::Weekly => 52,
            Self::Fortnightly => 26,
            Self::Monthly => 12,
            Self::Quarterly => 4,
        };
        u16::try_from((u32::from(months) * a_year).div_ceil(12)).unwrap_or(u16::MAX)
    }
}

/// What an application chooses within a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChosenTerms {
    /// The amount.
    pub amount: Money,
    /// The term in months.
    pub months: u16,
    /// Percent a year; the product's own when none is given.
    pub rate: Option<Rate>,
    /// How often it is paid.
    pub frequency: RepaymentFrequency,
}

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
    /// Percent a year, unless an application asks for another within the range.
    pub rate: Rate,
    /// The lowest rate an application may ask for; the product's own when nothing is said.
    #[serde(default)]
    pub lowest_rate: Option<Rate>,
    /// The highest.
    #[serde(default)]
    pub highest_rate: Option<Rate>,
    /// How often its loans may be paid.
    #[serde(default = "monthly")]
    pub frequencies: Vec<RepaymentFrequency>,
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
    pub fn terms(&self, chosen: &ChosenTerms) -> LoanTerms {
        let instalments = chosen.frequency.instalments(chosen.months);
        let rate = chosen.rate.unwrap_or(self.rate);
        let plain = LoanTerms::plain(chosen.amount, rate, self.method, self.day_count, instalments);
        LoanTerms { frequency: chosen.frequency.steps(), ..plain }
    }

    /// The lowest and the highest rate an application may ask for.
    pub fn rates(&self) -> (Rate, Rate) {
        (self.lowest_rate.unwrap_or(self.rate), self.highest_rate.unwrap_or(self.rate))
    }

    /// The processing fee as the engine reckons it, with excise of a percentage.
    pub fn charges(&self, excise_percent: Decimal) -> Vec<Charge> {
        let of = ChargeBase::Disbursed;
        vec![Charge {
            name: "Processing fee".to_owned(),
            class: ChargeClass::Fee,
            amount: ChargeAmount::Percent { percent: self.fee_percent, of, least: None, most: None },
            trigger: ChargeTrigger::DeductedAtDisbursement,
            tax: vec![DatedPercent { from: EVER, percent: excise_percent }],
            income: ChargeIncome::default(),
            most_in_all: None,
            until: None,
            since: None,
        }]
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
            SummaryLine::new("Rates on application", {
                let (lowest, highest) = self.rates();
                if lowest == highest {
                    "None".to_owned()
                } else {
                    format!("{} to {highest} a year", lowest.percent())
                }
            }),
            SummaryLine::new("Days", self.day_count.title()),
            SummaryLine::new(
                "Paid",
                self.frequencies.iter().map(|frequency| frequency.title()).collect::<Vec<_>>().join(", "),
            ),
            SummaryLine::new("Amount", format!("{} to {}", self.least, self.most.figures())),
            SummaryLine::new("Term", format!("{} to {} months", self.shortest_months, self.longest_months)),
            SummaryLine::new("Processing fee", format!("{} %, deducted", self.fee_percent.normalize())),
            SummaryLine::new("Age at the end", format!("{} years at most", self.oldest_at_end_years)),
            SummaryLine::new("All loans of a customer", format!("{} at most", self.most_exposure)),
        ]
    }
}

/// Before any loan.
const EVER: Date = jiff::civil::date(1, 1, 1);

fn monthly() -> Vec<RepaymentFrequency> {
    vec![RepaymentFrequency::Monthly]
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
