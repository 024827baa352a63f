//! Terms and events in the files' words become the engine's.

use super::Fault;
use super::figures::{InstallmentRounding, Mode, decimal, minor};
use super::words::*;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use tawi_domain::credit_ops::schedule as engine;
use tawi_domain::credit_ops::schedule::{
    AllocationRules, Frequency, InstalmentRules, LoanEvent, LoanTerms, Minor,
};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::rate::Rate;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    principal: String,
    annual_rate_percent: String,
    rate_basis: Option<RateBasis>,
    interest_method: Method,
    amortization: Amortization,
    number_of_installments: u16,
    repay_every: u16,
    repay_unit: RepayUnit,
    schedule_starts_on: Option<Date>,
    month_end_rule: Option<MonthEndRule>,
    #[serde(default = "two")]
    pub currency_decimals: u32,
    rounding_mode: Mode,
    installment_rounding: Option<InstallmentRounding>,
    segment_rounding: Option<SegmentRounding>,
    #[serde(default)]
    grace_on_principal: u16,
    #[serde(default)]
    grace_on_interest_payment: u16,
    tranche_part_period: Option<TranchePartPeriod>,
    down_payment_percent: Option<String>,
    #[serde(default)]
    down_payment_auto_paid: bool,
    day_count: DayCountName,
    icma_frequency: Option<i64>,
    emi_basis: Option<EmiBasis>,
    emi_principal: Option<EmiPrincipal>,
    levelling: Option<Levelling>,
    allocation: Option<AllocationInputs>,
    prepayment: Option<PrepaymentInputs>,
    recalculation: Option<RecalculationInputs>,
    #[serde(default)]
    charges: Vec<ChargeInputs>,
    events: Vec<Event>,
    #[serde(rename = "label")]
    _label: Option<Value>,
    #[serde(rename = "submitted_on")]
    _submitted_on: Option<Date>,
    #[serde(rename = "interest_calculation_period")]
    _interest_calculation_period: Option<String>,
}

fn two() -> u32 {
    2
}

pub fn unsupported(what: &str) -> Fault {
    Fault::Unsupported(what.to_owned())
}

/// The engine reckons in minor units, whatever decimals the currency has: its money stands for them.
pub fn as_money(units: Minor) -> Result<Money, Fault> {
    engine::money(units, Currency::Kes).map_err(|fault| Fault::Error(fault.to_string()))
}

fn rate(percent: &str) -> Result<Rate, Fault> {
    Rate::try_from(decimal(percent)?).map_err(|fault| Fault::Error(fault.to_string()))
}

fn order(parts: &[Part], otherwise: [engine::Part; 4]) -> [engine::Part; 4] {
    // Parts that are not named come last, in the usual order.
    let mut ordered: Vec<engine::Part> = parts.iter().map(|part| engine::Part::from(*part)).collect();
    ordered.extend(
        otherwise.into_iter().filter(|part| !parts.iter().any(|named| engine::Part::from(*named) == *part)),
    );
    [ordered[0], ordered[1], ordered[2], ordered[3]]
}

