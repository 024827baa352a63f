//! A loan in the database: terms, events, and the figures folded from them.

use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::stored::stored;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_product::Fees;
use tawi_domain::credit_ops::schedule::{LoanError, LoanEvent, LoanState, LoanTerms, fold};
use tawi_domain::shared::approval::{Target, TargetKind};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, CustomerNumber, ReferenceKind};
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
    pub next_due: Option<Date>,
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

    /// What follows on a day when one more thing happens to the loan.
    pub fn after(&self, event: LoanEvent, as_of: Date) -> Result<LoanState, LoanError> {
        let mut events = self.events.clone();
        events.push(event);
        fold(&self.terms, &events, as_of)
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
    read_many_in_op(ctx, &[number.as_str().to_owned()]).await?.pop().ok_or_else(nobody)
}

/// Loans by their numbers, in that order; those of other branches are not among them.
pub(crate) async fn read_many_in_op(ctx: &mut OpCtx, numbers: &[String]) -> Result<Vec<LoanRecord>, OpError> {
    let mut loans = read(ctx.conn(), numbers).await?;
    let mut events = events(ctx.conn(), numbers).await?;
    for loan in &mut loans {
        let of_loan = events.remove(loan.number.as_str()).unwrap_or_default();
        loan.events = of_loan.iter().map(|stored| stored.read(loan.currency)).collect::<Result<_, _>>()?;
    }
    Ok(loans)
}

/// Writes what happened to a loan: the event, its journal, and the figures folded with it.
pub(crate) async fn save_in_op(
    ctx: &mut OpCtx,
    loan: &LoanRecord,
    (event, journal): (LoanEvent, i64),
    state: &LoanState,
) -> Result<(), OpError> {
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
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
        | LoanEvent::HolidayDeclared { .. }
        | LoanEvent::Extended { .. }
        | LoanEvent::Capitalised { .. }
        | LoanEvent::ReAmortised { .. }
        | LoanEvent::ReAged { .. }
        | LoanEvent::Restructured { .. }
        | LoanEvent::Accelerated { .. }
        | LoanEvent::ChargedOff { .. }
        | LoanEvent::WrittenOff { .. }
        | LoanEvent::GivenUp { .. }
        | LoanEvent::Recovered { .. } => return Err(OpError::stored("an event that no operation books")),
    };
    let branch = ctx.branch()?;
    sqlx::query!(
        r#"
        insert into loan_event (loan, nth, branch, kind, on_date, amount, reference, journal)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        "#,
        loan.number.as_str(),
        i32::try_from(loan.events.len() + 1).map_err(OpError::stored)?,
        branch.get(),
        kind,
        on.to_sqlx() as _,
        amount,
        reference.as_str(),
        journal,
    )
    .execute(ctx.conn())
    .await?;
    let mut events = loan.events.clone();
    events.push(event);
    save_figures(ctx.conn(), &[Folded { loan, events: &events, state }]).await
}

/// Writes the figures of loans as they were folded from their events.
pub(crate) async fn save_many_in_op(
    ctx: &mut OpCtx,
    folded: &[(LoanRecord, LoanState)],
) -> Result<(), OpError> {
    let folded: Vec<Folded<'_>> =
        folded.iter().map(|(loan, state)| Folded { loan, events: &loan.events, state }).collect();
    save_figures(ctx.conn(), &folded).await
}

// SQL

async fn read(tx: &mut PgConnection, numbers: &[String]) -> Result<Vec<LoanRecord>, OpError> {
    let rows = sqlx::query!(
        r#"
        select l.number, c.number as customer, p.full_name as "name!", l.account, a.control_code, l.product,
               l.product_version, l.currency, l.terms, l.purpose, l.status, l.fee, l.excise, l.principal,
               l.interest_booked, l.arrears, l.next_due, l.version, l.approved_on, l.branch, b.business_date
        from loan l
        join customer c on c.id = l.customer_id
        join party p on p.id = c.party_id
        join account a on a.number = l.account
        join branch b on b.number = l.branch
        where l.number = any ($1)
        order by l.number
        "#,
        numbers,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency: Currency = stored(&row.currency)?;
            let money = |amount: Decimal| Money::new(amount, currency).map_err(OpError::stored);
            Ok(LoanRecord {
                number: stored(&row.number)?,
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
                next_due: row.next_due.map(jiff_sqlx::Date::to_jiff),
                version: row.version,
                events: Vec::new(),
            })
        })
        .collect()
}

