//! Numbers of 38 significant digits, for what has no exact answer: annuities, yearly rates, powers and
//! logarithms. A mantissa of 128 bits and an exponent; no floating-point hardware, so the browser and the
//! server give the same digits.

use super::rounding::Rounding;
use std::cmp::Ordering;

/// `(-1)^negative * mantissa * 2^exponent`, the mantissa's highest bit set unless the number is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Real {
    negative: bool,
    mantissa: u128,
    exponent: i32,
}

const TOP: u128 = 1 << 127;
const LOW_HALF: u128 = (1 << 64) - 1;
/// Errors of a chain of operations stay far below this many units of the last place.
const SLACK_BITS: i32 = 20;

/// The upper and lower half of a product of two 128-bit numbers.
fn multiply_wide(a: u128, b: u128) -> (u128, u128) {
    let (a1, a0) = (a >> 64, a & LOW_HALF);
    let (b1, b0) = (b >> 64, b & LOW_HALF);
    let low = a0 * b0;
    let middle = (low >> 64) + ((a1 * b0) & LOW_HALF) + ((a0 * b1) & LOW_HALF);
    let high = a1 * b1 + ((a1 * b0) >> 64) + ((a0 * b1) >> 64) + (middle >> 64);
    (high, middle << 64 | low & LOW_HALF)
}

/// One digit to the base 2^64 of a long division (Knuth, algorithm D): quotient and rest of
/// `rest * 2^64 + next` by `divisor`, whose highest bit is set and which is above `rest`.
fn divide_digit(rest: u128, next: u128, divisor: u128) -> (u128, u128) {
    let (d1, d0) = (divisor >> 64, divisor & LOW_HALF);
    let mut digit = rest / d1;
    let mut over = rest % d1;
    while digit > LOW_HALF || digit * d0 > (over << 64 | next) {
        digit -= 1;
        over += d1;
        if over > LOW_HALF {
            break;
        }
    }
    let left = (rest << 64 | next).wrapping_sub(digit.wrapping_mul(divisor));
    (digit, left)
}

/// `high * 2^128 / divisor`, the divisor's highest bit set and above `high`.
fn divide_wide(high: u128, low: u128, divisor: u128) -> u128 {
    let (first, rest) = divide_digit(high, low >> 64, divisor);
    let (second, _) = divide_digit(rest, low & LOW_HALF, divisor);
    first << 64 | second
}

