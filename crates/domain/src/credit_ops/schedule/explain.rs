//! Why a number of the schedule is what it is: enough for a person with a calculator to reproduce it.

use super::LoanError;
use super::charge::ChargeClass;
use super::event::LoanEvent;
use super::fraction::Fraction;
use super::rounding::Rounding;
use super::state::{LoanState, Minor, Row, RowKind};
use super::terms::{
    InstalmentBasis, InterestMethod, LoanTerms, OverdueInterest, Recalculation, SegmentRounding,
};
use crate::shared::dates::format_date;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A stretch of days on which one balance bore interest at one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Place of its row among the rows, from 0.
    pub(super) slot: usize,
    /// It begins at the end of this day.
    #[serde(with = "crate::shared::dates::day")]
    pub from: Date,
    /// And ends with this one.
    #[serde(with = "crate::shared::dates::day")]
    pub to: Date,
    /// Calendar days.
    pub days: i64,
    /// The balance, in minor units.
    pub balance: Minor,
    /// The yearly rate as a fraction of one: `3/25`.
    pub rate: String,
    /// The part of a year: `31/365`.
    pub part: String,
    /// Rate times part of a year: what a unit of balance earns.
    pub factor: String,
    /// The interest before rounding, in minor units.
    #[serde(skip, default = "nothing")]
    pub(super) exact: Fraction,
}

fn nothing() -> Fraction {
    Fraction::ZERO
}

impl Segment {
    pub(super) fn new(
        slot: usize,
        from: Date,
        to: Date,
        balance: Minor,
        rate: Fraction,
        part: Fraction,
        interest: Fraction,
    ) -> Self {
        let factor = rate.times(part).map_or_else(|_| String::new(), Fraction::written);
        Self {
            slot,
            from,
            to,
            days: super::dates::day_number(to) - super::dates::day_number(from),
            balance,
            rate: rate.written(),
            part: part.written(),
            factor,
            exact: interest,
        }
    }
}

/// One step of an explanation: what it is, how it is reckoned, what comes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it is.
    pub what: String,
    /// How it is reckoned; empty where it is simply known.
    pub how: String,
    /// What comes out, in the loan's currency.
    pub figure: String,
}

/// Why a row asks for what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The row.
    pub row: Row,
    /// The stretches of days in which interest ran up; none for flat loans and agreed rows.
    pub segments: Vec<Segment>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The rules behind them, a sentence each.
    pub rules: Vec<String>,
    /// What happened in the row's period: the day and a few words.
    pub events: Vec<(String, String)>,
}

/// Explains a row of the schedule; none when there is no such row.
pub fn explain(
    terms: &LoanTerms,
    events: &[LoanEvent],
    as_of: Date,
    number: u16,
) -> Result<Option<Explanation>, LoanError> {
    super::fold::check(terms, events)?;
    let (state, segments) = super::fold::folded(terms, events, as_of, true)?;
    let Some(row) = state.rows.iter().find(|row| row.number == number).cloned() else { return Ok(None) };
    let slot = usize::from(number) - 1;
    let mut segments = segments;
    segments.retain(|segment| segment.slot == slot);
    let steps = steps(terms, &state, &row, &segments)?;
    let happened = events.iter().filter(|event| row.from < event.on() && event.on() <= row.due);
    let events = happened.map(|event| (format_date(event.on()), event.title().to_owned())).collect();
    Ok(Some(Explanation { rules: rules(terms, &row), row, segments, steps, events }))
}

fn step(what: impl Into<String>, how: impl Into<String>, figure: String) -> Step {
    Step { what: what.into(), how: how.into(), figure }
}

