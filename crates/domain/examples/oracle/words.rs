//! The words of the files.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tawi_domain::credit_ops::schedule as engine;
use tawi_domain::credit_ops::schedule::{DayCount, Unit};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepayUnit {
    Days,
    Weeks,
    Months,
}

impl From<RepayUnit> for Unit {
    fn from(unit: RepayUnit) -> Self {
        match unit {
            RepayUnit::Days => Self::Days,
            RepayUnit::Weeks => Self::Weeks,
            RepayUnit::Months => Self::Months,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
pub enum DayCountName {
    #[serde(rename = "30_360_period")]
    Period30360,
    #[serde(rename = "act_365f")]
    Act365f,
    #[serde(rename = "act_360")]
    Act360,
    #[serde(rename = "act_364")]
    Act364,
    #[serde(rename = "act_365_leap_day")]
    Act365LeapDay,
    #[serde(rename = "act_act_first_year")]
    ActActFirstYear,
    #[serde(rename = "act_act_split_dec31")]
    ActActSplitDec31,
    #[serde(rename = "act_act_isda")]
    ActActIsda,
    #[serde(rename = "act_act_afb")]
    ActActAfb,
    #[serde(rename = "act_act_icma")]
    ActActIcma,
}

impl From<DayCountName> for DayCount {
    fn from(name: DayCountName) -> Self {
        match name {
            DayCountName::Period30360 => Self::Twelfths,
            DayCountName::Act365f => Self::Actual365Fixed,
            DayCountName::Act360 => Self::Actual360,
            DayCountName::Act364 => Self::Actual364,
            DayCountName::Act365LeapDay => Self::Actual365LeapDay,
            DayCountName::ActActFirstYear => Self::ActualActualFirstYear,
            DayCountName::ActActSplitDec31 => Self::ActualActual31December,
            DayCountName::ActActIsda => Self::ActualActualIsda,
            DayCountName::ActActAfb => Self::ActualActualAfb,
            DayCountName::ActActIcma => Self::ActualActualIcma,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    DecliningBalance,
    Flat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amortization {
    EqualInstallments,
    EqualPrincipal,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmiBasis {
    ActualPeriodFactors,
    FirstPeriodDays,
    NominalPeriod,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateBasis {
    PerYear,
    WholeTerm,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthEndRule {
    LastDayOfMonth,
    FirstDayOfNextMonth,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentRounding {
    Once,
    Each,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranchePartPeriod {
    Prorated,
    FullPeriod,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmiPrincipal {
    Disbursed,
    Approved,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Levelling {
    OnePass,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Penalty,
    Fee,
    Interest,
    Principal,
}

impl From<Part> for engine::Part {
    fn from(part: Part) -> Self {
        match part {
            Part::Penalty => Self::Penalty,
            Part::Fee => Self::Fee,
            Part::Interest => Self::Interest,
            Part::Principal => Self::Principal,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Horizontal,
    Vertical,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Future {
    Next,
    Last,
    Equal,
    CurrentInstallment,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationInputs {
    pub due_order: Vec<Part>,
    pub in_advance_order: Option<Vec<Part>>,
    pub direction: Option<Direction>,
    pub future: Option<Future>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overdue {
    Daily,
    CurrentRestPeriod,
    None,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Early {
    ToPaymentDate,
    StaysDue,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payoff {
    ToPayoffDate,
    ToNextDueDate,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compounding {
    Monthly,
    None,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecalculationInputs {
    pub enabled: bool,
    pub overdue: Option<Overdue>,
    pub early_payment_interest: Option<Early>,
    pub payoff_interest: Option<Payoff>,
    pub compounding: Option<Compounding>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    KeepInstallment,
    ReduceInstallment,
    ReduceNumberOfInstallments,
    RescheduleNext,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepaymentInputs {
    pub strategy: Strategy,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Fee,
    Penalty,
}

impl From<Class> for engine::ChargeClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Fee => Self::Fee,
            Class::Penalty => Self::Penalty,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calculation {
    Percent,
    Flat,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    InstallmentPrincipal,
    InstallmentPrincipalAndInterest,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    EachInstallment,
    OverdueInstallment,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeInputs {
    pub class: Class,
    pub calculation: Calculation,
    pub percent: Option<String>,
    pub amount: Option<String>,
    pub base: Option<Base>,
    pub trigger: Trigger,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    NextInstallment,
    EqualSplit,
    EqualPayable,
}

impl From<Handling> for engine::DueInterest {
    fn from(handling: Handling) -> Self {
        match handling {
            Handling::NextInstallment => Self::NextInstalment,
            Handling::EqualSplit => Self::EqualSplit,
            Handling::EqualPayable => Self::EqualPayable,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    BusinessDate {
        date: Date,
    },
    EndOfDay {
        #[serde(rename = "date")]
        _date: Date,
    },
    Disbursement {
        date: Date,
        amount: String,
    },
    Repayment {
        date: Date,
        amount: String,
    },
    Payoff {
        date: Date,
    },
    Reversal {
        date: Date,
        of: usize,
    },
    Charge {
        added_on: Date,
        due_on: Date,
        class: Class,
        calculation: Calculation,
        amount: String,
    },
    RateChange {
        date: Date,
        annual_rate_percent: String,
        effective_on: Option<Date>,
        from_due_on: Option<Date>,
    },
    InterestPause {
        date: Option<Date>,
        from: Date,
        to: Date,
    },
    DueDateMove {
        date: Date,
        from_due_on: Date,
        to_due_on: Date,
    },
    Reschedule {
        date: Date,
        from_due_on: Date,
        #[serde(default)]
        extra_terms: u16,
        #[serde(default)]
        grace_on_principal: u16,
        #[serde(default)]
        grace_on_interest_payment: u16,
    },
    ReAmortize {
        date: Date,
        interest_handling: Handling,
    },
    ReAge {
        date: Date,
        repay_every: u16,
        repay_unit: RepayUnit,
        first_due_on: Date,
        number_of_installments: u16,
        interest_handling: Handling,
    },
    Accelerate {
        date: Date,
    },
}
