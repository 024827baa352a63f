//! `tawi verify`: every invariant of the books, on any database, and what each loan's row says against what its terms
//! and events tell.

use crate::credit_ops::loan;
use crate::shared::error::OpError;
use crate::shared::parameter;
use crate::shared::verify::{self, Finding};
use jiff::civil::Date;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_journal::Booked;
use tawi_domain::credit_ops::schedule::fold;

/// What is verified by folding.
const OF_LOANS: &str = "a loan's row says what its terms and events tell";
/// Loans that are read at once.
const AT_ONCE: i64 = 500;

/// The name of every invariant that is checked.
pub fn invariants() -> impl Iterator<Item = &'static str> {
    verify::invariants().chain([OF_LOANS])
}

/// Checks everything; reads as owner, changes nothing.
///
/// # Errors
/// The database does not answer.
pub async fn verify(owner: &mut PgConnection, audit_key: &[u8; 32]) -> Result<Vec<Finding>, OpError> {
    let mut findings = verify::verify(owner, audit_key).await?;
    findings.push(Finding { invariant: OF_LOANS.to_owned(), rows: loans(owner).await? });
    Ok(findings)
}

/// Folds every loan that this program has booked, on the date its row is of.
async fn loans(owner: &mut PgConnection) -> Result<Vec<String>, OpError> {
    let (mut broken, mut after) = (Vec::new(), String::new());
    loop {
        let numbers = numbers(owner, &after).await?;
        let Some(last) = numbers.last().cloned() else { return Ok(broken) };
        after = last;
        for number in numbers {
            match of_loan(owner, &number).await {
                Ok(None) => {}
                Ok(Some(what)) => broken.push(format!("loan {number}: {what}")),
                Err(error) if error.is_of_a_row() => broken.push(format!("loan {number}: {error}")),
                Err(error) => return Err(error),
            }
            if broken.len() >= verify::MOST_SHOWN {
                return Ok(broken);
            }
        }
    }
}

/// What a loan's row says otherwise than its terms and events tell.
async fn of_loan(owner: &mut PgConnection, number: &str) -> Result<Option<String>, OpError> {
    let row = row(owner, number).await?;
    let Some(loan) = loan::read_many(owner, &[number.to_owned()]).await?.pop() else {
        return Ok(Some("its customer, account, branch or product is not there".to_owned()));
    };
    let terms = loan.terms.principal;
    if terms.amount() != row.principal {
        return Ok(Some(format!("approved for {}, terms of {terms}", row.principal)));
    }
    let state = fold(&loan.terms, &loan.events, row.until);
    let state = match state {
        Ok(state) => state,
        Err(fault) => return Ok(Some(format!("its events cannot be folded: {fault}"))),
    };
    let from: u32 = parameter::on_date(owner, "non_performing_from_days", row.until).await?;
    let performs = state.days_past_due == 0 || state.days_past_due < from;
    let told = (
        LoanStatus::of(&state),
        Some(Booked::of(&state, !performs)),
        state.money(state.arrears).amount(),
        state.next_due.map(|next| next.on),
        state.closed_on,
        state.money(state.interest_booked).amount(),
    );
    let said = (loan.status, loan.booked, loan.arrears, row.next_due, row.closed_on, row.interest_booked);
    Ok((told != said).then(|| format!("says {said:?}, tells {told:?}")))
}

// SQL

async fn numbers(owner: &mut PgConnection, after: &str) -> Result<Vec<String>, OpError> {
    Ok(sqlx::query_scalar!(
        "select number from loan where booked is not null and number > $1 order by number limit $2",
        after,
        AT_ONCE
    )
    .fetch_all(owner)
    .await?)
}

struct Row {
    principal: Decimal,
    until: Date,
    next_due: Option<Date>,
    closed_on: Option<Date>,
    interest_booked: Decimal,
}

async fn row(owner: &mut PgConnection, number: &str) -> Result<Row, OpError> {
    let row = sqlx::query!(
        r#"
        select principal, booked_until as "until!", next_due, closed_on, interest_booked from loan
        where number = $1 and booked_until is not null
        "#,
        number
    )
    .fetch_one(owner)
    .await?;
    Ok(Row {
        principal: row.principal,
        until: row.until.to_jiff(),
        next_due: row.next_due.map(jiff_sqlx::Date::to_jiff),
        closed_on: row.closed_on.map(jiff_sqlx::Date::to_jiff),
        interest_booked: row.interest_booked,
    })
}
