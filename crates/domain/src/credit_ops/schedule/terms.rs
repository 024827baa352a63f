//! What a loan was agreed to be. Every rule that moves a cent is named here; the defaults are the bank's
//! house rules, under which loans were booked before products could choose.

use super::LoanError;
use super::allocation::{AllocationRules, Prepayment};
use super::charge::Charge;
use super::dates::{ClosedDays, DueDay, FirstDue, Frequency, HolidayRule, MonthEnd, Unit};
use super::day_count::DayCount;
use super::fraction::Fraction;
use super::rounding::Rounding;
use crate::shared::money::{Currency, Money};
use crate::shared::rate::Rate;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How interest is taken and principal repaid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterestMethod {
    /// On the declining balance, in equal instalments.
    #[default]
    DecliningEqualInstalment,
    /// On the declining balance, the same principal each time.
    DecliningEqualPrincipal,
    /// On the amount lent, the same each period.
    Flat,
    /// Interest alone, the principal with the last instalment.
    InterestOnly,
    /// Principal and interest together on one date.
    Bullet,
}

impl InterestMethod {
    /// Every method, in the order of lists.
    pub const ALL: [Self; 5] = [
        Self::DecliningEqualInstalment,
        Self::DecliningEqualPrincipal,
        Self::Flat,
        Self::InterestOnly,
        Self::Bullet,
    ];

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::DecliningEqualInstalment => "Declining balance, equal instalments",
            Self::DecliningEqualPrincipal => "Declining balance, equal principal",
            Self::Flat => "Flat on the amount lent",
            Self::InterestOnly => "Interest only, principal at the end",
            Self::Bullet => "All at the end",
        }
    }
}

/// What the stated rate covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateBasis {
    /// A year.
    #[default]
    PerYear,
    /// The whole term: a year's rate is this over the years of the term.
    WholeTerm,
}

/// How flat interest is shared out over the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlatInterest {
    /// Each period's own, rounded, by the period's share of a year of 360 days where it is one of days or weeks.
    #[default]
    OfPeriod,
    /// The whole term's, rounded once: a year has 52 weeks or 365 days, each row gets an equal part of it and
    /// the last what roundings left.
    OfTerm,
}

/// When the dates are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DateRules {
    /// First day of the first period; the first disbursement when none is given.
    #[serde(with = "crate::shared::dates::optional_day")]
    pub starts_on: Option<Date>,
    /// Due days in short months.
    pub month_end: MonthEnd,
    /// The due day of a month.
    pub due_day: DueDay,
    /// When the first instalment falls due.
    pub first_due: FirstDue,
    /// What becomes of interest before the first whole period.
    pub broken_period: BrokenPeriod,
    /// Days on which nothing falls due.
    pub closed: ClosedDays,
}

/// What becomes of the interest of the days before the first whole period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokenPeriod {
    /// The first period is as long as it is, and so is its interest.
    #[default]
    InFirstPeriod,
    /// Kept back from the disbursement.
    DeductFromDisbursement,
    /// Spread over all instalments in equal parts.
    SpreadOverTerm,
}

/// On which figures the level instalment rests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstalmentBasis {
    /// A year's rate over the periods of a year, whatever their days.
    #[default]
    NominalPeriod,
    /// The rate over the days of the first period, for all periods.
    FirstPeriodDays,
    /// Each period's own factor: `P * prod(1+f) / F`, `F1 = 1`, `Fk = 1 + F(k-1)(1+fk)`.
    ActualPeriodFactors,
}

/// Which principal the level instalment repays under the first two bases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstalmentPrincipal {
    /// What was paid out on the first day.
    #[default]
    Disbursed,
    /// What was approved.
    Approved,
}

/// Whether the level instalment is moved so that the last one differs least.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Levelling {
    /// The last instalment takes what roundings left.
    #[default]
    None,
    /// Once: a difference above half the number of instalments, in cents, is shared out if that makes it
    /// smaller.
    OnePass,
}

/// Where instalments come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GivenInstalments {
    /// They are computed.
    #[default]
    Computed,
    /// One amount each time until the loan is repaid.
    Fixed(Money),
    /// Agreed one by one; the last takes what is left.
    Each(Vec<Money>),
}

/// How an instalment is found and rounded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstalmentRules {
    /// The figures it rests on.
    pub basis: InstalmentBasis,
    /// The principal it repays.
    pub principal: InstalmentPrincipal,
    /// Its rounding.
    pub rounding: Rounding,
    /// To multiples of so many minor units; 0 and 1 mean the smallest unit.
    pub multiple: i64,
    /// Levelling of the last.
    pub levelling: Levelling,
    /// Computed or given.
    pub given: GivenInstalments,
    /// Minor units left for the last instalment on top of its own.
    pub balloon: i64,
}

