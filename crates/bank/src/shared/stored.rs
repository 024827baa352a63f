//! What the database holds, back in its types.

use super::error::OpError;
use std::str::FromStr;
use tawi_domain::shared::money::{Currency, Money};

/// Reads a stored word back into its type.
pub(crate) fn stored<T: FromStr>(text: &str) -> Result<T, OpError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(OpError::stored)
}

/// Reads a stored limit back.
pub(crate) fn stored_money(
    amount: Option<rust_decimal::Decimal>,
    currency: Option<&str>,
) -> Result<Option<Money>, OpError> {
    let (Some(amount), Some(currency)) = (amount, currency) else { return Ok(None) };
    let currency: Currency = stored(currency)?;
    Money::new(amount, currency).map(Some).map_err(OpError::stored)
}
