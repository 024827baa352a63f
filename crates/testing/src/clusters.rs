//! Databases of other clusters, equal in effect and without one: the numbers of transactions are what
//! another cluster would have given.

use crate::Fallible;
use sqlx::Executor;
use tawi_bank::Bank;
use tawi_bank::shared::{audit, balances};

/// From now on transactions are numbered as in a cluster that has counted far more of them.
pub async fn as_in_an_older_cluster(bank: &Bank) -> Fallible<()> {
    renumbered(
        bank,
        "select number_transactions_ahead(1000000000000);
         set local session_replication_role = replica;
         update cluster set ahead = 1000000000000",
    )
    .await
}

/// The same database, dumped there and restored here: what it holds carries that cluster's numbers and
/// names that cluster, what is written next carries this one's.
pub async fn as_restored_into_a_younger_one(bank: &Bank) -> Fallible<()> {
    renumbered(
        bank,
        "select number_transactions_ahead(0);
         set local session_replication_role = replica;
         update cluster set ahead = 0, identifier = identifier - 1",
    )
    .await
}

/// Lets the cluster count until it has counted so many transactions.
pub async fn has_counted(bank: &Bank, transactions: i64) -> Fallible<()> {
    let mut owner = bank.owner().acquire().await?;
    let count = "select pg_current_xact_id()::text::bigint";
    while sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *owner).await? < transactions {}
    Ok(())
}

/// Marks once what the leader marks every two seconds, and answers up to which transaction.
pub async fn marked(bank: &Bank, audit_key: [u8; 32]) -> Fallible<i64> {
    let mut job = bank.jobs().acquire().await?;
    audit::add_link(&mut job, &audit_key).await?;
    balances::roll_up(&mut job).await?;
    let mark = "select until_transaction from gl_rollup_mark";
    Ok(sqlx::query_scalar(mark).fetch_one(bank.owner()).await?)
}

async fn renumbered(bank: &Bank, statements: &'static str) -> Fallible<()> {
    let mut transaction = bank.owner().begin().await?;
    transaction.execute(sqlx::raw_sql(statements)).await?;
    transaction.commit().await?;
    Ok(())
}