/// How the parts of a period's interest are rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentRounding {
    /// Added up exactly, rounded once.
    #[default]
    Once,
    /// Each part is rounded.
    Each,
}

/// Interest of a tranche in the period in which it is paid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranchePeriod {
    /// From its day.
    #[default]
    Prorated,
    /// From the period's first day.
    Full,
}

/// Periods in which less is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grace {
    /// First periods without principal.
    pub principal: u16,
    /// First periods whose interest is asked for with the first instalment after them.
    pub interest_payment: u16,
    /// First days without interest.
    pub interest_free_days: u16,
}

/// Whether interest follows what is really owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recalculation {
    /// Interest stays as planned.
    Off,
    /// It follows payments.
    On(Recalculating),
}

impl Default for Recalculation {
    fn default() -> Self {
        Self::On(Recalculating::default())
    }
}

/// How interest follows payments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recalculating {
    /// Interest on principal that is late.
    pub overdue: OverdueInterest,
    /// Whether late interest bears interest like late principal.
    pub compounding: bool,
    /// Interest of an instalment paid before its time.
    pub early: EarlyInterest,
    /// Interest of the running period when the loan is paid off.
    pub payoff: PayoffInterest,
}

/// Interest on principal that is late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverdueInterest {
    /// None: reckoned as if paid on its due date.
    #[default]
    None,
    /// Until it is paid, or the day looked at; from then on it counts as paid.
    Daily,
    /// The same, but only inside the period that holds the day looked at: what it adds is gone when the next
    /// period begins. One peer's rule; no product of the bank uses it.
    CurrentPeriod,
}

/// Interest of an instalment that is paid before its due date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlyInterest {
    /// It is asked for on the due date all the same; early money is principal.
    #[default]
    StaysDue,
    /// What has run up to the day of payment is taken; what runs on goes to the next open instalment.
    ToPaymentDate,
}

/// Interest of the running period in a payment that settles the loan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoffInterest {
    /// To the day.
    #[default]
    ToPayoffDate,
    /// The whole period.
    ToNextDueDate,
}

/// A share of the first disbursement that is due on its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DownPayment {
    /// Percent of the first disbursement.
    pub percent: Decimal,
    /// Whether it is paid with the disbursement.
    pub paid_at_once: bool,
}

/// What a loan was agreed to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoanTerms {
    /// The amount approved.
    pub principal: Money,
    /// Percent.
    pub rate: Rate,
    /// How interest is taken.
    pub method: InterestMethod,
    /// How days are counted.
    pub day_count: DayCount,
    /// Instalments, 1 to [`MOST_ROWS`].
    pub instalments: u16,
    /// What the rate covers.
    #[serde(default)]
    pub rate_basis: RateBasis,
    /// How often an instalment falls due.
    #[serde(default = "monthly")]
    pub frequency: Frequency,
    /// How flat interest is shared out; a rate of the whole term is always [`FlatInterest::OfTerm`].
    #[serde(default)]
    pub flat: FlatInterest,
    /// When.
    #[serde(default)]
    pub dates: DateRules,
    /// How an instalment is found.
    #[serde(default)]
    pub instalment: InstalmentRules,
    /// Rounding of every other amount.
    #[serde(default)]
    pub rounding: Rounding,
    /// Rounding of the parts of a period.
    #[serde(default)]
    pub segments: SegmentRounding,
    /// Interest of tranches in their first period.
    #[serde(default)]
    pub tranches: TranchePeriod,
    /// Periods in which less is asked for.
    #[serde(default)]
    pub grace: Grace,
    /// Whether interest follows what is owed.
    #[serde(default)]
    pub recalculation: Recalculation,
    /// What principal paid ahead does.
    #[serde(default)]
    pub prepayment: Prepayment,
    /// How payments are used.
    #[serde(default)]
    pub allocation: AllocationRules,
    /// A share due at once.
    #[serde(default)]
    pub down_payment: Option<DownPayment>,
    /// Fees and penalties.
    #[serde(default)]
    pub charges: Vec<Charge>,
    /// Minor units that may be missing without anybody being late: nothing is charged or told for them, the next
    /// payment collects them, and at the end they are given up.
    #[serde(default)]
    pub tolerance: i64,
}

fn monthly() -> Frequency {
    Frequency::MONTHLY
}

impl LoanTerms {
    /// Terms under the house rules.
    pub fn plain(
        principal: Money,
        rate: Rate,
        method: InterestMethod,
        day_count: DayCount,
        instalments: u16,
    ) -> Self {
        Self {
            principal,
            rate,
            method,
            day_count,
            instalments,
            rate_basis: RateBasis::default(),
            frequency: Frequency::MONTHLY,
            flat: FlatInterest::default(),
            dates: DateRules::default(),
            instalment: InstalmentRules::default(),
            rounding: Rounding::default(),
            segments: SegmentRounding::default(),
            tranches: TranchePeriod::default(),
            grace: Grace::default(),
            recalculation: Recalculation::default(),
            prepayment: Prepayment::default(),
            allocation: AllocationRules::default(),
            down_payment: None,
            charges: Vec::new(),
            tolerance: 0,
        }
    }

