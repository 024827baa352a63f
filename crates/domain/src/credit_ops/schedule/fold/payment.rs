//! How money that comes in is used.

use super::super::LoanError;
use super::super::allocation::{Direction, Excess, FutureRule, Part};
use super::super::charge::ChargeClass;
use super::super::state::{Allocation, Minor, Parts, money};
use super::super::terms::{EarlyInterest, InterestMethod, PayoffInterest, Recalculation};
use super::Folding;
use super::slots::Item;
use jiff::civil::Date;

/// Money on its way.
struct Purse {
    on: Date,
    left: Minor,
    /// It settles the loan: fees of rows to come are asked for no more.
    settles: bool,
    due: Parts,
    in_advance: Parts,
}

impl Purse {
    fn take(&mut self, wanted: Minor) -> Minor {
        let taken = wanted.clamp(0, self.left);
        self.left -= taken;
        taken
    }
}

impl Folding<'_> {
    /// What settles the loan on a day: open principal, interest due and run up, fees and penalties.
    pub(super) fn settlement(&self, day: Date) -> Result<Minor, LoanError> {
        let charges: Minor = self
            .items
            .iter()
            .filter(|item| item.is_booked() || self.is_asked(item.slot, item.due_on, day))
            .map(Item::unpaid)
            .sum();
        let running = if self.is_off() { 0 } else { self.run_up_to_settle(day)? };
        Ok(self.open + self.late_interest + self.planned_interest_ahead() + running + charges)
    }

    /// Interest of rows to come that is owed whatever is paid before: where it stays as planned, in rows
    /// whose parts were agreed, and what was spread over rows.
    fn planned_interest_ahead(&self) -> Minor {
        if !self.agreed_ahead && !self.is_off() {
            return 0;
        }
        (self.current..self.slots.len()).map(|at| self.owed_ahead(at)).sum()
    }

    fn owed_ahead(&self, at: usize) -> Minor {
        let slot = &self.slots[at];
        match slot.fixed {
            Some((_, interest)) => (interest - slot.paid_interest).max(0),
            None if self.is_off() => slot.unpaid_interest().max(0),
            // Part of what has run up.
            None if at <= self.taker() => 0,
            None => (slot.extra_interest - slot.paid_interest).max(0),
        }
    }

    fn run_up_to_settle(&self, day: Date) -> Result<Minor, LoanError> {
        let Some(slot) = self.slots.get(self.current) else { return Ok(0) };
        let whole = matches!(self.terms.recalculation, Recalculation::On(rules) if rules.payoff == PayoffInterest::ToNextDueDate);
        self.run_up(if whole && day > slot.period.from { slot.period.due } else { day })
    }

    /// Whether a charge is asked for: its row is due, or its own day has come.
    fn is_asked(&self, slot: usize, due_on: Date, day: Date) -> bool {
        slot < self.current || due_on <= day
    }

    /// Uses a payment.
    pub(super) fn pay(&mut self, event: u32, on: Date, amount: Minor) -> Result<(), LoanError> {
        self.foresee()?;
        // What settles the loan is no less than its open principal.
        let settlement = if amount < self.open { Minor::MAX } else { self.settlement(on)? };
        // What an earlier day has paid meanwhile makes a payment too large that was taken: the rest is kept.
        let refuses = self.terms.allocation.excess == Excess::Refused && self.is_being_booked();
        if amount > settlement && refuses {
            return Err(LoanError::AbovePayOff { pay_off: money(settlement, self.currency)? });
        }
        self.charge_whole_period_if_settling(on, amount >= settlement)?;
        let mut purse =
            Purse { on, left: amount, settles: false, due: Parts::default(), in_advance: Parts::default() };
        purse.settles = amount >= settlement;
        self.pay_due(&mut purse);
        if purse.left > 0 {
            self.pay_ahead(&mut purse)?;
        }
        self.overpaid += purse.left;
        self.cash_in += amount;
        if self.loss.is_some() {
            self.paid_after_loss += amount - purse.left;
        }
        self.allocations.push(Allocation {
            event,
            on,
            amount,
            due: purse.due,
            in_advance: purse.in_advance,
            excess: purse.left,
        });
        if purse.settles && self.open == 0 && self.closed_on.is_none() {
            self.closed_on = Some(on);
        }
        self.rebear(on)
    }

    /// Where a loan that is paid off owes the whole period, that interest runs up at once.
    fn charge_whole_period_if_settling(&mut self, on: Date, settles: bool) -> Result<(), LoanError> {
        let Recalculation::On(rules) = self.terms.recalculation else { return Ok(()) };
        let Some(slot) = self.slots.get(self.current) else { return Ok(()) };
        if settles && rules.payoff == PayoffInterest::ToNextDueDate && on > slot.period.from {
            let due = slot.period.due;
            self.accrue_to(due)?;
        }
        Ok(())
    }

    /// What is due, oldest first.
    fn pay_due(&mut self, purse: &mut Purse) {
        let order = self.terms.allocation.due;
        // Nothing is due of rows to come but charges that have a day of their own.
        let rows = if self.items.is_empty() { self.current } else { self.slots.len() };
        while self.paid_until < self.current && self.is_paid(self.paid_until) {
            self.paid_until += 1;
        }
        let first = self.paid_until;
        match self.terms.allocation.direction {
            Direction::Horizontal => {
                for at in first..rows {
                    for part in order {
                        self.pay_due_part(purse, at, part);
                    }
                    if purse.left == 0 {
                        break;
                    }
                }
            }
            Direction::Vertical => {
                for part in order {
                    for at in first..rows {
                        self.pay_due_part(purse, at, part);
                    }
                }
            }
        }
    }

    /// Whether nothing is missing of a row that is due.
    fn is_paid(&self, at: usize) -> bool {
        let slot = &self.slots[at];
        slot.unpaid_principal() + slot.unpaid_interest() == 0
            && self.items.iter().all(|item| item.slot != at || item.unpaid() == 0)
    }

    fn pay_due_part(&mut self, purse: &mut Purse, at: usize, part: Part) {
        match part {
            Part::Penalty => self.pay_charges(purse, at, ChargeClass::Penalty, true),
            Part::Fee => self.pay_charges(purse, at, ChargeClass::Fee, true),
            Part::Interest if at < self.current => {
                let taken = purse.take(self.slots[at].unpaid_interest());
                self.slots[at].paid_interest += taken;
                self.late_interest -= taken;
                purse.due.interest += taken;
                self.note_payment(at, purse.on, taken);
            }
            Part::Principal if at < self.current => {
                let taken = purse.take(self.slots[at].unpaid_principal());
                self.slots[at].paid_principal += taken;
                self.late_principal -= taken;
                self.open -= taken;
                purse.due.principal += taken;
                self.note_payment(at, purse.on, taken);
            }
            Part::Interest | Part::Principal => {}
        }
    }

    fn pay_charges(&mut self, purse: &mut Purse, at: usize, class: ChargeClass, due: bool) {
        if purse.left == 0 || self.items.is_empty() {
            return;
        }
        for nth in 0..self.items.len() {
            let item = &self.items[nth];
            let asked = self.is_asked(at, item.due_on, purse.on);
            // Who settles a loan pays what was booked, whenever it is due, and no fees of rows to come.
            let skipped = if due { !asked } else { purse.settles && !asked && !item.is_booked() };
            if item.slot != at || item.class != class || skipped {
                continue;
            }
            let item = &mut self.items[nth];
            let tax = purse.take(item.tax - item.paid_tax);
            let amount = purse.take(item.amount - item.paid);
            item.paid_tax += tax;
            item.paid += amount;
            let parts = if due { &mut purse.due } else { &mut purse.in_advance };
            parts.tax += tax;
            match class {
                ChargeClass::Fee => parts.fees += amount,
                ChargeClass::Penalty => parts.penalties += amount,
            }
            self.note_payment(at, purse.on, tax + amount);
        }
    }

    /// Money for a row: before, on or after its due date; the row may be settled by it.
    fn note_payment(&mut self, at: usize, on: Date, amount: Minor) {
        if amount == 0 {
            return;
        }
        let slot = &mut self.slots[at];
        slot.paid_on = Some(on);
        match on.cmp(&slot.period.due) {
            std::cmp::Ordering::Less => slot.in_advance += amount,
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => slot.late += amount,
        }
        if at < self.current {
            self.settle_if_paid(at);
        }
    }

    /// A row that is due and has nothing open is settled.
    pub(super) fn settle_if_paid(&mut self, at: usize) {
        let charges: Minor = self.items.iter().filter(|item| item.slot == at).map(Item::unpaid).sum();
        let slot = &mut self.slots[at];
        let open = slot.unpaid_principal() + slot.unpaid_interest() + charges;
        if open == 0 && slot.settled_on.is_none() {
            slot.settled_on = slot.paid_on;
        } else if open > 0 {
            slot.settled_on = None;
        }
    }

    /// What nothing due asks for.
    fn pay_ahead(&mut self, purse: &mut Purse) -> Result<(), LoanError> {
        match self.terms.allocation.future {
            FutureRule::BeyondInstalment => self.pay_beyond(purse),
            FutureRule::CurrentInstalment => self.pay_current(purse),
            FutureRule::Equal => self.pay_equally(purse),
            FutureRule::Next => self.pay_rows(purse, false),
            FutureRule::Last => self.pay_rows(purse, true),
        }?;
        // What is left pays the interest of the running period, which is how a loan is paid off between
        // two due dates.
        if self.open == 0 {
            if !self.is_off() {
                self.pay_run_up(purse)?;
            }
            for at in self.current..self.slots.len() {
                let taken = purse.take(self.owed_ahead(at));
                self.slots[at].paid_interest += taken;
                purse.in_advance.interest += taken;
                self.note_payment(at, purse.on, taken);
                self.pay_charges(purse, at, ChargeClass::Penalty, false);
                self.pay_charges(purse, at, ChargeClass::Fee, false);
            }
        }
        Ok(())
    }

    fn pay_run_up(&mut self, purse: &mut Purse) -> Result<(), LoanError> {
        let at = self.taker();
        if at >= self.slots.len() {
            return Ok(());
        }
        let taken = purse.take(self.run_up_to_settle(purse.on)?);
        self.slots[at].paid_interest += taken;
        purse.in_advance.interest += taken;
        self.note_payment(at, purse.on, taken);
        Ok(())
    }

    /// Principal on top of what the running instalment asks for.
    fn pay_beyond(&mut self, purse: &mut Purse) -> Result<(), LoanError> {
        let at = self.current;
        if at >= self.slots.len() {
            return Ok(());
        }
        let taken = purse.take(self.open - self.late_principal);
        self.slots[at].prepaid += taken;
        self.advance_principal(purse, at, taken);
        Ok(())
    }

    fn advance_principal(&mut self, purse: &mut Purse, at: usize, taken: Minor) {
        self.open -= taken;
        self.ahead += taken;
        purse.in_advance.principal += taken;
        self.note_payment(at, purse.on, taken);
    }

    /// Principal of the first instalment that is due today or later, its own first.
    fn pay_current(&mut self, purse: &mut Purse) -> Result<(), LoanError> {
        let today = self.current.checked_sub(1).filter(|at| self.slots[*at].period.due == purse.on);
        if let Some(at) = today {
            let taken = purse.take(self.open - self.late_principal);
            let slot = &mut self.slots[at];
            slot.principal += taken;
            slot.paid_principal += taken;
            self.taken += taken;
            self.open -= taken;
            purse.in_advance.principal += taken;
            self.note_payment(at, purse.on, taken);
            if taken > 0 {
                self.after_prepayment(at, taken)?;
            }
            let opening = self.released - self.taken - self.ahead;
            if let Some(next) = self.slots.get_mut(self.current) {
                next.opening = opening;
            }
            return Ok(());
        }
        let at = self.current;
        if at < self.slots.len() {
            let taken = purse.take(self.open - self.late_principal);
            self.slots[at].paid_principal += taken;
            self.advance_principal(purse, at, taken);
        }
        Ok(())
    }

    /// The same share to the principal of every row that is open, the rest of the division to the last.
    fn pay_equally(&mut self, purse: &mut Purse) -> Result<(), LoanError> {
        let open: Vec<usize> = (self.current..self.slots.len())
            .filter(|at| {
                !self.slots[*at].closed
                    && self.slots[*at].fixed.is_none_or(|_| self.slots[*at].unpaid_principal() > 0)
            })
            .collect();
        let Some(last) = open.last().copied() else { return Ok(()) };
        let whole = purse.left.min(self.open - self.late_principal);
        let count = i128::try_from(open.len()).map_err(|_| LoanError::Overflow)?;
        let share = Minor::try_from(self.terms.rounding.divide(i128::from(whole), count))
            .map_err(|_| LoanError::Overflow)?;
        let mut left = whole;
        for at in open {
            let part = if at == last { left } else { share.min(left) };
            left -= part;
            let taken = purse.take(part);
            self.slots[at].paid_principal += taken;
            self.advance_principal(purse, at, taken);
        }
        Ok(())
    }

    /// The rows that are not yet due, in order or from the last backwards.
    fn pay_rows(&mut self, purse: &mut Purse, backwards: bool) -> Result<(), LoanError> {
        let rows: Vec<usize> = if backwards {
            (self.current..self.slots.len()).rev().collect()
        } else {
            (self.current..self.slots.len()).collect()
        };
        for at in rows {
            if purse.left == 0 {
                break;
            }
            if !self.slots[at].closed {
                self.pay_row_ahead(purse, at, backwards)?;
            }
        }
        Ok(())
    }

    fn pay_row_ahead(&mut self, purse: &mut Purse, at: usize, backwards: bool) -> Result<(), LoanError> {
        let to_come = self.open - self.late_principal;
        let slot = &self.slots[at];
        let begun = at == self.taker();
        // The rows before this one on the way are filled: is any left after it?
        let mut rest = if backwards { self.current..at } else { at + 1..self.slots.len() };
        let last_open = rest.all(|other| self.slots[other].closed);
        let (interest, principal) = match self.terms.recalculation {
            _ if slot.fixed.is_some() => (slot.unpaid_interest(), slot.unpaid_principal().min(to_come)),
            Recalculation::Off => (slot.unpaid_interest(), slot.unpaid_principal().min(to_come)),
            Recalculation::On(rules) if rules.early == EarlyInterest::ToPaymentDate => {
                let run_up =
                    if begun { self.run_up_to_settle_or(purse, to_come)? } else { self.owed_ahead(at) };
                let room = match self.terms.method {
                    _ if slot.without_principal.is_some() => 0,
                    InterestMethod::DecliningEqualInstalment => slot.level - slot.paid_interest - run_up,
                    InterestMethod::DecliningEqualPrincipal
                    | InterestMethod::Flat
                    | InterestMethod::InterestOnly
                    | InterestMethod::Bullet => slot.level,
                };
                let room = (room - slot.paid_principal).max(0);
                (run_up, if last_open { to_come } else { room.min(to_come) })
            }
            Recalculation::On(_) => (0, slot.unpaid_principal().min(to_come)),
        };
        let (mut interest_left, mut principal_left) = (interest, principal);
        for part in self.terms.allocation.in_advance {
            match part {
                Part::Penalty => self.pay_charges(purse, at, ChargeClass::Penalty, false),
                Part::Fee => self.pay_charges(purse, at, ChargeClass::Fee, false),
                Part::Interest => {
                    let taken = purse.take(interest_left);
                    interest_left -= taken;
                    self.slots[at].paid_interest += taken;
                    purse.in_advance.interest += taken;
                    self.note_payment(at, purse.on, taken);
                }
                Part::Principal => {
                    let taken = purse.take(principal_left);
                    principal_left -= taken;
                    self.slots[at].paid_principal += taken;
                    self.advance_principal(purse, at, taken);
                }
            }
        }
        let paid_something = self.slots[at].paid_on == Some(purse.on);
        let filled = interest_left == 0 && principal_left == 0 && paid_something;
        if filled && self.takes_interest_to_payment() {
            let slot = &mut self.slots[at];
            slot.closed = true;
            slot.settled_on = Some(purse.on);
        }
        Ok(())
    }

    /// Interest of the running period up to the day, or whole where this payment settles the loan so.
    fn run_up_to_settle_or(&self, purse: &Purse, to_come: Minor) -> Result<Minor, LoanError> {
        let whole = self.run_up_to_settle(purse.on)?;
        if purse.left >= whole + to_come { Ok(whole) } else { self.run_up(purse.on) }
    }
}
