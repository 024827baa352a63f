//! Numbers as the files write them.

use super::Fault;
use rust_decimal::Decimal;
use serde::Deserialize;
use tawi_domain::credit_ops::schedule::{Fraction, Minor, Real, Rounding, written};

/// A rounding, in the files' words.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    HalfEven,
    HalfUp,
    Ceiling,
    AwayFromZero,
    Down,
}

impl From<Mode> for Rounding {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::HalfEven => Self::HalfEven,
            Mode::HalfUp => Self::HalfUp,
            Mode::Ceiling => Self::Ceiling,
            Mode::AwayFromZero => Self::AwayFromZero,
            Mode::Down => Self::Down,
        }
    }
}

/// How the result is written.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    pub decimals: u32,
    pub rounding: Mode,
}

impl Output {
    pub fn write(self, value: Real) -> Result<String, Fault> {
        value
            .written(self.decimals, self.rounding.into())
            .ok_or_else(|| Fault::Error("the result is out of range".into()))
    }
}

/// Rounding of an instalment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallmentRounding {
    pub mode: Mode,
    pub multiple: String,
}

pub fn decimal(text: &str) -> Result<Decimal, Fault> {
    Decimal::from_str_exact(text).map_err(|_| Fault::Error(format!("{text} is not a number")))
}

/// An amount in minor units.
pub fn minor(text: &str, decimals: u32) -> Result<Minor, Fault> {
    let scale = Decimal::from(10_u64.checked_pow(decimals).ok_or_else(|| too_large(text))?);
    let units = decimal(text)?.checked_mul(scale).ok_or_else(|| too_large(text))?.normalize();
    if units.scale() > 0 {
        return Err(Fault::Error(format!("{text} is finer than the currency")));
    }
    Minor::try_from(units.mantissa()).map_err(|_| too_large(text))
}

fn too_large(text: &str) -> Fault {
    Fault::Error(format!("{text} is out of range"))
}

/// Money with two decimals at least.
pub fn money(units: Minor, decimals: u32) -> String {
    let units = i128::from(units);
    if decimals >= 2 { written(units, decimals) } else { written(units * 10_i128.pow(2 - decimals), 2) }
}

/// A decimal or a quotient of two.
pub fn fraction(text: &str) -> Result<Fraction, Fault> {
    let one = |text: &str| -> Result<Fraction, Fault> {
        let value = decimal(text)?.normalize();
        let scale = 10_i128.checked_pow(value.scale()).ok_or_else(|| too_large(text))?;
        Ok(Fraction::new(value.mantissa(), scale)?)
    };
    match text.split_once('/') {
        None => one(text),
        Some((above, below)) => {
            let (above, below) = (one(above)?, one(below)?);
            if below.is_zero() {
                return Err(Fault::Error(format!("{text} divides by nothing")));
            }
            Ok(above.times(Fraction::new(below.denominator(), below.numerator())?)?)
        }
    }
}

/// A signed decimal or quotient.
pub fn real(text: &str) -> Result<Real, Fault> {
    let negative = text.starts_with('-');
    let value = fraction(text.trim_start_matches('-'))?;
    let value = Real::ratio(value.numerator(), value.denominator());
    Ok(if negative { value.negated() } else { value })
}
