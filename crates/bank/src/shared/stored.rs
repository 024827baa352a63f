//! What the database holds, back in its types.

use super::error::OpError;
use std::str::FromStr;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::money::{Currency, Money};

/// Reads a stored word back into its type.
pub(crate) fn stored<T: FromStr>(text: &str) -> Result<T, OpError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(OpError::stored)
}

/// Reads the rows of a list. One that does not read back is named, and logged with what is wrong with it.
pub(crate) fn listing<R, T>(
    rows: impl IntoIterator<Item = R>,
    name: impl Fn(&R) -> String,
    read: impl Fn(R) -> Result<T, OpError>,
) -> Listing<T> {
    let mut listing = Listing::default();
    for row in rows {
        let name = name(&row);
        match read(row) {
            Ok(read) => listing.rows.push(read),
            Err(fault) => {
                tracing::error!(%name, %fault, "a row cannot be read");
                listing.unread.push(name);
            }
        }
    }
    listing
}

/// The one row that was looked for; one that is there and does not read back is an error.
pub(crate) fn only<T>(mut listing: Listing<T>) -> Result<Option<T>, OpError> {
    match (listing.rows.pop(), listing.unread.pop()) {
        (None, Some(unread)) => Err(OpError::stored(unread)),
        (found, _) => Ok(found),
    }
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