impl Inputs {
    pub fn terms(&self) -> Result<LoanTerms, Fault> {
        let decimals = self.currency_decimals;
        let method = match (self.interest_method, self.amortization) {
            (Method::Flat, Amortization::EqualInstallments) => engine::InterestMethod::Flat,
            (Method::Flat, Amortization::EqualPrincipal) => {
                return Err(unsupported("flat with equal principal"));
            }
            (Method::DecliningBalance, Amortization::EqualInstallments) => {
                engine::InterestMethod::DecliningEqualInstalment
            }
            (Method::DecliningBalance, Amortization::EqualPrincipal) => {
                engine::InterestMethod::DecliningEqualPrincipal
            }
        };
        let whole_term = matches!(self.rate_basis, Some(RateBasis::WholeTerm));
        if let Some(frequency) = self.icma_frequency
            && (self.repay_unit != RepayUnit::Months || frequency * i64::from(self.repay_every) != 12)
        {
            return Err(unsupported("icma_frequency that is not the frequency of the installments"));
        }
        let released = self.released()?;
        let approved = minor(&self.principal, decimals)?.max(released);
        let mut terms = LoanTerms::plain(
            as_money(approved)?,
            rate(&self.annual_rate_percent)?,
            method,
            self.day_count.into(),
            self.number_of_installments,
        );
        if whole_term {
            terms.rate_basis = engine::RateBasis::WholeTerm;
        }
        if self.repay_unit != RepayUnit::Months {
            terms.flat = engine::FlatInterest::OfTerm;
        }
        terms.frequency = Frequency { every: self.repay_every, unit: self.repay_unit.into() };
        terms.dates.starts_on = self.schedule_starts_on;
        if matches!(self.month_end_rule, Some(MonthEndRule::FirstDayOfNextMonth)) {
            terms.dates.month_end = engine::MonthEnd::FirstOfNext;
        }
        terms.rounding = self.rounding_mode.into();
        terms.instalment = self.instalment_rules()?;
        terms.segments = match self.segment_rounding {
            Some(SegmentRounding::Each) => engine::SegmentRounding::Each,
            Some(SegmentRounding::Once) | None => engine::SegmentRounding::Once,
        };
        terms.grace.principal = self.grace_on_principal;
        terms.grace.interest_payment = self.grace_on_interest_payment;
        terms.tranches = match self.tranche_part_period {
            Some(TranchePartPeriod::FullPeriod) => engine::TranchePeriod::Full,
            Some(TranchePartPeriod::Prorated) | None => engine::TranchePeriod::Prorated,
        };
        terms.recalculation = self.recalculation()?;
        terms.prepayment = match self.prepayment.as_ref().map(|prepayment| prepayment.strategy) {
            Some(Strategy::ReduceInstallment) => engine::Prepayment::SmallerInstalment,
            Some(Strategy::ReduceNumberOfInstallments) => engine::Prepayment::FewerInstalments,
            Some(Strategy::RescheduleNext) => engine::Prepayment::NextInstalments,
            Some(Strategy::KeepInstallment) | None => engine::Prepayment::KeepInstalment,
        };
        terms.allocation = self.allocation_rules();
        if let Some(percent) = &self.down_payment_percent {
            let percent = decimal(percent)?;
            terms.down_payment =
                Some(engine::DownPayment { percent, paid_at_once: self.down_payment_auto_paid });
        }
        terms.charges = self.charges.iter().map(|charge| charge.read(decimals)).collect::<Result<_, _>>()?;
        Ok(terms)
    }

    fn released(&self) -> Result<Minor, Fault> {
        self.events.iter().try_fold(0, |sum, event| {
            let Event::Disbursement { amount, .. } = event else { return Ok(sum) };
            Ok(sum + minor(amount, self.currency_decimals)?)
        })
    }

    fn instalment_rules(&self) -> Result<InstalmentRules, Fault> {
        let mut rules = InstalmentRules::default();
        if let Some(rounding) = &self.installment_rounding {
            rules.rounding = rounding.mode.into();
            rules.multiple = minor(&rounding.multiple, self.currency_decimals)?;
        } else {
            rules.rounding = self.rounding_mode.into();
        }
        rules.basis = match self.emi_basis {
            Some(EmiBasis::ActualPeriodFactors) => engine::InstalmentBasis::ActualPeriodFactors,
            Some(EmiBasis::FirstPeriodDays) => engine::InstalmentBasis::FirstPeriodDays,
            Some(EmiBasis::NominalPeriod) | None => engine::InstalmentBasis::NominalPeriod,
        };
        if matches!(self.emi_principal, Some(EmiPrincipal::Approved)) {
            rules.principal = engine::InstalmentPrincipal::Approved;
        }
        if matches!(self.levelling, Some(Levelling::OnePass)) {
            rules.levelling = engine::Levelling::OnePass;
        }
        Ok(rules)
    }

