//! Simple schedules, dates and interest of some days.

use super::figures::{InstallmentRounding, Mode, Output, decimal, fraction, minor, money, real};
use super::words::{DayCountName, RepayUnit};
use super::{Fault, Outcome};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tawi_domain::credit_ops::schedule::financial::{UnroundedRow, unrounded_schedule};
use tawi_domain::credit_ops::schedule::{
    DayCount, Fraction, InstalmentRules, MOST_ROWS, Real, Rounding, Span, level_instalment,
};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterestRounding {
    None,
    EachPeriod,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    principal: String,
    annual_rate_percent: String,
    interest_method: super::words::Method,
    amortization: super::words::Amortization,
    repay_every: u16,
    repay_unit: RepayUnit,
    #[serde(rename = "day_count")]
    _day_count: Option<DayCountName>,
    number_of_installments: Option<u32>,
    #[serde(rename = "emi_basis")]
    _basis: Option<super::words::EmiBasis>,
    installment_rounding: Option<InstallmentRounding>,
    fixed_installment: Option<String>,
    interest_rounding: InterestRounding,
    currency_decimals: Option<u32>,
    rounding_mode: Option<Mode>,
    output: Output,
}

fn rules(rounding: Option<&InstallmentRounding>, decimals: u32) -> Result<InstalmentRules, Fault> {
    let Some(rounding) = rounding else {
        return Err(Fault::Unsupported("an installment without its rounding".into()));
    };
    Ok(InstalmentRules {
        rounding: rounding.mode.into(),
        multiple: minor(&rounding.multiple, decimals)?,
        ..InstalmentRules::default()
    })
}

fn period_rate(percent: &str, every: u16, unit: RepayUnit) -> Result<Fraction, Fault> {
    if !matches!(unit, RepayUnit::Months) {
        return Err(Fault::Unsupported("a simple schedule that is not in months".into()));
    }
    let part = Fraction::new(i128::from(every), 1200)?;
    Ok(fraction(percent)?.times(part)?)
}

fn as_real(value: Fraction) -> Real {
    Real::ratio(value.numerator(), value.denominator())
}

pub fn schedule(inputs: Schedule) -> Outcome {
    const DECIMALS: u32 = 2;
    if !matches!(inputs.interest_method, super::words::Method::DecliningBalance)
        || !matches!(inputs.amortization, super::words::Amortization::EqualInstallments)
    {
        return Err(Fault::Unsupported("a simple schedule of this method".into()));
    }
    let rate = period_rate(&inputs.annual_rate_percent, inputs.repay_every, inputs.repay_unit)?;
    let amount = real(&inputs.principal)?;
    let instalment = match (&inputs.fixed_installment, inputs.number_of_installments) {
        (Some(fixed), _) => real(fixed)?,
        (None, Some(rows)) => {
            let rules = rules(inputs.installment_rounding.as_ref(), DECIMALS)?;
            let units = level_instalment(minor(&inputs.principal, DECIMALS)?, rate, rows, &rules)?;
            Real::ratio(i128::from(units), 100)
        }
        (None, None) => return Err(Fault::Unsupported("neither installment nor number".into())),
    };
    let rounded = match inputs.interest_rounding {
        InterestRounding::None => None,
        InterestRounding::EachPeriod => {
            let mode = inputs.rounding_mode.ok_or_else(|| Fault::Unsupported("rounding_mode".into()))?;
            Some((inputs.currency_decimals.unwrap_or(DECIMALS), Rounding::from(mode)))
        }
    };
    let given = if inputs.fixed_installment.is_some() { None } else { inputs.number_of_installments };
    let rows = unrounded_schedule(amount, as_real(rate), instalment, given, rounded, u32::from(MOST_ROWS))
        .ok_or_else(|| Fault::Error("the installment never repays the loan".into()))?;
    let interest = rows.iter().fold(Real::ZERO, |sum, row| sum.plus(row.interest));
    let mut periods = Vec::new();
    for (nth, row) in rows.iter().enumerate() {
        periods.push(written_row(nth + 1, row, inputs.output)?);
    }
    Ok(json!({
        "installment": inputs.output.write(instalment)?,
        "number_of_installments": rows.len(),
        "total_interest": inputs.output.write(interest)?,
        "total_payment": inputs.output.write(amount.plus(interest))?,
        "periods": periods,
    }))
}