fn steps(
    terms: &LoanTerms,
    state: &LoanState,
    row: &Row,
    segments: &[Segment],
) -> Result<Vec<Step>, LoanError> {
    let opening = format!("Principal not yet due on {}", format_date(row.from));
    let mut steps = vec![step(opening, "", state.figures(row.opening))];
    let mut own = Fraction::ZERO;
    if terms.method == InterestMethod::Flat && row.kind == RowKind::Instalment {
        let periods = terms.frequency.periods_a_year();
        let part = match terms.flat_of_term() {
            true => Fraction::new(periods.denominator(), periods.numerator())?,
            false => terms.frequency.nominal()?,
        };
        let rate = terms.yearly(terms.rate.percent())?;
        let exact = super::fraction::interest(state.lent, rate, part)?;
        own = exact;
        let how =
            format!("{} \u{d7} {} \u{d7} {}", state.figures(state.lent), rate.written(), part.written());
        steps.push(step("Interest of the period, before rounding", how, exact_figure(state, exact)));
    }
    for segment in segments {
        let days = format!(
            "Interest of {} days, {} to {}",
            segment.days,
            format_date(segment.from),
            format_date(segment.to)
        );
        let how =
            format!("{} \u{d7} {} \u{d7} {}", state.figures(segment.balance), segment.rate, segment.part);
        steps.push(step(days, how, exact_figure(state, segment.exact)));
        own = own.plus(segment.exact)?;
    }
    let rounded = match terms.segments {
        SegmentRounding::Once => own.round(terms.rounding)?,
        SegmentRounding::Each => segments
            .iter()
            .try_fold(0, |sum, segment| Ok::<_, LoanError>(sum + segment.exact.round(terms.rounding)?))?,
    };
    let brought = row.asked.interest - rounded;
    if brought > 0 {
        let why = if segments.is_empty() {
            "Agreed, or brought from earlier instalments"
        } else {
            "Brought from earlier instalments"
        };
        steps.push(step(why, "", state.figures(brought)));
    }
    if brought < 0 {
        steps.push(step("Asked for with a later instalment, or waived", "", state.figures(-brought)));
    }
    let rounding = format!("rounded {}", terms.rounding.title());
    steps.push(step("Interest", rounding, state.figures(row.asked.interest)));
    let own_principal = row.asked.principal - row.prepaid;
    let how = match terms.method {
        _ if row.kind != RowKind::Instalment => "agreed".to_owned(),
        _ if row.balance == 0 => "what is left".to_owned(),
        InterestMethod::DecliningEqualInstalment
            if own_principal + row.asked.interest == state.instalment =>
        {
            format!("{} \u{2212} {}", state.figures(state.instalment), state.figures(row.asked.interest))
        }
        InterestMethod::DecliningEqualInstalment => "instalment less interest".to_owned(),
        InterestMethod::Flat | InterestMethod::DecliningEqualPrincipal => {
            "an equal part of the amount".to_owned()
        }
        InterestMethod::InterestOnly | InterestMethod::Bullet => "with the last instalment".to_owned(),
    };
    steps.push(step("Principal", how, state.figures(own_principal)));
    if row.prepaid > 0 {
        steps.push(step(
            "Principal repaid in advance",
            "above what the plan asks",
            state.figures(row.prepaid),
        ));
    }
    let mut untold = row.asked;
    for charge in state.charges.iter().filter(|charge| charge.row == row.number) {
        let why = match charge.class {
            ChargeClass::Fee => format!("charged, due {}", format_date(charge.due)),
            ChargeClass::Penalty => "charged for what was late".to_owned(),
        };
        steps.push(step(charge.name.clone(), why, state.figures(charge.amount)));
        match charge.class {
            ChargeClass::Fee => untold.fees -= charge.amount,
            ChargeClass::Penalty => untold.penalties -= charge.amount,
        }
    }
    for (what, units) in
        [("Fees", untold.fees), ("Penalties", untold.penalties), ("Tax on fees and penalties", untold.tax)]
    {
        if units > 0 {
            steps.push(step(what, "", state.figures(units)));
        }
    }
    steps.push(step("Instalment", "all of it together", state.figures(row.total())));
    steps.push(step(
        "Principal not yet due afterwards",
        format!(
            "{} \u{2212} {}",
            state.figures(row.balance + row.asked.principal),
            state.figures(row.asked.principal)
        ),
        state.figures(row.balance),
    ));
    Ok(steps)
}

/// Exact interest in the loan's currency, to a millionth of its unit.
fn exact_figure(state: &LoanState, exact: Fraction) -> String {
    let millionths = super::real::Real::ratio(exact.numerator(), exact.denominator())
        .over(super::real::Real::whole(100))
        .and_then(|value| value.round(6, Rounding::HalfEven))
        .unwrap_or(0);
    let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000);
    let figures = Minor::try_from(whole * 100).map(|units| state.figures(units)).unwrap_or_default();
    format!("{}.{rest:06}", figures.trim_end_matches(".00"))
}

fn rules(terms: &LoanTerms, row: &Row) -> Vec<String> {
    let mut rules = vec![format!(
        "Days become part of a year by {}: {}.",
        terms.day_count.title(),
        terms.day_count.reason()
    )];
    if terms.method == InterestMethod::DecliningEqualInstalment && row.kind == RowKind::Instalment {
        rules.push(
            match terms.instalment.basis {
                InstalmentBasis::NominalPeriod => {
                    "The instalment is P i / (1 \u{2212} (1 + i)^\u{2212}n), i being the yearly rate over the periods of a year."
                }
                InstalmentBasis::FirstPeriodDays => {
                    "The instalment is P i / (1 \u{2212} (1 + i)^\u{2212}n), i being the rate over the days of the first period."
                }
                InstalmentBasis::ActualPeriodFactors => {
                    "The instalment is P (1+f1)...(1+fn) / Fn, each f being its own period's rate and Fk = 1 + Fk\u{2212}1 (1+fk)."
                }
            }
            .to_owned(),
        );
    }
    if let Recalculation::On(rule) = terms.recalculation {
        rules.push(
            match rule.overdue {
                OverdueInterest::None => "Principal that is late bears no further interest.",
                OverdueInterest::Daily => "Principal that is late bears interest until it is paid.",
                OverdueInterest::CurrentPeriod => {
                    "Principal that is late bears interest in the running period."
                }
            }
            .to_owned(),
        );
    }
    rules
}
