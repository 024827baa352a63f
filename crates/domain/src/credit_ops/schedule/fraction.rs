//! Exact fractions: a part of a year, a rate, interest before it is rounded.

use super::amount::{LARGEST_AMOUNT, Minor};
use super::error::LoanError;
use super::rounding::Rounding;

/// A non-negative fraction, in lowest terms but for days of a year and interest; the denominator is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

/// The largest numerator and denominator of a rate or a part of a year: with an amount of 10^15 minor units
/// their product stays within 128 bits.
const LARGEST_PART: i128 = 1_000_000_000_000_000_000;

/// Of numbers that are not negative. A machine word is enough for nearly all of them.
fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    loop {
        if let (Ok(a), Ok(b)) = (u64::try_from(a), u64::try_from(b)) {
            return i128::from(divisor_of_words(a, b));
        }
        if b == 0 {
            return a.max(1);
        }
        (a, b) = (b, a % b);
    }
}

fn divisor_of_words(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// A quotient without a rest, in machine words where they are enough.
#[inline]
fn exactly(number: i128, divisor: i128) -> i128 {
    if divisor == 1 {
        return number;
    }
    match (u64::try_from(number), u64::try_from(divisor)) {
        (Ok(number), Ok(divisor)) => i128::from(number / divisor),
        _ => number / divisor,
    }
}

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// One whole.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `numerator / denominator`; refused when negative or over nothing.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, LoanError> {
        if denominator <= 0 || numerator < 0 {
            return Err(LoanError::Overflow);
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        Ok(Self { numerator: exactly(numerator, divisor), denominator: exactly(denominator, divisor) })
    }

    /// Days over the days of a year as they stand, not in lowest terms: sums of such parts keep one denominator,
    /// and people read the days.
    pub(super) fn of_days(days: i64, year: i64) -> Result<Self, LoanError> {
        if year <= 0 || days < 0 {
            return Err(LoanError::Overflow);
        }
        Ok(Self { numerator: i128::from(days), denominator: i128::from(year) })
    }

    /// Above the line.
    pub fn numerator(self) -> i128 {
        self.numerator
    }

    /// Below the line.
    pub fn denominator(self) -> i128 {
        self.denominator
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Whether a rate or a part of a year of this size can be reckoned with.
    pub(super) fn is_reckonable(self) -> bool {
        self.numerator <= LARGEST_PART && self.denominator <= LARGEST_PART
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, LoanError> {
        if other.numerator == 0 {
            return Ok(self);
        }
        if self.numerator == 0 {
            return Ok(other);
        }
        if self.denominator == other.denominator {
            let sum = self.numerator.checked_add(other.numerator).ok_or(LoanError::Overflow)?;
            return Ok(Self { numerator: sum, denominator: self.denominator });
        }
        let divisor = greatest_common_divisor(self.denominator, other.denominator);
        let own = exactly(other.denominator, divisor);
        let their = exactly(self.denominator, divisor);
        let sum = self
            .numerator
            .checked_mul(own)
            .and_then(|left| other.numerator.checked_mul(their).and_then(|right| left.checked_add(right)));
        let denominator = self.denominator.checked_mul(own);
        Self::new(sum.ok_or(LoanError::Overflow)?, denominator.ok_or(LoanError::Overflow)?)
    }

    /// The product.
    pub fn times(self, other: Self) -> Result<Self, LoanError> {
        let across = greatest_common_divisor(self.numerator, other.denominator);
        let down = greatest_common_divisor(other.numerator, self.denominator);
        let numerator = exactly(self.numerator, across).checked_mul(exactly(other.numerator, down));
        let denominator = exactly(self.denominator, down).checked_mul(exactly(other.denominator, across));
        Ok(Self {
            numerator: numerator.ok_or(LoanError::Overflow)?,
            denominator: denominator.ok_or(LoanError::Overflow)?,
        })
    }

    /// This many times over.
    pub fn times_whole(self, times: i64) -> Result<Self, LoanError> {
        self.times(Self::new(i128::from(times), 1)?)
    }

    /// As a whole number of minor units, [`LARGEST_AMOUNT`] at most.
    pub fn round(self, rounding: Rounding) -> Result<Minor, LoanError> {
        let units = Minor::try_from(rounding.divide(self.numerator, self.denominator));
        units.ok().filter(|units| units.abs() <= LARGEST_AMOUNT).ok_or(LoanError::Overflow)
    }

    /// `7/1200` as people read it.
    pub fn written(self) -> String {
        if self.denominator == 1 {
            return self.numerator.to_string();
        }
        format!("{}/{}", self.numerator, self.denominator)
    }
}

/// Exact interest of an amount over a part of a year.
pub(super) fn interest(amount: i64, rate: Fraction, part: Fraction) -> Result<Fraction, LoanError> {
    if amount <= 0 || rate.is_zero() || part.is_zero() {
        return Ok(Fraction::ZERO);
    }
    let numerator = i128::from(amount)
        .checked_mul(rate.numerator)
        .and_then(|product| product.checked_mul(part.numerator));
    let denominator = rate.denominator.checked_mul(part.denominator);
    Ok(Fraction {
        numerator: numerator.ok_or(LoanError::Overflow)?,
        denominator: denominator.ok_or(LoanError::Overflow)?,
    })
}
