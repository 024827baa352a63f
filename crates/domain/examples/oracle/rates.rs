//! Rates, factors and financial functions.

use super::figures::{InstallmentRounding, Mode, Output, fraction, minor, money, real};
use super::{Fault, Outcome};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use tawi_domain::credit_ops::schedule::financial::{self, Payable};
use tawi_domain::credit_ops::schedule::{
    Flow, Fraction, InstalmentRules, Real, Rounding, UnitFlow, day_number, effective_rate, interval,
    level_instalment, rate_per_step, unit_period_rate, written,
};

fn none() -> Fault {
    Fault::Error("there is no such rate".into())
}

fn as_real(value: Fraction) -> Real {
    Real::ratio(value.numerator(), value.denominator())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateFactor {
    annual_rate_percent: String,
    period_days: Vec<i64>,
    days_in_year: i64,
    output: Output,
}

pub fn rate_factor(inputs: RateFactor) -> Outcome {
    let rate = fraction(&inputs.annual_rate_percent)?;
    let mut values = Vec::new();
    for days in inputs.period_days {
        let part = Fraction::new(i128::from(days), i128::from(inputs.days_in_year) * 100)?;
        values.push(inputs.output.write(as_real(rate.times(part)?))?);
    }
    Ok(json!({ "values": values }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnuityFactor {
    annual_rate_percent: String,
    period_days: Vec<i64>,
    days_in_year: i64,
    significant_digits: u32,
    rounding_mode: Mode,
    output: Output,
}

/// `F1 = 1`, `Fk = F(k-1) (1 + fk) + 1`, every single operation rounded to the calculator's digits.
pub fn annuity_factor(inputs: AnnuityFactor) -> Outcome {
    let mode = Rounding::from(inputs.rounding_mode);
    let keep = |value: Real| {
        value.to_significant(inputs.significant_digits, mode).ok_or_else(|| Fault::Error("too large".into()))
    };
    let rate = keep(as_real(fraction(&inputs.annual_rate_percent)?.times(Fraction::new(1, 100)?)?))?;
    let mut values = Vec::new();
    let mut sum = Real::ZERO;
    for (nth, days) in inputs.period_days.iter().enumerate() {
        let part = keep(Real::ratio(i128::from(*days), i128::from(inputs.days_in_year)))?;
        let factor = keep(rate.times(part))?;
        let growth = keep(Real::ONE.plus(factor))?;
        sum = if nth == 0 { Real::ONE } else { keep(keep(sum.times(growth))?.plus(Real::ONE))? };
        values.push(inputs.output.write(sum)?);
    }
    Ok(json!({ "values": values }))
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PaymentsIn {
    Arrears,
    Advance,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImplicitRate {
    principal: String,
    annual_rate_percent: String,
    number_of_installments: u32,
    repay_every: u16,
    repay_unit: super::words::RepayUnit,
    #[serde(rename = "day_count")]
    _day_count: Option<super::words::DayCountName>,
    payments_in: PaymentsIn,
    currency_decimals: u32,
    installment_rounding: InstallmentRounding,
    output: Output,
}

pub fn implicit_rate(inputs: ImplicitRate) -> Outcome {
    if inputs.repay_every != 1 || inputs.repay_unit != super::words::RepayUnit::Months {
        return Err(Fault::Unsupported("an implicit rate that is not monthly".into()));
    }
    let decimals = inputs.currency_decimals;
    let monthly = fraction(&inputs.annual_rate_percent)?.times(Fraction::new(1, 1200)?)?;
    let principal = minor(&inputs.principal, decimals)?;
    let rounding = Rounding::from(inputs.installment_rounding.mode);
    let multiple = minor(&inputs.installment_rounding.multiple, decimals)?;
    let rules = InstalmentRules { rounding, multiple, ..InstalmentRules::default() };
    let count = inputs.number_of_installments;
    let (instalment, first) = match inputs.payments_in {
        PaymentsIn::Arrears => (level_instalment(principal, monthly, count, &rules)?, 1),
        PaymentsIn::Advance => {
            let payment = financial::pmt(
                as_real(monthly),
                count,
                Real::whole(-i128::from(principal)),
                Real::ZERO,
                Payable::Start,
            );
            let multiple = i128::from(multiple.max(1));
            let units = payment
                .and_then(|payment| payment.over(Real::whole(multiple)))
                .and_then(|payment| payment.round(0, rounding))
                .and_then(|units| i64::try_from(units * multiple).ok());
            (units.ok_or_else(none)?, 0)
        }
    };
    let mut flows = vec![Flow { steps: 0, amount: Real::whole(i128::from(principal)) }];
    flows.extend(
        (first..first + count).map(|steps| Flow { steps, amount: Real::whole(-i128::from(instalment)) }),
    );
    let rate = rate_per_step(&flows).ok_or_else(none)?.times(Real::whole(12));
    Ok(json!({
        "installment": money(instalment, decimals),
        "implicit_annual_rate": inputs.output.write(rate)?,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitPayment {
    #[serde(rename = "date")]
    _date: Option<Date>,
    first_unit_period: u32,
    fraction: Option<String>,
    amount: String,
    #[serde(default = "one")]
    count: u32,
}

fn one() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegZ {
    unit_periods_per_year: String,
    advances: Vec<UnitPayment>,
    payments: Vec<UnitPayment>,
    output: Output,
}

pub fn regz(inputs: RegZ) -> Outcome {
    let mut flows = Vec::new();
    for (payments, outward) in [(&inputs.advances, true), (&inputs.payments, false)] {
        for payment in payments {
            let amount = real(&payment.amount)?;
            let amount = if outward { amount } else { amount.negated() };
            let part = fraction(payment.fraction.as_deref().unwrap_or("0"))?;
            flows.extend((0..payment.count).map(|nth| UnitFlow {
                periods: payment.first_unit_period + nth,
                fraction: part,
                amount,
            }));
        }
    }
    let yearly = real(&inputs.unit_periods_per_year)?.times(Real::whole(100));
    let rate = unit_period_rate(&flows).ok_or_else(none)?.times(yearly);
    Ok(json!({ "apr_percent": inputs.output.write(rate)? }))
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum TimeMeasure {
    #[serde(rename = "act_365")]
    Act365,
    #[serde(rename = "equal_months")]
    EqualMonths,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatedPayment {
    date: Date,
    amount: String,
    #[serde(default = "one")]
    count: u32,
    every_months: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effective {
    time_measure: TimeMeasure,
    advances: Vec<DatedPayment>,
    payments: Vec<DatedPayment>,
    output: Output,
}

pub fn effective(inputs: Effective) -> Outcome {
    let first = inputs.advances.iter().map(|advance| advance.date).min().ok_or_else(none)?;
    let outside = || Fault::Error("a payment before the first advance".into());
    let steps = |date: Date| -> Result<u32, Fault> {
        let count = match inputs.time_measure {
            TimeMeasure::Act365 => day_number(date) - day_number(first),
            TimeMeasure::EqualMonths => {
                let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
                if date.day() != first.day() && date != date.last_of_month() {
                    return Err(Fault::Unsupported("equal months with odd days".into()));
                }
                months(date) - months(first)
            }
        };
        u32::try_from(count).map_err(|_| outside())
    };
    let mut flows = Vec::new();
    for (payments, outward) in [(&inputs.advances, true), (&inputs.payments, false)] {
        for payment in payments {
            let amount = real(&payment.amount)?;
            let amount = if outward { amount } else { amount.negated() };
            for nth in 0..payment.count {
                let months = i32::try_from(nth).map_err(|_| none())? * payment.every_months.unwrap_or(1);
                let date = super::due_dates::months_before(payment.date, -months)?;
                flows.push(Flow { steps: steps(date)?, amount });
            }
        }
    }
    let a_year = if inputs.time_measure == TimeMeasure::Act365 { 365 } else { 12 };
    let rate = effective_rate(&flows, a_year).ok_or_else(none)?.times(Real::whole(100));
    Ok(json!({ "apr_percent": inputs.output.write(rate)? }))
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum IntervalUnit {
    Month,
    Year,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeInterval {
    from: Date,
    to: Date,
    unit: IntervalUnit,
    output: Output,
}

pub fn time_interval(inputs: TimeInterval) -> Outcome {
    let months = match inputs.unit {
        IntervalUnit::Month => 1,
        IntervalUnit::Year => 12,
    };
    let counted = interval(inputs.from, inputs.to, months)?;
    Ok(json!({
        "whole_units": counted.whole,
        "odd_days": counted.odd_days,
        "days_in_year": counted.days_in_year,
        "years": inputs.output.write(as_real(counted.years))?,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundingInputs {
    values: Vec<String>,
    decimals: Vec<u32>,
    rounding_mode: Mode,
}

pub fn rounding(inputs: RoundingInputs) -> Outcome {
    let mut rows = Vec::new();
    for decimals in &inputs.decimals {
        for value in &inputs.values {
            let exact = fraction(value)?;
            let scale = 10_i128.checked_pow(*decimals).ok_or_else(none)?;
            let units =
                Rounding::from(inputs.rounding_mode).divide(exact.numerator() * scale, exact.denominator());
            rows.push(json!({ "value": value, "decimals": decimals, "rounded": written(units, *decimals) }));
        }
    }
    Ok(json!({ "rows": rows }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Function {
    name: String,
    args: Value,
    scale: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionInputs {
    function: Function,
    output: Output,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatedAmount {
    date: Date,
    amount: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {
    rate: Option<String>,
    nper: Option<u32>,
    pv: Option<String>,
    fv: Option<String>,
    #[serde(rename = "type")]
    payable: Option<u8>,
    per: Option<u32>,
    start_period: Option<u32>,
    end_period: Option<u32>,
    nominal_rate: Option<String>,
    effective_rate: Option<String>,
    npery: Option<u32>,
    pmt: Option<String>,
    advance: Option<u32>,
    days_to_first: Option<i64>,
    flows: Option<Vec<DatedAmount>>,
}

fn missing(what: &str) -> Fault {
    Fault::Error(format!("{what} is missing"))
}

impl Args {
    fn rate(&self) -> Result<Real, Fault> {
        real(self.rate.as_deref().ok_or_else(|| missing("rate"))?)
    }

    fn number(&self, text: Option<&String>, what: &str) -> Result<Real, Fault> {
        real(text.ok_or_else(|| missing(what))?)
    }

    fn pv(&self) -> Result<Real, Fault> {
        self.number(self.pv.as_ref(), "pv")
    }

    fn fv(&self) -> Result<Real, Fault> {
        self.fv.as_ref().map_or(Ok(Real::ZERO), |fv| real(fv))
    }

    fn pmt(&self) -> Result<Real, Fault> {
        self.number(self.pmt.as_ref(), "pmt")
    }

    fn nper(&self) -> Result<u32, Fault> {
        self.nper.ok_or_else(|| missing("nper"))
    }

    fn payable(&self) -> Result<Payable, Fault> {
        match self.payable.unwrap_or(0) {
            0 => Ok(Payable::End),
            1 => Ok(Payable::Start),
            _ => Err(Fault::Error("type is 0 or 1".into())),
        }
    }

    /// A sum over the periods named.
    fn cumulated(&self, part: impl Fn(u32) -> Option<Real>) -> Result<Option<Real>, Fault> {
        let start = self.start_period.ok_or_else(|| missing("start_period"))?;
        let end = self.end_period.ok_or_else(|| missing("end_period"))?;
        Ok((start..=end).try_fold(Real::ZERO, |sum, period| Some(sum.plus(part(period)?))))
    }

    fn value(&self, name: &str) -> Result<Option<Real>, Fault> {
        Ok(match name {
            "pmt" => financial::pmt(self.rate()?, self.nper()?, self.pv()?, self.fv()?, self.payable()?),
            "ipmt" | "ppmt" => {
                let per = self.per.ok_or_else(|| missing("per"))?;
                let part = if name == "ipmt" { financial::ipmt } else { financial::ppmt };
                part(self.rate()?, per, self.nper()?, self.pv()?, self.payable()?)
            }
            "cumipmt" | "cumprinc" => {
                let (rate, nper, pv, payable) = (self.rate()?, self.nper()?, self.pv()?, self.payable()?);
                let part = if name == "cumipmt" { financial::ipmt } else { financial::ppmt };
                self.cumulated(|period| part(rate, period, nper, pv, payable))?
            }
            "effect" => {
                let nominal = self.number(self.nominal_rate.as_ref(), "nominal_rate")?;
                financial::effect(nominal, self.npery.ok_or_else(|| missing("npery"))?)
            }
            "nominal" | "nomrr" => {
                let effective = self.number(self.effective_rate.as_ref(), "effective_rate")?;
                financial::nominal(effective, self.npery.ok_or_else(|| missing("npery"))?)
            }
            "rate" => financial::rate(self.nper()?, self.pmt()?, self.pv()?),
            "annurate" => financial::rate(self.nper()?, self.pmt()?.negated(), self.pv()?),
            "nper" => financial::nper(self.rate()?, self.pmt()?, self.pv()?, self.fv()?, self.payable()?),
            "payper" => {
                let (fv, payable) = (self.fv()?.negated(), self.payable()?);
                financial::pmt(self.rate()?, self.nper()?, self.pv()?, fv, payable).map(Real::negated)
            }
            "payadv" => {
                let advance = self.advance.ok_or_else(|| missing("advance"))?;
                financial::payadv(self.rate()?, self.nper()?, self.pv()?, self.fv()?, advance)
            }
            "payodd" => {
                let days = self.days_to_first.ok_or_else(|| missing("days_to_first"))?;
                financial::payodd(self.rate()?, self.nper()?, self.pv()?, self.fv()?, days)
            }
            "xirr" => {
                let flows = self.flows.as_ref().ok_or_else(|| missing("flows"))?;
                let first = flows.first().map(|flow| flow.date).ok_or_else(|| missing("flows"))?;
                let mut dated = Vec::new();
                for flow in flows {
                    let days = u32::try_from(day_number(flow.date) - day_number(first))
                        .map_err(|_| Fault::Error("a flow before the first".into()))?;
                    dated.push((days, real(&flow.amount)?));
                }
                financial::xirr(&dated)
            }
            _ => return Err(Fault::Unsupported(format!("function {name}"))),
        })
    }
}

pub fn function(inputs: FunctionInputs) -> Outcome {
    let args: Args = super::read(inputs.function.args)?;
    let value = args.value(&inputs.function.name)?.ok_or_else(none)?;
    let scale = inputs.function.scale.as_deref().map_or(Ok(Real::ONE), real)?;
    Ok(json!({ "value": inputs.output.write(value.times(scale))? }))
}
