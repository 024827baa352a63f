//! Fees and penalties on their way: expected, charged, given up.

use super::super::charge::{Charge, ChargeAmount, ChargeBase, ChargeClass, ChargeTrigger, PenaltyTerms};
use super::super::dates::days_after;
use super::super::error::{LoanError, MOST_ITEMS};
use super::super::fraction::{Fraction, interest};
use super::super::state::{Minor, RowKind, minor};
use super::super::terms::of_percent;
use super::Folding;
use super::slots::Item;
use jiff::civil::Date;

/// The most charges on what is late that one look brings: with every day of thirty years charged, an error rather
/// than a walk without end.
const MOST_AT_ONCE: usize = 12_000;

impl Folding<'_> {
    /// Fees that come with each instalment stand in their rows from the start.
    pub(super) fn expect_charges(&mut self) -> Result<(), LoanError> {
        self.expect_charges_from(0)
    }

    pub(super) fn expect_charges_from(&mut self, first: usize) -> Result<(), LoanError> {
        for (nth, charge) in self.charges.iter().enumerate() {
            if charge.trigger != ChargeTrigger::EachInstalment {
                continue;
            }
            for at in first..self.slots.len() {
                if self.slots[at].kind == RowKind::Instalment {
                    self.items.push(self.item(at, self.slots[at].period.due, charge, Some(nth)));
                }
            }
        }
        self.within_bounds()
    }

    /// No loan is charged without end.
    fn within_bounds(&self) -> Result<(), LoanError> {
        if self.items.len() > MOST_ITEMS { Err(LoanError::TooManyCharges) } else { Ok(()) }
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

    /// Charges on what is late, each on its day, in the order of the days. What a row lacks changes by events
    /// alone, and the walk stops at each of them: so days gone by are looked at with what is unpaid now.
    pub(super) fn penalise(&mut self, day: Date) -> Result<(), LoanError> {
        for nth in 0..self.charges.len() {
            let charge = &self.charges[nth];
            let Some((grace, every)) = charge.trigger.lateness() else { continue };
            let of_loan = matches!(charge.trigger, ChargeTrigger::AfterMaturity { .. });
            let rows = match (of_loan, self.current < self.slots.len()) {
                (true, true) => 0..0,
                (true, false) => self.current.saturating_sub(1)..self.current,
                (false, _) => 0..self.current,
            };
            let mut late = Vec::new();
            for at in rows {
                let unpaid = match of_loan {
                    true => self.late_principal + self.late_interest,
                    false => self.slots[at].unpaid_principal() + self.slots[at].unpaid_interest(),
                };
                if unpaid > 0 && self.unpaid_up_to(at) > self.terms.tolerance {
                    self.days_to_charge(nth, at, (grace, every), day, &mut late);
                }
            }
            late.sort_by_key(|(on, _)| *on);
            for (on, at) in late {
                self.charge_lateness(nth, at, on, every > 0 || of_loan)?;
            }
        }
        Ok(())
    }

    /// The days, up to one, on which a row is charged that has not been charged for them.
    fn days_to_charge(
        &self,
        nth: usize,
        at: usize,
        (grace, every): (u16, u16),
        day: Date,
        into: &mut Vec<(Date, usize)>,
    ) {
        let (slot, charge) = (&self.slots[at], &self.charges[nth]);
        // What is charged once is charged by the terms under which the row fell due.
        if charge.since.is_some_and(|since| every == 0 && slot.period.due <= since) {
            return;
        }
        let until = charge.until.unwrap_or(Date::MAX).min(day);
        let after = |from: Date, days: u16| days_after(from, i64::from(days)).unwrap_or(Date::MAX);
        let known = self.items.iter().rev().find(|item| item.slot == at && item.charge == Some(nth));
        let mut next = match known {
            Some(_) if every == 0 => return,
            Some(item) => after(item.due_on, every),
            None => after(slot.period.due, grace.saturating_add(1)),
        };
        if let Some(since) = charge.since.filter(|since| *since >= next) {
            next = after(since, 1);
        }
        // A row that was paid and is open again is late anew from that day.
        if let Some(reopened) = slot.reopened_on.filter(|reopened| *reopened >= next) {
            next = after(reopened, 1);
        }
        while next <= until && into.len() < MOST_AT_ONCE {
            into.push((next, at));
            if every == 0 {
                break;
            }
            next = after(next, every);
        }
    }

    /// Charges a row for being late on a day. A charge that is made once stands on the row's due date.
    fn charge_lateness(
        &mut self,
        nth: usize,
        at: usize,
        on: Date,
        on_its_day: bool,
    ) -> Result<(), LoanError> {
        let charge = self.charges[nth].clone();
        let due_on = if on_its_day { on } else { self.slots[at].period.due };
        let mut item = self.item(at, due_on, &charge, Some(nth));
        item.amount = self.charge_amount(&charge.amount, at, 0)?;
        if let Some(most) = charge.most_in_all {
            let charged: Minor =
                self.items.iter().filter(|item| item.charge == Some(nth)).map(|item| item.amount).sum();
            item.amount = item.amount.min((most - charged).max(0));
            if item.amount == 0 {
                return Ok(());
            }
        }
        item.tax = self.tax_on(&charge, item.amount, due_on)?;
        self.items.push(item);
        self.within_bounds()?;
        self.paid_until = self.paid_until.min(at);
        self.settle_if_paid(at);
        Ok(())
    }

    /// What lateness costs from a day on takes the place of what it cost.
    pub(super) fn revise_penalties(&mut self, on: Date, penalty: Option<PenaltyTerms>) {
        let Some(revised) = penalty else { return };
        let charges = self.charges.to_mut();
        let of_lateness =
            |charge: &Charge| charge.class == ChargeClass::Penalty && charge.trigger.lateness().is_some();
        let mut tax = Vec::new();
        for charge in charges.iter_mut().filter(|charge| of_lateness(charge)) {
            charge.until = Some(charge.until.map_or(on, |until| until.min(on)));
            tax.clone_from(&charge.tax);
        }
        let trigger = ChargeTrigger::OverdueInstalment {
            grace_days: revised.grace_days,
            every_days: revised.every_days,
        };
        charges.push(Charge {
            tax,
            since: Some(on),
            ..Charge::new("Penalty as agreed anew", ChargeClass::Penalty, revised.amount, trigger)
        });
    }

    /// What is unpaid of the rows that have fallen due, up to one of them.
    pub(super) fn unpaid_up_to(&self, at: usize) -> Minor {
        if self.terms.tolerance == 0 {
            return 1;
        }
        let rows: Minor =
            self.slots[..=at].iter().map(|slot| slot.unpaid_principal() + slot.unpaid_interest()).sum();
        rows + self.items.iter().filter(|item| item.slot <= at).map(Item::unpaid).sum::<Minor>()
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
        self.within_bounds()?;
        self.closed_on = None;
        self.paid_until = self.paid_until.min(slot);
        if slot < self.current {
            self.settle_if_paid(slot);
        }
        self.rebear(on)
    }

    /// Penalties, then fees, then interest that are due are given up, oldest first.
    pub(super) fn waive(&mut self, event: u32, on: Date, amount: Minor) -> Result<(), LoanError> {
        let (mut left, before) = (amount, self.waived);
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
        self.waivers.push((event, self.waived.minus(&before)));
        // What an earlier payment has taken meanwhile is not there to be waived.
        if left > 0 && self.is_being_booked() {
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
            let charge = &self.charges[charge];
            if charge.trigger != ChargeTrigger::EachInstalment {
                continue;
            }
            let due = self.slots[at].period.due;
            // A loan that is paid off asks for no more fees.
            let settled = self.closed_on.is_some_and(|on| on < due);
            // Nor does an instalment of nothing, after the last cent.
            let slot = &self.slots[at];
            let nothing = (slot.opening, slot.principal, slot.interest) == (0, 0, 0);
            let amount = if settled || nothing { 0 } else { self.charge_amount(&charge.amount, at, 0)? };
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
                    ChargeBase::InstalmentUnpaid => {
                        slot.map_or(0, |slot| slot.unpaid_principal() + slot.unpaid_interest())
                    }
                    ChargeBase::LoanUnpaid => self.late_principal + self.late_interest,
                };
                let exact = interest(base, of_percent(percent)?, Fraction::ONE)?;
                let amount = exact.round(self.terms.rounding)?;
                Ok(amount.max(least.unwrap_or(0)).min(most.unwrap_or(Minor::MAX)))
            }
        }
    }
}
