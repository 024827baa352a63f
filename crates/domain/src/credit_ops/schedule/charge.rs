//! Fees and penalties of a product: how much, on what, when, and the tax on them.

use super::amount::Minor;
use crate::shared::money::Money;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A fee or a penalty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeClass {
    /// A fee.
    Fee,
    /// A penalty.
    Penalty,
}

/// What a percentage is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChargeBase {
    /// What is paid out.
    Disbursed,
    /// The instalment's principal.
    InstalmentPrincipal,
    /// The instalment's interest.
    InstalmentInterest,
    /// The instalment's principal and interest.
    InstalmentPrincipalAndInterest,
    /// What is unpaid of the instalment's principal and interest when the charge is made.
    InstalmentUnpaid,
    /// What is unpaid of all principal and interest that has fallen due.
    LoanUnpaid,
}

/// How much a charge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChargeAmount {
    /// An amount.
    Flat(Money),
    /// A percentage, within bounds where they are given.
    Percent {
        /// Percent.
        percent: Decimal,
        /// Of what.
        of: ChargeBase,
        /// Minor units at least.
        least: Option<i64>,
        /// Minor units at most.
        most: Option<i64>,
    },
}

/// When a charge falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChargeTrigger {
    /// Kept back from what is paid out.
    DeductedAtDisbursement,
    /// Paid by the customer on the day of the disbursement, beside the loan.
    PaidAtDisbursement,
    /// Added to the principal on the day of the disbursement.
    CapitalisedAtDisbursement,
    /// With each instalment.
    EachInstalment,
    /// For an instalment that is unpaid after its due date and so many further days.
    OverdueInstalment {
        /// Days of grace.
        grace_days: u16,
        /// And again every so many days while it is unpaid; 0: once.
        #[serde(default)]
        every_days: u16,
    },
    /// For a loan of which something is unpaid after its last due date and so many further days.
    AfterMaturity {
        /// Days of grace.
        grace_days: u16,
        /// And again every so many days while it is unpaid; 0: once.
        #[serde(default)]
        every_days: u16,
    },
}

impl ChargeBase {
    /// As people read it, after a percentage.
    pub fn title(self) -> &'static str {
        match self {
            Self::Disbursed => "of the amount paid out",
            Self::InstalmentPrincipal => "of the instalment's principal",
            Self::InstalmentInterest => "of the instalment's interest",
            Self::InstalmentPrincipalAndInterest => "of the instalment",
            Self::InstalmentUnpaid => "of what is unpaid of the instalment's principal and interest",
            Self::LoanUnpaid => "of everything that is due and unpaid",
        }
    }
}

impl ChargeTrigger {
    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::DeductedAtDisbursement => "deducted",
            Self::PaidAtDisbursement => "paid beside the loan",
            Self::CapitalisedAtDisbursement => "added to the principal",
            Self::EachInstalment => "with each instalment",
            Self::OverdueInstalment { .. } => "when an instalment is late",
            Self::AfterMaturity { .. } => "when the loan is late after its end",
        }
    }

    /// Whether it is taken when money is paid out.
    pub fn is_at_disbursement(self) -> bool {
        matches!(
            self,
            Self::DeductedAtDisbursement | Self::PaidAtDisbursement | Self::CapitalisedAtDisbursement
        )
    }

    /// For what is late: days of grace, and the days after which it is charged again.
    pub(super) fn lateness(self) -> Option<(u16, u16)> {
        match self {
            Self::OverdueInstalment { grace_days, every_days }
            | Self::AfterMaturity { grace_days, every_days } => Some((grace_days, every_days)),
            Self::DeductedAtDisbursement
            | Self::PaidAtDisbursement
            | Self::CapitalisedAtDisbursement
            | Self::EachInstalment => None,
        }
    }
}

