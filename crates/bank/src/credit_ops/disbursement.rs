//! Paying a loan out, once.

use super::book::{self, Outcome};
use super::borrower;
use super::loan::{self, Hold, LoanRecord};
use crate::act::{Act, Effect, Facts};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use tawi_domain::credit_ops::disbursement::DisbursementForm;
use tawi_domain::credit_ops::disbursement::NewDisbursement;
use tawi_domain::credit_ops::loan::LoanStatus;
use tawi_domain::credit_ops::loan_journal::MoneyAt;
use tawi_domain::credit_ops::loan_product::{Fees, RepaymentFrequency};
use tawi_domain::credit_ops::schedule::LoanEvent;
use tawi_domain::shared::approval::{Before, Paper, Review};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{Saying, Topic};

impl Act for NewDisbursement {
    type Form = DisbursementForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::PayOut(self.loan.clone()))
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let loan = loan::read_in_op(ctx, &self.loan, Hold::Look).await?;
        to_be_paid_out(&loan)?;
        let customer = borrower::still_good_in_op(ctx, &loan).await?;
        let state = loan.state(ctx.business_date()?)?;
        let fees = Fees::of(&state);
        let instalments = Value::Instalments {
            count: loan.terms.instalments.into(),
            each: state.money(state.instalment_with_fees()),
            frequency: RepaymentFrequency::of(loan.terms.frequency).map(|often| often.code().to_owned()),
        };
        Ok(Review {
            title: format!("Pay out {} to {}", loan.terms.principal, loan.name),
            facts: vec![
                Fact::new(Topic::Loan, loan.number.clone()),
                Fact::new(Topic::Customer, Value::customer(&loan.customer, &loan.name)),
                Fact::new(Topic::AmountLent, loan.terms.principal),
                Fact::new(Topic::ProcessingFee, fees.fee),
                Fact::new(Topic::ExciseDuty, fees.excise),
                Fact::new(Topic::PaidIntoAccount, fees.net),
                Fact::new(Topic::Account, loan.account.clone()),
                Fact::new(Topic::InstalmentsFromPayOut, instalments),
            ],
            why: vec![Fact::new(Topic::AlwaysTwo, Saying::APayOut)],
            before: Before::default(),
            amount: Some(loan.terms.principal),
            subject: format!("disbursement of {}", loan.number.as_str()),
            ladder: None,
            targets: vec![loan.target(), customer.target()],
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, _: &StaffId) -> Result<Effect, OpError> {
        // Locks are taken in the order customer, loan, account.
        let seen = loan::read_in_op(ctx, &self.loan, Hold::Look).await?;
        to_be_paid_out(&seen)?;
        borrower::still_good_in_op(ctx, &seen).await?;
        let loan = loan::read_in_op(ctx, &self.loan, Hold::Lock).await?;
        to_be_paid_out(&loan)?;
        let event = LoanEvent::disbursed(ctx.business_date()?);
        let control_code = loan.control_code.clone();
        let money_at = MoneyAt { code: &control_code, item: Some(loan.account.clone().into()) };
        let Outcome { loan, state } = book::book_in_op(ctx, loan, event, Some(money_at)).await?;
        let fees = Fees::of(&state);
        let first = state
            .next_due
            .map_or(Value::None, |due| Value::Due { amount: state.money(due.amount), on: due.on });
        Ok(Effect {
            subject: format!("loan:{}", loan.number.as_str()),
            title: format!("Loan {} paid out", loan.number),
            what: format!("Paid out {}: {} into account {}", loan.terms.principal, fees.net, loan.account),
            paper: Some(Paper {
                heading: Fact::new(Topic::LoanPaidOut, loan.number.clone()),
                facts: vec![
                    Fact::new(Topic::Loan, loan.number.clone()),
                    Fact::new(Topic::Borrower, Value::customer(&loan.customer, &loan.name)),
                    Fact::new(Topic::AmountLent, loan.terms.principal),
                    Fact::new(Topic::ProcessingFee, fees.fee),
                    Fact::new(Topic::ExciseDuty, fees.excise),
                    Fact::new(Topic::PaidIntoAccount, fees.net),
                    Fact::new(Topic::Account, loan.account.clone()),
                    Fact::new(Topic::FirstInstalment, first),
                ],
            }),
            number: loan.number.as_str().to_owned(),
        })
    }
}

fn to_be_paid_out(loan: &LoanRecord) -> Result<(), OpError> {
    match loan.status {
        LoanStatus::Approved => Ok(()),
        LoanStatus::Active | LoanStatus::Closed | LoanStatus::ChargedOff | LoanStatus::WrittenOff => {
            Err(AppError::Conflict(format!("Loan {} was paid out already", loan.number)).into())
        }
    }
}
