//! A loan in the database: terms, events, and the figures folded from them.

use super::{calendar, loan_product};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::stored::stored;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_journal::Booked;
use tawi_domain::credit_ops::loan_product::{Fees, LoanProduct};
use tawi_domain::credit_ops::schedule::{
    Charge, HolidayRule, LoanError, LoanEvent, LoanState, LoanTerms, Minor, RowKind, event_to_store, fold,
    minor, stored_event, stored_terms, terms_to_store,
};
use tawi_domain::shared::approval::{Target, TargetKind};
use tawi_domain::shared::dates::iso_date;
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
    pub product: LoanProduct,
    pub currency: Currency,
    /// Until the loan is paid out with the charges and taxes, and the days without work, of today.
    pub terms: LoanTerms,
    pub purpose: String,
    pub approved_on: Date,
    pub branch: BranchNumber,
    pub branch_date: Date,
    pub status: LoanStatus,
    pub arrears: Decimal,
    pub version: i64,
    pub events: Vec<LoanEvent>,
    /// What stands in the books of it; of a loan that is not paid out nothing.
    pub booked: Option<Booked>,
    /// The business date its figures are of.
    pub booked_until: Option<Date>,
    /// Principal and interest due, as its row says.
    pub stands: (Minor, Minor),
    /// Days without work of its branch that its terms may not know yet.
    pub holidays: Vec<Date>,
}

impl LoanRecord {
    /// What a request about the loan relies on.
    pub fn target(&self) -> Target {
        Target { kind: TargetKind::Loan, key: self.number.as_str().to_owned(), version: self.version }
    }

    /// What follows from terms and events on a day; before the disbursement, as if it were that day.
    pub fn state(&self, as_of: Date) -> Result<LoanState, OpError> {
        Ok(self.told(as_of)?.1)
    }

    /// The same, with the events that days bring: days without work, declared since the loan was paid out and not
    /// yet booked on it, on which an instalment would fall due; and at the end what is left within the tolerance,
    /// which is given up.
    pub fn told(&self, as_of: Date) -> Result<(Vec<LoanEvent>, LoanState), OpError> {
        let refused = |fault: LoanError| self.refused(&fault);
        let mut events = match self.events.is_empty() {
            true => vec![LoanEvent::disbursed(as_of)],
            false => self.events.clone(),
        };
        loop {
            let state = fold(&self.terms, &events, as_of).map_err(refused)?;
            match self.holiday_met(&events, &state) {
                Some(holiday) => {
                    // Known before it came.
                    let on = holiday.yesterday().unwrap_or(holiday).min(as_of);
                    events.push(LoanEvent::HolidayDeclared { on, holiday });
                }
                None if self.events.is_empty() => return Ok((Vec::new(), state)),
                None => {
                    let given_up = self.given_up(&events, &state);
                    let after = given_up.map(|event| {
                        events.push(event);
                        fold(&self.terms, &events, as_of)
                    });
                    match after {
                        Some(Ok(after)) => return Ok((events.split_off(self.events.len()), after)),
                        // What is still to come is not given up.
                        Some(Err(_)) => drop(events.pop()),
                        None => {}
                    }
                    return Ok((events.split_off(self.events.len()), state));
                }
            }
        }
    }

    /// The first day without work that neither terms nor events know and an instalment falls due on.
    fn holiday_met(&self, events: &[LoanEvent], state: &LoanState) -> Option<Date> {
        let closed = &self.terms.dates.closed;
        if closed.rule == HolidayRule::Stay || self.holidays.is_empty() || self.events.is_empty() {
            return None;
        }
        let known = |day: &Date| {
            closed.holidays.binary_search(day).is_ok()
                || events.iter().any(
                    |event| matches!(event, LoanEvent::HolidayDeclared { holiday, .. } if holiday == day),
                )
        };
        let rows = state.rows.iter().filter(|row| row.kind == RowKind::Instalment);
        rows.map(|row| row.due).find(|due| self.holidays.binary_search(due).is_ok() && !known(due))
    }

    /// What is left within the tolerance, once the last due date has gone by.
    fn given_up(&self, events: &[LoanEvent], state: &LoanState) -> Option<LoanEvent> {
        let left = state.owed.total() + state.books.interest_accrued;
        let over = state.rows.last().map(|row| row.due).filter(|due| *due < state.as_of)?;
        if state.lost || state.closed_on.is_some() || left == 0 || left > self.terms.tolerance {
            return None;
        }
        // Whoever took it back wants to collect it.
        if events.iter().any(|event| matches!(event, LoanEvent::GivenUp { .. })) {
            return None;
        }
        // The day from which it is so, whatever day it is looked at.
        let last = events.iter().map(LoanEvent::on).max().unwrap_or(over);
        Some(LoanEvent::GivenUp { on: over.tomorrow().unwrap_or(over).max(last) })
    }