    /// What a template of a product agrees to that is made now: instalments found over the true periods, flat
    /// interest that of the term. Amount, rate and number are the application's.
    pub fn template(method: InterestMethod, day_count: DayCount) -> Self {
        let plain = Self::plain(Money::zero(Currency::Kes), Rate::default(), method, day_count, 1);
        Self {
            instalment: InstalmentRules {
                basis: InstalmentBasis::ActualPeriodFactors,
                ..InstalmentRules::default()
            },
            flat: FlatInterest::OfTerm,
            ..plain
        }
    }

    /// When instalments fall due, in a line.
    pub fn due_told(&self) -> String {
        let day = match self.dates.due_day {
            DueDay::AsStart => "A period on".to_owned(),
            DueDay::EndOfMonth => "On the last day of the month".to_owned(),
            DueDay::Fixed(day) => format!("On day {day} of the month"),
        };
        let first = match self.dates.first_due {
            FirstDue::OnePeriodOn => String::new(),
            FirstDue::On(date) => format!(", first on {}", crate::shared::dates::format_date(date)),
            FirstDue::NotBefore { days } => format!(", first after {days} days at least"),
        };
        let closed = match self.dates.closed.rule {
            HolidayRule::Stay => ", every day of the week",
            HolidayRule::Next => ", or the next working day",
            HolidayRule::Previous => ", or the working day before",
            HolidayRule::NextInMonth => ", or the next working day of the month",
        };
        let tolerance = match self.tolerance {
            0 => String::new(),
            units => super::amount::money(units, self.principal.currency())
                .map_or_else(|_| String::new(), |money| format!("; {money} may be missing")),
        };
        format!("{day}{first}{closed}{tolerance}")
    }

    /// The term in months, a begun month counted.
    pub fn months(&self) -> u16 {
        let periods = self.frequency.periods_a_year();
        let months = Rounding::Ceiling
            .divide(i128::from(self.instalments) * 12 * periods.denominator(), periods.numerator());
        u16::try_from(months).unwrap_or(u16::MAX)
    }

    /// Whether flat interest is that of the whole term.
    pub(super) fn flat_of_term(&self) -> bool {
        self.flat == FlatInterest::OfTerm || self.rate_basis == RateBasis::WholeTerm
    }

    /// A period as part of a year as its own interest counts it, so that the periods of a term are the term.
    fn part_of_period(&self) -> Result<Fraction, LoanError> {
        let by_contract = || {
            let periods = self.frequency.periods_a_year();
            Fraction::new(periods.denominator(), periods.numerator())
        };
        if self.method == InterestMethod::Flat {
            return by_contract();
        }
        if self.day_count.is_by_the_period() {
            return self.frequency.nominal();
        }
        let days = match self.frequency.unit {
            Unit::Months => return by_contract(),
            Unit::Weeks => 7,
            Unit::Days => 1,
        };
        let of_360 = [
            DayCount::Actual360,
            DayCount::Thirty360BondBasis,
            DayCount::Thirty360European,
            DayCount::Thirty360Isda,
            DayCount::Thirty360Us,
        ];
        let year = if of_360.contains(&self.day_count) {
            360
        } else if self.day_count == DayCount::Actual364 {
            364
        } else {
            365
        };
        Fraction::new(i128::from(self.frequency.every) * days, year)
    }

    /// A yearly rate of so many percent as a fraction; a rate of the whole term is spread over its years.
    pub(super) fn yearly(&self, percent: Decimal) -> Result<Fraction, LoanError> {
        let yearly = of_percent(percent)?;
        let yearly = match self.rate_basis {
            RateBasis::PerYear => yearly,
            RateBasis::WholeTerm => {
                let period = self.part_of_period()?.times_whole(i64::from(self.instalments.max(1)))?;
                yearly.times(Fraction::new(period.denominator(), period.numerator())?)?
            }
        };
        if yearly.is_reckonable() { Ok(yearly) } else { Err(LoanError::Overflow) }
    }
}

/// A percentage as a fraction of one.
pub(super) fn of_percent(percent: Decimal) -> Result<Fraction, LoanError> {
    let exact = percent.normalize();
    let scale = 10_i128.checked_pow(exact.scale()).and_then(|scale| scale.checked_mul(100));
    Fraction::new(exact.mantissa(), scale.ok_or(LoanError::Overflow)?)
}