    fn recalculation(&self) -> Result<engine::Recalculation, Fault> {
        let Some(rules) = self.recalculation.as_ref().filter(|rules| rules.enabled) else {
            return Ok(engine::Recalculation::Off);
        };
        let has_business_date = self.events.iter().any(|event| matches!(event, Event::BusinessDate { .. }));
        Ok(engine::Recalculation::On(engine::Recalculating {
            overdue: match rules.overdue {
                // Without a day to look at nothing is overdue.
                _ if !has_business_date => engine::OverdueInterest::None,
                Some(Overdue::Daily) => engine::OverdueInterest::Daily,
                Some(Overdue::CurrentRestPeriod) => engine::OverdueInterest::CurrentPeriod,
                Some(Overdue::None) | None => engine::OverdueInterest::None,
            },
            compounding: matches!(rules.compounding, Some(Compounding::Monthly)),
            early: match rules.early_payment_interest {
                Some(Early::StaysDue) => engine::EarlyInterest::StaysDue,
                Some(Early::ToPaymentDate) => engine::EarlyInterest::ToPaymentDate,
                None => return Err(unsupported("recalculation without early_payment_interest")),
            },
            payoff: match rules.payoff_interest {
                Some(Payoff::ToNextDueDate) => engine::PayoffInterest::ToNextDueDate,
                Some(Payoff::ToPayoffDate) | None => engine::PayoffInterest::ToPayoffDate,
            },
        }))
    }

    fn allocation_rules(&self) -> AllocationRules {
        let mut rules = AllocationRules { excess: engine::Excess::Kept, ..AllocationRules::default() };
        rules.future = engine::FutureRule::Next;
        if let Some(inputs) = &self.allocation {
            rules.due = order(&inputs.due_order, rules.due);
            rules.in_advance = match &inputs.in_advance_order {
                Some(parts) => order(parts, rules.in_advance),
                None => rules.due,
            };
            if matches!(inputs.direction, Some(Direction::Vertical)) {
                rules.direction = engine::Direction::Vertical;
            }
            rules.future = match inputs.future {
                Some(Future::Last) => engine::FutureRule::Last,
                Some(Future::Equal) => engine::FutureRule::Equal,
                Some(Future::CurrentInstallment) => engine::FutureRule::CurrentInstalment,
                Some(Future::Next) | None => engine::FutureRule::Next,
            };
        }
        rules
    }