    /// What terms and events tell otherwise than was booked, as of the day that the row is of: something that nobody
    /// has booked, and that must not be booked with the next thing. What the version before has written since is
    /// not known so well.
    pub fn unbooked(&self) -> Option<String> {
        let (known, until) = (self.booked?, self.booked_until?);
        if (known.books.principal, known.books.interest_due) != self.stands {
            return None;
        }
        if self.events.iter().any(|event| event.on() > until) {
            return Some("it has an event that was not booked".to_owned());
        }
        match fold(&self.terms, &self.events, until) {
            Ok(told) if told.books == known.books => None,
            Ok(_) => Some("its terms and events tell of something that was not booked".to_owned()),
            Err(fault) => Some(format!("its terms and events do not go together ({fault})")),
        }
    }

    /// What the engine says of something that cannot be, of this loan.
    pub fn refused(&self, fault: &LoanError) -> AppError {
        AppError::refused(format!("Loan {}: {fault}", self.number))
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

    /// When it was paid out.
    pub fn disbursed_on(&self) -> Option<Date> {
        self.events.iter().filter_map(LoanEvent::paid_out_on).min()
    }

    /// Whether its row is of a day, and says what stands in the books.
    pub fn is_brought_up(&self, today: Date) -> bool {
        let books = self.booked.map(|booked| (booked.books.principal, booked.books.interest_due));
        self.booked_until == Some(today) && books == Some(self.stands)
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
///
/// # Errors
/// What is kept of one of them cannot be read.
pub(crate) async fn read_many_in_op(ctx: &mut OpCtx, numbers: &[String]) -> Result<Vec<LoanRecord>, OpError> {
    read_many(ctx.conn(), numbers).await
}

/// The same on a connection of its own: for whoever proves the books.
pub(crate) async fn read_many(tx: &mut PgConnection, numbers: &[String]) -> Result<Vec<LoanRecord>, OpError> {
    let mut loans = read(&mut *tx, numbers).await?;
    let mut events = events(&mut *tx, numbers).await?;
    for loan in &mut loans {
        loan.events = events.remove(loan.number.as_str()).unwrap_or_default();
    }
    let to_pay_out =
        loans.iter().filter(|loan| loan.status == LoanStatus::Approved).map(|loan| loan.branch_date).max();
    if let Some(today) = to_pay_out {
        let excise = loan_product::excise(&mut *tx).await?;
        for loan in loans.iter_mut().filter(|loan| loan.status == LoanStatus::Approved) {
            loan.terms.charges = loan.product.charges(&excise);
            loan.terms.dates.closed.holidays = calendar::days_in_op(&mut *tx, loan.branch, today).await?;
        }
    }
    let mut calendars: BTreeMap<BranchNumber, Date> = BTreeMap::new();
    for loan in loans.iter().filter(|loan| loan.terms.dates.closed.rule != HolidayRule::Stay) {
        if let Some(until) = loan.booked_until {
            let since = calendars.entry(loan.branch).or_insert(until);
            *since = until.min(*since);
        }
    }
    for (branch, since) in calendars {
        let days = calendar::days_in_op(&mut *tx, branch, since).await?;
        for loan in loans.iter_mut().filter(|loan| loan.branch == branch) {
            let since = loan.booked_until.unwrap_or(Date::MAX);
            loan.holidays = days.iter().copied().filter(|day| *day >= since).collect();
        }
    }
    Ok(loans)
}

/// An event on its way to the books, with its journal where it has one.
pub(crate) struct Happened<'a> {
    pub loan: &'a LoanRecord,
    pub event: LoanEvent,
    pub journal: Option<i64>,
}

/// Writes what happened to loans, each event behind those that its loan has.
pub(crate) async fn insert_events_in_op(ctx: &mut OpCtx, happened: &[Happened<'_>]) -> Result<(), OpError> {
    let (branch, today) = (ctx.branch()?, ctx.business_date()?);
    let mut already: BTreeMap<&str, usize> = BTreeMap::new();
    for Happened { loan, event, journal } in happened {
        let reference = ctx.reference(ReferenceKind::Receipt).await?;
        let before = already.entry(loan.number.as_str()).or_insert(loan.events.len());
        *before += 1;
        let nth = i32::try_from(*before).map_err(OpError::stored)?;
        let body = event_to_store(event);
        let kind = body.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
        let amount = event.amount(loan.terms.principal).map_or(Decimal::ZERO, |amount| amount.amount());
        sqlx::query!(
            r#"
            insert into loan_event (loan, nth, branch, kind, on_date, booked_on, amount, reference, journal, body)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            "#,
            loan.number.as_str(),
            nth,
            branch.get(),
            kind,
            event.on().to_sqlx() as _,
            today.to_sqlx() as _,
            amount,
            reference.as_str(),
            journal.unwrap_or(0),
            body,
        )
        .execute(ctx.conn())
        .await?;
    }
    Ok(())
}

/// A loan with what it was folded to, and what stands in the books of it now.
pub(crate) struct Folded<'a> {
    pub loan: &'a LoanRecord,
    pub state: &'a LoanState,
    pub booked: Booked,
    /// When it was paid out.
    pub disbursed_on: Option<Date>,
    /// Terms that are its own from now on.
    pub terms: Option<&'a LoanTerms>,
    /// Whether something happened to it: whoever relied on what it was looks again.
    pub changes: bool,
}

// SQL

/// Loans with what stands around them. One is asked for by its number and many by an array, so that Postgres plans
/// either once and for all: an array whose length it knew was planned anew each time, which took six times as long as
/// reading the loan.
macro_rules! loans_where {
    ($condition:literal, $argument:expr) => {
        sqlx::query_as!(
            Row,
            r#"
            select l.number, c.number as customer, p.full_name as "name!", l.account, a.control_code,
                   t.terms as product, l.currency, l.terms, l.purpose, l.status, l.fee, l.excise, l.principal,
                   l.outstanding, l.interest_due, l.arrears, l.version, l.approved_on, l.disbursed_on, l.branch,
                   b.business_date, l.booked, l.booked_until
            from loan l
            join customer c on c.id = l.customer_id
            join party p on p.id = c.party_id
            join account a on a.number = l.account
            join branch b on b.number = l.branch
            join loan_product t on t.code = l.product and t.version = l.product_version
            where l.number = "# + $condition + " order by l.number",
            $argument
        )
    };
}

struct Row {
    number: String,
    customer: String,
    name: String,
    account: String,
    control_code: String,
    product: serde_json::Value,
    currency: String,
    terms: serde_json::Value,
    purpose: String,
    status: String,
    fee: Decimal,
    excise: Decimal,
    principal: Decimal,
    outstanding: Decimal,
    interest_due: Decimal,
    arrears: Decimal,
    version: i64,
    approved_on: jiff_sqlx::Date,
    disbursed_on: Option<jiff_sqlx::Date>,
    branch: i16,
    business_date: jiff_sqlx::Date,
    booked: Option<serde_json::Value>,
    booked_until: Option<jiff_sqlx::Date>,
}

async fn read(tx: &mut PgConnection, numbers: &[String]) -> Result<Vec<LoanRecord>, OpError> {
    let rows = match numbers {
        [one] => loans_where!("$1", one).fetch_all(tx).await?,
        many => loans_where!("any ((select $1::text[])::text[])", many).fetch_all(tx).await?,
    };
    rows.into_iter()
        .map(|row| {
            let currency: Currency = stored(&row.currency)?;
            let number: AccountNumber = stored(&row.number)?;
            let money = |amount: Decimal| Money::new(amount, currency).map_err(OpError::stored);
            let units = |amount: Decimal| minor(money(amount)?).map_err(OpError::stored);
            let mut terms =
                stored_terms(row.terms).map_err(|fault| unreadable(&number, "its terms", &fault))?;
            if let (Some(on), false) = (row.disbursed_on, row.fee.is_zero()) {
                // Paid out before fees were among the terms.
                let net = money(row.principal - row.fee - row.excise)?;
                let fees = Fees { fee: money(row.fee)?, excise: money(row.excise)?, net };
                if !terms.charges.iter().any(|charge| charge.trigger.is_at_disbursement()) {
                    terms.charges.push(Charge::kept_back(&fees, on.to_jiff()));
                }
            }
            let booked = row.booked.map(serde_json::from_value).transpose();
            Ok(LoanRecord {
                customer: stored(&row.customer)?,
                name: row.name,
                account: stored(&row.account)?,
                control_code: row.control_code,
                product: serde_json::from_value(row.product)?,
                currency,
                terms,
                purpose: row.purpose,
                approved_on: row.approved_on.to_jiff(),
                branch: BranchNumber::try_from(row.branch).map_err(OpError::stored)?,
                branch_date: row.business_date.to_jiff(),
                status: LoanStatus::from_code(&row.status).ok_or_else(|| OpError::stored(&row.status))?,
                arrears: row.arrears,
                version: row.version,
                events: Vec::new(),
                booked: booked
                    .map_err(|fault| unreadable(&number, "what stands in the books of it", &fault))?,
                booked_until: row.booked_until.map(jiff_sqlx::Date::to_jiff),
                stands: (units(row.outstanding)?, units(row.interest_due)?),
                holidays: Vec::new(),
                number,
            })
        })
        .collect()
}

/// What is kept of a loan and cannot be read: a fault of that loan, said in words to whoever needs it.
fn unreadable(loan: &AccountNumber, what: &str, fault: &dyn std::fmt::Display) -> OpError {
    AppError::refused(format!("Loan {loan} cannot be reckoned: {what} {fault}. Tell whoever runs the portal"))
        .into()
}

/// What happened to loans, each in its order.
async fn events(
    tx: &mut PgConnection,
    numbers: &[String],
) -> Result<BTreeMap<String, Vec<LoanEvent>>, OpError> {
    let rows = sqlx::query!(
        r#"select loan, nth, body as "body!" from loan_event where loan = any ((select $1::text[])::text[]) order by loan, nth"#,
        numbers
    )
    .fetch_all(tx)
    .await?;
    let mut events: BTreeMap<String, Vec<LoanEvent>> = BTreeMap::new();
    for row in rows {
        let event = match stored_event(row.body) {
            Ok(event) => event,
            Err(fault) => return Err(unreadable(&stored(&row.loan)?, &format!("event {}", row.nth), &fault)),
        };
        let before = events.entry(row.loan.clone()).or_default();
        if usize::try_from(row.nth) != Ok(before.len() + 1) {
            let missing = format!("event {}", before.len() + 1);
            return Err(unreadable(&stored(&row.loan)?, &missing, &"is missing"));
        }
        before.push(event);
    }
    Ok(events)
}

/// Writes figures of loans, one statement for all of them. Each must still be the version that was read.
pub(crate) async fn save_in_op(ctx: &mut OpCtx, folded: &[Folded<'_>]) -> Result<(), OpError> {
    fn each<T>(folded: &[Folded<'_>], of: impl Fn(&Folded<'_>) -> T) -> Vec<T> {
        folded.iter().map(of).collect()
    }
    if folded.is_empty() {
        return Ok(());
    }
    let today = ctx.business_date()?;
    let amounts = |units: fn(&Folded<'_>) -> Minor| each(folded, |one| one.state.money(units(one)).amount());
    let day = |day: Option<Date>| day.map(iso_date);
    let booked = folded.iter().map(|one| serde_json::to_value(one.booked)).collect::<Result<Vec<_>, _>>()?;
    let saved = sqlx::query!(
        r#"
        update loan l
        set status = f.status, disbursed_on = f.disbursed_on::date, closed_on = f.closed_on::date, fee = f.fee,
            excise = f.excise, outstanding = f.outstanding, interest_due = f.interest_due,
            interest_booked = f.interest_booked, arrears = f.arrears, next_due = f.next_due::date,
            version = l.version + f.changes, booked = f.booked, booked_until = $15,
            terms = coalesce(f.terms, l.terms)
        from unnest((select $1::text[]), (select $2::bigint[]), (select $3::text[]), (select $4::text[]),
                    (select $5::text[]), (select $6::numeric[]), (select $7::numeric[]),
                    (select $8::numeric[]), (select $9::numeric[]), (select $10::numeric[]),
                    (select $11::numeric[]), (select $12::text[]), (select $13::jsonb[]),
                    (select $14::bigint[]), (select $16::jsonb[]))
            as f (number, version, status, disbursed_on, closed_on, fee, excise, outstanding, interest_due,
                  interest_booked, arrears, next_due, booked, changes, terms)
        where l.number = f.number and l.version = f.version
        "#,
        &each(folded, |one| one.loan.number.as_str().to_owned()),
        &each(folded, |one| one.loan.version),
        &each(folded, |one| LoanStatus::of(one.state).code().to_owned()),
        &each(folded, |one| day(one.disbursed_on)) as _,
        &each(folded, |one| day(one.state.closed_on)) as _,
        &each(folded, |one| Fees::of(one.state).fee.amount()),
        &each(folded, |one| Fees::of(one.state).excise.amount()),
        &amounts(|one| one.booked.books.principal),
        &amounts(|one| one.booked.books.interest_due),
        &amounts(|one| one.state.interest_booked),
        &amounts(|one| one.state.arrears),
        &each(folded, |one| day(one.state.next_due.map(|next| next.on))) as _,
        &booked,
        &each(folded, |one| i64::from(one.changes)),
        today.to_sqlx() as _,
        &each(folded, |one| one.terms.map(terms_to_store)) as _,
    )
    .execute(ctx.conn())
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
