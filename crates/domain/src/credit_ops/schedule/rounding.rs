//! How a quotient becomes a whole number of minor units. Every rounding of the engine is one of these and
//! is named in the terms.

use serde::{Deserialize, Serialize};

/// Which of the two neighbours a quotient becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// The nearer; halves to the even one.
    HalfEven,
    /// The nearer; halves away from zero.
    #[default]
    HalfUp,
    /// The nearer; halves towards zero.
    HalfDown,
    /// The larger.
    Ceiling,
    /// The smaller.
    Floor,
    /// The one further from zero.
    AwayFromZero,
    /// The one nearer to zero: cut off.
    Down,
}

impl Rounding {
    /// As a contract says it.
    pub fn title(self) -> &'static str {
        match self {
            Self::HalfEven => "to the nearest, halves to the even cent",
            Self::HalfUp => "to the nearest, halves away from zero",
            Self::HalfDown => "to the nearest, halves towards zero",
            Self::Ceiling => "up",
            Self::Floor => "down",
            Self::AwayFromZero => "away from zero",
            Self::Down => "cut off",
        }
    }

    /// `numerator / denominator` as a whole number. The denominator is positive; zero or less gives zero.
    pub fn divide(self, numerator: i128, denominator: i128) -> i128 {
        if denominator <= 0 {
            return 0;
        }
        let (quotient, rest) = divide_whole(numerator, denominator);
        if rest == 0 {
            return quotient;
        }
        let away = if numerator < 0 { -1 } else { 1 };
        // Compared without doubling, which could overflow.
        let to_half = rest.unsigned_abs().cmp(&(denominator.unsigned_abs() - rest.unsigned_abs()));
        let outward = match self {
            Self::HalfEven => to_half.is_gt() || (to_half.is_eq() && quotient % 2 != 0),
            Self::HalfUp => to_half.is_ge(),
            Self::HalfDown => to_half.is_gt(),
            Self::Ceiling => numerator > 0,
            Self::Floor => numerator < 0,
            Self::AwayFromZero => true,
            Self::Down => false,
        };
        if outward { quotient + away } else { quotient }
    }

    /// The nearest multiple of `multiple` minor units, as this rounding chooses. One or less changes nothing.
    pub fn to_multiple(self, amount: i128, multiple: i64) -> i128 {
        if multiple <= 1 {
            return amount;
        }
        let multiple = i128::from(multiple);
        self.divide(amount, multiple).saturating_mul(multiple)
    }
}

/// Quotient and rest; the division of machine words is several times quicker where it is enough.
fn divide_whole(numerator: i128, denominator: i128) -> (i128, i128) {
    match (u64::try_from(numerator), u64::try_from(denominator)) {
        (Ok(numerator), Ok(denominator)) if denominator != 0 => {
            (i128::from(numerator / denominator), i128::from(numerator % denominator))
        }
        _ => (numerator / denominator, numerator % denominator),
    }
}
