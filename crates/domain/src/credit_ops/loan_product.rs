//! Loan products: what the bank lends on which conditions. A product has versions; a loan keeps the one it
//! was made with.

use super::schedule::{
    Charge, ChargeAmount, ChargeBase, ChargeClass, ChargeIncome, ChargeTrigger, DatedPercent, DayCount,
    Frequency, InterestMethod, LoanState, LoanTerms,
};
use crate::shared::approval::SummaryLine;
use crate::shared::money::Money;
use crate::shared::rate::Rate;
use crate::shared::words::words;
use jiff::civil::Date;
use rust_decimal::Decimal;
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
    /// The least that is taken as a repayment, unless less pays the loan off. None: a cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_repayment: Option<Money>,
    /// Whether new loans are made with it.
    pub offered: bool,
    /// Everything else that a loan of it agrees to; amount, rate, number and frequency in it are the
    /// application's. None: interest and days as above under the rules of products that had no template, and the
    /// processing fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<LoanTerms>,
}

impl LoanProduct {
    /// The terms of a loan of this product, with the bank's excise duty on its fees.
    pub fn terms(&self, chosen: &ChosenTerms, excise: &[DatedPercent]) -> LoanTerms {
        let instalments = chosen.frequency.instalments(chosen.months);
        let rate = chosen.rate.unwrap_or(self.rate);
        let plain = LoanTerms::plain(chosen.amount, rate, self.method, self.day_count, instalments);
        let agreed = self.template.clone().unwrap_or(plain);
        LoanTerms {
            principal: chosen.amount,
            rate,
            instalments,
            frequency: chosen.frequency.steps(),
            charges: self.charges(excise),
            ..agreed
        }
    }

    /// Its fees and penalties. Fees that say nothing of tax bear the bank's excise duty.
    pub fn charges(&self, excise: &[DatedPercent]) -> Vec<Charge> {
        let mut charges = match &self.template {
            Some(template) => template.charges.clone(),
            None if self.fee_percent.is_zero() => Vec::new(),
            None => vec![Charge::processing_fee(self.fee_percent, ChargeIncome::AtOnce)],
        };
        for charge in charges.iter_mut().filter(|charge| charge.class == ChargeClass::Fee) {
            if charge.tax.is_empty() {
                charge.tax = excise.to_vec();
            }
        }
        charges
    }

    /// The lowest and the highest rate an application may ask for.
    pub fn rates(&self) -> (Rate, Rate) {
        (self.lowest_rate.unwrap_or(self.rate), self.highest_rate.unwrap_or(self.rate))
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
            SummaryLine::new(
                "Due",
                self.template
                    .as_ref()
                    .map_or_else(|| "A period on, every day of the week".to_owned(), LoanTerms::due_told),
            ),
            SummaryLine::new("Amount", format!("{} to {}", self.least, self.most.figures())),
            SummaryLine::new("Term", format!("{} to {} months", self.shortest_months, self.longest_months)),
            SummaryLine::new("Fees and penalties", charges_told(&self.charges(&[]))),
            SummaryLine::new(
                "Least repayment",
                self.least_repayment.map_or_else(|| "Any amount".to_owned(), |least| least.to_string()),
            ),
            SummaryLine::new("Age at the end", format!("{} years at most", self.oldest_at_end_years)),
            SummaryLine::new("All loans of a customer", format!("{} at most", self.most_exposure)),
        ]
    }
}

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

/// Fees and penalties in a line.
pub fn charges_told(charges: &[Charge]) -> String {
    let told: Vec<String> = charges.iter().map(Charge::told).collect();
    if told.is_empty() { "None".to_owned() } else { told.join("; ") }
}

impl Fees {
    /// As the engine reckons them, for the whole amount or what was paid out of it.
    pub fn of(state: &LoanState) -> Self {
        let taken = state.at_disbursement;
        let fee = taken.deducted + taken.paid + taken.capitalised - taken.tax;
        Self {
            fee: state.money(fee),
            excise: state.money(taken.tax),
            net: state
                .money(state.lent - state.capitalised - taken.capitalised - taken.deducted - taken.interest),
        }
    }
}

impl Charge {
    /// The processing fee that is kept back from what is paid out, a percentage of it.
    pub fn processing_fee(percent: Decimal, income: ChargeIncome) -> Self {
        let amount = ChargeAmount::Percent { percent, of: ChargeBase::Disbursed, least: None, most: None };
        let deducted = ChargeTrigger::DeductedAtDisbursement;
        Self { income, ..Self::new("Processing fee", ChargeClass::Fee, amount, deducted) }
    }

    /// The fee that was kept back from a loan before fees were among its terms: the amount that was booked, and
    /// the percentage that gives the tax that was.
    pub fn kept_back(fees: &Fees, on: Date) -> Self {
        let percent = fees
            .excise
            .amount()
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|tax| tax.checked_div(fees.fee.amount()));
        let tax = vec![DatedPercent { from: on, percent: percent.unwrap_or_default().round_dp(8) }];
        Self {
            amount: ChargeAmount::Flat(fees.fee),
            tax,
            ..Self::processing_fee(Decimal::ZERO, ChargeIncome::AtOnce)
        }
    }
}