fn written_row(number: usize, row: &UnroundedRow, output: Output) -> Outcome {
    Ok(json!({
        "n": number,
        "principal": output.write(row.principal)?,
        "interest": output.write(row.interest)?,
        "balance": output.write(row.balance)?,
    }))
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Recovery {
    AddToFirstInstallment,
    DeductFromDisbursement,
    AmortiseOverTenure,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    principal: String,
    annual_rate_percent: String,
    number_of_installments: u32,
    repay_every: u16,
    repay_unit: RepayUnit,
    disbursed_on: Date,
    first_due_on: Date,
    day_count: DayCountName,
    #[serde(rename = "emi_basis")]
    _basis: Option<super::words::EmiBasis>,
    installment_rounding: InstallmentRounding,
    #[serde(rename = "interest_rounding")]
    _rounding: Option<InterestRounding>,
    broken_period_recovery: Recovery,
    output: Output,
}

/// Interest by actual days over 365 on what is left; the instalment of the nominal period.
pub fn broken_period(inputs: Broken) -> Outcome {
    if !matches!(inputs.day_count, DayCountName::Act365f) {
        return Err(Fault::Unsupported("broken-period interest on another day count".into()));
    }
    let rate = fraction(&inputs.annual_rate_percent)?.times(Fraction::new(1, 100)?)?;
    let dates = super::due_dates::monthly_dates(
        inputs.first_due_on,
        inputs.repay_every,
        inputs.number_of_installments,
    )?;
    let begins = super::due_dates::months_before(inputs.first_due_on, 1)?;
    let days = tawi_domain::credit_ops::schedule::day_number(begins)
        - tawi_domain::credit_ops::schedule::day_number(inputs.disbursed_on);
    let principal = real(&inputs.principal)?;
    let over = |balance: Real, days: i64| -> Result<Real, Fault> {
        let part = rate.times(Fraction::new(1, 365)?)?;
        Ok(balance.times(as_real(part)).times(Real::whole(i128::from(days))))
    };
    let broken = over(principal, days)?;
    let rules = rules(Some(&inputs.installment_rounding), 2)?;
    let nominal = period_rate(&inputs.annual_rate_percent, inputs.repay_every, inputs.repay_unit)?;
    let units =
        level_instalment(minor(&inputs.principal, 2)?, nominal, inputs.number_of_installments, &rules)?;
    let instalment = Real::ratio(i128::from(units), 100);
    let share = broken
        .over(Real::whole(i128::from(inputs.number_of_installments)))
        .ok_or_else(|| Fault::Error("no installments".into()))?;
    let (mut balance, mut from, mut periods) = (principal, begins, Vec::new());
    for (nth, due) in dates.iter().enumerate() {
        let days = tawi_domain::credit_ops::schedule::day_number(*due)
            - tawi_domain::credit_ops::schedule::day_number(from);
        let own = over(balance, days)?;
        let last = nth + 1 == dates.len();
        let added = match inputs.broken_period_recovery {
            Recovery::AddToFirstInstallment if nth == 0 => broken,
            Recovery::AmortiseOverTenure => share,
            Recovery::AddToFirstInstallment | Recovery::DeductFromDisbursement => Real::ZERO,
        };
        let repaid = if last { balance } else { instalment.minus(own) };
        balance = balance.minus(repaid);
        periods.push(written_row(
            nth + 1,
            &UnroundedRow { principal: repaid, interest: own.plus(added), balance },
            inputs.output,
        )?);
        from = *due;
    }
    let mut result = Map::new();
    result.insert("broken_period_days".into(), json!(days));
    result.insert("broken_period_interest".into(), json!(inputs.output.write(broken)?));
    result.insert("installment".into(), json!(inputs.output.write(instalment)?));
    if inputs.broken_period_recovery == Recovery::AmortiseOverTenure {
        result.insert("broken_period_interest_per_installment".into(), json!(inputs.output.write(share)?));
    }
    if inputs.broken_period_recovery == Recovery::DeductFromDisbursement {
        result.insert("net_disbursement".into(), json!(inputs.output.write(principal.minus(broken))?));
        result.insert("disbursed".into(), json!(inputs.output.write(principal.minus(broken))?));
    }
    result.insert("periods".into(), Value::Array(periods));
    Ok(Value::Object(result))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    starts_on: Option<Date>,
    first_due_on: Option<Date>,
    date_rule: super::due_dates::DateRule,
    repay_every: u16,
    repay_unit: RepayUnit,
    number_of_installments: u32,
}

pub fn dates(inputs: Dates) -> Outcome {
    let dates = super::due_dates::rule_dates(
        inputs.starts_on,
        inputs.first_due_on,
        inputs.date_rule,
        inputs.repay_every,
        inputs.repay_unit,
        inputs.number_of_installments,
    )?;
    let rows: Vec<Value> =
        dates.iter().enumerate().map(|(nth, date)| json!({ "n": nth + 1, "date": date })).collect();
    Ok(json!({ "dates": rows }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daily {
    principal: String,
    annual_rate_percent: String,
    days: i64,
    day_count: DayCountName,
    currency_decimals: u32,
    rounding_mode: Mode,
}

pub fn daily_interest(inputs: Daily) -> Outcome {
    let year = match inputs.day_count {
        DayCountName::Act365f => 365,
        DayCountName::Act360 => 360,
        DayCountName::Act364 => 364,
        DayCountName::Period30360
        | DayCountName::Act365LeapDay
        | DayCountName::ActActFirstYear
        | DayCountName::ActActSplitDec31
        | DayCountName::ActActIsda
        | DayCountName::ActActAfb
        | DayCountName::ActActIcma => {
            return Err(Fault::Unsupported("days without dates on this day count".into()));
        }
    };
    let part = Fraction::new(i128::from(inputs.days), year * 100)?;
    let exact = fraction(&inputs.annual_rate_percent)?.times(part)?;
    let principal = i128::from(minor(&inputs.principal, inputs.currency_decimals)?);
    let interest = exact.times(Fraction::new(principal, 1)?)?.round(inputs.rounding_mode.into())?;
    Ok(json!({ "interest": money(interest, inputs.currency_decimals) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearFractions {
    start: Date,
    end: Date,
    day_counts: Vec<DayCountName>,
    reference_start: Option<Date>,
    reference_end: Option<Date>,
    icma_frequency: Option<i64>,
    principal: Option<String>,
    annual_rate_percent: Option<String>,
    output: Output,
}

pub fn year_fractions(inputs: YearFractions) -> Outcome {
    let mut rows = Vec::new();
    for name in &inputs.day_counts {
        let day_count = DayCount::from(*name);
        if day_count == DayCount::ActualActualIcma && inputs.icma_frequency.is_none() {
            return Err(Fault::Unsupported("act_act_icma without icma_frequency".into()));
        }
        let whole = tawi_domain::credit_ops::schedule::Frequency::MONTHLY.nominal()?;
        let span = Span {
            from: inputs.reference_start.unwrap_or(inputs.start),
            due: inputs.reference_end.unwrap_or(inputs.end),
            nominal: whole,
            periods_a_year: inputs.icma_frequency.unwrap_or(1),
            first_year_days: if inputs.start.in_leap_year() { 366 } else { 365 },
            last_due: inputs.end,
        };
        let mut value = day_count.part_of_year(inputs.start, inputs.end, &span)?;
        if let (Some(principal), Some(rate)) = (&inputs.principal, &inputs.annual_rate_percent) {
            decimal(rate)?;
            value =
                value.times(fraction(principal)?)?.times(fraction(rate)?)?.times(Fraction::new(1, 100)?)?;
        }
        let name: &DayCountName = name;
        rows.push(json!({ "day_count": name, "value": inputs.output.write(as_real(value))? }));
    }
    Ok(json!({ "rows": rows }))
}