    /// The engine's events, and the day each was booked on.
    pub fn events(&self) -> Result<Vec<(Date, LoanEvent)>, Fault> {
        let mut booked: Vec<(Date, LoanEvent)> = Vec::new();
        let mut repayments = Vec::new();
        let mut today = Date::MIN;
        let amount_of = |amount: &str| as_money(minor(amount, self.currency_decimals)?);
        for event in &self.events {
            let event = match event {
                Event::BusinessDate { date } => {
                    today = today.max(*date);
                    continue;
                }
                Event::EndOfDay { .. } => continue,
                Event::Disbursement { date, amount } => {
                    LoanEvent::Disbursed { on: *date, amount: Some(amount_of(amount)?) }
                }
                Event::Repayment { date, amount } => {
                    repayments.push(booked.len() + 1);
                    LoanEvent::Repaid { on: *date, amount: amount_of(amount)? }
                }
                Event::Payoff { date } => {
                    repayments.push(booked.len() + 1);
                    LoanEvent::paid_off(*date)
                }
                Event::Reversal { date, of } => {
                    let number = of.checked_sub(1).and_then(|at| repayments.get(at));
                    let number = number.ok_or_else(|| Fault::Error("no such repayment to reverse".into()))?;
                    let event = u32::try_from(*number).map_err(|_| Fault::Error("too many events".into()))?;
                    LoanEvent::Reversed { on: *date, event }
                }
                Event::Charge { added_on, due_on, class, calculation, amount } => {
                    if *calculation != Calculation::Flat {
                        return Err(unsupported("a charge event that is not flat"));
                    }
                    let amount = amount_of(amount)?;
                    LoanEvent::Charged {
                        on: *added_on,
                        due: *due_on,
                        class: (*class).into(),
                        amount,
                        tax: None,
                    }
                }
                Event::RateChange { date, annual_rate_percent, effective_on, from_due_on } => {
                    let rate = rate(annual_rate_percent)?;
                    match (effective_on, from_due_on) {
                        (Some(from), None) => LoanEvent::RateChanged { on: *date, from: *from, rate },
                        (None, Some(due)) => {
                            LoanEvent::RateChangedFromInstalment { on: *date, due: *due, rate }
                        }
                        _ => return Err(unsupported("a rate change without exactly one start")),
                    }
                }
                Event::InterestPause { date, from, to } => {
                    let last = booked.last().map_or(*from, |(_, event)| event.on());
                    LoanEvent::InterestPaused { on: date.unwrap_or(last), from: *from, to: *to }
                }
                Event::DueDateMove { date, from_due_on, to_due_on } => {
                    LoanEvent::DueDateMoved { on: *date, from: *from_due_on, to: *to_due_on }
                }
                Event::Reschedule {
                    date,
                    from_due_on,
                    extra_terms,
                    grace_on_principal,
                    grace_on_interest_payment,
                } => LoanEvent::Extended {
                    on: *date,
                    due: *from_due_on,
                    further: *extra_terms,
                    without_principal: *grace_on_principal,
                    without_interest: *grace_on_interest_payment,
                },
                Event::ReAmortize { date, interest_handling } => {
                    if *interest_handling == Handling::EqualPayable {
                        return Err(unsupported("re_amortize with equal_payable"));
                    }
                    LoanEvent::ReAmortised { on: *date, interest: (*interest_handling).into() }
                }
                Event::ReAge {
                    date,
                    repay_every,
                    repay_unit,
                    first_due_on,
                    number_of_installments,
                    interest_handling,
                } => LoanEvent::ReAged {
                    on: *date,
                    first_due: *first_due_on,
                    frequency: Frequency { every: *repay_every, unit: (*repay_unit).into() },
                    instalments: *number_of_installments,
                    interest: (*interest_handling).into(),
                },
                Event::Accelerate { date } => LoanEvent::Accelerated { on: *date },
            };
            booked.push((today.max(event.on()), event));
        }
        Ok(booked)
    }

    /// The day looked at: the last business date, or the last event where there is none.
    pub fn as_of(&self, booked: &[(Date, LoanEvent)]) -> Date {
        let business = self.events.iter().rev().find_map(|event| {
            let Event::BusinessDate { date } = event else { return None };
            Some(*date)
        });
        business.or_else(|| booked.iter().map(|(day, _)| *day).max()).unwrap_or(Date::MIN)
    }
}

impl ChargeInputs {
    fn read(&self, decimals: u32) -> Result<engine::Charge, Fault> {
        let amount = match (self.calculation, &self.percent, &self.amount, self.base) {
            (Calculation::Percent, Some(percent), None, Some(base)) => engine::ChargeAmount::Percent {
                percent: decimal(percent)?,
                of: match base {
                    Base::InstallmentPrincipal => engine::ChargeBase::InstalmentPrincipal,
                    Base::InstallmentPrincipalAndInterest => {
                        engine::ChargeBase::InstalmentPrincipalAndInterest
                    }
                },
                least: None,
                most: None,
            },
            (Calculation::Flat, None, Some(amount), None) => {
                engine::ChargeAmount::Flat(as_money(minor(amount, decimals)?)?)
            }
            _ => return Err(unsupported("a charge of this calculation")),
        };
        Ok(engine::Charge::new(
            "",
            self.class.into(),
            amount,
            match self.trigger {
                Trigger::EachInstallment => engine::ChargeTrigger::EachInstalment,
                Trigger::OverdueInstallment => {
                    engine::ChargeTrigger::OverdueInstalment { grace_days: 0, every_days: 0 }
                }
            },
        ))
    }
}
