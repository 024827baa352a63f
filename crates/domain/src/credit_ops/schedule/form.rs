//! Terms as they are typed, and what cannot be agreed together.

use super::allocation::{AllocationRules, FutureRule, Part, Prepayment};
use super::charge::Charge;
use super::dates::{ClosedDays, DueDay, FirstDue, Frequency, Unit};
use super::day_count::DayCount;
use super::error::MOST_ROWS;
use super::state::minor;
use super::terms::{
    DateRules, DownPayment, EarlyInterest, GivenInstalments, Grace, InstalmentRules, InterestMethod,
    Levelling, LoanTerms, OverdueInterest, Recalculating, Recalculation,
};
use crate::shared::dates::parse_date;
use crate::shared::form::FieldErrors;
use crate::shared::money::{Currency, Money};
use crate::shared::rate::Rate;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Terms as typed: every choice by its word, empty for the house rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsForm {
    /// The amount.
    pub principal: String,
    /// Percent.
    pub rate: String,
    /// What the rate covers.
    pub rate_basis: String,
    /// How interest is taken.
    pub method: String,
    /// How days are counted.
    pub day_count: String,
    /// How many instalments.
    pub instalments: String,
    /// Units in a period.
    pub every: String,
    /// The unit.
    pub unit: String,
    /// First day of the first period.
    pub starts_on: String,
    /// Due days in short months.
    pub month_end: String,
    /// `as_start`, `end_of_month`, or a day of the month.
    pub due_day: String,
    /// A date; or so many days at least; empty for one period on.
    pub first_due: String,
    /// Interest before the first whole period.
    pub broken_period: String,
    /// What a due date on a closed day becomes.
    pub holiday_rule: String,
    /// Closed weekdays: `saturday`, `sunday`.
    pub closed: Vec<String>,
    /// Public holidays.
    pub holidays: Vec<String>,
    /// What the instalment rests on.
    pub basis: String,
    /// The principal it repays.
    pub instalment_principal: String,
    /// Its rounding.
    pub instalment_rounding: String,
    /// To multiples of this amount.
    pub multiple: String,
    /// Levelling of the last.
    pub levelling: String,
    /// One amount each time.
    pub fixed_instalment: String,
    /// Amounts agreed one by one.
    pub given_instalments: Vec<String>,
    /// An amount left for the end.
    pub balloon: String,
    /// Rounding of every other amount.
    pub rounding: String,
    /// Rounding of parts of a period.
    pub segments: String,
    /// Tranches in their first period.
    pub tranches: String,
    /// Periods without principal.
    pub grace_principal: String,
    /// Periods whose interest waits.
    pub grace_interest: String,
    /// Days without interest.
    pub interest_free_days: String,
    /// `on` or `off`.
    pub recalculation: String,
    /// Interest on late principal.
    pub overdue: String,
    /// `yes` where late interest bears interest.
    pub compounding: String,
    /// Interest of early payments.
    pub early: String,
    /// Interest of a pay-off.
    pub payoff: String,
    /// What principal paid ahead does.
    pub prepayment: String,
    /// Parts in order, for what is due.
    pub due_order: Vec<String>,
    /// Parts in order, for what is paid in advance.
    pub advance_order: Vec<String>,
    /// Across or down.
    pub direction: String,
    /// Where money goes that nothing due asks for.
    pub future: String,
    /// What is paid too much.
    pub excess: String,
    /// Percent due with the disbursement.
    pub down_payment: String,
    /// `yes` where it is paid at once.
    pub down_payment_paid: String,
    /// How flat interest is shared out: a variant of [`super::FlatInterest`].
    pub flat: String,
    /// What may be missing without anybody being late.
    pub tolerance: String,
    /// Fees and penalties.
    pub charges: Vec<Charge>,
}

/// Reads the fields of a form, one after the other.
struct Reader {
    faults: FieldErrors,
}

impl Reader {
    /// A choice by its word; empty is the house rule.
    fn choice<T: DeserializeOwned + Default>(&mut self, field: &'static str, word: &str) -> T {
        match word.trim() {
            "" => T::default(),
            word => serde_json::from_value(Value::String(word.to_owned())).unwrap_or_else(|_| {
                self.faults.add(field, format!("{word} is none of the choices"));
                T::default()
            }),
        }
    }

    /// A choice that has to be made.
    fn must_choose<T: DeserializeOwned>(&mut self, field: &'static str, word: &str) -> Option<T> {
        let chosen = serde_json::from_value(Value::String(word.trim().to_owned())).ok();
        if chosen.is_none() {
            self.faults.add(field, "Choose one of the list");
        }
        chosen
    }

