//! The fold: a walk through time, from the first disbursement over everything that happened to the day
//! looked at, and on from there to the last due date as if everybody paid on time.

mod books;
mod charges;
mod disbursement;
mod ending;
mod figures;
mod interest;
mod level;
mod payment;
mod refund;
mod reshape;
mod result;
mod slots;

use super::allocation::FutureRule;
use super::charge::{Charge, ChargeIncome, ChargeTrigger};
use super::dates::{ClosedDays, days_after, is_leap};
use super::error::{LoanError, MOST_CHARGES, MOST_EVENTS, MOST_ROWS};
use super::event::LoanEvent;
use super::explain::Segment;
use super::fraction::Fraction;
use super::state::{Allocation, AtDisbursement, LoanState, Minor, Parts, RowKind, minor};
use super::terms::{EarlyInterest, InstalmentRules, Levelling, LoanTerms, Recalculation};
use crate::shared::money::Currency;
use interest::{Pause, RateFrom};
use jiff::civil::Date;
use slots::{Item, Slot};
use std::borrow::Cow;

pub(super) use level::annuity;

/// A fold under way.
#[derive(Debug, Clone)]
pub(super) struct Folding<'a> {
    terms: &'a LoanTerms,
    /// Fees and penalties of the terms, and those that a restructuring puts in their place.
    charges: Cow<'a, [Charge]>,
    /// Days without work: those of the terms, and those declared since.
    closed: Cow<'a, ClosedDays>,
    currency: Currency,
    as_of: Date,
    /// The frequency that holds now: restructuring changes it.
    frequency: super::dates::Frequency,
    approved: Minor,
    first_rate: Fraction,
    /// Later rates, in the order of their days.
    rates: Vec<RateFrom>,
    /// Rates of flat loans by due date.
    flat_rates: Vec<RateFrom>,
    pauses: Vec<Pause>,
    first_year_days: i64,
    last_due: Date,
    /// By which event a due date was moved: before, the plan rests on the old dates.
    moved_by: Option<u32>,
    slots: Vec<Slot>,
    items: Vec<Item>,
    /// What was paid out, and when.
    tranches: Vec<(Date, Minor)>,
    /// The first row that is not yet due.
    current: usize,
    /// Whether something asks what the plan leaves at the start of each row: a second disbursement, a rate or rows
    /// that change, levelling.
    plan_is_asked: bool,
    /// Rows before this one are paid, with everything that was charged on them.
    paid_until: usize,
    /// Whether interest of a row to come may have been agreed, or be asked for on top of its own.
    agreed_ahead: bool,
    /// Where the walk is.
    today: Date,
    /// The event being booked: what came after it is no part of the plan yet.
    known: u32,
    /// The last event of the list. What it may not do is refused; what came before it has been booked, and is
    /// taken as far as an earlier day has left it something to do.
    last_booked: u32,
    /// The day up to which interest has run up.
    since: Date,
    /// The balance that bears interest.
    bearing: Minor,
    released: Minor,
    /// Principal that rows fallen due ask for, and the same without what was paid ahead.
    taken: Minor,
    planned_taken: Minor,
    /// Principal paid on rows not yet due.
    ahead: Minor,
    open: Minor,
    late_principal: Minor,
    late_interest: Minor,
    /// Interest that did not fit into the row before.
    carry: Minor,
    /// Interest that waits for the end of its grace.
    deferred: Minor,
    /// Principal paid ahead that is taken off the next rows.
    skip: Minor,
    /// Past the day looked at: what is late counts as paid.
    projecting: bool,
    /// No more interest.
    stopped: bool,
    allocations: Vec<Allocation>,
    overpaid: Minor,
    written_off: Parts,
    waived: Parts,
    /// What each waiver gave up, by its event.
    waivers: Vec<(u32, Parts)>,
    given_up: Parts,
    recovered: Minor,
    /// Money out and in.
    cash_out: Minor,
    cash_in: Minor,
    /// Interest that became principal.
    capitalised: Minor,
    /// Fees of disbursements, by their day, without tax.
    fees_taken: Vec<(Date, Minor, ChargeIncome)>,
    /// The days whose interest was kept back.
    broken: Option<(Date, Date)>,
    /// The last due date as it was first agreed.
    term_ends: Date,
    loss: Option<books::Loss>,
    paid_after_loss: Minor,
    at_disbursement: AtDisbursement,
    closed_on: Option<Date>,
    trace: Option<Vec<Segment>>,
}

