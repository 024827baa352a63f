//! Fees and penalties on their way: expected, charged, given up.

use super::super::LoanError;
use super::super::charge::{Charge, ChargeAmount, ChargeBase, ChargeClass, ChargeTrigger};
use super::super::dates::days_after;
use super::super::fraction::{Fraction, interest};
use super::super::state::{Minor, RowKind, minor};
use super::super::terms::of_percent;
use super::Folding;
use super::slots::Item;
use jiff::civil::Date;

impl Folding<'_> {
    /// Fees that come with each instalment stand in their rows from the start.
    pub(super) fn expect_charges(&mut self) {
        self.expect_charges_from(0);
    }

    pub(super) fn expect_charges_from(&mut self, first: usize) {
        for (nth, charge) in self.terms.charges.iter().enumerate() {
            if charge.trigger != ChargeTrigger::EachInstalment {
                continue;
            }
            for at in first..self.slots.len() {
                if self.slots[at].kind == RowKind::Instalment {
                    self.items.push(self.item(at, self.slots[at].period.due, charge, Some(nth)));
                }
            }
        }
    }

    fn item(&self, slot: usize, due_on: Date, charge: &Charge, nth: Option<usize>) -> Item {
        Item { slot, due_on, class: charge.class, charge: nth, amount: 0, tax: 0, paid: 0, paid_tax: 0 }
    }

    /// Tax on a charge at the percentage of its day.
    pub(super) fn tax_on(&self, charge: &Charge, amount: Minor, day: Date) -> Result<Minor, LoanError> {
        let percent = charge.tax.iter().rev().find(|tax| tax.from <= day).map(|tax| tax.percent);
        percent.map_or(Ok(0), |percent| {
            interest(amount, of_percent(percent)?, Fraction::ONE)?.round(self.terms.rounding)
        })
    }

    /// Penalties of rows that are still unpaid after their due date and its grace.
    pub(super) fn penalise(&mut self, day: Date) -> Result<(), LoanError> {
        for nth in 0..self.terms.charges.len() {
            let charge = &self.terms.charges[nth];
            let ChargeTrigger::OverdueInstalment { grace_days } = charge.trigger else { continue };
            for at in 0..self.current {
                let slot = &self.slots[at];
                let last_day = days_after(slot.period.due, i64::from(grace_days)).unwrap_or(Date::MAX);
                let unpaid = slot.unpaid_principal() + slot.unpaid_interest();
                let known = self.items.iter().any(|item| item.slot == at && item.charge == Some(nth));
                if known || unpaid <= 0 || last_day >= day {
                    continue;
                }
                let mut item = self.item(at, slot.period.due, charge, Some(nth));
                item.amount = self.charge_amount(&charge.amount, at, 0)?;
                item.tax = self.tax_on(charge, item.amount, slot.period.due)?;
                self.items.push(item);
                self.settle_if_paid(at);
            }
        }
        Ok(())
    }

    /// A fee or penalty in the row in whose period it falls due.
    pub(super) fn charge(
        &mut self,
        on: Date,
        due_on: Date,
        class: ChargeClass,
        amount: Minor,
        tax: Minor,
    ) -> Result<(), LoanError> {
        let last = self.slots.len().checked_sub(1).ok_or(LoanError::Order)?;
        let slot = self
            .slots
            .iter()
            .position(|slot| due_on <= slot.period.due && slot.period.due > slot.period.from);
        let slot = slot.unwrap_or(last);
        self.items.push(Item { slot, due_on, class, charge: None, amount, tax, paid: 0, paid_tax: 0 });
        self.closed_on = None;
        if slot < self.current {
            self.settle_if_paid(slot);
        }
        self.rebear(on)
    }

    /// Penalties, then fees, then interest that are due are given up, oldest first.
    pub(super) fn waive(&mut self, on: Date, amount: Minor) -> Result<(), LoanError> {
        let mut left = amount;
        for class in [ChargeClass::Penalty, ChargeClass::Fee] {
            for item in &mut self.items {
                if item.class != class || !(item.slot < self.current || item.due_on <= on) {
                    continue;
                }
                let tax = (item.tax - item.paid_tax).min(left);
                left -= tax;
                let own = (item.amount - item.paid).min(left);
                left -= own;
                item.tax -= tax;
                item.amount -= own;
                self.waived.tax += tax;
                match class {
                    ChargeClass::Fee => self.waived.fees += own,
                    ChargeClass::Penalty => self.waived.penalties += own,
                }
            }
        }
        for at in 0..self.current {
            let interest = self.slots[at].unpaid_interest().min(left);
            left -= interest;
            self.slots[at].interest -= interest;
            self.late_interest -= interest;
            self.waived.interest += interest;
        }
        if left > 0 {
            return Err(LoanError::NothingToWaive);
        }
        for at in 0..self.current {
            let open = self.slots[at].settled_on.is_none();
            let slot = &mut self.slots[at];
            slot.paid_on = slot.paid_on.or(Some(on)).filter(|_| open).or(slot.paid_on);
            self.settle_if_paid(at);
        }
        self.rebear(on)
    }

    /// Charges of rows that give way: what was paid of them stays with the closing row, instalment fees
    /// are asked for no more, and others move to the row after it.
    pub(super) fn close_charges_to_come(&mut self, closing: usize) {
        let mut moved = Vec::new();
        for item in self.items.iter_mut().filter(|item| item.slot >= closing) {
            if item.charge.is_none() && item.unpaid() > 0 {
                let (amount, tax) = (item.amount - item.paid, item.tax - item.paid_tax);
                moved.push(Item { slot: closing + 1, amount, tax, paid: 0, paid_tax: 0, ..item.clone() });
            }
            item.slot = closing;
            (item.amount, item.tax) = (item.paid, item.paid_tax);
        }
        self.items.append(&mut moved);
        self.items.retain(|item| item.slot != closing || item.amount + item.tax > 0);
    }

    /// Fees that come with an instalment.
    pub(super) fn charge_instalment(&mut self, at: usize) -> Result<(), LoanError> {
        for nth in 0..self.items.len() {
            let item = &self.items[nth];
            let Some(charge) = item.charge.filter(|_| item.slot == at) else { continue };
            let charge = &self.terms.charges[charge];
            if charge.trigger != ChargeTrigger::EachInstalment {
                continue;
            }
            let due = self.slots[at].period.due;
            // A loan that is paid off asks for no more fees.
            let settled = self.closed_on.is_some_and(|on| on < due);
            let amount = if settled { 0 } else { self.charge_amount(&charge.amount, at, 0)? };
            let tax = self.tax_on(charge, amount, due)?;
            let item = &mut self.items[nth];
            item.amount = amount.max(item.paid);
            item.tax = tax.max(item.paid_tax);
        }
        Ok(())
    }

    /// How much a charge is for a row, or for an amount paid out.
    pub(super) fn charge_amount(
        &self,
        amount: &ChargeAmount,
        at: usize,
        disbursed: Minor,
    ) -> Result<Minor, LoanError> {
        match *amount {
            ChargeAmount::Flat(money) => minor(money),
            ChargeAmount::Percent { percent, of, least, most } => {
                let slot = self.slots.get(at);
                let principal = slot.map_or(0, |slot| slot.principal);
                let interest_asked = slot.map_or(0, |slot| slot.interest);
                let base = match of {
                    ChargeBase::Disbursed => disbursed,
                    ChargeBase::InstalmentPrincipal => principal,
                    ChargeBase::InstalmentInterest => interest_asked,
                    ChargeBase::InstalmentPrincipalAndInterest => principal + interest_asked,
                };
                let exact = interest(base, of_percent(percent)?, Fraction::ONE)?;
                let amount = exact.round(self.terms.rounding)?;
                Ok(amount.max(least.unwrap_or(0)).min(most.unwrap_or(Minor::MAX)))
            }
        }
    }
}
