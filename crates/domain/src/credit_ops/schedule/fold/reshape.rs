//! What changes the rows themselves: moved dates, further instalments, spreading anew, acceleration.

use super::super::LoanError;
use super::super::dates::{DueDay, Frequency, MonthEnd, Stepper, days_after};
use super::super::error::MOST_ROWS;
use super::super::event::{DueInterest, LoanEvent};
use super::super::fraction::{Fraction, interest as interest_of};
use super::super::state::{Minor, Parts, RowKind};
use super::super::terms::InterestMethod;
use super::interest::{Pause, RateFrom};
use super::slots::{Period, Slot, odd_period};
use super::{Folding, Moment, annuity};
use jiff::civil::Date;

/// A later rate takes the place of an earlier one of the same day.
fn note_rate(rates: &mut Vec<RateFrom>, cut: Date, rate: Fraction) {
    rates.retain(|known| known.cut != cut);
    rates.push(RateFrom { cut, rate });
    rates.sort_by_key(|known| known.cut);
}

/// Equal parts of an amount, the rest of the division in the last.
fn equal_parts(amount: Minor, parts: usize, folding: &Folding<'_>) -> Result<Vec<Minor>, LoanError> {
    let count = i128::try_from(parts.max(1)).map_err(|_| LoanError::Overflow)?;
    let share = Minor::try_from(folding.terms.rounding.divide(i128::from(amount), count))
        .map_err(|_| LoanError::Overflow)?;
    let mut left = amount;
    let mut shares = Vec::with_capacity(parts);
    for nth in 0..parts {
        let part = if nth + 1 == parts { left } else { share.min(left) };
        left -= part;
        shares.push(part);
    }
    Ok(shares)
}

