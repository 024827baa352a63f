//! What happens to loans of the season for which there is no operation yet: a waiver, a payment that bounces, a loan
//! agreed anew. Their holidays, fees and penalties come by themselves.

use crate::bank::Bank;
use crate::credit_ops::loan_seeding;
use crate::shared::error::OpError;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tawi_domain::credit_ops::schedule::{ChargeAmount, Frequency, LoanEvent, PenaltyTerms, days_after};
use tawi_domain::shared::ids::{AccountNumber, BranchNumber};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::rate::Rate;

/// The product.
pub(super) const PRODUCT: &str = "KILIMO";

/// What a week brings its loans, each another.
pub(super) async fn happens(bank: &Bank, week: u32, today: Date) -> Result<(), OpError> {
    match week {
        14 => waived(bank, today).await,
        16 => bounced(bank, today).await,
        18 => agreed_anew(bank, today).await,
        _ => Ok(()),
    }
}

/// The penalties of the loan that is late with most are waived.
async fn waived(bank: &Bank, on: Date) -> Result<(), OpError> {
    let late = sqlx::query!(
        r#"
        select number, currency, penalties_due from loan
        where product = $1 and status = 'active' and penalties_due > 0 order by penalties_due desc, number limit 1
        "#,
        PRODUCT
    )
    .fetch_optional(bank.owner())
    .await?;
    let Some(late) = late else { return Ok(()) };
    let amount = Money::new(late.penalties_due, Currency::Kes).map_err(OpError::stored)?;
    book(bank, &late.number, LoanEvent::Waived { on, amount }, "waiver").await
}

/// A payment is taken and bounces.
async fn bounced(bank: &Bank, on: Date) -> Result<(), OpError> {
    let paid = sqlx::query!(
        r#"
        select l.number, count(*) as "events!" from loan l join loan_event e on e.loan = l.number
        where l.product = $1 and l.status = 'active' and l.arrears = 0
        group by l.number order by count(*) desc, l.number limit 1
        "#,
        PRODUCT
    )
    .fetch_optional(bank.owner())
    .await?;
    let Some(paid) = paid else { return Ok(()) };
    let amount = Money::new(Decimal::from(2_500), Currency::Kes).map_err(OpError::stored)?;
    book(bank, &paid.number, LoanEvent::Repaid { on, amount }, "payment").await?;
    let event = u32::try_from(paid.events + 1).map_err(OpError::stored)?;
    book(bank, &paid.number, LoanEvent::Reversed { on, event }, "bounced").await
}

/// The loan that is late for longest gets more time, a lower rate and a penalty it can bear.
async fn agreed_anew(bank: &Bank, on: Date) -> Result<(), OpError> {
    let late = sqlx::query_scalar!(
        r#"
        select number from loan where product = $1 and status = 'active' and arrears > 0
        order by next_due, number limit 1
        "#,
        PRODUCT
    )
    .fetch_optional(bank.owner())
    .await?;
    let Some(late) = late else { return Ok(()) };
    let anew = LoanEvent::Restructured {
        on,
        first_due: days_after(on, 35).ok_or_else(|| OpError::stored("no such day"))?,
        rate: Rate::try_from(Decimal::from(14)).map_err(OpError::stored)?,
        frequency: Frequency::MONTHLY,
        instalments: 12,
        penalty: Some(PenaltyTerms {
            amount: ChargeAmount::Flat(
                Money::new(Decimal::from(200), Currency::Kes).map_err(OpError::stored)?,
            ),
            grace_days: 10,
            every_days: 0,
        }),
    };
    book(bank, &late, anew, "anew").await
}

async fn book(bank: &Bank, number: &str, event: LoanEvent, name: &str) -> Result<(), OpError> {
    let loan: AccountNumber = number.parse().map_err(OpError::stored)?;
    let key = format!("season:{number}:{name}").parse().map_err(OpError::stored)?;
    let branch = BranchNumber::try_from(1).map_err(OpError::stored)?;
    loan_seeding::seed(bank, branch, &loan, event, key).await?;
    Ok(())
}
