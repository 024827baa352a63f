//! The fold itself: period after period, with what was paid in each.

use super::{Allocation, DayCount, InterestMethod, LoanError, LoanState, LoanTerms, NextDue, Row};
use crate::shared::dates::{days_between, months_later};
use crate::shared::money::{Currency, Money, MoneyError};
use crate::shared::rate::Rate;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

/// Days of a month under 30/360.
const WHOLE_PERIOD: i64 = 30;

/// The due date of an instalment: the day of the disbursement in a later month, or that month's last.
fn due_date(disbursed: Date, number: u16) -> Result<Date, LoanError> {
    months_later(disbursed, number).ok_or(LoanError::Dates)
}

/// Rounds to the cent, half away from zero: the one rounding of this engine.
fn to_cent(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// The equal instalment of a declining loan: `P r / (1 - (1 + r)^-n)`, r being a twelfth of the rate.
fn equal_instalment(terms: &LoanTerms) -> Result<Decimal, LoanError> {
    let principal = terms.principal.amount();
    let monthly = monthly_rate(terms.rate)?;
    if monthly.is_zero() {
        return divide(principal, terms.instalments).map(to_cent);
    }
    let mut growth = Decimal::ONE;
    for _ in 0..terms.instalments {
        growth = growth.checked_mul(Decimal::ONE + monthly).ok_or(LoanError::Overflow)?;
    }
    let annuity = Decimal::ONE - Decimal::ONE.checked_div(growth).ok_or(LoanError::Overflow)?;
    let interest = principal.checked_mul(monthly).ok_or(LoanError::Overflow)?;
    interest.checked_div(annuity).map(to_cent).ok_or(LoanError::Overflow)
}

fn monthly_rate(rate: Rate) -> Result<Decimal, LoanError> {
    rate.percent().checked_div(Decimal::from(1200)).ok_or(LoanError::Overflow)
}

fn divide(amount: Decimal, parts: u16) -> Result<Decimal, LoanError> {
    amount.checked_div(Decimal::from(parts)).ok_or(LoanError::Overflow)
}

/// A fold under way.
pub(super) struct Folding<'a> {
    terms: &'a LoanTerms,
    currency: Currency,
    as_of: Date,
    instalment: Decimal,
    flat_interest: Decimal,
    rows: Vec<Row>,
    allocations: Vec<Allocation>,
    /// Principal neither due nor repaid in advance.
    to_come: Decimal,
    /// Principal owed, due or not.
    owed: Decimal,
    /// What was not yet due on the day, known once the day is reached.
    on_the_day: Option<OnTheDay>,
}

/// The running period as it stands on the day the loan is looked at.
#[derive(Clone, Copy)]
struct OnTheDay {
    to_come: Decimal,
    accrued: Decimal,
    early_interest: Decimal,
}

/// The running period: what interest has come up, exactly, and since when the balance is what it is.
struct Running {
    began: Date,
    due: Date,
    /// Days counted up to `since`.
    counted: i64,
    opening: Decimal,
    since: Date,
    exact: Decimal,
    early: Decimal,
}

impl<'a> Folding<'a> {
    pub(super) fn new(terms: &'a LoanTerms, as_of: Date) -> Result<Self, LoanError> {
        let principal = terms.principal.amount();
        let flat_interest =
            to_cent(principal.checked_mul(monthly_rate(terms.rate)?).ok_or(LoanError::Overflow)?);
        let instalment = match terms.method {
            InterestMethod::DecliningEqualInstalment => equal_instalment(terms)?,
            InterestMethod::Flat => to_cent(divide(principal, terms.instalments)?) + flat_interest,
        };
        Ok(Self {
            terms,
            currency: terms.principal.currency(),
            as_of,
            instalment,
            flat_interest,
            rows: Vec::with_capacity(usize::from(terms.instalments)),
            allocations: Vec::new(),
            to_come: principal,
            owed: principal,
            on_the_day: None,
        })
    }

