//! Rates: percent a year, with the decimals a contract states.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Decimals of a percentage that a contract states.
const DECIMALS: u32 = 4;
/// The highest rate the books take, percent a year.
const HIGHEST_PERCENT: i64 = 1000;

/// Why a text or a number is not a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not a number.
    #[error("A rate is written in figures, for example 14.5")]
    NotANumber,
    /// Below zero or above the highest.
    #[error("A rate lies between 0 and {HIGHEST_PERCENT} percent a year")]
    OutOfRange,
    /// Finer than contracts are.
    #[error("A rate has four decimals at most")]
    TooManyDecimals,
}

/// Percent a year, 0 to 1,000, four decimals at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Rate(Decimal);

impl Rate {
    /// Percent a year.
    pub fn percent(self) -> Decimal {
        self.0
    }

    /// Reads what was typed: `14`, `14.5`, `14.5 %`.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let figures = text.trim().trim_end_matches('%').trim_end();
        if figures.starts_with('-') {
            return Err(RateError::OutOfRange);
        }
        if figures.is_empty() || !figures.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(RateError::NotANumber);
        }
        Decimal::from_str_exact(figures).map_err(|_| RateError::NotANumber)?.try_into()
    }
}

impl TryFrom<Decimal> for Rate {
    type Error = RateError;

    fn try_from(percent: Decimal) -> Result<Self, RateError> {
        let exact = percent.normalize();
        if exact.is_sign_negative() && !exact.is_zero() || exact > Decimal::from(HIGHEST_PERCENT) {
            return Err(RateError::OutOfRange);
        }
        if exact.scale() > DECIMALS {
            return Err(RateError::TooManyDecimals);
        }
        Ok(Self(exact))
    }
}

impl From<Rate> for Decimal {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}
