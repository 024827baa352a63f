//! The level instalment, and the plan on which it rests: what would happen if every instalment were paid
//! on its due date. Payments, overdue amounts, pauses and waiting interest never enter it.

use super::super::LoanError;
use super::super::fraction::{Fraction, interest};
use super::super::real::Real;
use super::super::state::{Minor, minor};
use super::super::terms::{
    GivenInstalments, InstalmentBasis, InstalmentPrincipal, InstalmentRules, InterestMethod, Levelling,
    TranchePeriod,
};
use super::Folding;
use super::slots::Period;
use jiff::civil::Date;

/// A level instalment that repays an amount over periods of one factor, some of it left for the end:
/// `(P g - B) f / (g - 1)` with `g = (1 + f)^n`, which is `P f / (1 - (1+f)^-n)` without the rest.
pub(in super::super) fn annuity(
    amount: Minor,
    factor: Fraction,
    periods: u32,
    left: Minor,
    rules: &InstalmentRules,
) -> Result<Minor, LoanError> {
    if periods == 0 {
        return Ok(0);
    }
    if factor.is_zero() {
        let exact = Fraction::new(i128::from((amount - left).max(0)), i128::from(periods))?;
        return rounded(Real::ratio(exact.numerator(), exact.denominator()), rules);
    }
    let factor = Real::ratio(factor.numerator(), factor.denominator());
    let growth = Real::ONE.plus(factor).power(periods);
    let owed = Real::whole(i128::from(amount)).times(growth).minus(Real::whole(i128::from(left)));
    let instalment = owed.times(factor).over(growth.minus(Real::ONE)).ok_or(LoanError::Overflow)?;
    rounded(instalment, rules)
}

/// A level instalment over periods of their own factors: `(P prod(1+f) - B) / F`, with `F1 = 1` and
/// `Fk = 1 + F(k-1) (1+fk)`.
fn over_factors(
    amount: Minor,
    factors: &[Fraction],
    left: Minor,
    rules: &InstalmentRules,
) -> Result<Minor, LoanError> {
    if factors.iter().all(|factor| factor.is_zero()) {
        let periods = u32::try_from(factors.len()).map_err(|_| LoanError::Overflow)?;
        return annuity(amount, Fraction::ZERO, periods, left, rules);
    }
    let (mut growth, mut sum) = (Real::ONE, Real::ZERO);
    for factor in factors {
        let step = Real::ONE.plus(Real::ratio(factor.numerator(), factor.denominator()));
        growth = growth.times(step);
        sum = Real::ONE.plus(sum.times(step));
    }
    let owed = Real::whole(i128::from(amount)).times(growth).minus(Real::whole(i128::from(left)));
    rounded(owed.over(sum).ok_or(LoanError::Overflow)?, rules)
}

/// An instalment as it is asked for: the least that can be, where less than half of it would be enough.
fn rounded(instalment: Real, rules: &InstalmentRules) -> Result<Minor, LoanError> {
    let multiple = rules.multiple.max(1);
    if instalment == Real::ZERO {
        return Ok(0);
    }
    let units = instalment
        .over(Real::whole(i128::from(multiple)))
        .and_then(|multiples| multiples.round(0, rules.rounding))
        .and_then(|multiples| multiples.checked_mul(i128::from(multiple)));
    let units = units.and_then(|units| Minor::try_from(units).ok()).ok_or(LoanError::Overflow)?;
    Ok(units.max(multiple))
}

