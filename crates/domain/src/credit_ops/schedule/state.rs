//! What is known about a loan on a day. Amounts are whole minor units (cents) of the loan's currency.

pub use super::amount::{LARGEST_AMOUNT, Minor, minor, money};
use super::books::LoanBooks;
use super::charge::ChargeTold;
use crate::shared::money::{Currency, Money};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What is owed or paid, part by part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// Principal.
    pub principal: Minor,
    /// Interest.
    pub interest: Minor,
    /// Fees without the tax on them.
    pub fees: Minor,
    /// Tax on fees and penalties.
    pub tax: Minor,
    /// Penalties without the tax on them.
    pub penalties: Minor,
}

impl Parts {
    /// All parts together.
    pub fn total(&self) -> Minor {
        self.principal + self.interest + self.fees + self.tax + self.penalties
    }

    /// The sum, part by part.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            principal: self.principal + other.principal,
            interest: self.interest + other.interest,
            fees: self.fees + other.fees,
            tax: self.tax + other.tax,
            penalties: self.penalties + other.penalties,
        }
    }

    /// The difference, part by part.
    pub fn minus(&self, other: &Self) -> Self {
        Self {
            principal: self.principal - other.principal,
            interest: self.interest - other.interest,
            fees: self.fees - other.fees,
            tax: self.tax - other.tax,
            penalties: self.penalties - other.penalties,
        }
    }
}

/// What kind of row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// The share that is due with the disbursement.
    DownPayment,
    /// An instalment.
    Instalment,
    /// What was open when the loan was spread anew: nothing is asked for.
    Closing,
    /// Everything that became due at once.
    Acceleration,
}

/// One row of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// From 1.
    pub number: u16,
    /// What it is.
    pub kind: RowKind,
    /// When the period begins.
    #[serde(with = "crate::shared::dates::day")]
    pub from: Date,
    /// When it is due.
    #[serde(with = "crate::shared::dates::day")]
    pub due: Date,
    /// Calendar days of the period.
    pub days: i64,
    /// Principal that was not yet due when the period began.
    pub opening: Minor,
    /// What the row asks for. `principal` holds what was repaid in advance in its period.
    pub asked: Parts,
    /// Principal repaid in advance in its period, above what the plan asked.
    pub prepaid: Minor,
    /// What was paid of it.
    pub paid: Parts,
    /// Paid before the due date.
    pub in_advance: Minor,
    /// Paid after the due date.
    pub late: Minor,
    /// Principal not yet due after it.
    pub balance: Minor,
    /// When the last cent of it was paid.
    #[serde(with = "crate::shared::dates::optional_day")]
    pub settled_on: Option<Date>,
}

impl Row {
    /// What the row asks for.
    pub fn total(&self) -> Minor {
        self.asked.total()
    }

    /// What is missing of it.
    pub fn unpaid(&self) -> Minor {
        self.asked.total() - self.paid.total()
    }
}

/// How a payment was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// Which event it was, counted from 1.
    pub event: u32,
    /// From when it counts.
    #[serde(with = "crate::shared::dates::day")]
    pub on: Date,
    /// The payment.
    pub amount: Minor,
    /// What was due on that day.
    pub due: Parts,
    /// What was paid in advance.
    pub in_advance: Parts,
    /// What nothing asked for.
    pub excess: Minor,
}

impl Allocation {
    /// Due and in advance together.
    pub fn parts(&self) -> Parts {
        self.due.plus(&self.in_advance)
    }
}

/// The instalment a borrower has to think of next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextDue {
    /// When it is or was due.
    #[serde(with = "crate::shared::dates::day")]
    pub on: Date,
    /// What is missing of it.
    pub amount: Minor,
}