fn bits(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

impl Real {
    /// Nothing.
    pub const ZERO: Self = Self { negative: false, mantissa: 0, exponent: 0 };
    /// One.
    pub const ONE: Self = Self { negative: false, mantissa: TOP, exponent: -127 };

    fn normal(negative: bool, mantissa: u128, exponent: i32) -> Self {
        if mantissa == 0 {
            return Self::ZERO;
        }
        let shift = mantissa.leading_zeros();
        Self { negative, mantissa: mantissa << shift, exponent: exponent.saturating_sub(bits(shift)) }
    }

    /// A whole number.
    pub fn whole(value: i128) -> Self {
        Self::normal(value < 0, value.unsigned_abs(), 0)
    }

    /// A quotient of whole numbers; nothing over nothing, and anything over nothing, is nothing.
    pub fn ratio(numerator: i128, denominator: i128) -> Self {
        Self::whole(numerator).over(Self::whole(denominator)).unwrap_or(Self::ZERO)
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// The same with the other sign.
    pub fn negated(self) -> Self {
        Self { negative: !self.negative && !self.is_zero(), ..self }
    }

    /// Without its sign.
    pub fn size(self) -> Self {
        Self { negative: false, ..self }
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Self {
        let (large, small) = if self.compare_size(other).is_ge() { (self, other) } else { (other, self) };
        if small.is_zero() {
            return large;
        }
        let apart = u32::try_from(large.exponent.saturating_sub(small.exponent)).unwrap_or(u32::MAX);
        let moved = if apart > 127 { 0 } else { small.mantissa >> apart };
        if large.negative == small.negative {
            return match large.mantissa.checked_add(moved) {
                Some(sum) => Self { mantissa: sum, ..large },
                None => Self {
                    mantissa: large.mantissa.wrapping_add(moved) >> 1 | TOP,
                    exponent: large.exponent.saturating_add(1),
                    ..large
                },
            };
        }
        Self::normal(large.negative, large.mantissa - moved, large.exponent)
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Self {
        self.plus(other.negated())
    }

    /// The product.
    pub fn times(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        let (high, low) = multiply_wide(self.mantissa, other.mantissa);
        let exponent = self.exponent.saturating_add(other.exponent).saturating_add(128);
        let negative = self.negative != other.negative;
        if high & TOP != 0 {
            Self { negative, mantissa: high, exponent }
        } else {
            Self { negative, mantissa: high << 1 | low >> 127, exponent: exponent.saturating_sub(1) }
        }
    }

    /// The quotient; none over nothing.
    pub fn over(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        if self.is_zero() {
            return Some(Self::ZERO);
        }
        let negative = self.negative != other.negative;
        let exponent = self.exponent.saturating_sub(other.exponent);
        Some(if self.mantissa >= other.mantissa {
            let mantissa = divide_wide(self.mantissa >> 1, self.mantissa << 127, other.mantissa);
            Self { negative, mantissa, exponent: exponent.saturating_sub(127) }
        } else {
            let mantissa = divide_wide(self.mantissa, 0, other.mantissa);
            Self { negative, mantissa, exponent: exponent.saturating_sub(128) }
        })
    }

    /// Which of two is larger.
    pub fn compare(self, other: Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_size(other),
            (true, true) => other.compare_size(self),
        }
    }

    fn compare_size(self, other: Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.exponent.cmp(&other.exponent).then(self.mantissa.cmp(&other.mantissa)),
        }
    }

    /// Multiplied by itself so many times.
    pub fn power(self, times: u32) -> Self {
        let (mut result, mut square, mut left) = (Self::ONE, self, times);
        while left > 0 {
            if left & 1 == 1 {
                result = result.times(square);
            }
            left >>= 1;
            if left > 0 {
                square = square.times(square);
            }
        }
        result
    }

    /// The natural logarithm; none of what is not above zero. `ln m = 2 artanh((m-1)/(m+1))` with m near 1.
    pub fn logarithm(self) -> Option<Self> {
        if self.negative || self.is_zero() {
            return None;
        }
        let twos = self.exponent.saturating_add(127);
        let near = Self { exponent: -127, ..self };
        let own = Self::twice_artanh(near.minus(Self::ONE).over(near.plus(Self::ONE))?);
        Some(own.plus(Self::logarithm_of_two().times(Self::whole(i128::from(twos)))))
    }

    fn logarithm_of_two() -> Self {
        Self::twice_artanh(Self::ratio(1, 3))
    }

    /// `2 (z + z^3/3 + z^5/5 + ...)` for a z of a third at most.
    fn twice_artanh(z: Self) -> Self {
        let square = z.times(z);
        let (mut sum, mut power) = (z, z);
        for odd in (3..95).step_by(2) {
            power = power.times(square);
            sum = sum.plus(power.times(Self::ratio(1, odd)));
        }
        sum.plus(sum)
    }

    /// e to this power; none where it leaves all bounds. Halved ten times over, then squared back.
    pub fn exponential(self) -> Option<Self> {
        const HALVINGS: i32 = 10;
        let ln2 = Self::logarithm_of_two();
        let twos = self.over(ln2)?.round(0, Rounding::HalfEven)?;
        let rest = self.minus(ln2.times(Self::whole(twos)));
        let small = Self { exponent: rest.exponent.saturating_sub(HALVINGS), ..rest };
        let (mut sum, mut term) = (Self::ONE, Self::ONE);
        for step in 1..20 {
            term = term.times(small).times(Self::ratio(1, step));
            sum = sum.plus(term);
        }
        for _ in 0..HALVINGS {
            sum = sum.times(sum);
        }
        let exponent = sum.exponent.checked_add(i32::try_from(twos).ok()?)?;
        Some(Self { exponent, ..sum })
    }

    /// Raised to any power; none of what is not above zero.
    pub fn raised(self, power: Self) -> Option<Self> {
        if power.is_zero() {
            return Some(Self::ONE);
        }
        self.logarithm()?.times(power).exponential()
    }

    /// As a whole number of units of `10^-decimals`; none when that does not fit. What lies within the
    /// arithmetic's own error of a whole or a half counts as that whole or half.
    pub fn round(self, decimals: u32, rounding: Rounding) -> Option<i128> {
        let scaled = self.times(Self::whole(10_i128.checked_pow(decimals)?));
        if scaled.is_zero() {
            return Some(0);
        }
        if scaled.exponent >= 0 {
            return None;
        }
        let fraction_bits = scaled.exponent.unsigned_abs();
        let (mut units, fraction) = match fraction_bits {
            1..128 => (scaled.mantissa >> fraction_bits, scaled.mantissa << (128 - fraction_bits)),
            128 => (0, scaled.mantissa),
            beyond => (0, scaled.mantissa.checked_shr(beyond - 128).unwrap_or(0)),
        };
        let slack_at = 128 - bits(fraction_bits.min(128)) + SLACK_BITS;
        let slack = u32::try_from(slack_at).ok().filter(|at| *at < 100).map_or(0, |at| 1_u128 << at);
        // Four quarters tell a whole, less than half, half and more than half apart.
        let quarters: i128 = if fraction <= slack {
            0
        } else if fraction >= u128::MAX - slack {
            units = units.checked_add(1)?;
            0
        } else {
            match fraction.cmp(&TOP) {
                _ if fraction.abs_diff(TOP) <= slack => 2,
                Ordering::Less => 1,
                Ordering::Equal | Ordering::Greater => 3,
            }
        };
        let exact = i128::try_from(units).ok()?.checked_mul(4)?.checked_add(quarters)?;
        Some(rounding.divide(if scaled.negative { -exact } else { exact }, 4))
    }

    /// Written with so many decimals.
    pub fn written(self, decimals: u32, rounding: Rounding) -> Option<String> {
        self.round(decimals, rounding).map(|units| written(units, decimals))
    }

    /// Rounded to so many significant digits, as a calculator of that width does.
    pub fn to_significant(self, digits: u32, rounding: Rounding) -> Option<Self> {
        if self.is_zero() {
            return Some(self);
        }
        let mut decimals = 0;
        let limit = 10_i128.checked_pow(digits)?;
        let mut scaled = self.size();
        while scaled.compare(Self::whole(limit / 10)).is_lt() && decimals < 60 {
            scaled = scaled.times(Self::whole(10));
            decimals += 1;
        }
        let units = scaled.round(0, rounding)?;
        let value = Self::whole(units).over(Self::whole(10).power(decimals))?;
        Some(if self.negative { value.negated() } else { value })
    }
}

/// Units of `10^-decimals` as a decimal numeral, trailing zeros kept.
pub fn written(units: i128, decimals: u32) -> String {
    let width = usize::try_from(decimals).unwrap_or(0);
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = width + 1);
    let (whole, rest) = digits.split_at(digits.len() - width);
    let sign = if units < 0 { "-" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}
