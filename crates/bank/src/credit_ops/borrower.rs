//! What the bank knows of a borrower, and what the rules of lending say to it.

use super::loan::{self, LoanRecord};
use crate::customer_ops::customer::{self, CustomerRecord};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::parameter;
use jiff::Span;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use tawi_domain::credit_ops::loan_application::{Borrower, Finding, NewLoanApplication, eligibility};
use tawi_domain::credit_ops::loan_product::{LoanProduct, RepaymentFrequency};
use tawi_domain::language::refusal;
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::AccountNumber;
use tawi_domain::shared::money::{Currency, Money};
use uuid::Uuid;

/// Asks every rule, as of now. For a loan that is approved already its own amount is not counted twice.
pub(crate) async fn findings_in_op(
    ctx: &mut OpCtx,
    new: &NewLoanApplication,
    customer: &CustomerRecord,
    product: &LoanProduct,
    own: Option<&AccountNumber>,
) -> Result<Vec<Finding>, OpError> {
    let currency = new.amount.currency();
    let (exposure, arrears) = owed(ctx, customer.id, currency, own).await?;
    let borrower = Borrower {
        born: customer.born,
        review_due: customer.review_due,
        blocked: customer.blocked,
        exposure: Money::new(exposure, currency).map_err(OpError::stored)?,
        arrears: Money::new(arrears, currency).map_err(OpError::stored)?,
    };
    Ok(eligibility(product, new, &borrower, ctx.business_date()?))
}

/// What the customer would owe with a further amount: what the approval ladder measures, so that a loan
/// split in two stands on the rung of the whole.
pub(crate) async fn exposure_with(
    ctx: &mut OpCtx,
    customer: &CustomerRecord,
    amount: Money,
) -> Result<Money, OpError> {
    let (exposure, _) = owed(ctx, customer.id, amount.currency(), None).await?;
    let exposure = Money::new(exposure, amount.currency()).map_err(OpError::stored)?;
    exposure.plus(amount).map_err(|fault| AppError::refused(fault.to_string()).into())
}

/// An approved loan may be paid out while its approval is young and the rules are still met: a customer
/// blocked or late in between gets nothing. Answers the customer.
pub(crate) async fn still_good_in_op(ctx: &mut OpCtx, loan: &LoanRecord) -> Result<CustomerRecord, OpError> {
    let today = ctx.business_date()?;
    let days: i64 = parameter::on_date(ctx.conn(), "loan_approval_valid_days", today).await?;
    let until = loan.approved_on.checked_add(Span::new().days(days)).unwrap_or(Date::MAX);
    if until < today {
        return Err(AppError::refused(format!(
            "The approval was good until {}: apply again",
            format_date(until)
        ))
        .into());
    }
    let customer = customer::hold_in_op(ctx, &loan.customer).await?;
    let asked = NewLoanApplication {
        customer: loan.customer.clone(),
        product: loan.product.code.clone(),
        amount: loan.terms.principal,
        months: loan.terms.months(),
        rate: Some(loan.terms.rate),
        frequency: RepaymentFrequency::default(),
        account: loan.account.clone(),
        purpose: loan.purpose.clone(),
    };
    let findings = findings_in_op(ctx, &asked, &customer, &loan.product, Some(&loan.number)).await?;
    refusal(&findings)?;
    Ok(customer)
}

// SQL

/// Principal owed or approved, and what is late on the operation's business date: a loan that a due date has come
/// to is reckoned anew, since the job of the date may not have come to it yet.
async fn owed(
    ctx: &mut OpCtx,
    customer: Uuid,
    currency: Currency,
    own: Option<&AccountNumber>,
) -> Result<(Decimal, Decimal), OpError> {
    let today = ctx.business_date()?;
    let row = sqlx::query!(
        r#"
        select coalesce(sum(case status when 'approved' then principal else outstanding end), 0) as "exposure!",
               coalesce(sum(greatest((booked #>> '{books,lost}')::numeric - (booked #>> '{books,recovered}')::numeric, 0) / 100)
                   filter (where status in ('charged_off', 'written_off')), 0) as "lost!",
               array_agg(number order by number)
                   filter (where status = 'active' and next_due <= $4) as "due: Vec<String>"
        from loan
        where customer_id = $1 and currency = $2 and status <> 'closed' and number is distinct from $3
        "#,
        customer,
        currency.code(),
        own.map(AccountNumber::as_str),
        today.to_sqlx() as _,
    )
    .fetch_one(ctx.conn())
    .await?;
    // What was lost of a loan is arrears for ever.
    let mut arrears = row.lost;
    for loan in loan::read_many_in_op(ctx, &row.due.unwrap_or_default()).await? {
        let state = loan.state(today)?;
        arrears += state.money(state.arrears).amount();
    }
    Ok((row.exposure, arrears))
}