/// Everything that is known about a loan on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanState {
    /// The currency of every amount.
    pub currency: Currency,
    /// The day.
    #[serde(with = "crate::shared::dates::day")]
    pub as_of: Date,
    /// The rows, past and to come.
    pub rows: Vec<Row>,
    /// How each payment was used, in the order in which they count.
    pub allocations: Vec<Allocation>,
    /// The level instalment as last computed; of flat and equal-principal loans the first row's.
    pub instalment: Minor,
    /// What was paid out, and what was capitalised, up to the day.
    pub lent: Minor,
    /// What is owed, due or not: principal, interest as far as it is due, charges that are due or were booked.
    pub owed: Parts,
    /// What fell due and is not paid.
    pub due: Parts,
    /// Interest of the running period up to the day, not yet due and not paid.
    pub accrued: Minor,
    /// Interest that runs up today at the present balance, in minor units; rounded half up.
    pub accrues_a_day: Minor,
    /// Interest that belongs in the books: what fell due, and what was paid of the running period.
    pub interest_booked: Minor,
    /// What settles the loan on the day.
    pub pay_off: Minor,
    /// Paid above everything that was owed.
    pub overpaid: Minor,
    /// Written off.
    pub written_off: Parts,
    /// Came in after it had been written off.
    pub recovered: Minor,
    /// Interest that became principal.
    pub capitalised: Minor,
    /// What the books say of it.
    pub books: LoanBooks,
    /// Whether it left the books: charged off or written off.
    pub lost: bool,
    /// Small balances given up at the end.
    pub given_up: Parts,
    /// Waived.
    pub waived: Parts,
    /// What each waiver gave up, by the number of its event.
    #[serde(default)]
    pub waivers: Vec<(u32, Parts)>,
    /// The oldest row with something unpaid: its due date and what is missing of it. What is missing of rows
    /// gone by, where it is within the tolerance, is asked for with the next row.
    pub next_due: Option<NextDue>,
    /// Days since the oldest unpaid row fell due, zero on the day itself; within the tolerance nothing is late,
    /// and above it the days count from the row with which it was exceeded.
    pub days_past_due: u32,
    /// What is unpaid of rows due before the day; nothing where it is within the tolerance.
    pub arrears: Minor,
    /// All rows together.
    pub totals: Parts,
    /// Fees and penalties that are due, were booked, or are paid already.
    pub charges: Vec<ChargeTold>,
    /// Fees at disbursement, kept back, paid beside it or capitalised; tax on them apart.
    pub at_disbursement: AtDisbursement,
    /// When the last cent was paid.
    #[serde(with = "crate::shared::dates::optional_day")]
    pub closed_on: Option<Date>,
}

/// What a disbursement costs the borrower at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtDisbursement {
    /// Kept back from what is paid out, tax included.
    pub deducted: Minor,
    /// Paid beside it, tax included.
    pub paid: Minor,
    /// Added to the principal, tax included.
    pub capitalised: Minor,
    /// Interest of the days before the first whole period that was kept back.
    pub interest: Minor,
    /// Tax in the three.
    pub tax: Minor,
}

impl LoanState {
    /// What a borrower pays with each instalment as it is now: the level and the fees that come with it.
    pub fn instalment_with_fees(&self) -> Minor {
        let row =
            self.rows.iter().filter(|row| row.kind == RowKind::Instalment).find(|row| row.due > self.as_of);
        self.instalment + row.map_or(0, |row| row.asked.fees + row.asked.tax)
    }

    /// What is overdue, by its parts: of instalments that were due before the day. They add up to the arrears.
    pub fn overdue_parts(&self) -> Parts {
        let past = self.rows.iter().filter(|row| self.arrears > 0 && row.due < self.as_of);
        past.fold(Parts::default(), |sum, row| sum.plus(&row.asked.minus(&row.paid)))
    }

    /// An amount of this loan as money; what is below zero counts as nothing.
    pub fn money(&self, units: Minor) -> Money {
        money(units.max(0), self.currency).unwrap_or(Money::zero(self.currency))
    }

    /// An amount of this loan in figures, with separators and a sign below zero.
    pub fn figures(&self, units: Minor) -> String {
        let sign = if units < 0 { "\u{2212}" } else { "" };
        let size = money(units.checked_abs().unwrap_or(0), self.currency);
        format!("{sign}{}", size.unwrap_or(Money::zero(self.currency)).figures())
    }

    /// What the borrower pays in all beyond the principal: interest, fees, tax and penalties of all rows,
    /// and what the disbursement cost.
    pub fn total_cost(&self) -> Minor {
        self.totals.total() - self.totals.principal
            + self.at_disbursement.deducted
            + self.at_disbursement.paid
            + self.at_disbursement.capitalised
            + self.at_disbursement.interest
    }
}
