//! How a loan ends before its time, or with less than was owed: called in, written off, the rest given up.

use super::super::LoanError;
use super::super::charge::ChargeClass;
use super::super::fraction::Fraction;
use super::super::state::{Minor, Parts, RowKind, money};
use super::Folding;
use super::slots::{Item, Period, Slot};
use jiff::civil::Date;

impl Folding<'_> {
    /// Every row to come gives way to one row on the day.
    pub(super) fn accelerate(&mut self, on: Date) -> Result<(), LoanError> {
        // After the last due date everything is due already.
        let Some(running) = self.slots.get(self.current) else { return Ok(()) };
        let from = running.period.from.min(on);
        let run_up = self.run_up(on)? + self.take_respread();
        (self.carry, self.deferred) = (0, 0);
        self.close_rows_to_come(on);
        let paid_ahead = self.slots.last().is_some_and(|row| row.principal + row.interest > 0);
        if !paid_ahead {
            self.slots.pop();
        }
        let at = self.slots.len();
        let principal = self.open - self.late_principal;
        let period = Period { from, due: on, nominal: Fraction::ZERO, by_name: false };
        let mut row = Slot::new(RowKind::Acceleration, period);
        row.opening = principal;
        row.fixed = Some((principal, run_up));
        self.agreed_ahead = true;
        self.slots.push(row);
        for item in &mut self.items {
            item.slot = item.slot.min(at);
        }
        self.current = at;
        self.close_period()
    }

    /// What is left after the last due date is given up, where it is within the tolerance. Where an earlier
    /// payment bounced after that, it no longer is, and stays owed.
    pub(super) fn give_up(&mut self, on: Date) -> Result<(), LoanError> {
        let charges: Minor = self.items.iter().map(Item::unpaid).sum();
        let left = self.open + self.late_interest + charges;
        let to_come = self.slots.get(self.current..).unwrap_or_default();
        let asks = to_come
            .iter()
            .any(|slot| slot.principal + slot.interest > slot.paid_principal + slot.paid_interest);
        let ended = self.open == self.late_principal && !asks;
        if !ended || left > self.terms.tolerance {
            if self.is_being_booked() {
                let tolerance = money(self.terms.tolerance, self.currency)?;
                return Err(LoanError::AboveTolerance { tolerance });
            }
            return Ok(());
        }
        let mut lost = self.charges_given_up();
        lost.principal += self.open;
        self.released -= self.open;
        self.open = 0;
        lost.interest += self.settle_past(on);
        for at in 0..self.slots.len() {
            let slot = &mut self.slots[at];
            if slot.settled_on.is_none() {
                slot.settled_on = Some(on);
            }
        }
        self.planned_taken = self.released;
        self.given_up = self.given_up.plus(&lost);
        self.rebear(on)
    }

    /// Charges are asked for no more than was paid of them; gives what they lacked.
    fn charges_given_up(&mut self) -> Parts {
        let mut lost = Parts::default();
        for item in &mut self.items {
            match item.class {
                ChargeClass::Fee => lost.fees += item.amount - item.paid,
                ChargeClass::Penalty => lost.penalties += item.amount - item.paid,
            }
            lost.tax += item.tax - item.paid_tax;
            (item.amount, item.tax) = (item.paid, item.paid_tax);
        }
        lost
    }

    /// What is owed is given up.
    pub(super) fn write_off(&mut self, on: Date) -> Result<(), LoanError> {
        if self.written_off.total() > 0 && self.is_being_booked() {
            return Err(LoanError::WrittenOffAlready);
        }
        self.lose(on)?;
        let run_up = self.run_up(on)? + self.take_respread();
        let mut lost = Parts { principal: self.open, interest: run_up, ..Parts::default() };
        lost.interest += self.settle_past(on);
        lost = lost.plus(&self.charges_given_up());
        self.close_rows_to_come(on);
        for item in &mut self.items {
            item.slot = item.slot.min(self.current - 1);
        }
        self.released -= lost.principal;
        self.planned_taken = self.released;
        self.open = 0;
        self.written_off = self.written_off.plus(&lost);
        self.stopped = true;
        self.rebear(on)
    }
}
