//! Yearly rates of a stream of payments: the effective rate of the EU directive, the actuarial rate of US
//! Regulation Z, and the interval between two dates as both count it.

use super::LoanError;
use super::dates::{day_number, months_after};
use super::fraction::Fraction;
use super::real::Real;
use super::state::{LoanState, Minor};
use jiff::civil::Date;

/// A payment some whole steps after the first; positive to the borrower, negative from them.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// Steps after the first flow: days, months.
    pub steps: u32,
    /// The amount.
    pub amount: Real,
}

/// A payment of Regulation Z: whole unit periods and a fraction of one after the first advance.
#[derive(Debug, Clone, Copy)]
pub struct UnitFlow {
    /// Whole unit periods.
    pub periods: u32,
    /// And a fraction of one.
    pub fraction: Fraction,
    /// The amount, positive to the borrower, negative from them.
    pub amount: Real,
}

const MOST_STEPS: u32 = 200;

/// Newton's method; stops when the last digits stand.
fn root(start: Real, value_and_slope: impl Fn(Real) -> Option<(Real, Real)>) -> Option<Real> {
    let mut at = start;
    let mut last = None;
    for _ in 0..MOST_STEPS {
        let (value, slope) = value_and_slope(at)?;
        let step = value.over(slope)?;
        at = at.minus(step);
        if at.is_zero() || at.is_negative() {
            at = at.plus(step).times(Real::ratio(1, 2));
            continue;
        }
        let small = step.size().compare(at.times(Real::ratio(1, 1 << 110))).is_le();
        if step.is_zero() || small || last.is_some_and(|last: Real| step.size() == last) {
            return Some(at);
        }
        last = Some(step.size());
    }
    None
}

/// The factor that discounts one step so that the flows balance: `sum a v^n = 0`.
fn discount(flows: &[Flow], start: Real) -> Option<Real> {
    let mut sorted = flows.to_vec();
    sorted.sort_by_key(|flow| flow.steps);
    root(start, |v| {
        let (mut value, mut slope) = (Real::ZERO, Real::ZERO);
        let (mut power, mut reached) = (Real::ONE, 0);
        let mut stride = (0, Real::ONE);
        for flow in &sorted {
            let apart = flow.steps - reached;
            if apart != 0 {
                // Instalments lie equally far apart: one power serves them all.
                if stride.0 != apart {
                    stride = (apart, v.power(apart));
                }
                power = power.times(stride.1);
                reached = flow.steps;
            }
            let term = flow.amount.times(power);
            value = value.plus(term);
            slope = slope.plus(term.times(Real::whole(i128::from(flow.steps))));
        }
        Some((value, slope.over(v)?))
    })
}

/// The rate per step at which the flows balance; none where there is none.
pub fn rate_per_step(flows: &[Flow]) -> Option<Real> {
    let v = discount(flows, Real::ratio(99, 100))?;
    Some(Real::ONE.over(v)?.minus(Real::ONE))
}

/// The effective yearly rate, `steps_a_year` steps to a year: `sum a (1+x)^-t = 0`. Directive 2008/48/EC,
/// annex I.
pub fn effective_rate(flows: &[Flow], steps_a_year: u32) -> Option<Real> {
    // Near one for short steps: a rate of a tenth a year to begin with.
    let start = Real::ONE.minus(Real::ratio(1, 10 * i128::from(steps_a_year.max(1))));
    let v = discount(flows, start)?;
    Some(Real::ONE.over(v)?.power(steps_a_year).minus(Real::ONE))
}

/// The actuarial rate per unit period: `sum a / ((1 + f i)(1 + i)^t) = 0`. Regulation Z, appendix J(b)(8).
pub fn unit_period_rate(flows: &[UnitFlow]) -> Option<Real> {
    root(Real::ratio(1, 100), |i| {
        let (mut value, mut slope) = (Real::ZERO, Real::ZERO);
        let growth = Real::ONE.plus(i);
        for flow in flows {
            let f = Real::ratio(flow.fraction.numerator(), flow.fraction.denominator());
            let simple = Real::ONE.plus(f.times(i));
            let term = flow.amount.over(simple.times(growth.power(flow.periods)))?;
            let fall = f.over(simple)?.plus(Real::whole(i128::from(flow.periods)).over(growth)?);
            value = value.plus(term);
            slope = slope.minus(term.times(fall));
        }
        Some((value, slope))
    })
}