    fn whole(&mut self, field: &'static str, typed: &str, otherwise: u16) -> u16 {
        match typed.trim() {
            "" => otherwise,
            figures => figures.parse().unwrap_or_else(|_| {
                self.faults.add(field, "Write a whole number in figures");
                otherwise
            }),
        }
    }

    fn date(&mut self, field: &'static str, typed: &str) -> Option<Date> {
        if typed.trim().is_empty() {
            return None;
        }
        self.faults.note(field, parse_date(typed))
    }

    fn amount(&mut self, field: &'static str, typed: &str) -> Option<i64> {
        if typed.trim().is_empty() {
            return None;
        }
        let money = self.faults.note(field, Money::parse(typed, Currency::Kes))?;
        self.faults.note(field, minor(money))
    }

    fn yes(&mut self, field: &'static str, typed: &str) -> bool {
        match typed.trim() {
            "" | "no" => false,
            "yes" => true,
            _ => {
                self.faults.add(field, "Say yes or no");
                false
            }
        }
    }

    fn order(&mut self, field: &'static str, words: &[String], otherwise: [Part; 4]) -> [Part; 4] {
        if words.is_empty() {
            return otherwise;
        }
        let parts: Vec<Part> = words.iter().filter_map(|word| self.must_choose(field, word)).collect();
        let whole = otherwise.iter().all(|part| parts.contains(part));
        match <[Part; 4]>::try_from(parts) {
            Ok(parts) if whole => parts,
            _ => {
                self.faults.add(field, "Name penalty, fee, interest and principal, each once");
                otherwise
            }
        }
    }
}

impl TermsForm {
    /// Reads the whole form: every fault at once, and everything that contradicts something else.
    pub fn parse(&self) -> Result<LoanTerms, FieldErrors> {
        let mut read = Reader { faults: FieldErrors::default() };
        let principal = read.faults.note("principal", Money::parse(&self.principal, Currency::Kes));
        let rate = read.faults.note("rate", Rate::parse(&self.rate));
        let method = read.must_choose("method", &self.method);
        let day_count = read.must_choose("day_count", &self.day_count);
        let instalments = read.whole("instalments", &self.instalments, 0);
        let frequency = Frequency {
            every: read.whole("every", &self.every, 1),
            unit: if self.unit.trim().is_empty() {
                Unit::Months
            } else {
                read.must_choose("unit", &self.unit).unwrap_or(Unit::Months)
            },
        };
        let rules = self.rules(&mut read);
        let whole = (principal, rate, method, day_count);
        let mut terms = match whole {
            (Some(principal), Some(rate), Some(method), Some(day_count)) => {
                LoanTerms::plain(principal, rate, method, day_count, instalments)
            }
            // Nobody sees these terms: the choices below are read for their faults.
            _ => LoanTerms::plain(
                Money::zero(Currency::Kes),
                rate.unwrap_or_default(),
                method.unwrap_or_default(),
                day_count.unwrap_or(DayCount::Actual365Fixed),
                instalments,
            ),
        };
        terms.frequency = frequency;
        terms.rate_basis = read.choice("rate_basis", &self.rate_basis);
        terms.dates = rules.dates;
        terms.instalment = rules.instalment;
        terms.rounding = read.choice("rounding", &self.rounding);
        terms.segments = read.choice("segments", &self.segments);
        terms.tranches = read.choice("tranches", &self.tranches);
        terms.grace = rules.grace;
        terms.recalculation = rules.recalculation;
        terms.prepayment = read.choice("prepayment", &self.prepayment);
        terms.allocation = rules.allocation;
        terms.down_payment = rules.down_payment;
        terms.flat = read.choice("flat", &self.flat);
        terms.tolerance = read.amount("tolerance", &self.tolerance).unwrap_or(0);
        terms.charges.clone_from(&self.charges);
        if principal.is_some() {
            terms.contradictions(&mut read.faults);
        }
        if read.faults.is_empty() { Ok(terms) } else { Err(read.faults) }
    }

    fn rules(&self, read: &mut Reader) -> Rules {
        Rules {
            dates: self.dates(read),
            instalment: self.instalment_rules(read),
            grace: Grace {
                principal: read.whole("grace_principal", &self.grace_principal, 0),
                interest_payment: read.whole("grace_interest", &self.grace_interest, 0),
                interest_free_days: read.whole("interest_free_days", &self.interest_free_days, 0),
            },
            recalculation: self.recalculation(read),
            allocation: self.allocation(read),
            down_payment: self.down_payment(read),
        }
    }

