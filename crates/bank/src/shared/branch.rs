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

/// Opens head office on a business date, as the first of a new bank's branches, and answers its code. Where it
/// is open already nothing changes.
pub async fn open_head_office(bank: &Bank, business_date: Date) -> Result<String, OpError> {
    let mut ctx = OpCtx::begin_program(bank, Operation::BranchSetup).await?;
    if head_office_in_op(ctx.conn(), None, business_date).await? {
        let code = head_office_code(ctx.conn()).await?;
        let subject = format!("branch:{code}");
        ctx.commit(Outcome::Done, &subject, "Opened head office", json!({}), None).await?;
        return Ok(code);
    }
    head_office_code(ctx.conn()).await
}

// SQL

/// The codes of all branches, head office among them, in the order of their numbers.
pub async fn codes(bank: &Bank) -> Result<Vec<String>, OpError> {
    Ok(sqlx::query_scalar!("select code from branch order by number").fetch_all(bank.owner()).await?)
}

async fn head_office_code(tx: &mut PgConnection) -> Result<String, OpError> {
    Ok(sqlx::query_scalar!("select code from branch where not counter").fetch_one(tx).await?)
}

/// Opens head office unless it is there: the branch without a counter, under the last number that is not
/// `beside`. Answers whether it is new.
async fn head_office_in_op(
    tx: &mut PgConnection,
    beside: Option<&NewBranch>,
    business_date: Date,
) -> Result<bool, OpError> {
    let number = sqlx::query_scalar!(
        r#"
        insert into branch (number, code, name, business_date, counter)
        select case when $1 = 999 then 998 else 999 end,
               case when $2 = 'HEAD-OFFICE' then 'HEAD-OFFICE1' else 'HEAD-OFFICE' end, 'Head office', $3, false
        where not exists (select from branch where not counter)
        on conflict do nothing
        returning number
        "#,
        beside.map(|branch| i32::from(branch.number.get())),
        beside.map(|branch| branch.code.as_str()),
        business_date.to_sqlx() as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(number) = number else { return Ok(false) };
    open_books(tx, number, business_date).await?;
    Ok(true)
}

/// Opens a branch, its first day and its chart; with the first branch, head office. Answers whether it is new.
pub(crate) async fn open_in_op(tx: &mut PgConnection, branch: &NewBranch) -> Result<bool, OpError> {
    head_office_in_op(tx, Some(branch), branch.business_date).await?;
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
    open_books(tx, branch.number.get(), branch.business_date).await?;
    Ok(true)
}

/// Opens a branch's first day and its chart of accounts.
async fn open_books(tx: &mut PgConnection, branch: i16, business_date: Date) -> Result<(), OpError> {
    open_day(tx, branch, business_date).await?;
    for account in CHART {
        sqlx::query!(
            "insert into gl_account (branch, code, title, kind, sub_ledger) values ($1, $2, $3, $4, $5) on conflict do nothing",
            branch,
            account.code,
            account.title,
            account.kind.code(),
            account.sub_ledger.map(|behind| behind.code),
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
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
