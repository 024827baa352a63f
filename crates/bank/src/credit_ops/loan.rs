//! A loan in the database: terms, events, and the figures folded from them.

use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::stored::stored;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_product::Fees;
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState, LoanTerms, fold};
use tawi_domain::shared::approval::{Target, TargetKind};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, CustomerNumber};
use tawi_domain::shared::money::{Currency, Money};

/// A loan as operations need it.
#[derive(Debug, Clone)]
pub(crate) struct LoanRecord {
    pub number: AccountNumber,
    pub customer: CustomerNumber,
    pub name: String,
    pub account: AccountNumber,
    pub control_code: String,
    pub product: String,
    pub product_version: i64,
    pub currency: Currency,
    pub terms: LoanTerms,
    pub purpose: String,
    pub approved_on: Date,
    pub branch: BranchNumber,
    pub branch_date: Date,
    pub status: LoanStatus,
    pub fees: Fees,
    pub interest_booked: Decimal,
    pub arrears: Decimal,
    pub version: i64,
    pub events: Vec<LoanEvent>,
}

impl LoanRecord {
    /// What a request about the loan relies on.
    pub fn target(&self) -> Target {
        Target { kind: TargetKind::Loan, key: self.number.as_str().to_owned(), version: self.version }
    }

    /// What follows from terms and events on a day; before the disbursement, as if it were that day.
    pub fn state(&self, as_of: Date) -> Result<LoanState, OpError> {
        let planned = [LoanEvent::disbursed(as_of)];
        let events = if self.events.is_empty() { planned.as_slice() } else { self.events.as_slice() };
        fold(&self.terms, events, as_of).map_err(|fault| AppError::refused(fault.to_string()).into())
    }

    /// The name of borrower and number of the loan, for titles.
    pub fn whose(&self) -> String {
        format!("loan {} of {}", self.number, self.name)
    }
}

/// Which rows of loans are read, and whether they are kept from changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Read.
    Look,
    /// Read and locked until the operation ends.
    Lock,
}

/// A loan of the operation's branch.
pub(crate) async fn read_in_op(
    ctx: &mut OpCtx,
    number: &AccountNumber,
    hold: Hold,
) -> Result<LoanRecord, OpError> {
    let nobody = || OpError::from(AppError::NotFound(format!("There is no loan {number} at this branch")));
    if hold == Hold::Lock {
        sqlx::query!("select from loan where number = $1 for update", number.as_str())
            .fetch_optional(ctx.conn())
            .await?
            .ok_or_else(nobody)?;
    }
    let mut loan = read(ctx.conn(), number).await?.ok_or_else(nobody)?;
    loan.events = events(ctx.conn(), number, loan.currency).await?;
    Ok(loan)
}

/// Writes what an operation made of a loan: an event, if there is one, and the figures folded afterwards.
pub(crate) async fn save_in_op(
    ctx: &mut OpCtx,
    loan: &LoanRecord,
    event: Option<(LoanEvent, i64)>,
) -> Result<LoanState, OpError> {
    let today = ctx.business_date()?;
    let mut events = loan.events.clone();
    if let Some((event, journal)) = event {
        events.push(event);
        let reference = ctx.reference(tawi_domain::shared::ids::ReferenceKind::Receipt).await?;
        let (kind, on, amount) = match event {
            LoanEvent::Disbursed { on, amount } => {
                ("disbursed", on, amount.unwrap_or(loan.terms.principal).amount())
            }
            LoanEvent::Repaid { on, amount } => ("repaid", on, amount.amount()),
            LoanEvent::ToppedUp { .. }
            | LoanEvent::PaidOff { .. }
            | LoanEvent::Refunded { .. }
            | LoanEvent::Reversed { .. }
            | LoanEvent::Charged { .. }
            | LoanEvent::Waived { .. }
            | LoanEvent::RateChanged { .. }
            | LoanEvent::RateChangedFromInstalment { .. }
            | LoanEvent::InterestPaused { .. }
            | LoanEvent::DueDateMoved { .. }
            | LoanEvent::Extended { .. }
            | LoanEvent::Capitalised { .. }
            | LoanEvent::ReAmortised { .. }
            | LoanEvent::ReAged { .. }
            | LoanEvent::Restructured { .. }
            | LoanEvent::Accelerated { .. }
            | LoanEvent::ChargedOff { .. }
            | LoanEvent::WrittenOff { .. }
            | LoanEvent::Recovered { .. } => return Err(OpError::stored("an event that no operation books")),
        };
        let branch = ctx.branch()?;
        sqlx::query!(
            r#"
            insert into loan_event (loan, nth, branch, kind, on_date, amount, reference, journal)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            "#,
            loan.number.as_str(),
            i32::try_from(events.len()).map_err(OpError::stored)?,
            branch.get(),
            kind,
            on.to_sqlx() as _,
            amount,
            reference.as_str(),
            journal,
        )
        .execute(ctx.conn())
        .await?;
    }
    let state = fold(&loan.terms, &events, today).map_err(|fault| AppError::refused(fault.to_string()))?;
    let status = if state.closed_on.is_some() { LoanStatus::Closed } else { LoanStatus::Active };
    let disbursed = events.iter().find_map(LoanEvent::paid_out_on);
    let saved = sqlx::query!(
        r#"
        update loan
        set status = $3, disbursed_on = $4, closed_on = $5, fee = $6, excise = $7, outstanding = $8,
            interest_due = $9, interest_booked = $10, arrears = $11, next_due = $12, version = version + 1
        where number = $1 and version = $2
        "#,
        loan.number.as_str(),
        loan.version,
        status.code(),
        disbursed.map(ToSqlx::to_sqlx) as _,
        state.closed_on.map(ToSqlx::to_sqlx) as _,
        loan.fees.fee.amount(),
        loan.fees.excise.amount(),
        state.money(state.owed.principal).amount(),
        state.money(state.due.interest).amount(),
        state.money(state.interest_booked).amount(),
        state.money(state.arrears).amount(),
        state.next_due.map(|next| next.on.to_sqlx()) as _,
    )
    .execute(ctx.conn())
    .await?
    .rows_affected();
    if saved == 1 { Ok(state) } else { Err(OpError::stored("a loan changed while it was locked")) }
}