/// Something at a moment of the walk.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// An event of the list, counted from 1.
    Event(u32, LoanEvent),
    /// Another rate begins to count, or the rows from here on change, by an event: the instalment is found
    /// anew over the planned balance.
    Relevel(u32),
}

impl Moment {
    /// Whether it looks at the plan; the first disbursement makes it.
    fn asks_the_plan(&self) -> bool {
        match self {
            Self::Relevel(_) => true,
            Self::Event(_, event) => {
                matches!(event, LoanEvent::Disbursed { .. } | LoanEvent::ToppedUp { .. })
            }
        }
    }
}

/// The level instalment of an amount over periods of one rate each: `P f / (1 - (1+f)^-n)`, rounded as the
/// rules say; minor units.
pub fn level_instalment(
    amount: Minor,
    period_rate: Fraction,
    periods: u32,
    rules: &InstalmentRules,
) -> Result<Minor, LoanError> {
    annuity(amount, period_rate, periods, rules.balloon, rules)
}

/// What is known about a loan on a day: its schedule, what was paid, what is owed.
///
/// `events` stand in the order in which they were booked; the day in each is the day from which it counts,
/// and those after `as_of` do not. Events of one day count in the order in which they were booked.
pub fn fold(terms: &LoanTerms, events: &[LoanEvent], as_of: Date) -> Result<LoanState, LoanError> {
    check(terms, events)?;
    folded(terms, events, as_of, false).map(|(state, _)| state)
}

pub(super) fn check(terms: &LoanTerms, events: &[LoanEvent]) -> Result<(), LoanError> {
    if terms.instalments == 0 || terms.instalments > MOST_ROWS {
        return Err(LoanError::Instalments);
    }
    if terms.frequency.every == 0 || terms.frequency.every > 366 {
        return Err(LoanError::Instalments);
    }
    if terms.charges.len() > MOST_CHARGES {
        return Err(LoanError::TooManyCharges);
    }
    if events.len() > MOST_EVENTS {
        return Err(LoanError::TooManyEvents);
    }
    Ok(())
}

/// Folds events, in the order in which they were booked, up to a day.
pub(super) fn folded(
    terms: &LoanTerms,
    events: &[LoanEvent],
    as_of: Date,
    traced: bool,
) -> Result<(LoanState, Vec<Segment>), LoanError> {
    let living = living(terms, events, as_of)?;
    let first = living.iter().filter_map(|(_, event)| event.paid_out_on()).min().ok_or(LoanError::Order)?;
    let mut folding = Folding::new(terms, first, as_of)?;
    folding.trace = traced.then(Vec::new);
    folding.last_booked = u32::try_from(events.len()).map_err(|_| LoanError::TooManyEvents)?;
    let mut moments = folding.reshape_dates(&living)?;
    for (number, event) in living {
        if event.on() < first && folding.must_follow_disbursement(&event) {
            return Err(LoanError::Order);
        }
        moments.push((event.on(), 1, Moment::Event(number, event)));
    }
    let lent = moments.iter().filter(|(.., moment)| moment.asks_the_plan()).count();
    folding.plan_is_asked = lent > 1 || terms.instalment.levelling != Levelling::None;
    moments.sort_by_key(|(day, order, _)| (*day, *order));
    folding.walk(&moments)
}

/// The events that count: booked for the day or before, and not reversed.
fn living(terms: &LoanTerms, events: &[LoanEvent], as_of: Date) -> Result<Vec<(u32, LoanEvent)>, LoanError> {
    let mut dead = vec![false; events.len()];
    for (at, event) in events.iter().enumerate().rev() {
        let LoanEvent::Reversed { event: number, on } = *event else { continue };
        if dead[at] || on > as_of {
            continue;
        }
        let target = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let target = target.filter(|target| *target < at).ok_or(LoanError::NothingToReverse)?;
        dead[target] = true;
    }
    let mut living = Vec::with_capacity(events.len());
    for ((at, event), dead) in events.iter().enumerate().zip(dead) {
        if dead || event.on() > as_of || matches!(event, LoanEvent::Reversed { .. }) {
            continue;
        }
        check_amount(terms, event)?;
        living.push((u32::try_from(at + 1).map_err(|_| LoanError::TooManyEvents)?, *event));
    }
    Ok(living)
}

fn check_amount(terms: &LoanTerms, event: &LoanEvent) -> Result<(), LoanError> {
    match event.amount(terms.principal) {
        Some(amount) if amount.currency() != terms.principal.currency() => Err(LoanError::Currency),
        Some(amount) => minor(amount).map(|_| ()),
        None => Ok(()),
    }
}