impl Folding<'_> {
    /// Finds the instalment of the rows from one on, and what the plan leaves at the start of each.
    /// What was booked after the event that makes it necessary does not count yet.
    pub(super) fn relevel(&mut self, from: usize, opening: Minor) -> Result<(), LoanError> {
        if from >= self.slots.len() {
            return Ok(());
        }
        let moved = self.moved_by.is_some_and(|moved| moved <= self.known);
        for slot in &mut self.slots[from..] {
            if moved {
                slot.planned = slot.period;
            }
        }
        self.slots[from].plan_opening = opening;
        let level = match (self.terms.method, &self.terms.instalment.given) {
            (_, GivenInstalments::Each(amounts)) => {
                for (at, slot) in self.slots.iter_mut().enumerate().skip(from) {
                    slot.level = amounts.get(at).copied().map_or(Ok(0), minor)?;
                }
                self.roll_plan(from)?;
                return Ok(());
            }
            (_, GivenInstalments::Fixed(amount)) => minor(*amount)?,
            (InterestMethod::Flat, _) => return self.level_flat(from, opening),
            (InterestMethod::DecliningEqualPrincipal, _) => self.equal_part(from, opening)?,
            (InterestMethod::InterestOnly | InterestMethod::Bullet, _) => 0,
            (InterestMethod::DecliningEqualInstalment, _) => self.level_declining(from, opening)?,
        };
        self.set_level(from, level);
        let (last, before) = self.roll_plan(from)?;
        if self.terms.instalment.levelling == Levelling::OnePass {
            self.level_last(from, level, last - before)?;
        }
        Ok(())
    }

    /// How many rows the plan has as far as is known: extensions add theirs when they are booked.
    fn known_rows(&self) -> usize {
        self.slots.iter().take_while(|slot| slot.known_from <= self.known).count()
    }

    fn set_level(&mut self, from: usize, level: Minor) {
        for slot in &mut self.slots[from..] {
            slot.level = level;
        }
    }

    fn open_rows(&self, from: usize) -> u32 {
        let rows = &self.slots[from.min(self.known_rows())..self.known_rows()];
        let open = rows.iter().filter(|slot| slot.asks_principal_known(self.known)).count();
        u32::try_from(open).unwrap_or(u32::MAX)
    }

    fn equal_part(&self, from: usize, opening: Minor) -> Result<Minor, LoanError> {
        annuity(
            opening,
            Fraction::ZERO,
            self.open_rows(from).max(1),
            self.terms.instalment.balloon,
            &self.terms.instalment,
        )
    }

    /// Flat: an equal part of the principal and the period's interest, rounded together; the principal part
    /// is the rest.
    fn level_flat(&mut self, from: usize, opening: Minor) -> Result<(), LoanError> {
        let rows = i128::from(self.open_rows(from).max(1));
        for at in from..self.slots.len() {
            let interest = self.flat_interest(at)?;
            let rules = &self.terms.instalment;
            let exact = Fraction::new(i128::from((opening - rules.balloon).max(0)), rows)?
                .plus(Fraction::new(i128::from(interest), 1)?)?;
            let instalment = rounded(Real::ratio(exact.numerator(), exact.denominator()), rules)?;
            self.slots[at].level = (instalment - interest).max(Minor::from(opening > rules.balloon));
        }
        self.roll_plan(from)?;
        Ok(())
    }

    fn level_declining(&self, from: usize, opening: Minor) -> Result<Minor, LoanError> {
        let rules = &self.terms.instalment;
        let rows = self.open_rows(from);
        let first_time = self.slots[..from].iter().all(|slot| slot.level == 0);
        let amount = match rules.principal {
            InstalmentPrincipal::Approved
                if first_time && rules.basis != InstalmentBasis::ActualPeriodFactors =>
            {
                self.approved
            }
            InstalmentPrincipal::Disbursed | InstalmentPrincipal::Approved => opening,
        };
        match rules.basis {
            InstalmentBasis::NominalPeriod => {
                annuity(amount, self.nominal_factor(from)?, rows, rules.balloon, rules)
            }
            InstalmentBasis::FirstPeriodDays => {
                let first =
                    self.slots.iter().find(|slot| slot.planned.days() > 0).unwrap_or(&self.slots[from]);
                let part = self.part(&first.planned, first.planned.from, first.planned.due)?;
                let factor = self.planned_rate_after(self.slots[from].planned.from).times(part)?;
                annuity(amount, factor, rows, rules.balloon, rules)
            }
            InstalmentBasis::ActualPeriodFactors => {
                let known = from.min(self.known_rows())..self.known_rows();
                let factors: Result<Vec<Fraction>, LoanError> = self.slots[known]
                    .iter()
                    .filter(|slot| slot.asks_principal_known(self.known))
                    .map(|slot| self.factor(&slot.planned))
                    .collect();
                over_factors(opening, &factors?, rules.balloon, rules)
            }
        }
    }

    /// The rate that holds in a row over the periods of a year.
    pub(super) fn nominal_factor(&self, at: usize) -> Result<Fraction, LoanError> {
        // Just before the period ends every change inside it holds.
        let slot = &self.slots[at];
        let last_day = super::super::dates::days_after(slot.planned.due, -1).unwrap_or(slot.planned.from);
        self.planned_rate_after(last_day.max(slot.planned.from)).times(self.nominal_part()?)
    }

    fn nominal_part(&self) -> Result<Fraction, LoanError> {
        if self.terms.day_count.is_by_the_period() {
            return self.frequency.nominal();
        }
        let periods = self.frequency.periods_a_year();
        Fraction::new(periods.denominator(), periods.numerator())
    }

    /// Rolls the plan forward without finding another instalment.
    pub(super) fn relevel_plan_only(&mut self, from: usize) -> Result<(), LoanError> {
        self.roll_plan(from).map(|_| ())
    }

    /// Rolls the plan forward; gives the last instalment and the one before it.
    fn roll_plan(&mut self, from: usize) -> Result<(Minor, Minor), LoanError> {
        let (mut last, mut before) = (0, 0);
        if !self.plan_is_asked {
            return Ok((last, before));
        }
        let count = self.known_rows();
        for at in from..count {
            let slot = &self.slots[at];
            let opening = slot.plan_opening;
            let interest = self.plan_interest(&slot.planned, opening)?;
            let principal = match self.terms.method {
                _ if at + 1 == count => opening,
                _ if !slot.asks_principal_known(self.known) => 0,
                InterestMethod::DecliningEqualInstalment => (slot.level - interest).clamp(0, opening.max(0)),
                InterestMethod::DecliningEqualPrincipal
                | InterestMethod::Flat
                | InterestMethod::InterestOnly
                | InterestMethod::Bullet => slot.level.min(opening),
            };
            (before, last) = (last, principal + interest);
            if let Some(next) = self.slots.get_mut(at + 1) {
                next.plan_opening = opening - principal;
            }
        }
        Ok((last, before))
    }

    /// Interest of a row by the plan: its opening balance for the whole period, but a tranche of the period
    /// from its day.
    fn plan_interest(&self, period: &Period, opening: Minor) -> Result<Minor, LoanError> {
        if self.terms.method == InterestMethod::Flat {
            return Ok(0);
        }
        if self.tranches.len() <= 1 && self.rates.is_empty() && self.first_tranche_on_start(period) {
            let part = self.part(period, period.from, period.due)?;
            return interest(opening, self.first_rate, part)?.round(self.terms.rounding);
        }
        let prorated = self.terms.tranches == TranchePeriod::Prorated;
        let inside = |day: Date| prorated && period.from < day && day < period.due;
        let mut exact = Fraction::ZERO;
        let mut whole = opening;
        for (day, amount) in self.tranches.iter().filter(|(day, _)| inside(*day)) {
            whole -= amount;
            let factor = self.factor_between(period, *day, period.due)?;
            exact = exact.plus(interest(*amount, factor, Fraction::ONE)?)?;
        }
        let factor = self.factor(period)?;
        exact.plus(interest(whole, factor, Fraction::ONE)?)?.round(self.terms.rounding)
    }

    fn first_tranche_on_start(&self, period: &Period) -> bool {
        self.tranches.first().is_none_or(|(day, _)| *day <= period.from || *day >= period.due)
    }

    /// One pass of levelling: half the rows in cents is as much as the last may differ.
    fn level_last(&mut self, from: usize, level: Minor, difference: Minor) -> Result<(), LoanError> {
        let rows = i64::from(self.open_rows(from).max(1));
        if difference.abs() <= rows / 2 {
            return Ok(());
        }
        let share = Minor::try_from(self.terms.rounding.divide(i128::from(difference), i128::from(rows)))
            .map_err(|_| LoanError::Overflow)?;
        self.set_level(from, level + share);
        let (last, before) = self.roll_plan(from)?;
        if (last - before).abs() >= difference.abs() {
            self.set_level(from, level);
            self.roll_plan(from)?;
        }
        Ok(())
    }
}
