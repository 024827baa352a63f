//! The rows under way: their dates, what they ask for, what was paid of them.

use super::super::LoanError;
use super::super::charge::ChargeClass;
use super::super::dates::{
    DueDay, FirstDue, Frequency, Stepper, Unit, day_number, days_after, months_and_days,
};
use super::super::day_count::Span;
use super::super::error::MOST_ROWS;
use super::super::fraction::Fraction;
use super::super::state::{Minor, RowKind};
use super::super::terms::{BrokenPeriod, InterestMethod, LoanTerms};
use jiff::civil::Date;

/// Dates of a period and its share of a year by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Date,
    pub(super) due: Date,
    /// The whole period as part of a year under day counts that go by the period.
    pub(super) nominal: Fraction,
    /// Reckoned by the period whatever the terms' day count is: rows spread anew.
    pub(super) by_name: bool,
}

/// A row under way.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) kind: RowKind,
    pub(super) period: Period,
    /// The dates on which the level instalment rests: those before a due date was moved.
    pub(super) planned: Period,
    /// The level instalment; of flat and equal-principal loans the principal part.
    pub(super) level: Minor,
    /// Principal at the start of the period by the plan.
    pub(super) plan_opening: Minor,
    /// By which event it asks for no principal; 0 is the product.
    pub(super) without_principal: Option<u32>,
    /// By which event the row came: an extension adds rows that the plan did not have before.
    pub(super) known_from: u32,
    /// Its interest is asked for later.
    pub(super) interest_waits: bool,
    /// Agreed principal and interest: nothing is computed.
    pub(super) fixed: Option<(Minor, Minor)>,
    /// The part of its agreed interest that was due once already.
    pub(super) respread: Minor,
    /// Interest asked for on top of its own.
    pub(super) extra_interest: Minor,
    /// Exact interest run up in the period, not yet rounded.
    pub(super) exact: Fraction,
    /// Interest run up in parts that were rounded one by one.
    pub(super) rounded: Minor,
    /// Whether a balance bore interest in the period.
    pub(super) bore: bool,
    /// Principal that was not yet due when the period began.
    pub(super) opening: Minor,
    pub(super) principal: Minor,
    pub(super) interest: Minor,
    /// Principal paid in advance above what the plan asks.
    pub(super) prepaid: Minor,
    pub(super) paid_principal: Minor,
    pub(super) paid_interest: Minor,
    pub(super) in_advance: Minor,
    pub(super) late: Minor,
    /// Filled before its time.
    pub(super) closed: bool,
    pub(super) paid_on: Option<Date>,
    pub(super) settled_on: Option<Date>,
    /// When something paid of it was taken back again.
    pub(super) reopened_on: Option<Date>,
}

impl Slot {
    pub(super) fn new(kind: RowKind, period: Period) -> Self {
        Self {
            kind,
            period,
            planned: period,
            level: 0,
            plan_opening: 0,
            without_principal: None,
            known_from: 0,
            interest_waits: false,
            fixed: None,
            respread: 0,
            extra_interest: 0,
            exact: Fraction::ZERO,
            rounded: 0,
            bore: false,
            opening: 0,
            principal: 0,
            interest: 0,
            prepaid: 0,
            paid_principal: 0,
            paid_interest: 0,
            in_advance: 0,
            late: 0,
            closed: false,
            paid_on: None,
            settled_on: None,
            reopened_on: None,
        }
    }

    /// Whether it asks for principal as far as was known when an event was booked.
    pub(super) fn asks_principal_known(&self, event: u32) -> bool {
        self.without_principal.is_none_or(|from| from > event)
    }

    pub(super) fn unpaid_principal(&self) -> Minor {
        self.principal - self.prepaid - self.paid_principal
    }

    pub(super) fn unpaid_interest(&self) -> Minor {
        self.interest - self.paid_interest
    }
}

/// A fee or penalty under way.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) slot: usize,
    pub(super) due_on: Date,
    pub(super) class: ChargeClass,
    /// The product's charge it is taken by, for instalment fees.
    pub(super) charge: Option<usize>,
    pub(super) amount: Minor,
    pub(super) tax: Minor,
    pub(super) paid: Minor,
    pub(super) paid_tax: Minor,
}

impl Item {
    /// Charged by an event: owed from then on, though it may be due later.
    pub(super) fn is_booked(&self) -> bool {
        self.charge.is_none()
    }

    pub(super) fn unpaid(&self) -> Minor {
        self.amount + self.tax - self.paid - self.paid_tax
    }
}

/// The rows of a schedule, and the days before its first whole period.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) slots: Vec<Slot>,
    /// The days before the first whole period, when their interest is not the first row's.
    pub(super) broken: Option<Period>,
}

impl Period {
    pub(super) fn days(&self) -> i64 {
        day_number(self.due) - day_number(self.from)
    }

    /// What a day count needs to know of the period.
    pub(super) fn span(&self, periods_a_year: i64, first_year_days: i64, last_due: Date) -> Span {
        Span {
            from: self.from,
            due: self.due,
            nominal: self.nominal,
            periods_a_year,
            first_year_days,
            last_due,
        }
    }
}

