//! What a bank may change: dated rows, the one in force on a business date counts.

use super::error::OpError;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;

fn read<T: DeserializeOwned>(code: &str, value: serde_json::Value) -> Result<T, OpError> {
    serde_json::from_value(value).map_err(|fault| OpError::Setting(format!("parameter {code}: {fault}")))
}

/// The value of a parameter on a date.
pub async fn on_date<T: DeserializeOwned>(
    tx: &mut PgConnection,
    code: &str,
    date: Date,
) -> Result<T, OpError> {
    if_on_date(tx, code, date)
        .await?
        .ok_or_else(|| OpError::Setting(format!("no parameter {code} on {date}")))
}

/// The value of a parameter on a date, where there may be none.
pub async fn if_on_date<T: DeserializeOwned>(
    tx: &mut PgConnection,
    code: &str,
    date: Date,
) -> Result<Option<T>, OpError> {
    let value = sqlx::query_scalar!(
        "select value from parameter where code = $1 and valid_from <= $2 order by valid_from desc limit 1",
        code,
        date.to_sqlx() as _,
    )
    .fetch_optional(tx)
    .await?;
    value.map(|value| read(code, value)).transpose()
}

/// Every value of a parameter with the day it holds from, in order.
pub async fn dated<T: DeserializeOwned>(
    tx: &mut PgConnection,
    code: &str,
) -> Result<Vec<(Date, T)>, OpError> {
    let rows =
        sqlx::query!("select valid_from, value from parameter where code = $1 order by valid_from", code)
            .fetch_all(tx)
            .await?;
    rows.into_iter().map(|row| Ok((row.valid_from.to_jiff(), read(code, row.value)?))).collect()
}