impl<'a> Folding<'a> {
    fn new(terms: &'a LoanTerms, first: Date, as_of: Date) -> Result<Self, LoanError> {
        let layout = slots::lay_out(terms, first)?;
        let since = layout.slots.first().map_or(first, |slot| slot.period.from);
        let last_due = layout.slots.last().map_or(first, |slot| slot.period.due);
        let mut folding = Self {
            terms,
            charges: Cow::Borrowed(&terms.charges),
            closed: Cow::Borrowed(&terms.dates.closed),
            currency: terms.principal.currency(),
            as_of,
            frequency: terms.frequency,
            approved: minor(terms.principal)?,
            first_rate: terms.yearly(terms.rate.percent())?,
            rates: Vec::new(),
            flat_rates: Vec::new(),
            pauses: Vec::new(),
            first_year_days: if is_leap(first.year()) { 366 } else { 365 },
            last_due,
            moved_by: None,
            slots: layout.slots,
            items: Vec::new(),
            tranches: Vec::new(),
            current: 0,
            plan_is_asked: true,
            paid_until: 0,
            agreed_ahead: false,
            today: since,
            known: u32::MAX,
            last_booked: u32::MAX,
            since,
            bearing: 0,
            released: 0,
            taken: 0,
            planned_taken: 0,
            ahead: 0,
            open: 0,
            late_principal: 0,
            late_interest: 0,
            carry: 0,
            deferred: 0,
            skip: 0,
            projecting: false,
            stopped: false,
            allocations: Vec::new(),
            overpaid: 0,
            written_off: Parts::default(),
            waived: Parts::default(),
            waivers: Vec::new(),
            given_up: Parts::default(),
            recovered: 0,
            cash_out: 0,
            cash_in: 0,
            capitalised: 0,
            fees_taken: Vec::new(),
            broken: None,
            term_ends: last_due,
            loss: None,
            paid_after_loss: 0,
            at_disbursement: AtDisbursement::default(),
            closed_on: None,
            trace: None,
        };
        if terms.grace.interest_free_days > 0 {
            let days = i64::from(terms.grace.interest_free_days);
            let to = days_after(first, days).ok_or(LoanError::Dates)?;
            folding.pauses.push(Pause { cut: first, to });
        }
        if let Some(broken) = layout.broken {
            folding.keep_back_broken_interest(&broken)?;
        }
        folding.expect_charges()?;
        Ok(folding)
    }

    /// Whether what is happening is what is being booked.
    fn is_being_booked(&self) -> bool {
        self.known == self.last_booked
    }

    fn must_follow_disbursement(&self, event: &LoanEvent) -> bool {
        !matches!(
            event,
            LoanEvent::RateChanged { .. }
                | LoanEvent::InterestPaused { .. }
                | LoanEvent::DueDateMoved { .. }
                | LoanEvent::Extended { .. }
                | LoanEvent::RateChangedFromInstalment { .. }
        )
    }

    fn walk(mut self, moments: &[(Date, u8, Moment)]) -> Result<(LoanState, Vec<Segment>), LoanError> {
        let mut moments = moments.iter().peekable();
        while let Some((day, _, moment)) = moments.next_if(|(day, ..)| *day <= self.as_of) {
            match moment {
                // Called in on a due date, the row of that day gives way with the rest.
                Moment::Event(_, LoanEvent::Accelerated { .. }) => self.advance_until(*day, false)?,
                Moment::Event(..) | Moment::Relevel(_) => self.advance_until(*day, true)?,
            }
            self.happen(moment)?;
        }
        self.advance_until(self.as_of, true)?;
        let today = self.on_the_day()?;
        self.project(moments.copied().collect())?;
        self.result(today)
    }

    /// On to the last due date as if everybody paid on time.
    fn project(&mut self, rest: Vec<(Date, u8, Moment)>) -> Result<(), LoanError> {
        self.projecting = true;
        self.rebear(self.as_of)?;
        for (day, _, moment) in rest {
            self.advance_until(day, true)?;
            self.happen(&moment)?;
        }
        while self.current < self.slots.len() {
            self.close_period()?;
        }
        Ok(())
    }

    /// Walks to a day: rows fall due, penalties are charged.
    fn advance_until(&mut self, day: Date, included: bool) -> Result<(), LoanError> {
        self.today = day;
        let comes = |due: Date| due < day || (included && due == day);
        while self.slots.get(self.current).is_some_and(|slot| comes(slot.period.due)) {
            // A share of the disbursement waits for it.
            if self.tranches.is_empty() && self.slots[self.current].kind == RowKind::DownPayment {
                break;
            }
            self.close_period()?;
        }
        if !self.projecting {
            self.penalise(day)?;
        }
        Ok(())
    }