    pub(super) fn run(
        mut self,
        disbursed: Date,
        payments: &[(Date, Decimal)],
    ) -> Result<LoanState, LoanError> {
        let mut next = payments.iter().copied().peekable();
        let mut from = disbursed;
        for number in 1..=self.terms.instalments {
            let due = due_date(disbursed, number)?;
            let mut running = Running {
                began: from,
                due,
                counted: 0,
                opening: self.to_come,
                since: from,
                exact: Decimal::ZERO,
                early: Decimal::ZERO,
            };
            while let Some((on, amount)) = next.next_if(|(on, _)| *on < due) {
                self.pay(on, amount, Some(&mut running))?;
            }
            if self.as_of < due && self.on_the_day.is_none() {
                self.on_the_day = Some(OnTheDay {
                    to_come: self.to_come,
                    accrued: self.interest_until(&running, self.as_of.max(from))?,
                    early_interest: running.early,
                });
            }
            self.close_period(number, from, due, running)?;
            from = due;
        }
        for (on, amount) in next {
            self.pay(on, amount, None)?;
        }
        self.finish()
    }

    /// Interest of the running period up to a day, rounded.
    fn interest_until(&self, running: &Running, day: Date) -> Result<Decimal, LoanError> {
        match self.terms.method {
            // A flat period is owed whole once its first day is over.
            InterestMethod::Flat => {
                let ended_at_once = self.to_come.is_zero() && running.since == running.began;
                let nothing = running.opening.is_zero() || ended_at_once || day <= running.began;
                Ok(if nothing { Decimal::ZERO } else { self.flat_interest })
            }
            InterestMethod::DecliningEqualInstalment => {
                let days = self.days_since(running, day)?;
                let exact = running.exact + self.interest_of(self.to_come, days)?;
                Ok(to_cent(exact))
            }
        }
    }

    /// Days from the last change of the balance to a day. A whole period of 30/360 has thirty, however
    /// payments and short months cut it.
    fn days_since(&self, running: &Running, day: Date) -> Result<i64, LoanError> {
        let counted = self.terms.day_count.days(running.since, day);
        Ok(match self.terms.day_count {
            DayCount::Actual365Fixed => counted,
            DayCount::Thirty360 if day == running.due => WHOLE_PERIOD - running.counted,
            DayCount::Thirty360 => counted.clamp(0, WHOLE_PERIOD - running.counted),
        })
    }

    /// Exact interest of a balance over some days.
    fn interest_of(&self, balance: Decimal, days: i64) -> Result<Decimal, LoanError> {
        let year = self.terms.day_count.year();
        balance
            .checked_mul(self.terms.rate.percent())
            .and_then(|product| product.checked_mul(Decimal::from(days)))
            .and_then(|product| product.checked_div(Decimal::from(year * 100)))
            .ok_or(LoanError::Overflow)
    }

    /// Uses a payment: what is due, then principal in advance, then interest of the running period.
    fn pay(&mut self, on: Date, amount: Decimal, running: Option<&mut Running>) -> Result<(), LoanError> {
        let mut left = amount;
        let (mut interest, mut principal) = (Decimal::ZERO, Decimal::ZERO);
        for row in &mut self.rows {
            let unpaid_interest = row.interest.amount() - row.paid_interest.amount();
            let to_interest = left.min(unpaid_interest);
            let unpaid_principal = row.principal.amount() - row.paid_principal.amount();
            let to_principal = (left - to_interest).min(unpaid_principal);
            if (to_interest + to_principal).is_zero() {
                continue;
            }
            left -= to_interest + to_principal;
            interest += to_interest;
            principal += to_principal;
            row.paid_interest = Money::new(row.paid_interest.amount() + to_interest, self.currency)?;
            row.paid_principal = Money::new(row.paid_principal.amount() + to_principal, self.currency)?;
            if row.unpaid().is_zero() {
                row.settled_on = Some(on);
            }
        }
        let due = interest + principal;
        let (mut in_advance, mut early) = (Decimal::ZERO, Decimal::ZERO);
        if let Some(running) = running {
            let accrued = self.interest_until(running, on)? - running.early;
            let pay_off = due + self.to_come + accrued;
            if amount > pay_off {
                return Err(LoanError::AbovePayOff { pay_off: Money::new(pay_off, self.currency)? });
            }
            in_advance = left.min(self.to_come);
            if !in_advance.is_zero() {
                let days = self.days_since(running, on)?;
                running.exact += self.interest_of(self.to_come, days)?;
                running.counted += days;
                running.since = on;
                self.to_come -= in_advance;
            }
            early = left - in_advance;
            running.early += early;
        } else if !left.is_zero() {
            return Err(LoanError::AbovePayOff { pay_off: Money::new(due, self.currency)? });
        }
        self.owed -= principal + in_advance;
        self.allocations.push(Allocation {
            on,
            amount: Money::new(amount, self.currency)?,
            interest: Money::new(interest, self.currency)?,
            principal: Money::new(principal, self.currency)?,
            in_advance: Money::new(in_advance, self.currency)?,
            early_interest: Money::new(early, self.currency)?,
        });
        Ok(())
    }