    fn dates(&self, read: &mut Reader) -> DateRules {
        let due_day = match self.due_day.trim() {
            "" | "as_start" => DueDay::AsStart,
            "end_of_month" => DueDay::EndOfMonth,
            day => match day.parse::<i8>() {
                Ok(day) if (1..=31).contains(&day) => DueDay::Fixed(day),
                _ => {
                    read.faults.add("due_day", "A due day lies between 1 and 31");
                    DueDay::AsStart
                }
            },
        };
        let first_due = match self.first_due.trim() {
            "" => FirstDue::OnePeriodOn,
            days if days.bytes().all(|byte| byte.is_ascii_digit()) && days.len() < 5 => {
                FirstDue::NotBefore { days: read.whole("first_due", days, 0) }
            }
            typed => read.date("first_due", typed).map_or(FirstDue::OnePeriodOn, FirstDue::On),
        };
        let mut holidays: Vec<Date> =
            self.holidays.iter().filter_map(|day| read.date("holidays", day)).collect();
        holidays.sort_unstable();
        holidays.dedup();
        for day in &self.closed {
            if !matches!(day.as_str(), "saturday" | "sunday") {
                read.faults.add("closed", "Only Saturday and Sunday can be closed every week");
            }
        }
        DateRules {
            starts_on: read.date("starts_on", &self.starts_on),
            month_end: read.choice("month_end", &self.month_end),
            due_day,
            first_due,
            broken_period: read.choice("broken_period", &self.broken_period),
            closed: ClosedDays {
                rule: read.choice("holiday_rule", &self.holiday_rule),
                saturdays: self.closed.iter().any(|day| day == "saturday"),
                sundays: self.closed.iter().any(|day| day == "sunday"),
                holidays,
            },
        }
    }

    fn instalment_rules(&self, read: &mut Reader) -> InstalmentRules {
        let amount = |typed: &String, read: &mut Reader, field: &'static str| {
            read.faults.note(field, Money::parse(typed, Currency::Kes))
        };
        let given = match (self.fixed_instalment.trim(), self.given_instalments.is_empty()) {
            ("", true) => GivenInstalments::Computed,
            ("", false) => GivenInstalments::Each(
                self.given_instalments
                    .iter()
                    .filter_map(|typed| amount(typed, read, "given_instalments"))
                    .collect(),
            ),
            (_, false) => {
                read.faults.add("fixed_instalment", "Give one instalment for all, or each of them, not both");
                GivenInstalments::Computed
            }
            (_, true) => amount(&self.fixed_instalment, read, "fixed_instalment")
                .map_or(GivenInstalments::Computed, GivenInstalments::Fixed),
        };
        InstalmentRules {
            basis: read.choice("basis", &self.basis),
            principal: read.choice("instalment_principal", &self.instalment_principal),
            rounding: read.choice("instalment_rounding", &self.instalment_rounding),
            multiple: read.amount("multiple", &self.multiple).unwrap_or(0),
            levelling: read.choice("levelling", &self.levelling),
            given,
            balloon: read.amount("balloon", &self.balloon).unwrap_or(0),
        }
    }

    fn recalculation(&self, read: &mut Reader) -> Recalculation {
        let rules = Recalculating {
            overdue: read.choice("overdue", &self.overdue),
            compounding: read.yes("compounding", &self.compounding),
            early: read.choice("early", &self.early),
            payoff: read.choice("payoff", &self.payoff),
        };
        match self.recalculation.trim() {
            "" | "on" => Recalculation::On(rules),
            "off" => {
                if rules != Recalculating::default() {
                    read.faults.add("recalculation", "Interest that stays as planned follows no payment");
                }
                Recalculation::Off
            }
            _ => {
                read.faults.add("recalculation", "Say on or off");
                Recalculation::Off
            }
        }
    }

    fn allocation(&self, read: &mut Reader) -> AllocationRules {
        let usual = AllocationRules::default();
        let due = read.order("due_order", &self.due_order, usual.due);
        AllocationRules {
            due,
            in_advance: read.order("advance_order", &self.advance_order, due),
            direction: read.choice("direction", &self.direction),
            future: read.choice("future", &self.future),
            excess: read.choice("excess", &self.excess),
        }
    }

    fn down_payment(&self, read: &mut Reader) -> Option<DownPayment> {
        let paid_at_once = read.yes("down_payment_paid", &self.down_payment_paid);
        if self.down_payment.trim().is_empty() {
            return None;
        }
        match Decimal::from_str_exact(self.down_payment.trim()) {
            Ok(percent) if percent > Decimal::ZERO && percent < Decimal::ONE_HUNDRED => {
                Some(DownPayment { percent, paid_at_once })
            }
            _ => {
                read.faults.add("down_payment", "A down payment lies between 0 and 100 percent");
                None
            }
        }
    }
}

