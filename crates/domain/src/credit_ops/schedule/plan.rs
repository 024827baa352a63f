//! The plan alone: due dates, principal, interest and balance of a loan to which nothing has happened yet.
//! Lists, simulations and the typing hand ask for it thousands of times; it gives the rows of
//! [`super::fold`] and nothing else.

use super::LoanError;
use super::dates::{DueDay, FirstDue, HolidayRule, MonthEnd, Unit, month_length};
use super::event::LoanEvent;
use super::fold::annuity;
use super::fraction::Fraction;
use super::rounding::Rounding;
use super::state::{Minor, RowKind, minor};
use super::terms::{
    EarlyInterest, GivenInstalments, Grace, InstalmentBasis, InterestMethod, Levelling, LoanTerms,
    Recalculation,
};
use jiff::civil::Date;

/// One row of a plan, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanRow {
    /// When it is due.
    pub due: Date,
    /// Principal.
    pub principal: Minor,
    /// Interest.
    pub interest: Minor,
    /// Principal left after it.
    pub balance: Minor,
}

/// The plan of a loan that is paid out whole on a day.
pub fn plan(terms: &LoanTerms, start: Date) -> Result<Vec<PlanRow>, LoanError> {
    super::fold::check(terms, &[])?;
    if is_plain(terms) {
        return plain_plan(terms, start);
    }
    let state = super::fold(terms, &[LoanEvent::disbursed(start)], start)?;
    let rows = state.rows.iter().filter(|row| row.kind == RowKind::Instalment);
    let planned = rows.map(|row| PlanRow {
        due: row.due,
        principal: row.asked.principal,
        interest: row.asked.interest,
        balance: row.balance,
    });
    Ok(planned.collect())
}

/// Equal instalments in months, each period the same part of a year, nothing special agreed.
fn is_plain(terms: &LoanTerms) -> bool {
    let stays_due = match terms.recalculation {
        Recalculation::Off => true,
        Recalculation::On(rules) => rules.early == EarlyInterest::StaysDue,
    };
    let dates = &terms.dates;
    terms.method == InterestMethod::DecliningEqualInstalment
        && terms.day_count.is_by_the_period()
        && terms.frequency.unit == Unit::Months
        // With every period the same part of a year, its own factors are the nominal one.
        && terms.instalment.basis != InstalmentBasis::FirstPeriodDays
        && terms.instalment.given == GivenInstalments::Computed
        && terms.instalment.levelling == Levelling::None
        && terms.instalment.balloon == 0
        && terms.grace == Grace::default()
        && terms.down_payment.is_none()
        && terms.charges.is_empty()
        && stays_due
        && dates.starts_on.is_none()
        && (dates.due_day, dates.first_due) == (DueDay::AsStart, FirstDue::OnePeriodOn)
        && dates.month_end == MonthEnd::LastDay
        && dates.closed.rule == HolidayRule::Stay
}

/// Interest of one period: the balance times `rate`, rounded. In machine words where that is enough.
struct PeriodInterest {
    numerator: i128,
    denominator: i128,
    /// The same as words, when no product of a balance leaves them.
    words: Option<(u64, u64)>,
    rounding: Rounding,
}

impl PeriodInterest {
    fn new(rate: Fraction, most: Minor, rounding: Rounding) -> Self {
        let (numerator, denominator) = (rate.numerator(), rate.denominator());
        let fits = i128::from(most).checked_mul(numerator).is_some_and(|product| product < 1 << 62);
        let words = match (u64::try_from(numerator), u64::try_from(denominator)) {
            (Ok(numerator), Ok(denominator)) if fits && denominator < 1 << 62 => {
                Some((numerator, denominator))
            }
            _ => None,
        };
        Self { numerator, denominator, words, rounding }
    }

    #[inline]
    fn of(&self, balance: Minor) -> Result<Minor, LoanError> {
        let (Some((numerator, denominator)), Ok(balance)) = (self.words, u64::try_from(balance)) else {
            let product = i128::from(balance).checked_mul(self.numerator).ok_or(LoanError::Overflow)?;
            let rounded = self.rounding.divide(product, self.denominator);
            return Minor::try_from(rounded).map_err(|_| LoanError::Overflow);
        };
        let product = balance * numerator;
        let (quotient, rest) = (product / denominator, product % denominator);
        let up = match self.rounding {
            Rounding::HalfUp => rest >= denominator - rest,
            Rounding::HalfEven => {
                rest > denominator - rest || (rest == denominator - rest && quotient % 2 == 1)
            }
            Rounding::HalfDown => rest > denominator - rest,
            Rounding::Ceiling | Rounding::AwayFromZero => rest > 0,
            Rounding::Floor | Rounding::Down => false,
        };
        Minor::try_from(quotient + u64::from(up)).map_err(|_| LoanError::Overflow)
    }
}

fn plain_plan(terms: &LoanTerms, start: Date) -> Result<Vec<PlanRow>, LoanError> {
    let amount = minor(terms.principal)?;
    let rate = terms.yearly(terms.rate.percent())?.times(terms.frequency.nominal()?)?;
    let level = annuity(amount, rate, u32::from(terms.instalments), 0, &terms.instalment)?;
    let interest = PeriodInterest::new(rate, amount, terms.rounding);
    let every = i32::from(terms.frequency.every);
    let mut month = i32::from(start.year()) * 12 + i32::from(start.month()) - 1;
    let mut balance = amount;
    let mut rows = Vec::with_capacity(usize::from(terms.instalments));
    for row in 1..=terms.instalments {
        month += every;
        let due = in_month(month, start.day()).ok_or(LoanError::Dates)?;
        let interest = interest.of(balance)?;
        let last = row == terms.instalments;
        let principal = if last { balance } else { (level - interest).max(0).min(balance) };
        balance -= principal;
        rows.push(PlanRow { due, principal, interest, balance });
    }
    // As in the whole engine: no row follows the last cent.
    while rows.len() > 1
        && rows.last().is_some_and(|row| row.principal + row.interest == 0)
        && rows[rows.len() - 2].balance == 0
    {
        rows.pop();
    }
    Ok(rows)
}

/// A day of a month counted from the year 0, or that month's last.
#[inline]
fn in_month(month: i32, day: i8) -> Option<Date> {
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    let of_year = i8::try_from(month.rem_euclid(12)).ok()? + 1;
    if day <= 28 {
        return Date::new(year, of_year, day).ok();
    }
    let first = Date::new(year, of_year, 1).ok()?;
    Date::new(year, of_year, day.min(month_length(first))).ok()
}
