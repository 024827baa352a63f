//! The walk is over: what is known about the loan.

use super::super::LoanError;
use super::super::books::LoanBooks;
use super::super::charge::{ChargeClass, ChargeTold};
use super::super::dates::day_number;
use super::super::explain::Segment;
use super::super::fraction::interest as interest_of;
use super::super::state::{LoanState, Minor, NextDue, Parts, Row, RowKind};
use super::super::terms::InterestMethod;
use super::Folding;
use super::books::Standing;
use super::slots::{Item, Slot};
use jiff::civil::Date;

/// What has to be read on the day itself, before the walk goes on to the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Today {
    accrued: Minor,
    accrues: Minor,
    early_interest: Minor,
    pay_off: Minor,
    open: Minor,
    standing: Standing,
    books: LoanBooks,
    charges: Vec<ChargeTold>,
    due: Parts,
    lent: Minor,
    rows_due: usize,
}

/// How late a loan is.
struct Lateness {
    days: u32,
    arrears: Minor,
    next_due: Option<NextDue>,
}

impl Folding<'_> {
    pub(super) fn on_the_day(&mut self) -> Result<Today, LoanError> {
        self.foresee()?;
        let day = self.as_of;
        let (mut accrued, mut early, mut accrues) = (0, 0, 0);
        if let Some(slot) = self.slots.get(self.current) {
            early = self.slots[self.current..].iter().map(|slot| slot.paid_interest).sum();
            accrued = self.accrued_by_plan(slot, day)?;
            if self.bearing > 0 && self.terms.method != InterestMethod::Flat && slot.fixed.is_none() {
                let tomorrow = super::days_after(day, 1).ok_or(LoanError::Dates)?.min(slot.period.due);
                let part = self.part(&slot.period, day.max(slot.period.from), tomorrow)?;
                accrues =
                    interest_of(self.bearing, self.rate_after(day), part)?.round(self.terms.rounding)?;
            }
        }
        let mut due =
            Parts { principal: self.late_principal, interest: self.late_interest, ..Parts::default() };
        for item in self.items.iter().filter(|item| item.slot < self.current || item.due_on <= day) {
            due = due.plus(&unpaid(item));
        }
        let standing = self.standing(day)?;
        Ok(Today {
            standing,
            books: self.books(&standing, day)?,
            charges: self.charges_told(day),
            accrued,
            accrues,
            early_interest: early,
            pay_off: self.settlement(day)?,
            open: self.open,
            due,
            lent: self.released + self.written_off.principal + self.given_up.principal,
            rows_due: self.current,
        })
    }

    /// Charges that have come, in the order of their days.
    fn charges_told(&self, day: Date) -> Vec<ChargeTold> {
        let come = |item: &&Item| {
            let asked = item.is_booked() || item.slot < self.current || item.due_on <= day;
            (asked && item.amount + item.tax > 0) || item.paid + item.paid_tax > 0
        };
        let told = self.items.iter().filter(come).map(|item| ChargeTold {
            name: match (item.charge.and_then(|nth| self.charges.get(nth)), item.class) {
                (Some(charge), _) => charge.name.clone(),
                (None, ChargeClass::Fee) => "Fee".to_owned(),
                (None, ChargeClass::Penalty) => "Penalty".to_owned(),
            },
            class: item.class,
            row: u16::try_from(item.slot + 1).unwrap_or(u16::MAX),
            due: item.due_on,
            amount: item.amount,
            tax: item.tax,
            paid: item.paid + item.paid_tax,
        });
        let mut told: Vec<ChargeTold> = told.collect();
        told.sort_by_key(|charge| charge.due);
        told
    }

    /// Interest of the running period that belongs to the days gone by. Where interest stays as planned it
    /// is the row's share of its days.
    fn accrued_by_plan(&self, slot: &Slot, day: Date) -> Result<Minor, LoanError> {
        if !self.is_off() && slot.fixed.is_none() {
            return self.run_up(day);
        }
        let interest = slot.fixed.map_or(slot.interest, |(_, interest)| interest);
        let accrued = self.share_of_days(interest, slot, day)?;
        Ok((accrued - slot.paid_interest).max(0))
    }

    pub(super) fn result(mut self, today: Today) -> Result<(LoanState, Vec<Segment>), LoanError> {
        let rows = self.rows()?;
        let unpaid_row = rows.iter().find(|row| row.unpaid() > 0);
        let lateness = self.lateness(&rows)?;
        let booked: Minor = self.slots[..today.rows_due].iter().map(|slot| slot.interest).sum();
        let instalment = self.slots.iter().rev().find(|slot| slot.level > 0).map_or(0, |slot| slot.level);
        let first = self.slots.iter().find(|slot| slot.kind == RowKind::Instalment);
        let instalment = match self.terms.method {
            InterestMethod::Flat => first.map_or(0, |slot| slot.level + slot.interest),
            InterestMethod::DecliningEqualPrincipal => first.map_or(0, |slot| slot.principal + slot.interest),
            InterestMethod::DecliningEqualInstalment
            | InterestMethod::InterestOnly
            | InterestMethod::Bullet => instalment,
        };
        let totals = rows.iter().fold(Parts::default(), |sum, row| sum.plus(&row.asked));
        let paid_whole = today.open == 0 && unpaid_row.is_none() && self.written_off.total() == 0;
        let closed_on = if paid_whole { rows.iter().filter_map(|row| row.settled_on).max() } else { None };
        let state = LoanState {
            currency: self.currency,
            as_of: self.as_of,
            next_due: lateness.next_due,
            days_past_due: lateness.days,
            arrears: lateness.arrears,
            instalment,
            lent: today.lent,
            owed: today.standing.owed,
            due: today.due,
            accrued: today.accrued,
            accrues_a_day: today.accrues,
            interest_booked: booked + today.early_interest,
            pay_off: today.pay_off,
            overpaid: self.overpaid,
            written_off: self.written_off,
            recovered: self.recovered,
            given_up: self.given_up,
            capitalised: self.capitalised,
            books: today.books,
            lost: self.loss.is_some(),
            waived: self.waived,
            waivers: std::mem::take(&mut self.waivers),
            totals,
            charges: today.charges,
            at_disbursement: self.at_disbursement,
            closed_on,
            allocations: std::mem::take(&mut self.allocations),
            rows,
        };
        Ok((state, self.trace.unwrap_or_default()))
    }

    /// How late the loan is on the day, and what its borrower has to think of next.
    fn lateness(&self, rows: &[Row]) -> Result<Lateness, LoanError> {
        let past = || rows.iter().filter(|row| row.due < self.as_of && row.unpaid() > 0);
        let missing: Minor = past().map(Row::unpaid).sum();
        let mut unpaid = rows.iter().filter(|row| row.unpaid() > 0);
        if missing <= self.terms.tolerance {
            let next = rows.iter().find(|row| row.due >= self.as_of && row.unpaid() > 0);
            let next = next.map(|row| NextDue { on: row.due, amount: row.unpaid() + missing });
            let last = || past().next_back().map(|row| NextDue { on: row.due, amount: missing });
            return Ok(Lateness { days: 0, arrears: 0, next_due: next.or_else(last) });
        }
        let mut sum = 0;
        let since = past().find(|row| {
            sum += row.unpaid();
            sum > self.terms.tolerance
        });
        let days = since.map_or(0, |row| day_number(self.as_of) - day_number(row.due));
        Ok(Lateness {
            days: u32::try_from(days).map_err(|_| LoanError::Dates)?,
            arrears: missing,
            next_due: unpaid.next().map(|row| NextDue { on: row.due, amount: row.unpaid() }),
        })
    }

    fn rows(&self) -> Result<Vec<Row>, LoanError> {
        let mut rows = Vec::with_capacity(self.slots.len());
        let mut balance: Minor = 0;
        let mut tranches = self.balance_changes();
        tranches.reverse();
        for (at, slot) in self.slots.iter().enumerate() {
            while let Some((_, amount)) = tranches.pop_if(|(day, _)| *day <= slot.period.due) {
                balance += amount;
            }
            balance -= slot.principal;
            let (mut asked, mut paid) = (
                Parts { principal: slot.principal, interest: slot.interest, ..Parts::default() },
                Parts {
                    principal: slot.paid_principal + slot.prepaid,
                    interest: slot.paid_interest,
                    ..Parts::default()
                },
            );
            for item in self.items.iter().filter(|item| item.slot == at) {
                let open = unpaid(item);
                let done = paid_parts(item);
                paid = paid.plus(&done);
                asked = asked.plus(&done).plus(&open);
            }
            rows.push(Row {
                number: u16::try_from(at + 1).map_err(|_| LoanError::TooManyRows)?,
                kind: slot.kind,
                from: slot.period.from,
                due: slot.period.due,
                days: slot.period.days(),
                opening: slot.opening,
                asked,
                prepaid: slot.prepaid,
                paid,
                in_advance: slot.in_advance,
                late: slot.late,
                balance,
                settled_on: slot.settled_on,
            });
        }
        // No row follows the last cent.
        while rows.last().is_some_and(|row| row.total() == 0 && row.opening == 0) && rows.len() > 1 {
            rows.pop();
        }
        Ok(rows)
    }

    /// What was lent, by day: the down payment's share of the first is not among the plan's tranches.
    fn balance_changes(&self) -> Vec<(Date, Minor)> {
        let mut changes = self.tranches.clone();
        if let (Some(_), Some(first)) = (self.terms.down_payment, changes.first_mut()) {
            first.1 += self.slots.first().map_or(0, |slot| slot.principal);
        }
        let lost = self.written_off.principal + self.given_up.principal;
        if lost > 0 {
            let on = self.slots.last().map_or(self.as_of, |slot| slot.period.due);
            changes.push((on, -lost));
        }
        changes.sort_by_key(|(day, _)| *day);
        changes
    }
}

fn unpaid(item: &Item) -> Parts {
    parts(item, item.amount - item.paid, item.tax - item.paid_tax)
}

fn paid_parts(item: &Item) -> Parts {
    parts(item, item.paid, item.paid_tax)
}

fn parts(item: &Item, amount: Minor, tax: Minor) -> Parts {
    match item.class {
        ChargeClass::Fee => Parts { fees: amount, tax, ..Parts::default() },
        ChargeClass::Penalty => Parts { penalties: amount, tax, ..Parts::default() },
    }
}
