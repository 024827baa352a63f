//! Interest as it runs up: day by day on the balance that bears it.

use super::super::LoanError;
use super::super::day_count::DayCount;
use super::super::explain::Segment;
use super::super::fraction::{Fraction, interest};
use super::super::state::{Minor, RowKind};
use super::super::terms::{InterestMethod, OverdueInterest, Recalculation, SegmentRounding, TranchePeriod};
use super::Folding;
use super::slots::Period;
use jiff::civil::Date;

/// A rate and the day after which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RateFrom {
    pub(super) cut: Date,
    pub(super) rate: Fraction,
}

/// Days without interest: after `cut`, up to and with `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) cut: Date,
    pub(super) to: Date,
}

/// By the plan: without pauses, at the rates known by now.
const PLANNED: bool = true;

impl Folding<'_> {
    /// The rate that holds just after a day.
    pub(super) fn rate_after(&self, day: Date) -> Fraction {
        self.rates.iter().rev().find(|rate| rate.cut <= day).map_or(self.first_rate, |rate| rate.rate)
    }

    /// The rate that holds just after a day as far as the plan knows by now.
    pub(super) fn planned_rate_after(&self, day: Date) -> Fraction {
        self.rate_after(day.min(self.today))
    }

    /// Where a stretch of days is cut because another rate begins or interest pauses.
    fn pieces(&self, from: Date, to: Date, planned: bool) -> Vec<(Date, Date, Fraction)> {
        let mut cuts: Vec<Date> = self.rates.iter().map(|rate| rate.cut).collect();
        if !planned {
            cuts.extend(self.pauses.iter().flat_map(|pause| [pause.cut, pause.to]));
        }
        cuts.retain(|cut| *cut > from && *cut < to);
        cuts.push(to);
        cuts.sort_unstable();
        cuts.dedup();
        let mut begin = from;
        let mut pieces = Vec::with_capacity(cuts.len());
        for end in cuts {
            let paused = self.pauses.iter().any(|pause| pause.cut <= begin && end <= pause.to);
            let rate = match (planned, paused) {
                (true, _) => self.planned_rate_after(begin),
                (false, true) => Fraction::ZERO,
                (false, false) => self.rate_after(begin),
            };
            match pieces.last_mut() {
                // A change to the same rate is none.
                Some((_, last, same)) if *same == rate => *last = end,
                _ => pieces.push((begin, end, rate)),
            }
            begin = end;
        }
        pieces
    }

    /// The part of a year of some days of a period.
    pub(super) fn part(&self, period: &Period, from: Date, to: Date) -> Result<Fraction, LoanError> {
        let day_count = if period.by_name { DayCount::Twelfths } else { self.terms.day_count };
        let counts_periods = day_count == DayCount::ActualActualIcma;
        let periods = if counts_periods { self.frequency.whole_periods_a_year() } else { 1 };
        let span = period.span(periods, self.first_year_days, self.last_due);
        day_count.part_of_year(from, to, &span)
    }

    /// Rate times part of a year over a whole period: the factor of the level instalment.
    pub(super) fn factor(&self, period: &Period) -> Result<Fraction, LoanError> {
        self.factor_between(period, period.from, period.due)
    }

    pub(super) fn factor_between(
        &self,
        period: &Period,
        from: Date,
        to: Date,
    ) -> Result<Fraction, LoanError> {
        if self.rates.is_empty() {
            return self.first_rate.times(self.part(period, from, to)?);
        }
        let mut sum = Fraction::ZERO;
        for (begin, end, rate) in self.pieces(from, to, PLANNED) {
            sum = sum.plus(rate.times(self.part(period, begin, end)?)?)?;
        }
        Ok(sum)
    }

    /// Lets interest run up in the current period to a day.
    pub(super) fn accrue_to(&mut self, to: Date) -> Result<(), LoanError> {
        let from = self.since;
        if to <= from {
            return Ok(());
        }
        self.since = to;
        if self.bearing <= 0 || self.current >= self.slots.len() {
            return Ok(());
        }
        let (exact, rounded) = self.run(self.current, from, to)?;
        if let Some(trace) = &mut self.trace {
            trace.extend(exact.1);
        }
        let slot = &mut self.slots[self.current];
        slot.exact = slot.exact.plus(exact.0)?;
        slot.rounded += rounded;
        slot.bore = true;
        Ok(())
    }

    /// Interest of the bearing balance over some days of a period: exact, or rounded piece by piece.
    fn run(&self, at: usize, from: Date, to: Date) -> Result<((Fraction, Vec<Segment>), Minor), LoanError> {
        if self.terms.method == InterestMethod::Flat {
            return Ok(((Fraction::ZERO, Vec::new()), 0));
        }
        let period = self.slots[at].period;
        let (mut exact, mut rounded, mut segments) = (Fraction::ZERO, 0, Vec::new());
        let plain = self.rates.is_empty() && self.pauses.is_empty();
        if plain && self.trace.is_none() {
            let amount = interest(self.bearing, self.first_rate, self.part(&period, from, to)?)?;
            return match self.terms.segments {
                SegmentRounding::Once => Ok(((amount, segments), 0)),
                SegmentRounding::Each => Ok(((exact, segments), amount.round(self.terms.rounding)?)),
            };
        }
        let pieces = if plain { vec![(from, to, self.first_rate)] } else { self.pieces(from, to, !PLANNED) };
        for (begin, end, rate) in pieces {
            let part = self.part(&period, begin, end)?;
            let amount = interest(self.bearing, rate, part)?;
            match self.terms.segments {
                SegmentRounding::Once => exact = exact.plus(amount)?,
                SegmentRounding::Each => rounded += amount.round(self.terms.rounding)?,
            }
            if self.trace.is_some() {
                segments.push(Segment::new(at, begin, end, self.bearing, rate, part, amount));
            }
        }
        Ok(((exact, segments), rounded))
    }

    /// The row that takes what runs up in the current period: its own, or the first open one after rows that
    /// were filled before their time.
    pub(super) fn taker(&self) -> usize {
        let open = self.slots.iter().skip(self.current).position(|slot| !slot.closed);
        open.map_or(self.current, |ahead| self.current + ahead)
    }

    /// What has run up in the current period by a day, rounded, with what was carried into it; nothing
    /// in rows whose interest was agreed.
    pub(super) fn run_up(&self, day: Date) -> Result<Minor, LoanError> {
        let Some(slot) = self.slots.get(self.current) else { return Ok(0) };
        if slot.fixed.is_some() {
            return Ok(0);
        }
        let own = if self.terms.method == InterestMethod::Flat {
            let bears = slot.bore || (self.bearing > 0 && day > self.since);
            if bears && !self.is_off() { self.flat_interest(self.current)? } else { 0 }
        } else {
            let mut exact = slot.exact;
            let mut rounded = slot.rounded;
            if day > self.since && self.bearing > 0 {
                let ((more, _), parts) = self.run(self.current, self.since, day)?;
                exact = exact.plus(more)?;
                rounded += parts;
            }
            exact.round(self.terms.rounding)? + rounded
        };
        // Rows that were filled meanwhile have paid their part of it, and what they asked for on top.
        let ahead = &self.slots[self.current..];
        let filled = ahead.iter().take_while(|slot| slot.closed).count();
        let taking = ahead.iter().take(filled + 1);
        let still: Minor = taking.map(|slot| slot.extra_interest - slot.paid_interest).sum();
        Ok((own + self.carry + self.deferred + still).max(0))
    }

    /// Interest of a flat row: the amount lent, the rate, the period's share of a year. Where it is that of the
    /// term, the last row takes what the roundings of the others left.
    pub(super) fn flat_interest(&self, at: usize) -> Result<Minor, LoanError> {
        let exact = self.exact_flat_interest(at)?;
        let last = self.terms.flat_of_term() && at + 1 == self.slots.len();
        if !last {
            return exact.round(self.terms.rounding);
        }
        let (mut sum, mut rounded) = (exact, 0);
        for before in 0..at {
            let exact = self.exact_flat_interest(before)?;
            sum = sum.plus(exact)?;
            rounded += exact.round(self.terms.rounding)?;
        }
        Ok((sum.round(self.terms.rounding)? - rounded).max(0))
    }

    /// The same before it is rounded. A tranche of the period itself counts from its day.
    fn exact_flat_interest(&self, at: usize) -> Result<Fraction, LoanError> {
        let slot = &self.slots[at];
        if slot.kind != RowKind::Instalment {
            return Ok(Fraction::ZERO);
        }
        let rate = self.flat_rate(slot.period.due);
        let whole = match self.terms.flat_of_term() {
            true => {
                let periods = self.frequency.periods_a_year();
                Fraction::new(periods.denominator(), periods.numerator())?
            }
            false => slot.period.nominal,
        };
        let mut exact = Fraction::ZERO;
        for (day, amount) in &self.tranches {
            let part = if *day <= slot.period.from || self.terms.tranches == TranchePeriod::Full {
                if *day >= slot.period.due {
                    continue;
                }
                whole
            } else if *day < slot.period.due {
                let left =
                    super::super::dates::day_number(slot.period.due) - super::super::dates::day_number(*day);
                let days = Fraction::new(i128::from(left), i128::from(slot.period.days().max(1)))?;
                whole.times(days)?
            } else {
                continue;
            };
            exact = exact.plus(interest(*amount, rate, part)?)?;
        }
        Ok(exact)
    }

    fn flat_rate(&self, due: Date) -> Fraction {
        self.flat_rates.iter().rev().find(|rate| rate.cut <= due).map_or(self.first_rate, |rate| rate.rate)
    }

    pub(super) fn is_off(&self) -> bool {
        self.terms.recalculation == Recalculation::Off
    }

    /// The balance that bears interest from now on.
    fn bearing_now(&self) -> Minor {
        if self.stopped {
            return 0;
        }
        let Recalculation::On(rules) = self.terms.recalculation else {
            return self.released - self.planned_taken;
        };
        let to_come = self.open - self.late_principal;
        let late_bears = !self.projecting
            && match rules.overdue {
                OverdueInterest::None => false,
                OverdueInterest::Daily => true,
                OverdueInterest::CurrentPeriod => self
                    .slots
                    .get(self.current)
                    .is_some_and(|slot| slot.period.from < self.as_of && self.as_of <= slot.period.due),
            };
        if !late_bears {
            return to_come;
        }
        let compounded = if rules.compounding { self.late_interest } else { 0 };
        to_come + self.late_principal + compounded
    }

    pub(super) fn bearing_from_here(&self) -> Minor {
        self.bearing_now()
    }

    /// Something may have changed the balance: what ran up until now is kept at the old one.
    pub(super) fn rebear(&mut self, day: Date) -> Result<(), LoanError> {
        let bearing = self.bearing_now();
        if bearing != self.bearing {
            self.accrue_to(day)?;
            self.bearing = bearing;
            self.since = self.since.max(day);
        }
        Ok(())
    }
}