/// Periods from one date to another whose share of a year goes by months and days where the frequency does.
pub(super) fn odd_period(from: Date, due: Date, frequency: Frequency) -> Result<Period, LoanError> {
    let nominal = match frequency.unit {
        Unit::Months => months_and_days(from, due)?,
        Unit::Days | Unit::Weeks => {
            Fraction::new(i128::from((day_number(due) - day_number(from)).max(0)), 360)?
        }
    };
    Ok(Period { from, due, nominal, by_name: false })
}

/// Lays out the rows of a loan first paid out on a day.
pub(super) fn lay_out(terms: &LoanTerms, disbursed: Date) -> Result<Layout, LoanError> {
    let start = terms.dates.starts_on.unwrap_or(disbursed);
    let mut slots = Vec::with_capacity(usize::from(terms.instalments) + 1);
    if terms.down_payment.is_some() {
        let period = Period { from: disbursed, due: disbursed, nominal: Fraction::ZERO, by_name: false };
        slots.push(Slot::new(RowKind::DownPayment, period));
    }
    let day = match terms.dates.due_day {
        DueDay::AsStart => start.day(),
        DueDay::EndOfMonth => 31,
        DueDay::Fixed(day) => day.clamp(1, 31),
    };
    let mut stepper = Stepper {
        frequency: terms.frequency,
        month_end: terms.dates.month_end,
        due_day: terms.dates.due_day,
        base: start,
        day,
    };
    let nominal = terms.frequency.nominal()?;
    let first_due = first_due(terms, start, &mut stepper)?;
    let regular = first_due.is_none();
    let offset = u16::from(regular);
    // A bullet loan has one row that spans all periods.
    let (rows, stride) =
        if terms.method == InterestMethod::Bullet { (1, terms.instalments) } else { (terms.instalments, 1) };
    let mut from = start;
    let mut broken = None;
    for row in 0..rows {
        let steps = (row + 1) * stride - 1 + offset;
        let agreed = stepper.after(steps)?;
        // The first instalment is never moved back to the day the money is paid out.
        let due =
            Some(terms.dates.closed.moved(agreed)).filter(|due| row > 0 || *due > from).unwrap_or(agreed);
        let whole = Period { from, due, nominal: nominal.times_whole(i64::from(stride))?, by_name: false };
        let mut period = whole;
        if row == 0 && !regular {
            period = odd_period(from, due, terms.frequency)?;
            let begins = whole_period_before(first_due.unwrap_or(due), terms.frequency)?;
            if terms.dates.broken_period != BrokenPeriod::InFirstPeriod && begins > from && stride == 1 {
                broken = Some(odd_period(from, begins, terms.frequency)?);
                period = Period { from: begins, ..whole };
            }
        }
        if period.due < period.from {
            return Err(LoanError::Dates);
        }
        from = period.due;
        slots.push(Slot::new(RowKind::Instalment, period));
    }
    let first = usize::from(terms.down_payment.is_some());
    for (row, slot) in slots.iter_mut().skip(first).enumerate() {
        let row = u16::try_from(row).unwrap_or(MOST_ROWS);
        let free = row < terms.grace.principal || terms.method == InterestMethod::InterestOnly;
        slot.without_principal = free.then_some(0);
        slot.interest_waits = row < terms.grace.interest_payment;
    }
    Ok(Layout { slots, broken })
}

/// The date one period before the first due date, where the first whole period begins.
fn whole_period_before(due: Date, frequency: Frequency) -> Result<Date, LoanError> {
    use super::super::dates::{Unit, months_after};
    let every = i64::from(frequency.every);
    let date = match frequency.unit {
        Unit::Days => days_after(due, -every),
        Unit::Weeks => days_after(due, -every * 7),
        Unit::Months => i32::try_from(-every).ok().and_then(|months| months_after(due, months, due.day())),
    };
    date.ok_or(LoanError::Dates)
}

/// The first due date where it is not one period after the start; the stepper then counts from it.
fn first_due(terms: &LoanTerms, start: Date, stepper: &mut Stepper) -> Result<Option<Date>, LoanError> {
    let date = match (terms.dates.first_due, terms.dates.due_day) {
        (FirstDue::OnePeriodOn, DueDay::AsStart) => return Ok(None),
        (FirstDue::On(date), _) => date,
        (FirstDue::OnePeriodOn, _) => stepper.after(1)?,
        (FirstDue::NotBefore { days }, _) => {
            let earliest = days_after(start, i64::from(days)).ok_or(LoanError::Dates)?;
            let reaches =
                |steps: &u16| stepper.after(*steps).is_ok_and(|date| date >= earliest && date > start);
            let steps = (0..=MOST_ROWS).find(reaches).ok_or(LoanError::Dates)?;
            stepper.after(steps)?
        }
    };
    if date <= start {
        return Err(LoanError::FirstDue);
    }
    stepper.base = date;
    if terms.dates.due_day == DueDay::AsStart {
        stepper.day = date.day();
    }
    Ok(Some(date))
}