/// The time between two dates as the directive counts it: whole months or years back from the end, and the
/// days left over, over the days of the year that ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Whole months or years.
    pub whole: i32,
    /// Days left over.
    pub odd_days: i64,
    /// Days of the year that ends where the left-over days do.
    pub days_in_year: i64,
    /// In years.
    pub years: Fraction,
}

/// Counts the time between two dates in units of `months` months.
pub fn interval(from: Date, to: Date, months: i32) -> Result<Interval, LoanError> {
    let mut whole = 0;
    let mut cut = to;
    while let Some(earlier) = months_after(to, -months * (whole + 1), to.day()).filter(|date| *date >= from) {
        cut = earlier;
        whole += 1;
    }
    let year_before = months_after(cut, -12, cut.day()).ok_or(LoanError::Dates)?;
    let days_in_year = day_number(cut) - day_number(year_before);
    let odd_days = day_number(cut) - day_number(from);
    let years = Fraction::new(i128::from(whole) * i128::from(months), 12)?
        .plus(Fraction::new(i128::from(odd_days), i128::from(days_in_year))?)?;
    Ok(Interval { whole, odd_days, days_in_year, years })
}

/// The steps in which the time of a loan's payments is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Months,
    Weeks,
    Days,
}

impl Measure {
    /// The largest step of which every day lies a whole number after the first.
    fn of(first: Date, days: &[Date]) -> Self {
        let whole_months = |day: &Date| interval(first, *day, 1).is_ok_and(|interval| interval.odd_days == 0);
        if days.iter().all(whole_months) {
            Self::Months
        } else if days.iter().all(|day| (day_number(*day) - day_number(first)) % 7 == 0) {
            Self::Weeks
        } else {
            Self::Days
        }
    }

    fn steps(self, first: Date, day: Date) -> Option<u32> {
        let days = day_number(day) - day_number(first);
        match self {
            Self::Months => u32::try_from(interval(first, day, 1).ok()?.whole).ok(),
            Self::Weeks => u32::try_from(days / 7).ok(),
            Self::Days => u32::try_from(days).ok(),
        }
    }

    fn a_year(self) -> u32 {
        match self {
            Self::Months => 12,
            Self::Weeks => 52,
            Self::Days => 365,
        }
    }
}

impl LoanState {
    /// The effective yearly rate of the loan as it stands, in percent: what the borrower received against
    /// all they pay. As in the directive a year has 12 equal months or 52 equal weeks where every payment
    /// lies whole months or weeks after the first disbursement, else 365 days. None where nothing balances.
    pub fn effective_rate_percent(&self, disbursed: &[(Date, Minor)]) -> Option<Real> {
        let first = disbursed.iter().map(|(day, _)| *day).min()?;
        let rows = || self.rows.iter().filter(|row| row.total() > 0);
        let days: Vec<Date> =
            rows().map(|row| row.due).chain(disbursed.iter().map(|(day, _)| *day)).collect();
        let measure = Measure::of(first, &days);
        let steps = |day: Date| measure.steps(first, day);
        let mut flows = Vec::with_capacity(self.rows.len() + disbursed.len());
        let costs = self.at_disbursement;
        for (nth, (day, amount)) in disbursed.iter().enumerate() {
            let at_once = if nth == 0 { costs.deducted + costs.paid + costs.interest } else { 0 };
            flows.push(Flow { steps: steps(*day)?, amount: Real::whole(i128::from(amount - at_once)) });
        }
        for row in rows() {
            flows.push(Flow { steps: steps(row.due)?, amount: Real::whole(-i128::from(row.total())) });
        }
        Some(effective_rate(&flows, measure.a_year())?.times(Real::whole(100)))
    }
}
