//! Paying a loan out, once.

use super::loan::{self, Hold, LoanRecord};
use super::{borrower, loan_product};
use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::{ledger, parameter};
use rust_decimal::Decimal;
use tawi_domain::credit_ops::disbursement::DisbursementForm;
use tawi_domain::credit_ops::disbursement::NewDisbursement;
use tawi_domain::credit_ops::loan::{LoanStatus, disbursement_journal};
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

    fn sent_under(&mut self, _: &Bank, _: &RequestKey) -> Result<Option<String>, OpError> {
        Ok(None)
    }

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let loan = loan::read_in_op(ctx, &self.loan, Hold::Look).await?;
        to_be_paid_out(&loan)?;
        let customer = borrower::still_good_in_op(ctx, &loan).await?;
        let fees = fees_in_op(ctx, &loan).await?;
        let state = loan.state(ctx.business_date()?)?;
        let instalments = Value::Instalments {
            count: loan.terms.instalments.into(),
            each: state.money(state.instalment),
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
        let mut loan = loan::read_in_op(ctx, &self.loan, Hold::Lock).await?;
        to_be_paid_out(&loan)?;
        loan.fees = fees_in_op(ctx, &loan).await?;
        let journal = disbursement_journal(
            &loan.number,
            loan.terms.principal,
            loan.fees,
            (&loan.account, &loan.control_code),
        )
        .map_err(|fault| AppError::refused(fault.to_string()))?;
        let journal = ledger::post_in_op(ctx, &journal).await?;
        let today = ctx.business_date()?;
        let event = LoanEvent::disbursed(today);
        let state = loan.after(event, today).map_err(|fault| AppError::refused(fault.to_string()))?;
        loan::save_in_op(ctx, &loan, (event, journal), &state).await?;
        let first = state
            .next_due
            .map_or(Value::None, |due| Value::Due { amount: state.money(due.amount), on: due.on });
        Ok(Effect {
            subject: format!("loan:{}", loan.number.as_str()),
            title: format!("Loan {} paid out", loan.number),
            what: format!(
                "Paid out {}: {} into account {}",
                loan.terms.principal, loan.fees.net, loan.account
            ),
            paper: Some(Paper {
                heading: Fact::new(Topic::LoanPaidOut, loan.number.clone()),
                facts: vec![
                    Fact::new(Topic::Loan, loan.number.clone()),
                    Fact::new(Topic::Borrower, Value::customer(&loan.customer, &loan.name)),
                    Fact::new(Topic::AmountLent, loan.terms.principal),
                    Fact::new(Topic::ProcessingFee, loan.fees.fee),
                    Fact::new(Topic::ExciseDuty, loan.fees.excise),
                    Fact::new(Topic::PaidIntoAccount, loan.fees.net),
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
        LoanStatus::Active | LoanStatus::Closed => {
            Err(AppError::Conflict(format!("Loan {} was paid out already", loan.number)).into())
        }
    }
}

async fn fees_in_op(ctx: &mut OpCtx, loan: &LoanRecord) -> Result<Fees, OpError> {
    let today = ctx.business_date()?;
    let excise: Decimal = parameter::on_date(ctx.conn(), "excise_on_fees_percent", today).await?;
    let product = loan_product::version_in_op(ctx.conn(), &loan.product, loan.product_version).await?;
    product.fees(loan.terms.principal, excise).map_err(|fault| AppError::refused(fault.to_string()).into())
}