/// What is read together.
struct Rules {
    dates: DateRules,
    instalment: InstalmentRules,
    grace: Grace,
    recalculation: Recalculation,
    allocation: AllocationRules,
    down_payment: Option<DownPayment>,
}

impl LoanTerms {
    /// What cannot be agreed together, with the reason, on the field that should change.
    pub fn contradictions(&self, faults: &mut FieldErrors) {
        let rows = self.instalments;
        if rows == 0 || rows > MOST_ROWS {
            faults.add("instalments", format!("A loan has 1 to {MOST_ROWS} instalments"));
        }
        if self.frequency.every == 0 || self.frequency.every > 366 {
            faults.add("every", "A period has 1 to 366 units");
        }
        if self.grace.principal >= rows && rows > 0 {
            faults.add("grace_principal", "Principal has to be asked for in one instalment at least");
        }
        if self.grace.interest_payment >= rows && rows > 0 {
            faults
                .add("grace_interest", "Interest that waits has to be asked for in one instalment at least");
        }
        if self.frequency.unit != Unit::Months && self.dates.due_day != DueDay::AsStart {
            faults.add("due_day", "Only instalments in months fall due on a day of the month");
        }
        let monthly =
            self.frequency.unit == Unit::Months && 12_u16.is_multiple_of(self.frequency.every.max(1));
        if self.day_count == DayCount::ActualActualIcma && !monthly {
            faults.add("day_count", "ACT/ACT ICMA needs periods of which a year holds a whole number");
        }
        for fault in self.charges.iter().filter_map(Charge::contradiction) {
            faults.add("charges", fault);
        }
        self.instalment_contradictions(faults);
        self.interest_contradictions(faults);
    }

    fn instalment_contradictions(&self, faults: &mut FieldErrors) {
        let level = self.method == InterestMethod::DecliningEqualInstalment;
        if self.instalment.levelling == Levelling::OnePass && !level {
            faults.add("levelling", "Only equal instalments can be levelled");
        }
        let principal = minor(self.principal).unwrap_or(0);
        if self.instalment.balloon >= principal.max(1) {
            faults.add("balloon", "What is left for the end is less than the amount lent");
        }
        if self.instalment.multiple > principal.max(1) {
            faults.add("multiple", "An instalment is not rounded to more than the amount lent");
        }
        match &self.instalment.given {
            GivenInstalments::Computed => {}
            GivenInstalments::Fixed(_) | GivenInstalments::Each(_) if !level => {
                faults
                    .add("fixed_instalment", "Only equal instalments on the declining balance can be given");
            }
            GivenInstalments::Fixed(_) => {}
            GivenInstalments::Each(amounts) => {
                if amounts.len() != usize::from(self.instalments) {
                    faults.add(
                        "given_instalments",
                        format!("Give each of the {} instalments", self.instalments),
                    );
                }
            }
        }
    }

    fn interest_contradictions(&self, faults: &mut FieldErrors) {
        match self.recalculation {
            Recalculation::Off => {
                if matches!(self.prepayment, Prepayment::SmallerInstalment | Prepayment::NextInstalments) {
                    faults.add(
                        "prepayment",
                        "Where interest stays as planned, instalments do not follow payments",
                    );
                }
            }
            Recalculation::On(rules) => {
                if self.method == InterestMethod::Flat && rules != Recalculating::default() {
                    faults.add(
                        "recalculation",
                        "Flat interest is taken on the amount lent: it follows no payment",
                    );
                }
                if rules.compounding && rules.overdue == OverdueInterest::None {
                    faults.add("compounding", "Late interest bears interest only where late principal does");
                }
                let by_row =
                    matches!(self.allocation.future, FutureRule::Next | FutureRule::Last | FutureRule::Equal);
                if rules.early == EarlyInterest::ToPaymentDate && !by_row {
                    faults.add("early", "Interest up to the payment is taken only by instalments that are filled: choose next, last or equal");
                }
                if rules.early == EarlyInterest::ToPaymentDate
                    && self.prepayment == Prepayment::NextInstalments
                {
                    faults.add(
                        "prepayment",
                        "Instalments that are filled early leave nothing to take off the next",
                    );
                }
            }
        }
    }
}
