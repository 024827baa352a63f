//! Taking a repayment from the account of the loan.

use super::book::{self, Outcome};
use super::due;
use super::loan::{self, Hold, LoanRecord};
use crate::act::{Act, Effect, Facts};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use jiff::civil::Date;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_journal::MoneyAt;
use tawi_domain::credit_ops::repayment::{NewRepayment, RepaymentForm, uses_of};
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState};
use tawi_domain::shared::approval::{Before, Panel, Paper, Review};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{Saying, Topic};

impl Act for NewRepayment {
    type Form = RepaymentForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::Repay(self.loan.clone()))
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let loan = loan::read_in_op(ctx, &self.loan, Hold::Look).await?;
        let today = ctx.business_date()?;
        let event = repayment(&loan, self, today)?;
        let after = loan.after(event, today).map_err(|fault| AppError::field("amount", fault.to_string()))?;
        Ok(Review {
            title: format!("Repay {} of {}", self.amount, loan.whose()),
            facts: facts_of(&loan, &after)?,
            why: Vec::new(),
            before: Before::default(),
            amount: Some(self.amount),
            ladder: None,
            subject: format!("repayment of {}", loan.number.as_str()),
            targets: Vec::new(),
            panels: kept(&after).into_iter().collect(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, _: &StaffId) -> Result<Effect, OpError> {
        let loan = loan::read_in_op(ctx, &self.loan, Hold::Lock).await?;
        let loan = due::brought_up_in_op(ctx, loan).await?;
        let event = repayment(&loan, self, ctx.business_date()?)?;
        let account = loan.account.clone();
        let control_code = loan.control_code.clone();
        let money_at = MoneyAt { code: &control_code, item: Some(account.into()) };
        let Outcome { loan, state: after } = book::book_in_op(ctx, loan, event, Some(money_at)).await?;
        let closed = after.closed_on.is_some();
        Ok(Effect {
            subject: format!("loan:{}", loan.number.as_str()),
            title: if closed { "Loan paid off" } else { "Repayment taken" }.to_owned(),
            what: format!("Took {} from account {}", self.amount, loan.account),
            paper: Some(Paper {
                heading: Fact::new(
                    if closed { Topic::LoanPaidOff } else { Topic::RepaymentTaken },
                    self.amount,
                ),
                facts: facts_of(&loan, &after)?,
            }),
            number: loan.number.as_str().to_owned(),
        })
    }
}

/// The payment as an event of the loan, where the loan takes it.
fn repayment(loan: &LoanRecord, new: &NewRepayment, today: Date) -> Result<LoanEvent, OpError> {
    match loan.status {
        LoanStatus::Active | LoanStatus::ChargedOff => {}
        LoanStatus::Approved => {
            return Err(AppError::refused(format!("Loan {} is not paid out yet", loan.number)).into());
        }
        LoanStatus::Closed => {
            return Err(AppError::refused(format!("Loan {} is paid off already", loan.number)).into());
        }
        LoanStatus::WrittenOff => {
            return Err(AppError::refused(format!("Loan {} was written off", loan.number)).into());
        }
    }
    let event = LoanEvent::Repaid { on: today, amount: new.amount };
    let after = loan.after(event, today).map_err(|fault| AppError::field("amount", fault.to_string()))?;
    match loan.product.least_repayment {
        Some(least) if new.amount.amount() < least.amount() && after.closed_on.is_none() => {
            let words = format!("{least} is the least that is taken, unless less pays the loan off");
            Err(AppError::field("amount", words).into())
        }
        Some(_) | None => Ok(event),
    }
}

/// A word of caution where a payment is more than the loan asks for.
fn kept(after: &LoanState) -> Option<Panel> {
    let excess = after.allocations.last().map(|payment| payment.excess).filter(|excess| *excess > 0)?;
    let words = "is more than the loan asks for: the bank owes it to the customer until it is given back";
    Some(Panel::Caution(format!("{} {words}", after.money(excess))))
}

fn facts_of(loan: &LoanRecord, after: &LoanState) -> Result<Vec<Fact>, OpError> {
    let used = after.allocations.last().ok_or_else(|| OpError::stored("no allocation"))?;
    let mut facts = vec![
        Fact::new(Topic::Loan, loan.number.clone()),
        Fact::new(Topic::Borrower, Value::customer(&loan.customer, &loan.name)),
        Fact::new(Topic::TakenFromAccount, loan.account.clone()),
        Fact::new(Topic::Amount, after.money(used.amount)),
    ];
    facts.extend(uses_of(after, used));
    let next = after
        .next_due
        .map_or(Saying::PaidOff.into(), |next| Value::Due { amount: after.money(next.amount), on: next.on });
    facts.push(Fact::new(Topic::PrincipalOwedAfterwards, after.money(after.owed.principal)));
    facts.push(Fact::new(Topic::NextInstalment, next));
    Ok(facts)
}
