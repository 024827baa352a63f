//! Money that goes back to the borrower, and money that comes in after the loan was given up.

use super::super::LoanError;
use super::super::state::{Allocation, Minor, Parts, money};
use super::Folding;
use super::books::Loss;
use jiff::civil::Date;

impl Folding<'_> {
    /// Gives back what was paid too much. Where an earlier payment bounced after that, there is less of it than
    /// was given back: the rest is owed again, as principal, the row paid last first.
    pub(super) fn refund(&mut self, event: u32, on: Date, amount: Minor) -> Result<(), LoanError> {
        let kept = amount.min(self.overpaid);
        if amount > kept && self.is_being_booked() {
            return Err(LoanError::NothingToRefund);
        }
        self.overpaid -= kept;
        self.cash_out += amount;
        let mut left = amount - kept;
        if left == 0 {
            return Ok(());
        }
        let mut taken_back = 0;
        for at in (0..self.slots.len()).rev() {
            let due = at < self.current;
            let slot = &mut self.slots[at];
            let prepaid = if due { 0 } else { slot.prepaid.min(left) };
            slot.prepaid -= prepaid;
            let paid = slot.paid_principal.min(left - prepaid);
            slot.paid_principal -= paid;
            let back = prepaid + paid;
            if back == 0 {
                continue;
            }
            left -= back;
            taken_back += back;
            slot.in_advance = slot.in_advance.min(slot.paid_principal + slot.prepaid + slot.paid_interest);
            slot.late = slot.late.min(slot.paid_principal + slot.paid_interest - slot.in_advance);
            slot.closed = false;
            slot.settled_on = None;
            slot.reopened_on = Some(on);
            self.paid_until = self.paid_until.min(at);
            self.open += back;
            if due {
                self.late_principal += back;
            } else {
                self.ahead -= back;
            }
        }
        self.closed_on = None;
        if self.loss.is_some() {
            self.paid_after_loss -= taken_back;
        }
        self.allocations.push(Allocation {
            event,
            on,
            amount: -taken_back,
            due: Parts::default(),
            in_advance: Parts { principal: -taken_back, ..Parts::default() },
            excess: 0,
        });
        self.rebear(on)
    }

    /// Something came in after the loan was written off: no more than was lost. What an earlier day has made too
    /// much of it is the customer's.
    pub(super) fn recover(&mut self, amount: Minor) -> Result<(), LoanError> {
        if self.written_off.total() == 0 {
            return Err(LoanError::NotWrittenOff);
        }
        let lost = self.loss.map_or(0, Loss::total);
        let left = (self.written_off.total().min(lost) - self.recovered - self.paid_after_loss).max(0);
        if amount > left && self.is_being_booked() {
            return Err(LoanError::AboveWrittenOff { left: money(left, self.currency)? });
        }
        let taken = amount.min(left);
        self.cash_in += amount;
        self.recovered += taken;
        self.overpaid += amount - taken;
        Ok(())
    }
}