    /// Rows to come are worked out where a payment has to know what they will ask for.
    fn foresee(&mut self) -> Result<(), LoanError> {
        let by_row = match self.terms.recalculation {
            Recalculation::Off => true,
            Recalculation::On(rules) => {
                rules.early == EarlyInterest::StaysDue
                    && matches!(self.terms.allocation.future, FutureRule::Next | FutureRule::Last)
            }
        };
        let charged = self.charges.iter().any(|charge| charge.trigger == ChargeTrigger::EachInstalment);
        if !by_row && !charged {
            return Ok(());
        }
        let mut foreseen = self.clone();
        foreseen.trace = None;
        foreseen.projecting = true;
        while foreseen.current < foreseen.slots.len() {
            foreseen.close_period()?;
        }
        for at in self.current..self.slots.len() {
            self.slots[at].principal = foreseen.slots[at].principal;
            self.slots[at].interest = foreseen.slots[at].interest;
        }
        for (item, foreseen) in self.items.iter_mut().zip(foreseen.items) {
            (item.amount, item.tax) = (foreseen.amount, foreseen.tax);
        }
        Ok(())
    }

    fn happen(&mut self, moment: &Moment) -> Result<(), LoanError> {
        match *moment {
            Moment::Relevel(number) => {
                self.known = number;
                self.relevel_from_plan(self.current)
            }
            Moment::Event(number, event) => {
                self.known = number;
                self.take(number, event)
            }
        }
    }

    fn relevel_from_plan(&mut self, at: usize) -> Result<(), LoanError> {
        match self.slots.get(at).map(|slot| slot.plan_opening) {
            Some(opening) => self.relevel(at, opening),
            None => Ok(()),
        }
    }

    fn take(&mut self, number: u32, event: LoanEvent) -> Result<(), LoanError> {
        match event {
            LoanEvent::Disbursed { on, amount } => {
                let amount = amount.map_or(Ok(self.approved), minor)?;
                if self.released.checked_add(amount).is_none_or(|sum| sum > self.approved) {
                    return Err(LoanError::AboveApproved);
                }
                self.disburse(number, on, amount, false)
            }
            LoanEvent::ToppedUp { on, amount } => self.disburse(number, on, minor(amount)?, true),
            LoanEvent::Repaid { on, amount } => self.pay(number, on, minor(amount)?),
            LoanEvent::PaidOff { on, amount } => {
                self.foresee()?;
                let amount = amount.map_or_else(|| self.settlement(on), minor)?;
                self.pay(number, on, amount)
            }
            LoanEvent::Refunded { on, amount } => self.refund(number, on, minor(amount)?),
            LoanEvent::Charged { on, due, class, amount, tax } => {
                self.charge(on, due, class, minor(amount)?, tax.map_or(Ok(0), minor)?)
            }
            LoanEvent::Waived { on, amount } => self.waive(number, on, minor(amount)?),
            LoanEvent::Capitalised { on } => self.capitalise(on),
            LoanEvent::ReAmortised { on, interest } => self.re_amortise(on, interest),
            LoanEvent::ReAged { on, first_due, frequency, instalments, interest } => {
                self.re_age(on, first_due, frequency, instalments, interest)
            }
            LoanEvent::Restructured { on, first_due, frequency, instalments, penalty, .. } => {
                self.revise_penalties(on, penalty);
                self.restructure(on, first_due, frequency, instalments)
            }
            LoanEvent::Accelerated { on } => self.accelerate(on),
            LoanEvent::ChargedOff { on } => {
                self.lose(on)?;
                self.stopped = true;
                self.rebear(on)
            }
            LoanEvent::WrittenOff { on } => self.write_off(on),
            LoanEvent::GivenUp { on } => self.give_up(on),
            LoanEvent::Recovered { amount, .. } => self.recover(minor(amount)?),
            // Known before the walk began.
            LoanEvent::RateChanged { .. }
            | LoanEvent::RateChangedFromInstalment { .. }
            | LoanEvent::InterestPaused { .. }
            | LoanEvent::DueDateMoved { .. }
            | LoanEvent::HolidayDeclared { .. }
            | LoanEvent::Extended { .. }
            | LoanEvent::Reversed { .. } => Ok(()),
        }
    }
}
