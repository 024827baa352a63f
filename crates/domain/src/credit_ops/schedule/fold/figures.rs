//! What a row asks for when its due date comes, and what is carried into the next.

use super::super::LoanError;
use super::super::allocation::Prepayment;
use super::super::state::{Minor, RowKind};
use super::super::terms::{EarlyInterest, InterestMethod, Recalculation};
use super::Folding;

/// Principal and interest a row asks for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    principal: Minor,
    interest: Minor,
    /// What the plan asked of principal, before anything was paid ahead.
    planned: Minor,
}

impl Folding<'_> {
    pub(super) fn takes_interest_to_payment(&self) -> bool {
        matches!(self.terms.recalculation, Recalculation::On(rules) if rules.early == EarlyInterest::ToPaymentDate)
    }

    /// Whether no row after this one is open.
    pub(super) fn is_last_open(&self, at: usize) -> bool {
        if self.takes_interest_to_payment() {
            let last = at + 1 == self.slots.len();
            return last || (!self.slots[at].closed && self.slots[at + 1..].iter().all(|slot| slot.closed));
        }
        at + 1 == self.slots.len()
    }

    /// Principal that this row may still ask for: what no row before it asked for and no row after it was
    /// paid.
    fn left_for(&self, at: usize) -> Minor {
        let slot = &self.slots[at];
        (self.released - self.taken - (self.ahead - slot.paid_principal)).max(0)
    }

    /// The current period ends: its row falls due.
    pub(super) fn close_period(&mut self) -> Result<(), LoanError> {
        let at = self.current;
        let due = self.slots[at].period.due;
        self.accrue_to(due)?;
        let asked = match self.slots[at].fixed {
            Some((principal, interest)) => self.agreed_at_end(at, principal, interest),
            None => self.asked_at_end(at)?,
        };
        let prepaid = self.slots[at].prepaid;
        let slot = &mut self.slots[at];
        slot.principal = asked.principal + prepaid;
        slot.interest = asked.interest;
        let above_plan = slot.paid_principal + prepaid - asked.planned.min(slot.paid_principal);
        self.taken += slot.principal;
        self.planned_taken += asked.planned;
        self.ahead -= slot.paid_principal + prepaid;
        self.late_principal += slot.unpaid_principal();
        self.late_interest += slot.unpaid_interest();
        self.current += 1;
        self.since = self.since.max(due);
        self.charge_instalment(at)?;
        self.settle_if_paid(at);
        if above_plan > 0 && self.slots[at].kind == RowKind::Instalment {
            self.after_prepayment(at, above_plan)?;
        }
        self.begin_period(due)
    }

    /// The next period begins: it is opened with the principal not yet due.
    pub(super) fn begin_period(&mut self, day: jiff::civil::Date) -> Result<(), LoanError> {
        self.rebear(day)?;
        let opening = self.released - self.taken - self.ahead;
        if let Some(slot) = self.slots.get_mut(self.current) {
            slot.opening = opening;
        }
        Ok(())
    }

    /// A row whose parts were agreed: early payments take principal off the rows at the end.
    fn agreed_at_end(&self, at: usize, principal: Minor, interest: Minor) -> Asked {
        let (left, paid) = (self.left_for(at), self.slots[at].paid_principal);
        let last = at + 1 == self.slots.len() && self.slots[at].kind == RowKind::Instalment;
        let principal = if last { left } else { principal.max(paid).min(left) };
        Asked { principal, interest: interest.max(self.slots[at].paid_interest), planned: principal }
    }

    fn asked_at_end(&mut self, at: usize) -> Result<Asked, LoanError> {
        let own = if self.terms.method == InterestMethod::Flat {
            if self.is_off() || self.slots[at].bore { self.flat_interest(at)? } else { 0 }
        } else {
            self.slots[at].exact.round(self.terms.rounding)? + self.slots[at].rounded
        };
        let mut interest = own + self.slots[at].extra_interest + std::mem::take(&mut self.carry);
        interest += std::mem::take(&mut self.deferred);
        if self.slots[at].interest_waits && at + 1 < self.slots.len() {
            // Asked for only as far as it was paid already.
            let paid = self.slots[at].paid_interest;
            self.deferred = (interest - paid).max(0);
            interest = interest.min(paid);
        }
        let left = self.left_for(at);
        let paid = self.slots[at].paid_principal;
        if self.is_off() {
            // Interest stays as planned, and so does the principal on which it is reckoned.
            let plan_left = (self.released - self.planned_taken).max(0);
            let last = at + 1 == self.slots.len();
            let planned = if last { plan_left } else { self.planned_principal(at, interest).min(plan_left) };
            let principal = if last { left } else { planned.max(paid).min(left) };
            return Ok(Asked { principal, interest: interest.max(self.slots[at].paid_interest), planned });
        }
        if self.is_last_open(at) {
            let interest = interest.max(self.slots[at].paid_interest);
            return Ok(Asked { principal: left, interest, planned: left });
        }
        let planned = self.planned_principal(at, interest).min(left);
        if !self.takes_interest_to_payment() {
            let planned = self.less_the_skipped(planned);
            let interest = interest.max(self.slots[at].paid_interest);
            return Ok(Asked { principal: planned.max(paid).min(left), interest, planned });
        }
        Ok(self.with_room_for_interest(at, interest, planned, left))
    }

    /// An instalment paid before its time has room for interest only up to its level; what does not fit is
    /// carried to the next open row.
    fn with_room_for_interest(&mut self, at: usize, run_up: Minor, planned: Minor, left: Minor) -> Asked {
        let slot = &self.slots[at];
        let bounded =
            self.terms.method == InterestMethod::DecliningEqualInstalment && slot.without_principal.is_none();
        let fits = if slot.paid_principal > planned || slot.closed {
            slot.paid_interest
        } else if bounded {
            run_up.min(slot.level)
        } else {
            run_up
        };
        let interest = fits.max(slot.paid_interest);
        self.carry = (run_up - interest).max(0);
        let asked = self.planned_principal(at, interest).max(slot.paid_principal).min(left);
        Asked { principal: asked, interest, planned: asked }
    }

    /// Principal that the plan asks of a row whose interest is known.
    fn planned_principal(&self, at: usize, interest: Minor) -> Minor {
        let slot = &self.slots[at];
        match self.terms.method {
            _ if slot.without_principal.is_some() => 0,
            InterestMethod::DecliningEqualInstalment => (slot.level - interest).max(0),
            InterestMethod::DecliningEqualPrincipal
            | InterestMethod::Flat
            | InterestMethod::InterestOnly
            | InterestMethod::Bullet => slot.level,
        }
    }

    fn less_the_skipped(&mut self, planned: Minor) -> Minor {
        let skipped = planned.min(self.skip);
        self.skip -= skipped;
        planned - skipped
    }

    /// More principal was paid in a row than the plan asked: what becomes of the rows after it.
    pub(super) fn after_prepayment(&mut self, at: usize, above_plan: Minor) -> Result<(), LoanError> {
        if self.takes_interest_to_payment() {
            return Ok(());
        }
        match self.terms.prepayment {
            Prepayment::FewerInstalments | Prepayment::KeepInstalment => Ok(()),
            Prepayment::NextInstalments => {
                self.skip += above_plan;
                Ok(())
            }
            Prepayment::SmallerInstalment => {
                let rest = self.released - self.taken - self.ahead;
                self.known = u32::MAX;
                self.relevel(at + 1, rest)
            }
        }
    }
}
