//! Amounts as the engine reckons them: whole minor units.

use super::LoanError;
use crate::shared::money::{Currency, Money, MoneyError};
use rust_decimal::Decimal;

/// An amount in minor units: cents.
pub type Minor = i64;

/// The largest amount the engine takes or reckons, in minor units. All the amounts that a loan can have, of its rows,
/// charges and events, add up to less than a [`Minor`] holds.
pub const LARGEST_AMOUNT: Minor = 100_000_000_000_000;

/// Money as minor units of its currency.
pub fn minor(money: Money) -> Result<Minor, LoanError> {
    let mut exact = money.amount();
    if exact.scale() != money.currency().decimals() {
        exact.rescale(money.currency().decimals());
    }
    let units = i64::try_from(exact.mantissa()).map_err(|_| LoanError::Overflow)?;
    if units.abs() > LARGEST_AMOUNT { Err(LoanError::Overflow) } else { Ok(units) }
}

/// Minor units as money; below zero there is none.
pub fn money(units: Minor, currency: Currency) -> Result<Money, MoneyError> {
    Money::new(Decimal::new(units, currency.decimals()), currency)
}