    /// The period's row falls due; a period in which nothing was owed leaves none.
    fn close_period(
        &mut self,
        number: u16,
        from: Date,
        due: Date,
        running: Running,
    ) -> Result<(), LoanError> {
        let interest = self.interest_until(&running, due)?;
        let last = number == self.terms.instalments;
        let principal = match self.terms.method {
            _ if last => self.to_come,
            InterestMethod::DecliningEqualInstalment => {
                (self.instalment - interest).max(Decimal::ZERO).min(self.to_come)
            }
            InterestMethod::Flat => (self.instalment - self.flat_interest).min(self.to_come),
        };
        if interest.is_zero() && principal.is_zero() {
            return Ok(());
        }
        let paid_whole = principal.is_zero() && running.early == interest;
        self.rows.push(Row {
            number,
            from,
            due,
            days: match self.terms.day_count {
                DayCount::Actual365Fixed => self.terms.day_count.days(from, due),
                DayCount::Thirty360 => WHOLE_PERIOD,
            },
            opening: Money::new(running.opening, self.currency)?,
            principal: Money::new(principal, self.currency)?,
            interest: Money::new(interest, self.currency)?,
            paid_principal: Money::zero(self.currency),
            paid_interest: Money::new(running.early, self.currency)?,
            settled_on: paid_whole.then_some(running.since),
        });
        self.to_come -= principal;
        Ok(())
    }

    fn finish(self) -> Result<LoanState, LoanError> {
        let money = |amount: Decimal| Money::new(amount, self.currency);
        let due_rows = || self.rows.iter().filter(|row| row.due <= self.as_of);
        let unpaid_interest: Decimal =
            due_rows().map(|row| row.interest.amount() - row.paid_interest.amount()).sum();
        let unpaid_principal: Decimal =
            due_rows().map(|row| row.principal.amount() - row.paid_principal.amount()).sum();
        let today = self.on_the_day.unwrap_or(OnTheDay {
            to_come: Decimal::ZERO,
            accrued: Decimal::ZERO,
            early_interest: Decimal::ZERO,
        });
        let accrued = today.accrued - today.early_interest;
        let booked: Decimal =
            due_rows().map(|row| row.interest.amount()).sum::<Decimal>() + today.early_interest;
        let oldest = self.rows.iter().find(|row| !row.unpaid().is_zero());
        let days_past_due = match oldest {
            Some(row) if row.due < self.as_of => {
                u32::try_from(days_between(row.due, self.as_of)).map_err(|_| LoanError::Dates)?
            }
            _ => 0,
        };
        let arrears: Decimal = self.rows.iter().filter(|row| row.due < self.as_of).map(Row::unpaid).sum();
        let closed = self.owed.is_zero() && oldest.is_none();
        Ok(LoanState {
            instalment: money(self.instalment)?,
            principal: money(self.owed)?,
            interest_due: money(unpaid_interest)?,
            principal_due: money(unpaid_principal)?,
            accrued: money(accrued)?,
            interest_booked: money(booked)?,
            pay_off: money(unpaid_interest + unpaid_principal + today.to_come + accrued)?,
            next_due: oldest
                .map(|row| Ok::<_, MoneyError>(NextDue { on: row.due, amount: money(row.unpaid())? }))
                .transpose()?,
            days_past_due,
            arrears: money(arrears)?,
            total_interest: money(self.rows.iter().map(|row| row.interest.amount()).sum())?,
            closed_on: if closed { self.allocations.last().map(|last| last.on) } else { None },
            rows: self.rows,
            allocations: self.allocations,
        })
    }
}
