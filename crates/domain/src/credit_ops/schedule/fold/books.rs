//! What the books say on the day looked at.

use super::super::LoanError;
use super::super::books::LoanBooks;
use super::super::charge::{ChargeClass, ChargeIncome};
use super::super::dates::day_number;
use super::super::state::{Minor, Parts};
use super::super::terms::InterestMethod;
use super::Folding;
use super::slots::Slot;
use jiff::civil::Date;

/// What is owed on a day, as the books have it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    /// Owed: principal, interest that is due, charges that are due or were booked.
    pub(super) owed: Parts,
    /// Interest earned, not yet due and not paid.
    pub(super) accrued: Minor,
    /// Charges that have ever been earned: due, booked, or paid.
    charged: Parts,
}

/// A loan left the books: what stood in them on that day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loss {
    on: Date,
    standing: Standing,
}

impl Loss {
    /// What was owed when the loan left the books, earned or not.
    pub(super) fn total(self) -> Minor {
        self.standing.owed.total() + self.standing.accrued
    }
}

impl Folding<'_> {
    /// What is owed and has been earned by a day.
    pub(super) fn standing(&self, day: Date) -> Result<Standing, LoanError> {
        let mut owed = Parts { principal: self.open, interest: self.late_interest, ..Parts::default() };
        let mut charged = Parts::default();
        for item in &self.items {
            let asked = item.is_booked() || item.slot < self.current || item.due_on <= day;
            let (amount, tax) = if asked { (item.amount, item.tax) } else { (item.paid, item.paid_tax) };
            owed.tax += tax - item.paid_tax;
            charged.tax += tax;
            match item.class {
                ChargeClass::Fee => {
                    owed.fees += amount - item.paid;
                    charged.fees += amount;
                }
                ChargeClass::Penalty => {
                    owed.penalties += amount - item.paid;
                    charged.penalties += amount;
                }
            }
        }
        Ok(Standing { owed, accrued: self.earned_not_due(day)?, charged })
    }

    /// Interest of the days gone by that has not fallen due: what has run up, by its share of the days where the
    /// row's interest was agreed, and interest that was due once and was spread anew.
    fn earned_not_due(&self, day: Date) -> Result<Minor, LoanError> {
        let Some(slot) = self.slots.get(self.current) else { return Ok(0) };
        let own = match (slot.fixed, self.terms.method) {
            (Some((_, interest)), _) => {
                let new = self.share_of_days(interest - slot.respread, slot, day)?;
                (new + slot.respread - slot.paid_interest).max(0)
            }
            (None, InterestMethod::Flat) => {
                let bears = self.is_off() || slot.bore || (self.bearing > 0 && day > self.since);
                let whole = if bears { self.flat_interest(self.current)? } else { 0 };
                (self.run_up(day)? - whole + self.share_of_days(whole, slot, day)?).max(0)
            }
            (None, _) => self.run_up(day)?,
        };
        let later = &self.slots[self.current + 1..];
        Ok(own + later.iter().map(|slot| (slot.respread - slot.paid_interest).max(0)).sum::<Minor>())
    }

    /// The part of a row's interest that belongs to the days gone by.
    pub(super) fn share_of_days(&self, interest: Minor, slot: &Slot, day: Date) -> Result<Minor, LoanError> {
        self.share(interest, slot.period.from, slot.period.due, day)
    }

    fn share(&self, amount: Minor, from: Date, to: Date, day: Date) -> Result<Minor, LoanError> {
        let whole = (day_number(to) - day_number(from)).max(1);
        let gone = (day_number(day) - day_number(from)).clamp(0, whole);
        let share = self.terms.rounding.divide(i128::from(amount) * i128::from(gone), i128::from(whole));
        Minor::try_from(share).map_err(|_| LoanError::Overflow)
    }

    /// The loan leaves the books.
    pub(super) fn lose(&mut self, on: Date) -> Result<(), LoanError> {
        if self.loss.is_none() {
            let standing = self.standing(on)?;
            if standing.owed.total() + standing.accrued == 0 {
                // Nothing is owed, or no longer is since an earlier payment came to the books.
                return if self.is_being_booked() { Err(LoanError::NothingOwed) } else { Ok(()) };
            }
            self.loss = Some(Loss { on, standing: self.standing(on)? });
        }
        Ok(())
    }

    /// Fees and kept-back interest of the disbursements: earned at once, earned over the term by a day, not yet.
    fn earned_of_disbursements(&self, day: Date, closed: bool) -> Result<(Minor, Minor, Minor), LoanError> {
        let (mut at_once, mut over_term, mut unearned) = (0, 0, 0);
        for (on, amount, income) in &self.fees_taken {
            if *income == ChargeIncome::AtOnce {
                at_once += amount;
                continue;
            }
            let earned = if closed { *amount } else { self.share(*amount, *on, self.term_ends, day)? };
            over_term += earned;
            unearned += amount - earned;
        }
        if let Some((from, to)) = self.broken {
            let kept_back = self.at_disbursement.interest;
            let earned = if closed { kept_back } else { self.share(kept_back, from, to, day)? };
            unearned += kept_back - earned;
        }
        Ok((at_once, over_term, unearned))
    }

    /// The books on the day looked at.
    pub(super) fn books(&self, standing: &Standing, day: Date) -> Result<LoanBooks, LoanError> {
        let owed = standing.owed;
        let closed = owed.total() + standing.accrued == 0 && !self.tranches.is_empty() && self.loss.is_none();
        let until = self.loss.map_or(day, |loss| loss.on.min(day));
        let (fees, over_term, unearned) = self.earned_of_disbursements(until, closed)?;
        let charged = self.loss.map_or(standing.charged, |loss| loss.standing.charged).plus(&self.given_up);
        let mut books = LoanBooks {
            overpaid: self.overpaid,
            paid_out: self.cash_out,
            paid_in: self.cash_in,
            fees_earned: fees + charged.fees,
            fees_earned_over_term: over_term,
            tax: charged.tax + self.at_disbursement.tax,
            penalties_earned: charged.penalties,
            given_up: self.given_up.total(),
            ..LoanBooks::default()
        };
        if let Some(loss) = self.loss {
            books.lost = loss.total() - unearned;
            books.recovered = self.recovered + self.paid_after_loss;
        } else {
            books.principal = owed.principal;
            books.interest_due = owed.interest;
            books.interest_accrued = standing.accrued;
            books.fees_due = owed.fees + owed.tax;
            books.penalties_due = owed.penalties;
            books.unearned = unearned;
        }
        Ok(books.balanced())
    }
}