/// What lateness costs from a restructuring on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PenaltyTerms {
    /// How much.
    pub amount: ChargeAmount,
    /// Days of grace after an instalment's due date.
    pub grace_days: u16,
    /// And again every so many days while it is unpaid; 0: once.
    #[serde(default)]
    pub every_days: u16,
}

/// When a fee that is taken at the disbursement is income.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeIncome {
    /// At once: the fee of a service.
    #[default]
    AtOnce,
    /// Day by day over the term as it was first agreed: a part of the price of the credit (IFRS 9, B5.4.1).
    OverTerm,
}

/// A charge of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// What it is for.
    pub name: String,
    /// Fee or penalty.
    pub class: ChargeClass,
    /// How much.
    pub amount: ChargeAmount,
    /// When.
    pub trigger: ChargeTrigger,
    /// Tax on it, percent, from each of these dates on (dated, in order).
    #[serde(default)]
    pub tax: Vec<DatedPercent>,
    /// When it is income, where it is taken at the disbursement.
    #[serde(default)]
    pub income: ChargeIncome,
    /// Minor units that all charges of this kind reach together over the loan's life; for what is late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_in_all: Option<i64>,
    /// The last day on which it is charged; for what is late.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::shared::dates::optional_day")]
    pub until: Option<Date>,
    /// The day after which it is charged; for what is late.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::shared::dates::optional_day")]
    pub since: Option<Date>,
}

impl Charge {
    /// A charge without tax, earned when it is charged, without a cap or days of its own.
    pub fn new(name: &str, class: ChargeClass, amount: ChargeAmount, trigger: ChargeTrigger) -> Self {
        Self {
            name: name.to_owned(),
            class,
            amount,
            trigger,
            tax: Vec::new(),
            income: ChargeIncome::AtOnce,
            most_in_all: None,
            until: None,
            since: None,
        }
    }

    /// In a few words: how much of what, when.
    pub fn told(&self) -> String {
        let much = match self.amount {
            ChargeAmount::Flat(money) => money.to_string(),
            ChargeAmount::Percent { percent, of, .. } => format!("{} % {}", percent.normalize(), of.title()),
        };
        let mut told = format!("{} {much}, {}", self.name, self.trigger.title());
        if let Some((grace, every)) = self.trigger.lateness() {
            if grace > 0 {
                told.push_str(&format!(" after {grace} days"));
            }
            if every > 0 {
                told.push_str(&format!(", again every {every} days"));
            }
        }
        told
    }

    /// What of it cannot be agreed together, with the reason.
    pub fn contradiction(&self) -> Option<String> {
        let late = self.trigger.lateness().is_some();
        let of_unpaid = matches!(
            self.amount,
            ChargeAmount::Percent { of: ChargeBase::InstalmentUnpaid | ChargeBase::LoanUnpaid, .. }
        );
        let what = if of_unpaid && !late {
            "is a percentage of what is unpaid: only what is late can be charged so"
        } else if (self.most_in_all.is_some() || self.until.is_some()) && !late {
            "has an end or a sum that it does not exceed: only what is late can be charged so"
        } else if late && self.income == ChargeIncome::OverTerm {
            "is charged for lateness: only what is taken at the disbursement is earned over the term"
        } else {
            return None;
        };
        Some(format!("{} {what}", self.name))
    }
}

/// A percentage that holds from a date on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedPercent {
    /// First day.
    #[serde(with = "crate::shared::dates::day")]
    pub from: Date,
    /// Percent.
    pub percent: Decimal,
}

/// A fee or penalty of a loan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeTold {
    /// What it is for.
    pub name: String,
    /// Fee or penalty.
    pub class: ChargeClass,
    /// The row it is asked for with.
    pub row: u16,
    /// When it is due.
    #[serde(with = "crate::shared::dates::day")]
    pub due: Date,
    /// How much, without tax.
    pub amount: Minor,
    /// Tax on it.
    pub tax: Minor,
    /// What was paid of both.
    pub paid: Minor,
}
