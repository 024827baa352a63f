//! Money is paid out: the first time the plan is made, later it is made anew.

use super::super::LoanError;
use super::super::charge::ChargeTrigger;
use super::super::fraction::{Fraction, interest as interest_of};
use super::super::state::Minor;
use super::super::terms::{BrokenPeriod, InstalmentBasis, InterestMethod, TranchePeriod, of_percent};
use super::Folding;
use super::slots::Period;
use jiff::civil::Date;

impl Folding<'_> {
    /// Money is paid out: the plan is made, or made anew from the running period on.
    pub(super) fn disburse(
        &mut self,
        number: u32,
        on: Date,
        amount: Minor,
        topped_up: bool,
    ) -> Result<(), LoanError> {
        if self.current >= self.slots.len() {
            return Err(LoanError::AfterTheEnd);
        }
        if self.loss.is_some() {
            return Err(LoanError::Lost);
        }
        let first = self.tranches.is_empty();
        self.cash_out += amount - if first { self.at_disbursement.interest } else { 0 };
        let amount = amount + self.charge_disbursement(on, amount)?;
        self.released += amount;
        self.open += amount;
        self.closed_on = None;
        if topped_up {
            self.approved += amount;
        }
        if let (true, Some(down)) = (first, self.terms.down_payment) {
            let exact = interest_of(amount, of_percent(down.percent)?, Fraction::ONE)?;
            let share = exact.round(self.terms.rounding)?.min(amount);
            self.agreed_ahead = true;
            self.slots[0].fixed = Some((share, 0));
            self.tranches.push((on, amount - share));
            self.slots[0].opening = amount;
            self.close_period()?;
            self.plan_disbursement(on, amount - share, true, topped_up)?;
            if down.paid_at_once && share > 0 {
                self.pay(number, on, share)?;
            }
            return Ok(());
        }
        self.tranches.push((on, amount));
        self.plan_disbursement(on, amount, first, topped_up)
    }

    fn plan_disbursement(
        &mut self,
        on: Date,
        amount: Minor,
        first: bool,
        topped_up: bool,
    ) -> Result<(), LoanError> {
        let at = self.current;
        let bears_from = match self.terms.tranches {
            TranchePeriod::Prorated => on,
            TranchePeriod::Full => self.slots[at].period.from,
        };
        let opening = self.slots[at].plan_opening + amount;
        let fixed_for_good = self.terms.instalment.basis != InstalmentBasis::ActualPeriodFactors
            && matches!(self.terms.method, InterestMethod::DecliningEqualInstalment);
        if first || topped_up || !fixed_for_good {
            self.relevel(at, opening)?;
        } else {
            self.slots[at].plan_opening = opening;
            self.relevel_plan_only(at)?;
        }
        if bears_from < on && on > self.since {
            // As if released on the period's first day: the days gone by bear interest too.
            let factor = self.factor_between(&self.slots[at].period, bears_from, on)?;
            let exact = interest_of(amount, factor, Fraction::ONE)?;
            self.slots[at].exact = self.slots[at].exact.plus(exact)?;
        }
        if on <= self.slots[at].period.from || first {
            self.slots[at].opening = self.released - self.taken - self.ahead;
        }
        self.since = self.since.max(self.slots[at].period.from);
        self.rebear(on)
    }

    /// What a disbursement costs: kept back, paid beside it, or added to the principal, which is returned.
    fn charge_disbursement(&mut self, on: Date, amount: Minor) -> Result<Minor, LoanError> {
        let mut capitalised = 0;
        for charge in self.charges.to_vec() {
            let whole = |folding: &Self| -> Result<(Minor, Minor), LoanError> {
                let fee = folding.charge_amount(&charge.amount, usize::MAX, amount)?;
                let tax = folding.tax_on(&charge, fee, on)?;
                Ok((fee + tax, tax))
            };
            let (sum, tax) = match charge.trigger {
                ChargeTrigger::DeductedAtDisbursement
                | ChargeTrigger::PaidAtDisbursement
                | ChargeTrigger::CapitalisedAtDisbursement => whole(self)?,
                ChargeTrigger::EachInstalment
                | ChargeTrigger::OverdueInstalment { .. }
                | ChargeTrigger::AfterMaturity { .. } => continue,
            };
            self.at_disbursement.tax += tax;
            self.fees_taken.push((on, sum - tax, charge.income));
            match charge.trigger {
                ChargeTrigger::DeductedAtDisbursement => {
                    self.at_disbursement.deducted += sum;
                    self.cash_out -= sum;
                }
                ChargeTrigger::PaidAtDisbursement => {
                    self.at_disbursement.paid += sum;
                    self.cash_in += sum;
                }
                ChargeTrigger::CapitalisedAtDisbursement
                | ChargeTrigger::EachInstalment
                | ChargeTrigger::OverdueInstalment { .. }
                | ChargeTrigger::AfterMaturity { .. } => {
                    self.at_disbursement.capitalised += sum;
                    capitalised += sum;
                }
            }
        }
        Ok(capitalised)
    }
    /// Interest of the days before the first whole period: kept back, or spread over the rows.
    pub(super) fn keep_back_broken_interest(&mut self, broken: &Period) -> Result<(), LoanError> {
        let factor = self.factor_between(broken, broken.from, broken.due)?;
        let total = interest_of(self.approved, factor, Fraction::ONE)?.round(self.terms.rounding)?;
        if self.terms.dates.broken_period == BrokenPeriod::DeductFromDisbursement {
            self.at_disbursement.interest = total;
            self.broken = Some((broken.from, broken.due));
            return Ok(());
        }
        let first = usize::from(self.terms.down_payment.is_some());
        let rows = i128::try_from(self.slots.len() - first).map_err(|_| LoanError::Overflow)?;
        let share = Minor::try_from(self.terms.rounding.divide(i128::from(total), rows.max(1)))
            .map_err(|_| LoanError::Overflow)?;
        let mut left = total;
        self.agreed_ahead = true;
        let count = self.slots.len();
        for (at, slot) in self.slots.iter_mut().enumerate().skip(first) {
            let part = if at + 1 == count { left } else { share.max(1).min(left) };
            slot.extra_interest += part;
            left -= part;
        }
        Ok(())
    }
}
