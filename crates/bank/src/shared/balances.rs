//! Balances: of customers' accounts as they stand, of general-ledger accounts as the roll-up and the postings
//! since. The mark between those is moved here.

use super::error::OpError;
use crate::shared::stored::stored;
use rust_decimal::Decimal;
use sqlx::{Connection, PgConnection};
use tawi_domain::shared::ids::{AccountNumber, BranchNumber};
use tawi_domain::shared::money::{Currency, Money};

/// The balance of a general-ledger account: the roll-up plus the postings since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlBalance {
    /// Code of the account.
    pub code: String,
    /// Sum of its debits.
    pub debit: Decimal,
    /// Sum of its credits.
    pub credit: Decimal,
}

// SQL

/// Balances of a branch's general ledger in a currency, by code.
pub async fn balances_in_op(
    tx: &mut PgConnection,
    branch: BranchNumber,
    currency: Currency,
) -> Result<Vec<GlBalance>, OpError> {
    Ok(sqlx::query_as!(
        GlBalance,
        r#"
        select code as "code!", debit as "debit!", credit as "credit!" from gl_balance
        where branch = $1 and currency = $2 order by code
        "#,
        branch.get(),
        currency.code(),
    )
    .fetch_all(tx)
    .await?)
}

/// A customer account's balance.
pub async fn balance_in_op(tx: &mut PgConnection, number: &AccountNumber) -> Result<Option<Money>, OpError> {
    let row = sqlx::query!("select balance, currency from account where number = $1", number.as_str())
        .fetch_optional(tx)
        .await?;
    row.map(|row| Money::new(row.balance, stored(&row.currency)?).map_err(OpError::stored)).transpose()
}

/// Moves the mark of the roll-up to the oldest transaction still open and adds what lies between. The
/// balance before and after is the same: only the tail gets shorter. Called by the leader.
pub async fn roll_up(job: &mut PgConnection) -> Result<(), OpError> {
    let mut tx = job.begin().await?;
    sqlx::query!(
        r#"
        with mark as (
            select until_transaction as since, oldest_transaction() as until
            from gl_rollup_mark for update
        ), added as (
            insert into gl_rollup as r (branch, gl_code, currency, debit, credit)
            select p.branch, p.gl_code, p.currency, sum(p.debit), sum(p.credit)
            from posting p, mark
            where p.transaction >= mark.since and p.transaction < mark.until
            group by p.branch, p.gl_code, p.currency
            on conflict (branch, gl_code, currency)
            do update set debit = r.debit + excluded.debit, credit = r.credit + excluded.credit
        )
        update gl_rollup_mark set until_transaction = mark.until from mark
        where mark.until > gl_rollup_mark.until_transaction
        "#
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Sums the roll-up anew from all postings up to the oldest transaction still open, and puts the mark there.
/// Whoever calls it has locked the postings.
pub(crate) async fn sum_anew_in_op(tx: &mut PgConnection) -> Result<(), OpError> {
    sqlx::query!("delete from gl_rollup").execute(&mut *tx).await?;
    sqlx::query!("update gl_rollup_mark set until_transaction = oldest_transaction()")
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        r#"
        insert into gl_rollup (branch, gl_code, currency, debit, credit)
        select p.branch, p.gl_code, p.currency, sum(p.debit), sum(p.credit)
        from posting p, gl_rollup_mark m
        where p.transaction < m.until_transaction
        group by p.branch, p.gl_code, p.currency
        "#
    )
    .execute(tx)
    .await?;
    Ok(())
}
