//! Looking at accounts. Balances are shown when somebody asks for them, and each look is kept.

use crate::bank::Bank;
use crate::op::{Caller, Look};
use crate::shared::audit;
use crate::shared::error::OpError;
use crate::shared::ledger::restrictions_of;
use crate::shared::stored::{listing, only, stored};
use sqlx::PgConnection;
use tawi_domain::customer_ops::account::{
    AccountBalance, AccountKind, AccountRow, AccountView, StatementLine,
};
use tawi_domain::shared::account::AccountStatus;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, CustomerNumber};
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::Operation;

/// Lines of a mini-statement.
const STATEMENT_LINES: i64 = 10;
/// Lines of the trail that an account's page shows.
const TRAIL_LINES: i64 = 50;

/// The accounts of a customer at this branch; none for a customer of another branch.
pub async fn of_customer(
    bank: &Bank,
    caller: &Caller,
    number: &CustomerNumber,
) -> Result<Listing<AccountRow>, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let rows = accounts(ctx.conn(), Some(number.as_str()), None).await?;
        let subject = format!("accounts of {number}");
        let look = Look::at(subject, "Looked at the customer's accounts");
        Ok((rows.map(|found| found.row), look))
    })
    .await
}

/// An account's page, without its money.
pub async fn view(bank: &Bank, caller: &Caller, number: &AccountNumber) -> Result<AccountView, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let found = accounts(ctx.conn(), None, Some(number.as_str())).await?;
        let found = only(found)?.ok_or_else(|| nobody(number))?;
        let subject = format!("account:{}", number.as_str());
        let view = AccountView {
            row: found.row,
            customer: stored(&found.customer)?,
            name: found.name,
            branch: ctx.branch()?,
            trail: audit::trail_in_op(ctx.conn(), &subject, TRAIL_LINES).await?,
        };
        let look = Look::at(subject, "Looked at the account");
        Ok((view, look))
    })
    .await
}

/// What an account holds, with its newest lines and the balance after each. The look is kept.
pub async fn balance(
    bank: &Bank,
    caller: &Caller,
    number: &AccountNumber,
) -> Result<AccountBalance, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let held = sqlx::query!("select balance, currency from account where number = $1", number.as_str())
            .fetch_optional(ctx.conn())
            .await?
            .ok_or_else(|| nobody(number))?;
        let currency: Currency = stored(&held.currency)?;
        let ledger = Money::new(held.balance, currency).map_err(OpError::stored)?;
        let lines = statement(ctx.conn(), number, STATEMENT_LINES).await?;
        let what = "Was shown the balance and the last lines";
        let look = Look::at(format!("account:{}", number.as_str()), what);
        Ok((AccountBalance { ledger, available: ledger, lines }, look))
    })
    .await
}

fn nobody(number: &AccountNumber) -> OpError {
    AppError::NotFound(format!("There is no account {number} at this branch")).into()
}

struct Found {
    row: AccountRow,
    customer: String,
    name: String,
}

// SQL

async fn accounts(
    tx: &mut PgConnection,
    customer: Option<&str>,
    number: Option<&str>,
) -> Result<Listing<Found>, OpError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select a.number, a.kind, a.currency, a.status, a.restrictions, a.opened_on, c.number as customer,
               p.full_name as "name!"
        from account a
        join customer c on c.id = a.customer_id
        join party p on p.id = c.party_id
        where ($1::text is null or c.number = $1) and ($2::text is null or a.number = $2)
        order by a.number
        limit 100
        "#,
        customer,
        number,
    )
    .fetch_all(tx)
    .await?;
    let name = |row: &Row| format!("account {}", row.number);
    Ok(listing(rows, name, |row| {
        Ok(Found {
            row: AccountRow {
                number: stored(&row.number)?,
                kind: AccountKind::from_code(&row.kind).ok_or_else(|| OpError::stored(&row.kind))?,
                currency: row.currency,
                status: AccountStatus::from_code(&row.status).ok_or_else(|| OpError::stored(&row.status))?,
                restrictions: restrictions_of(&row.restrictions)?,
                opened_on: row.opened_on.to_jiff(),
            },
            customer: row.customer,
            name: row.name,
        })
    }))
}

struct Row {
    number: String,
    kind: String,
    currency: String,
    status: String,
    restrictions: Vec<String>,
    opened_on: jiff_sqlx::Date,
    customer: String,
    name: String,
}

/// The newest lines, each with the balance after it: the balance of today less what came later.
async fn statement(
    tx: &mut PgConnection,
    number: &AccountNumber,
    most: i64,
) -> Result<Vec<StatementLine>, OpError> {
    let rows = sqlx::query!(
        r#"
        select j.business_date, j.narrative, j.reference, n.change as "change!",
               a.balance - coalesce(sum(n.change) over (
                   order by n.journal desc, n.line desc rows between unbounded preceding and 1 preceding
               ), 0) as "balance!"
        from (
            select journal, line, account, credit - debit as change from posting
            where account = $1 order by journal desc, line desc limit $2
        ) n
        join journal j on j.id = n.journal
        join account a on a.number = n.account
        order by n.journal desc, n.line desc
        "#,
        number.as_str(),
        most,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(StatementLine {
                on: row.business_date.to_jiff(),
                narrative: row.narrative,
                reference: stored(&row.reference)?,
                change: row.change,
                balance: row.balance,
            })
        })
        .collect()
}
