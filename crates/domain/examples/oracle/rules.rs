//! Delinquency, Kenyan rules.

use super::Outcome;
use super::figures::{Mode, decimal, minor, money};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use tawi_domain::credit_ops::schedule::delinquency::{self, ClassBand, DayBand, DelinquencyPause, LoanClass};

const DECIMALS: u32 = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Installment {
    due_on: Date,
    amount: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Band {
    from_days: i64,
    to_days: Option<i64>,
}

impl From<&Band> for DayBand {
    fn from(band: &Band) -> Self {
        Self { from_days: band.from_days, to_days: band.to_days }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buckets {
    installments: Vec<Installment>,
    buckets: Vec<Band>,
    as_of: Vec<Date>,
}

pub fn buckets(inputs: Buckets) -> Outcome {
    let mut unpaid = Vec::new();
    for installment in &inputs.installments {
        unpaid.push((installment.due_on, minor(&installment.amount, DECIMALS)?));
    }
    let bands: Vec<DayBand> = inputs.buckets.iter().map(DayBand::from).collect();
    let rows: Vec<Value> = inputs
        .as_of
        .iter()
        .map(|day| {
            let filled: Vec<Value> = delinquency::buckets(&unpaid, &bands, *day)
                .into_iter()
                .map(|(band, amount)| {
                    let mut bucket =
                        json!({ "from_days": band.from_days, "amount": money(amount, DECIMALS) });
                    if let (Some(to), Some(object)) = (band.to_days, bucket.as_object_mut()) {
                        object.insert("to_days".into(), json!(to));
                    }
                    bucket
                })
                .collect();
            json!({ "as_of": day, "buckets": filled })
        })
        .collect();
    Ok(json!({ "rows": rows }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PauseInputs {
    from: Date,
    to: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraceAndPause {
    oldest_unpaid_due_on: Date,
    grace_on_arrears_days: i64,
    pause: Option<PauseInputs>,
    as_of: Vec<Date>,
}

pub fn grace_and_pause(inputs: GraceAndPause) -> Outcome {
    let pauses: Vec<DelinquencyPause> =
        inputs.pause.iter().map(|pause| DelinquencyPause { from: pause.from, to: pause.to }).collect();
    let rows: Vec<Value> = inputs
        .as_of
        .iter()
        .map(|day| {
            let (past_due, delinquent) = delinquency::days_delinquent(
                inputs.oldest_unpaid_due_on,
                inputs.grace_on_arrears_days,
                &pauses,
                *day,
            );
            json!({ "as_of": day, "past_due_days": past_due, "delinquent_days": delinquent })
        })
        .collect();
    Ok(json!({ "rows": rows }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InDuplum {
    principal_when_non_performing: String,
    contract_interest_since: String,
    recovery_expenses: String,
}

pub fn in_duplum(inputs: InDuplum) -> Outcome {
    let recoverable = delinquency::in_duplum(
        minor(&inputs.principal_when_non_performing, DECIMALS)?,
        minor(&inputs.contract_interest_since, DECIMALS)?,
        minor(&inputs.recovery_expenses, DECIMALS)?,
    );
    Ok(json!({
        "recoverable_interest": money(recoverable.interest, DECIMALS),
        "maximum_recoverable": money(recoverable.most, DECIMALS),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassBandInputs {
    class: LoanClass,
    from_days: i64,
    to_days: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    days_past_due: Vec<i64>,
    bands: Vec<ClassBandInputs>,
}

pub fn classification(inputs: Classification) -> Outcome {
    let bands: Vec<ClassBand> = inputs
        .bands
        .iter()
        .map(|band| ClassBand {
            class: band.class,
            days: DayBand { from_days: band.from_days, to_days: band.to_days },
        })
        .collect();
    let rows: Vec<Value> = inputs
        .days_past_due
        .iter()
        .map(|days| json!({ "days_past_due": days, "class": delinquency::class_of(*days, &bands) }))
        .collect();
    Ok(json!({ "rows": rows }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exposure {
    class: LoanClass,
    exposure: String,
    provision_percent: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provision {
    exposures: Vec<Exposure>,
    currency_decimals: u32,
    rounding_mode: Mode,
}

pub fn provision(inputs: Provision) -> Outcome {
    let decimals = inputs.currency_decimals;
    let mut rows = Vec::new();
    for exposure in &inputs.exposures {
        let amount = delinquency::percent_of(
            minor(&exposure.exposure, decimals)?,
            decimal(&exposure.provision_percent)?,
            inputs.rounding_mode.into(),
        )?;
        rows.push(json!({ "class": exposure.class, "provision": money(amount, decimals) }));
    }
    Ok(json!({ "rows": rows }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxOnFee {
    fee: String,
    excise_percent: String,
    currency_decimals: u32,
    rounding_mode: Mode,
}

pub fn tax_on_fee(inputs: TaxOnFee) -> Outcome {
    let fee = minor(&inputs.fee, inputs.currency_decimals)?;
    let percent = decimal(&inputs.excise_percent)?;
    let excise = delinquency::percent_of(fee, percent, inputs.rounding_mode.into())?;
    Ok(json!({
        "excise": money(excise, inputs.currency_decimals),
        "charged_to_customer": money(fee + excise, inputs.currency_decimals),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorityBand {
    from_amount: String,
    to_amount: Option<String>,
    authority: String,
    notice_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CashAuthority {
    amounts: Vec<String>,
    bands: Vec<AuthorityBand>,
}

pub fn cash_authority(inputs: CashAuthority) -> Outcome {
    let mut rows = Vec::new();
    for amount in &inputs.amounts {
        let units = minor(amount, DECIMALS)?;
        for band in &inputs.bands {
            let from = minor(&band.from_amount, DECIMALS)?;
            let to = band.to_amount.as_ref().map(|to| minor(to, DECIMALS)).transpose()?;
            if from <= units && to.is_none_or(|to| units <= to) {
                rows.push(json!({
                    "amount": amount,
                    "authority": band.authority,
                    "notice_days": band.notice_days,
                }));
                break;
            }
        }
    }
    Ok(json!({ "rows": rows }))
}
