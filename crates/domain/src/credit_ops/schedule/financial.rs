//! The time value of money, as spreadsheets and calculators name it. Rates are per period; money received
//! is positive and money paid negative, unless a function says that it takes and gives plain amounts.

use super::annual_rate::{Flow, effective_rate, rate_per_step};
use super::real::Real;
use super::rounding::Rounding;

/// Whether a payment is made at the start of its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payable {
    /// At the end.
    End,
    /// At the start.
    Start,
}

impl Payable {
    fn growth(self, rate: Real) -> Real {
        match self {
            Self::End => Real::ONE,
            Self::Start => Real::ONE.plus(rate),
        }
    }
}

fn whole(number: u32) -> Real {
    Real::whole(i128::from(number))
}

/// The level payment that turns a present into a future value.
pub fn pmt(rate: Real, periods: u32, present: Real, future: Real, payable: Payable) -> Option<Real> {
    if rate.is_zero() {
        return present.plus(future).negated().over(whole(periods));
    }
    let growth = Real::ONE.plus(rate).power(periods);
    let owed = present.times(growth).plus(future).times(rate);
    owed.over(payable.growth(rate).times(growth.minus(Real::ONE))).map(Real::negated)
}

/// The value after some periods of a present value and level payments.
fn value_after(rate: Real, periods: u32, payment: Real, present: Real, payable: Payable) -> Option<Real> {
    let growth = Real::ONE.plus(rate).power(periods);
    let paid = if rate.is_zero() {
        payment.times(whole(periods))
    } else {
        payment.times(payable.growth(rate)).times(growth.minus(Real::ONE)).over(rate)?
    };
    Some(present.times(growth).plus(paid).negated())
}

/// The interest in one of the level payments.
pub fn ipmt(rate: Real, period: u32, periods: u32, present: Real, payable: Payable) -> Option<Real> {
    let payment = pmt(rate, periods, present, Real::ZERO, payable)?;
    match payable {
        Payable::End => {
            Some(value_after(rate, period.checked_sub(1)?, payment, present, payable)?.times(rate))
        }
        Payable::Start if period == 1 => Some(Real::ZERO),
        Payable::Start => {
            let owed = value_after(rate, period.checked_sub(2)?, payment, present, payable)?.minus(payment);
            Some(owed.times(rate))
        }
    }
}

/// The principal in one of the level payments.
pub fn ppmt(rate: Real, period: u32, periods: u32, present: Real, payable: Payable) -> Option<Real> {
    let payment = pmt(rate, periods, present, Real::ZERO, payable)?;
    Some(payment.minus(ipmt(rate, period, periods, present, payable)?))
}

/// The yearly rate of a nominal rate compounded so often.
pub fn effect(nominal: Real, times: u32) -> Option<Real> {
    Some(Real::ONE.plus(nominal.over(whole(times))?).power(times).minus(Real::ONE))
}

/// The nominal rate of a yearly one.
pub fn nominal(effective: Real, times: u32) -> Option<Real> {
    let root = Real::ONE.plus(effective).raised(Real::ratio(1, i128::from(times)))?;
    Some(root.minus(Real::ONE).times(whole(times)))
}

/// The rate per period at which level payments repay a present value.
pub fn rate(periods: u32, payment: Real, present: Real) -> Option<Real> {
    let mut flows = vec![Flow { steps: 0, amount: present }];
    flows.extend((1..=periods).map(|steps| Flow { steps, amount: payment }));
    rate_per_step(&flows)
}

/// The number of periods, whole or not, that level payments take.
pub fn nper(rate: Real, payment: Real, present: Real, future: Real, payable: Payable) -> Option<Real> {
    if rate.is_zero() {
        return present.plus(future).negated().over(payment);
    }
    let due = payment.times(payable.growth(rate));
    let ratio = due.minus(future.times(rate)).over(due.plus(present.times(rate)))?;
    ratio.logarithm()?.over(Real::ONE.plus(rate).logarithm()?)
}

/// The level payment of a loan when some of them are made at closing. Plain amounts.
pub fn payadv(rate: Real, periods: u32, present: Real, future: Real, advance: u32) -> Option<Real> {
    let rest = periods.checked_sub(advance)?;
    let discount = |periods: u32| Real::ONE.over(Real::ONE.plus(rate).power(periods));
    let factor = if rate.is_zero() { whole(rest) } else { Real::ONE.minus(discount(rest)?).over(rate)? };
    present.minus(future.times(discount(periods)?)).over(factor.plus(whole(advance)))
}

/// The level payment of a loan whose first payment comes after so many days: the amount grows by simple
/// interest for the days above thirty. Plain amounts.
pub fn payodd(rate: Real, periods: u32, present: Real, future: Real, days_to_first: i64) -> Option<Real> {
    let odd = rate.times(Real::ratio(i128::from(days_to_first) - 30, 30));
    let grown = present.times(Real::ONE.plus(odd));
    pmt(rate, periods, grown, future.negated(), Payable::End).map(Real::negated)
}

/// The yearly rate of dated flows, a day being a 365th of a year. `days` count from the first flow.
pub fn xirr(flows: &[(u32, Real)]) -> Option<Real> {
    let flows: Vec<Flow> =
        flows.iter().map(|(steps, amount)| Flow { steps: *steps, amount: *amount }).collect();
    effective_rate(&flows, 365)
}

/// One period of a schedule whose figures are not rounded inside.
#[derive(Debug, Clone, Copy)]
pub struct UnroundedRow {
    /// Principal repaid.
    pub principal: Real,
    /// Interest.
    pub interest: Real,
    /// What is left.
    pub balance: Real,
}

/// A schedule of one period rate: the instalment until the balance is gone, the last row what is left.
/// `rounded` rounds each period's interest to so many decimals; `most` bounds the rows.
pub fn unrounded_schedule(
    amount: Real,
    rate: Real,
    instalment: Real,
    rows: Option<u32>,
    rounded: Option<(u32, Rounding)>,
    most: u32,
) -> Option<Vec<UnroundedRow>> {
    let mut balance = amount;
    let mut schedule = Vec::new();
    for row in 1..=rows.unwrap_or(most) {
        let exact = balance.times(rate);
        let interest = match rounded {
            None => exact,
            Some((decimals, rounding)) => {
                Real::whole(exact.round(decimals, rounding)?).over(Real::whole(10).power(decimals))?
            }
        };
        let last = Some(row) == rows || instalment.minus(interest).compare(balance).is_ge();
        let principal = if last { balance } else { instalment.minus(interest) };
        balance = balance.minus(principal);
        schedule.push(UnroundedRow { principal, interest, balance });
        if last && rows.is_none() {
            return Some(schedule);
        }
    }
    if rows.is_some() { Some(schedule) } else { None }
}