impl Folding<'_> {
    /// What is agreed about days ahead: rates, pauses, moved dates, extensions. Gives the moments at which
    /// the instalment has to be found anew.
    pub(super) fn reshape_dates(
        &mut self,
        events: &[(u32, LoanEvent)],
    ) -> Result<Vec<(Date, u8, Moment)>, LoanError> {
        let mut moments = Vec::new();
        for (number, event) in events {
            let number = *number;
            match *event {
                LoanEvent::RateChanged { from, rate, .. } => {
                    let cut = days_after(from, -1).ok_or(LoanError::Dates)?;
                    let yearly = self.terms.yearly(rate.percent())?;
                    note_rate(&mut self.rates, cut, yearly);
                    note_rate(&mut self.flat_rates, from, yearly);
                    moments.push((cut, 0, Moment::Relevel(number)));
                }
                LoanEvent::RateChangedFromInstalment { due, rate, .. } => {
                    let at = self.row_due(due)?;
                    let begins = self.slots[at].period.from;
                    let yearly = self.terms.yearly(rate.percent())?;
                    note_rate(&mut self.rates, begins, yearly);
                    note_rate(&mut self.flat_rates, due, yearly);
                    moments.push((begins, 0, Moment::Relevel(number)));
                }
                LoanEvent::Restructured { on, rate, .. } => {
                    let yearly = self.terms.yearly(rate.percent())?;
                    note_rate(&mut self.rates, on, yearly);
                }
                LoanEvent::InterestPaused { from, to, .. } => {
                    if to < from {
                        return Err(LoanError::Dates);
                    }
                    let cut = days_after(from, -1).ok_or(LoanError::Dates)?;
                    self.pauses.push(Pause { cut, to });
                }
                LoanEvent::DueDateMoved { from, to, .. } => self.move_due_date(number, from, to)?,
                LoanEvent::HolidayDeclared { on, holiday } => self.declare_holiday(on, holiday)?,
                LoanEvent::Extended { due, further, without_principal, without_interest, .. } => {
                    let at = self.row_due(due)?;
                    self.extend(number, at, further, without_principal, without_interest)?;
                    // After what is paid out on that day.
                    if further > 0 || without_principal > 0 {
                        moments.push((self.slots[at].period.from, 2, Moment::Relevel(number)));
                    }
                }
                LoanEvent::Disbursed { .. }
                | LoanEvent::ToppedUp { .. }
                | LoanEvent::Repaid { .. }
                | LoanEvent::PaidOff { .. }
                | LoanEvent::Refunded { .. }
                | LoanEvent::Reversed { .. }
                | LoanEvent::Charged { .. }
                | LoanEvent::Waived { .. }
                | LoanEvent::Capitalised { .. }
                | LoanEvent::ReAmortised { .. }
                | LoanEvent::ReAged { .. }
                | LoanEvent::Accelerated { .. }
                | LoanEvent::ChargedOff { .. }
                | LoanEvent::WrittenOff { .. }
                | LoanEvent::GivenUp { .. }
                | LoanEvent::Recovered { .. } => {}
            }
        }
        self.items.clear();
        self.expect_charges()?;
        Ok(moments)
    }

    /// The instalment due on a day.
    fn row_due(&self, due: Date) -> Result<usize, LoanError> {
        let exactly =
            self.slots.iter().position(|slot| slot.period.due == due && slot.kind == RowKind::Instalment);
        exactly.ok_or(LoanError::NoInstalmentOn { due })
    }

    fn stepper_from(&self, base: Date, day: i8, frequency: Frequency) -> Stepper {
        let (month_end, due_day) = match self.terms.dates.due_day {
            DueDay::EndOfMonth => (MonthEnd::LastDay, DueDay::EndOfMonth),
            DueDay::AsStart | DueDay::Fixed(_) => (self.terms.dates.month_end, DueDay::AsStart),
        };
        Stepper { frequency, month_end, due_day, base, day }
    }

    fn move_due_date(&mut self, number: u32, from: Date, to: Date) -> Result<(), LoanError> {
        let at = self.row_due(from)?;
        if to <= self.slots[at].period.from {
            return Err(LoanError::Dates);
        }
        let mut stepper = self.stepper_from(to, to.day(), self.frequency);
        stepper.due_day = DueDay::AsStart;
        self.slots[at].period = odd_period(self.slots[at].period.from, to, self.frequency)?;
        let mut begins = to;
        for (later, slot) in self.slots[at + 1..].iter_mut().enumerate() {
            let steps = u16::try_from(later + 1).map_err(|_| LoanError::TooManyRows)?;
            let due = self.closed.moved(stepper.after(steps)?);
            slot.period = Period { from: begins, due, ..slot.period };
            begins = due;
        }
        self.moved_by = Some(self.moved_by.map_or(number, |moved| moved.min(number)));
        self.last_due = begins;
        Ok(())
    }

    /// Rows that are not yet due and fall on a day that turns out to be without work.
    fn declare_holiday(&mut self, on: Date, holiday: Date) -> Result<(), LoanError> {
        let closed = self.closed.to_mut();
        if let Err(at) = closed.holidays.binary_search(&holiday) {
            closed.holidays.insert(at, holiday);
        }
        for at in 0..self.slots.len() {
            let slot = &self.slots[at];
            if slot.kind != RowKind::Instalment || slot.period.due != holiday || slot.period.due <= on {
                continue;
            }
            let due = self.closed.moved(holiday);
            let next_due = self.slots.get(at + 1).map_or(Date::MAX, |next| next.period.due);
            if due <= self.slots[at].period.from || due > next_due {
                continue;
            }
            self.slots[at].period.due = due;
            match self.slots.get_mut(at + 1) {
                Some(next) => next.period.from = due,
                None => self.last_due = due,
            }
        }
        Ok(())
    }

    fn extend(
        &mut self,
        number: u32,
        at: usize,
        further: u16,
        without_principal: u16,
        without_interest: u16,
    ) -> Result<(), LoanError> {
        let last = self.slots.last().map_or(self.last_due, |slot| slot.period.due);
        let day = self.slots.iter().map(|slot| slot.period.due.day()).max().unwrap_or(1);
        let stepper = self.stepper_from(last, day, self.frequency);
        let rows = further.checked_add(without_principal).ok_or(LoanError::TooManyRows)?;
        self.check_rows(usize::from(rows))?;
        for row in 1..=rows {
            let due = self.closed.moved(stepper.after(row)?);
            let nominal = self.frequency.nominal()?;
            let period = Period { from: self.last_due, due, nominal, by_name: false };
            let mut slot = Slot::new(RowKind::Instalment, period);
            slot.known_from = number;
            self.slots.push(slot);
            self.last_due = due;
        }
        for slot in self.slots[at..].iter_mut().take(usize::from(without_principal)) {
            slot.without_principal = slot.without_principal.or(Some(number));
        }
        for slot in self.slots[at..].iter_mut().take(usize::from(without_interest)) {
            slot.interest_waits = true;
        }
        Ok(())
    }

    /// Interest that was due once and was spread over rows to come: whatever closes those rows takes it along.
    pub(super) fn take_respread(&mut self) -> Minor {
        let taker = self.taker();
        let mut taken = 0;
        for (at, slot) in self.slots.iter_mut().enumerate().skip(self.current) {
            let spread = match slot.fixed {
                Some(_) => std::mem::take(&mut slot.respread),
                // Of the running row it is part of what has run up.
                None if at > taker => std::mem::take(&mut slot.extra_interest),
                None => 0,
            };
            taken += (spread - slot.paid_interest).max(0);
        }
        taken
    }

    fn check_rows(&self, further: usize) -> Result<(), LoanError> {
        if self.slots.len() + further > usize::from(MOST_ROWS) + 1 {
            return Err(LoanError::TooManyRows);
        }
        Ok(())
    }

    /// Interest due and run up becomes principal, and the instalment is found anew.
    pub(super) fn capitalise(&mut self, on: Date) -> Result<(), LoanError> {
        let run_up = self.run_up(on)?;
        let mut amount = run_up;
        for at in 0..self.current {
            let unpaid = self.slots[at].unpaid_interest();
            amount += unpaid;
            self.slots[at].interest -= unpaid;
            self.settle_if_paid(at);
        }
        self.late_interest = 0;
        let Some(slot) = self.slots.get_mut(self.current) else { return Err(LoanError::AfterTheEnd) };
        slot.extra_interest -= run_up;
        self.agreed_ahead = true;
        self.capitalised += amount;
        self.released += amount;
        self.open += amount;
        self.tranches.push((on, amount));
        self.relevel(self.current, self.open - self.late_principal)?;
        self.rebear(on)
    }

    /// Rows that are due become what was paid on them; gives the interest that was due.
    pub(super) fn settle_past(&mut self, on: Date) -> Minor {
        for at in 0..self.current {
            let slot = &mut self.slots[at];
            let (principal, interest) = (slot.unpaid_principal(), slot.unpaid_interest());
            if principal > 0 || interest > 0 {
                slot.principal -= principal;
                slot.interest -= interest;
                slot.settled_on = Some(on);
                self.taken -= principal;
            }
        }
        self.late_principal = 0;
        self.planned_taken = self.released - self.open;
        std::mem::take(&mut self.late_interest)
            + std::mem::take(&mut self.carry)
            + std::mem::take(&mut self.deferred)
    }

    /// The running period begins again with the balance as it is now.
    fn begin_anew(&mut self) {
        let at = self.current;
        if let Some(trace) = &mut self.trace {
            trace.retain(|segment| segment.slot != at);
        }
        let opening = self.open;
        if let Some(slot) = self.slots.get_mut(at) {
            slot.exact = Fraction::ZERO;
            slot.rounded = 0;
            slot.opening = opening;
            self.since = slot.period.from;
        }
        // What ran up before is replaced: the new balance holds from the period's first day.
        self.bearing = self.bearing_from_here();
    }

    /// The rate that holds now over one period, by the period's name.
    fn period_rate(&self, on: Date) -> Result<Fraction, LoanError> {
        self.rate_after(on).times(self.frequency.nominal()?)
    }

    /// What is open is spread over the rows from the running one on.
    pub(super) fn re_amortise(&mut self, on: Date, handling: DueInterest) -> Result<(), LoanError> {
        if self.current >= self.slots.len() {
            return Err(LoanError::AfterTheEnd);
        }
        let run_up = if handling == DueInterest::EqualPayable { self.run_up(on)? } else { 0 };
        let due = self.settle_past(on) + self.take_respread();
        for slot in &mut self.slots[self.current..] {
            slot.fixed = None;
        }
        self.begin_anew();
        self.spread(self.current, due + run_up, on, handling)
    }

    /// Spreads what is open, and interest that was due, over the rows from one on.
    fn spread(&mut self, from: usize, due: Minor, on: Date, handling: DueInterest) -> Result<(), LoanError> {
        let rows = self.slots.len() - from;
        self.agreed_ahead = true;
        let count = u32::try_from(rows).map_err(|_| LoanError::TooManyRows)?;
        let nominal = self.frequency.nominal()?;
        for slot in &mut self.slots[from..] {
            slot.period.by_name = true;
            slot.period.nominal = nominal;
            slot.planned = slot.period;
            slot.without_principal = None;
            slot.interest_waits = false;
        }
        let open = self.open - self.late_principal;
        if handling == DueInterest::EqualPayable {
            let principals = equal_parts(open, rows, self)?;
            let interests = equal_parts(due, rows, self)?;
            for (slot, parts) in self.slots[from..].iter_mut().zip(principals.into_iter().zip(interests)) {
                slot.fixed = Some(parts);
                slot.respread = parts.1;
            }
            return Ok(());
        }
        let factor = self.period_rate(on)?;
        let level = annuity(open + due, factor, count, 0, &self.terms.instalment)?;
        if handling == DueInterest::EqualSplit {
            return self.split_due_interest(from, due, level, factor);
        }
        self.slots[from].extra_interest += due;
        self.slots[from].plan_opening = open;
        for slot in &mut self.slots[from..] {
            slot.level = level;
        }
        self.relevel_plan_only(from)
    }

    /// Interest on principal and due interest together, and an equal part of the due interest in each row.
    fn split_due_interest(
        &mut self,
        from: usize,
        due: Minor,
        level: Minor,
        factor: Fraction,
    ) -> Result<(), LoanError> {
        let rows = self.slots.len() - from;
        let count = i128::try_from(rows.max(1)).map_err(|_| LoanError::Overflow)?;
        let share = Minor::try_from(self.terms.rounding.divide(i128::from(due), count))
            .map_err(|_| LoanError::Overflow)?;
        let mut left = self.open - self.late_principal;
        let mut balance = left + due;
        for nth in 0..rows {
            let own = interest_of(balance, factor, Fraction::ONE)?.round(self.terms.rounding)?;
            let principal = if nth + 1 == rows { left } else { (level - own - share).clamp(0, left) };
            self.slots[from + nth].fixed = Some((principal, own + share));
            self.slots[from + nth].respread = share;
            left -= principal;
            balance -= level - own;
        }
        Ok(())
    }

    /// The rows to come give way; what was paid on them stays in a row of its own on the day.
    pub(super) fn close_rows_to_come(&mut self, on: Date) {
        let (mut paid, mut in_advance) = (Parts::default(), 0);
        for slot in &self.slots[self.current..] {
            paid.principal += slot.paid_principal + slot.prepaid;
            paid.interest += slot.paid_interest;
            in_advance += slot.in_advance;
        }
        let before = self.current.checked_sub(1).map(|at| self.slots[at].period.due);
        let from = self.slots.get(self.current).map(|slot| slot.period.from).or(before).unwrap_or(on);
        self.slots.truncate(self.current);
        if let Some(trace) = &mut self.trace {
            let kept = self.current;
            trace.retain(|segment| segment.slot < kept);
        }
        let period = Period { from: from.min(on), due: on, nominal: Fraction::ZERO, by_name: false };
        let mut row = Slot::new(RowKind::Closing, period);
        row.opening = self.open - self.late_principal + paid.principal;
        (row.principal, row.paid_principal) = (paid.principal, paid.principal);
        (row.interest, row.paid_interest) = (paid.interest, paid.interest);
        row.in_advance = in_advance;
        row.settled_on = Some(on);
        self.slots.push(row);
        self.close_charges_to_come(self.current);
        self.current = self.slots.len();
        self.taken += paid.principal;
        self.planned_taken = self.taken;
        self.ahead = 0;
        self.since = on;
        self.last_due = on;
    }

    fn add_rows(
        &mut self,
        on: Date,
        first_due: Date,
        frequency: Frequency,
        instalments: u16,
    ) -> Result<usize, LoanError> {
        if first_due <= on || instalments == 0 {
            return Err(LoanError::FirstDue);
        }
        self.check_rows(usize::from(instalments))?;
        self.frequency = frequency;
        let stepper = self.stepper_from(first_due, first_due.day(), frequency);
        let first = self.slots.len();
        let mut begins = on;
        for row in 0..instalments {
            let due = self.closed.moved(stepper.after(row)?);
            let period = Period { from: begins, due, nominal: frequency.nominal()?, by_name: false };
            self.slots.push(Slot::new(RowKind::Instalment, period));
            begins = due;
        }
        self.last_due = begins;
        Ok(first)
    }

    /// What is open is spread over new rows; the old rows to come give way to one that asks for nothing.
    pub(super) fn re_age(
        &mut self,
        on: Date,
        first_due: Date,
        frequency: Frequency,
        instalments: u16,
        handling: DueInterest,
    ) -> Result<(), LoanError> {
        let run_up = if handling == DueInterest::EqualPayable { self.run_up(on)? } else { 0 };
        let due = self.settle_past(on) + self.take_respread();
        self.close_rows_to_come(on);
        let first = self.add_rows(on, first_due, frequency, instalments)?;
        self.spread(first, due + run_up, on, handling)?;
        self.begin_anew();
        Ok(())
    }

    /// A closing row on which nothing was paid is none.
    fn drop_empty_closing(&mut self) {
        let at = self.current.saturating_sub(1);
        let kept = |row: &Slot| row.principal + row.interest > 0;
        if self.slots.last().is_none_or(kept) || self.items.iter().any(|item| item.slot == at) {
            return;
        }
        self.slots.pop();
        self.current = at;
        for item in self.items.iter_mut().filter(|item| item.slot > at) {
            item.slot = at;
        }
    }

    /// The rest is agreed anew; what is due stays due, what has run up falls due with the first new row.
    pub(super) fn restructure(
        &mut self,
        on: Date,
        first_due: Date,
        frequency: Frequency,
        instalments: u16,
    ) -> Result<(), LoanError> {
        let run_up = self.run_up(on)? + self.take_respread();
        (self.carry, self.deferred) = (0, 0);
        self.close_rows_to_come(on);
        self.drop_empty_closing();
        let first = self.add_rows(on, first_due, frequency, instalments)?;
        let period = odd_period(on, first_due, frequency)?;
        self.slots[first].period.nominal = period.nominal;
        self.slots[first].planned = self.slots[first].period;
        if self.terms.method == InterestMethod::InterestOnly {
            for slot in &mut self.slots[first..] {
                slot.without_principal = Some(0);
            }
        }
        self.agreed_ahead = true;
        self.slots[first].extra_interest += run_up;
        let opening = self.open - self.late_principal;
        self.slots[first].opening = opening;
        self.expect_charges_from(first)?;
        self.relevel(first, opening)?;
        self.rebear(on)
    }
}