// SQL

async fn read(tx: &mut PgConnection, number: &AccountNumber) -> Result<Option<LoanRecord>, OpError> {
    let row = sqlx::query!(
        r#"
        select c.number as customer, p.full_name as "name!", l.account, a.control_code, l.product,
               l.product_version, l.currency, l.terms, l.purpose, l.status, l.fee, l.excise, l.principal,
               l.interest_booked, l.arrears, l.version, l.approved_on, l.branch, b.business_date
        from loan l
        join customer c on c.id = l.customer_id
        join party p on p.id = c.party_id
        join account a on a.number = l.account
        join branch b on b.number = l.branch
        where l.number = $1
        "#,
        number.as_str(),
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        let currency: Currency = stored(&row.currency)?;
        let money = |amount: Decimal| Money::new(amount, currency).map_err(OpError::stored);
        Ok(LoanRecord {
            number: number.clone(),
            customer: stored(&row.customer)?,
            name: row.name,
            account: stored(&row.account)?,
            control_code: row.control_code,
            product: row.product,
            product_version: row.product_version,
            currency,
            terms: serde_json::from_value(row.terms)?,
            purpose: row.purpose,
            approved_on: row.approved_on.to_jiff(),
            branch: BranchNumber::try_from(row.branch).map_err(OpError::stored)?,
            branch_date: row.business_date.to_jiff(),
            status: LoanStatus::from_code(&row.status).ok_or_else(|| OpError::stored(&row.status))?,
            fees: Fees {
                fee: money(row.fee)?,
                excise: money(row.excise)?,
                net: money(row.principal - row.fee - row.excise)?,
            },
            interest_booked: row.interest_booked,
            arrears: row.arrears,
            version: row.version,
            events: Vec::new(),
        })
    })
    .transpose()
}

async fn events(
    tx: &mut PgConnection,
    number: &AccountNumber,
    currency: Currency,
) -> Result<Vec<LoanEvent>, OpError> {
    let rows = sqlx::query!(
        "select kind, on_date, amount from loan_event where loan = $1 order by nth",
        number.as_str()
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let on = row.on_date.to_jiff();
            match row.kind.as_str() {
                "disbursed" => Ok(LoanEvent::disbursed(on)),
                "repaid" => {
                    let amount = Money::new(row.amount, currency).map_err(OpError::stored)?;
                    Ok(LoanEvent::Repaid { on, amount })
                }
                other => Err(OpError::stored(other)),
            }
        })
        .collect()
}

/// The current version of a loan the transaction may see.
pub(crate) async fn version_in_op(tx: &mut PgConnection, number: &str) -> Result<Option<i64>, OpError> {
    Ok(sqlx::query_scalar!("select version from loan where number = $1", number).fetch_optional(tx).await?)
}