/// An event as it is stored.
struct StoredEvent {
    kind: String,
    on: Date,
    amount: Decimal,
}

impl StoredEvent {
    fn read(&self, currency: Currency) -> Result<LoanEvent, OpError> {
        match self.kind.as_str() {
            "disbursed" => Ok(LoanEvent::disbursed(self.on)),
            "repaid" => {
                let amount = Money::new(self.amount, currency).map_err(OpError::stored)?;
                Ok(LoanEvent::Repaid { on: self.on, amount })
            }
            other => Err(OpError::stored(other)),
        }
    }
}

/// What happened to loans, each in its order.
async fn events(
    tx: &mut PgConnection,
    numbers: &[String],
) -> Result<BTreeMap<String, Vec<StoredEvent>>, OpError> {
    let rows = sqlx::query!(
        "select loan, kind, on_date, amount from loan_event where loan = any ($1) order by loan, nth",
        numbers
    )
    .fetch_all(tx)
    .await?;
    let mut events: BTreeMap<String, Vec<StoredEvent>> = BTreeMap::new();
    for row in rows {
        let event = StoredEvent { kind: row.kind, on: row.on_date.to_jiff(), amount: row.amount };
        events.entry(row.loan).or_default().push(event);
    }
    Ok(events)
}

/// A loan with what it was folded from and to.
struct Folded<'a> {
    loan: &'a LoanRecord,
    events: &'a [LoanEvent],
    state: &'a LoanState,
}

/// One statement for all of them. Each must still be the version that was read.
async fn save_figures(tx: &mut PgConnection, folded: &[Folded<'_>]) -> Result<(), OpError> {
    fn each<T>(folded: &[Folded<'_>], of: impl Fn(&Folded<'_>) -> T) -> Vec<T> {
        folded.iter().map(of).collect()
    }
    let amounts =
        |units: fn(&LoanState) -> i64| each(folded, |one| one.state.money(units(one.state)).amount());
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let status = |one: &Folded<'_>| {
        let status = if one.state.closed_on.is_some() { LoanStatus::Closed } else { LoanStatus::Active };
        status.code().to_owned()
    };
    let saved = sqlx::query!(
        r#"
        update loan l
        set status = f.status, disbursed_on = f.disbursed_on::date, closed_on = f.closed_on::date, fee = f.fee,
            excise = f.excise, outstanding = f.outstanding, interest_due = f.interest_due,
            interest_booked = f.interest_booked, arrears = f.arrears, next_due = f.next_due::date,
            version = l.version + 1
        from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[],
                    $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[], $12::text[])
            as f (number, version, status, disbursed_on, closed_on, fee, excise, outstanding, interest_due,
                  interest_booked, arrears, next_due)
        where l.number = f.number and l.version = f.version
        "#,
        &each(folded, |one| one.loan.number.as_str().to_owned()),
        &each(folded, |one| one.loan.version),
        &each(folded, status),
        &each(folded, |one| day(one.events.iter().find_map(LoanEvent::paid_out_on))) as _,
        &each(folded, |one| day(one.state.closed_on)) as _,
        &each(folded, |one| one.loan.fees.fee.amount()),
        &each(folded, |one| one.loan.fees.excise.amount()),
        &amounts(|state| state.owed.principal),
        &amounts(|state| state.due.interest),
        &amounts(|state| state.interest_booked),
        &amounts(|state| state.arrears),
        &each(folded, |one| day(one.state.next_due.map(|next| next.on))) as _,
    )
    .execute(tx)
    .await?
    .rows_affected();
    if usize::try_from(saved) == Ok(folded.len()) {
        Ok(())
    } else {
        Err(OpError::stored("a loan changed while it was locked"))
    }
}

/// The current version of a loan the transaction may see.
pub(crate) async fn version_in_op(tx: &mut PgConnection, number: &str) -> Result<Option<i64>, OpError> {
    Ok(sqlx::query_scalar!("select version from loan where number = $1", number).fetch_optional(tx).await?)
}
