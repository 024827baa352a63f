//! Following loans: the worklist and a loan's page.

use super::loan::{self, Hold};
use crate::bank::Bank;
use crate::op::{Caller, Look};
use crate::shared::audit;
use crate::shared::error::OpError;
use crate::shared::stored::{listing, only, stored};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::credit_ops::loan::{LoanRow, LoanStatus, LoanView};
use tawi_domain::credit_ops::loan_product::Fees;
use tawi_domain::credit_ops::repayment_tracking::{LoanFilter, Portfolio};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, CustomerNumber};
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::Operation;

/// Loans a list shows at most.
const MOST_ROWS: i64 = 200;
/// Lines of the trail that a loan's page shows.
const TRAIL_LINES: i64 = 50;
/// How far ahead the worklist looks for instalments, in days.
const SOON_DAYS: i32 = 7;

/// The worklist: the longest late first.
pub async fn worklist(
    bank: &Bank,
    caller: &Caller,
    filter: LoanFilter,
) -> Result<Listing<LoanRow>, AppError> {
    bank.look(caller, Operation::RepaymentTracking, async |ctx| {
        let rows = rows(ctx.conn(), Which::Filter(filter)).await?;
        let detail = json!({ "filter": filter.code(), "found": rows.len() });
        Ok((rows, Look::with("loans", "Looked at the worklist", detail)))
    })
    .await
}

/// The branch's loans in numbers.
pub async fn portfolio(bank: &Bank, caller: &Caller) -> Result<Portfolio, AppError> {
    bank.look(caller, Operation::RepaymentTracking, async |ctx| {
        let (branch, today) = (ctx.branch()?, ctx.business_date()?);
        let numbers = numbers(ctx.conn(), branch, today).await?;
        Ok((numbers, Look::at("portfolio", "Looked at the branch's loans in numbers")))
    })
    .await
}

/// The loans of a customer at this branch.
pub async fn of_customer(
    bank: &Bank,
    caller: &Caller,
    customer: &CustomerNumber,
) -> Result<Listing<LoanRow>, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let rows = rows(ctx.conn(), Which::Customer(customer)).await?;
        let subject = format!("loans of {customer}");
        let look = Look::at(subject, "Looked at the customer's loans");
        Ok((rows, look))
    })
    .await
}

/// A loan's page. The look is kept.
pub async fn view(bank: &Bank, caller: &Caller, number: &AccountNumber) -> Result<LoanView, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let loan = loan::read_in_op(ctx, number, Hold::Look).await?;
        // Whoever sees all branches sees a loan on its own branch's date, and that branch sees the look.
        let today = loan.branch_date;
        ctx.sit_at(loan.branch, today);
        let mut row = only(rows(ctx.conn(), Which::One(number)).await?)?
            .ok_or_else(|| OpError::stored("a loan without a row"))?;
        let subject = format!("loan:{}", number.as_str());
        let (added, state) = loan.told(today)?;
        // A list counts from the oldest unpaid instalment; what is missing within the tolerance is not late.
        row.days_past_due = state.days_past_due;
        let view = LoanView {
            row,
            product: loan.product,
            fees: Fees::of(&state),
            state,
            terms: loan.terms,
            events: loan.events.into_iter().chain(added).collect(),
            account: loan.account,
            purpose: loan.purpose,
            as_of: today,
            branch: loan.branch,
            trail: audit::trail_in_op(ctx.conn(), &subject, TRAIL_LINES).await?,
        };
        let look = Look::at(subject, "Looked at the loan");
        Ok((view, look))
    })
    .await
}

// SQL

