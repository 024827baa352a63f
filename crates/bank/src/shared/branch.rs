//! Branches: opening one with its chart of accounts.

use super::error::OpError;
use crate::bank::Bank;
use crate::op::OpCtx;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::chart::CHART;
use tawi_domain::shared::ids::BranchNumber;
use tawi_domain::shared::permissions::Operation;

/// A branch to be opened.
#[derive(Debug, Clone)]
pub struct NewBranch {
    /// Its number.
    pub number: BranchNumber,
    /// Its code, for example `NBO-HQ`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The business date it opens on.
    pub business_date: Date,
}

/// Opens a branch with the chart of accounts. Opening one that is open already changes nothing.
pub async fn open(bank: &Bank, branch: &NewBranch) -> Result<(), OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::BranchSetup).await?;
    if !open_in_op(ctx.conn(), branch).await? {
        return Ok(());
    }
    let subject = format!("branch:{}", branch.code);
    ctx.commit(Outcome::Done, &subject, "Opened the branch", json!({ "name": branch.name }), None).await
}

// SQL

/// Opens a branch, its first day and its chart. Answers whether it is new.
pub(crate) async fn open_in_op(tx: &mut PgConnection, branch: &NewBranch) -> Result<bool, OpError> {
    let opened = sqlx::query!(
        "insert into branch (number, code, name, business_date) values ($1, $2, $3, $4) on conflict do nothing",
        branch.number.get(),
        branch.code,
        branch.name,
        branch.business_date.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    if opened.rows_affected() == 0 {
        return Ok(false);
    }
    open_day(tx, branch.number.get(), branch.business_date).await?;
    for account in CHART {
        sqlx::query!(
            "insert into gl_account (branch, code, title, kind, sub_ledger) values ($1, $2, $3, $4, $5)",
            branch.number.get(),
            account.code,
            account.title,
            account.kind.code(),
            account.control.code(),
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(true)
}

/// Opens a business day.
pub(crate) async fn open_day(tx: &mut PgConnection, branch: i16, date: Date) -> Result<(), OpError> {
    sqlx::query!(
        "insert into business_day (branch, business_date) values ($1, $2)",
        branch,
        date.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