async fn numbers(tx: &mut PgConnection, branch: BranchNumber, today: Date) -> Result<Portfolio, OpError> {
    let row = sqlx::query!(
        r#"
        with standing as (
            select status, outstanding, case when status = 'active' then arrears else 0 end as arrears,
                   case when status = 'active' and arrears > 0 and next_due < $2 then $2 - next_due else 0 end as days
            from loan where branch = $1 and currency = 'KES' and status <> 'closed'
        ), today as (
            select kind in ('repaid', 'paid_off') as back, sum(amount) as amount from loan_event e
            where branch = $1 and booked_on = $2 and kind in ('repaid', 'paid_off', 'disbursed', 'topped_up')
              and not exists (select from loan_event r
                              where r.loan = e.loan and r.kind = 'reversed' and r.body ->> 'event' = e.nth::text)
            group by 1
        )
        select count(*) filter (where status = 'active') as "loans!",
               coalesce(sum(outstanding), 0) as "outstanding!",
               count(*) filter (where days > 0) as "late!",
               coalesce(sum(arrears), 0) as "arrears!",
               coalesce(sum(outstanding) filter (where days = 0), 0) as "in_time!",
               coalesce(sum(outstanding) filter (where days between 1 and 30), 0) as "month!",
               coalesce(sum(outstanding) filter (where days between 31 and 90), 0) as "quarter!",
               coalesce(sum(outstanding) filter (where days > 90), 0) as "longer!",
               count(*) filter (where status = 'approved') as "to_pay_out!",
               coalesce((select amount from today where back), 0) as "repaid!",
               coalesce((select amount from today where not back), 0) as "lent!"
        from standing
        "#,
        branch.get(),
        today.to_sqlx() as _,
    )
    .fetch_one(tx)
    .await?;
    let money = |amount| Money::new(amount, Currency::Kes).map_err(OpError::stored);
    Ok(Portfolio {
        loans: row.loans,
        outstanding: money(row.outstanding)?,
        late: row.late,
        arrears: money(row.arrears)?,
        ageing: [money(row.in_time)?, money(row.month)?, money(row.quarter)?, money(row.longer)?],
        to_pay_out: row.to_pay_out,
        repaid_today: money(row.repaid)?,
        lent_today: money(row.lent)?,
    })
}

enum Which<'a> {
    Filter(LoanFilter),
    Customer(&'a CustomerNumber),
    One(&'a AccountNumber),
}

async fn rows(tx: &mut PgConnection, which: Which<'_>) -> Result<Listing<LoanRow>, OpError> {
    let (filter, customer, one) = match which {
        Which::Filter(filter) => (Some(filter.code()), None, None),
        Which::Customer(customer) => (None, Some(customer.as_str()), None),
        Which::One(number) => (None, None, Some(number.as_str())),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"
        select l.number, c.number as customer, p.full_name as "name!", t.terms->>'name' as "product!", l.status,
               l.currency, l.principal, l.outstanding, l.next_due, l.arrears, b.business_date
        from loan l
        join customer c on c.id = l.customer_id
        join party p on p.id = c.party_id
        join branch b on b.number = l.branch
        join loan_product t on t.code = l.product and t.version = l.product_version
        where case $1::text
                when 'late' then l.status = 'active' and l.arrears > 0 and l.next_due < b.business_date
                when 'due' then l.status = 'active' and l.next_due between b.business_date and b.business_date + $4::integer
                when 'approved' then l.status = 'approved'
                when 'open' then l.status <> 'closed'
                when 'closed' then l.status = 'closed'
                else true end
          and ($2::text is null or c.number = $2)
          and ($3::text is null or l.number = $3)
        order by l.next_due nulls first, l.number
        limit $5
        "#,
        filter,
        customer,
        one,
        SOON_DAYS,
        MOST_ROWS,
    )
    .fetch_all(tx)
    .await?;
    let name = |row: &Row| format!("loan {}", row.number);
    Ok(listing(rows, name, |row| {
        let currency: Currency = stored(&row.currency)?;
        let money = |amount| Money::new(amount, currency).map_err(OpError::stored);
        let next_due = row.next_due.map(jiff_sqlx::Date::to_jiff);
        let status = LoanStatus::from_code(&row.status).ok_or_else(|| OpError::stored(&row.status))?;
        Ok(LoanRow {
            number: stored(&row.number)?,
            customer: stored::<CustomerNumber>(&row.customer)?,
            name: row.name,
            product: row.product,
            status,
            principal: money(row.principal)?,
            outstanding: money(row.outstanding)?,
            next_due,
            arrears: money(row.arrears)?,
            days_past_due: match (status, next_due) {
                (LoanStatus::Active, Some(due))
                    if !row.arrears.is_zero() && due < row.business_date.to_jiff() =>
                {
                    days_between(due, row.business_date.to_jiff())?
                }
                _ => 0,
            },
        })
    }))
}

struct Row {
    number: String,
    customer: String,
    name: String,
    product: String,
    status: String,
    currency: String,
    principal: Decimal,
    outstanding: Decimal,
    next_due: Option<jiff_sqlx::Date>,
    arrears: Decimal,
    business_date: jiff_sqlx::Date,
}

fn days_between(from: Date, to: Date) -> Result<u32, OpError> {
    let span = from.until((jiff::Unit::Day, to)).map_err(OpError::stored)?;
    u32::try_from(span.get_days()).map_err(OpError::stored)
}
