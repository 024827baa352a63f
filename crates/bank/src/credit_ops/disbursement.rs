//! Paying a loan out, once.

use super::loan::{self, Hold, LoanRecord};
use super::{borrower, loan_setup};
use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::{ledger, parameter};
use rust_decimal::Decimal;
use tawi_domain::credit_ops::disbursement::DisbursementForm;
use tawi_domain::credit_ops::disbursement::NewDisbursement;
use tawi_domain::credit_ops::loan::{LoanStatus, disbursement_journal};
use tawi_domain::credit_ops::loan_setup::Fees;
use tawi_domain::credit_ops::schedule::LoanEvent;
use tawi_domain::shared::approval::{Review, SummaryLine};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::place::Place;

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
        let instalment = loan.state(ctx.business_date()?)?.instalment;
        Ok(Review {
            title: format!("Pay out {} to {}", loan.terms.principal, loan.name),
            lines: vec![
                SummaryLine::new("Loan", loan.number.to_string()),
                SummaryLine::new("Customer", format!("{} {}", loan.customer, loan.name)),
                SummaryLine::new("Amount lent", loan.terms.principal.to_string()),
                SummaryLine::new("Processing fee", fees.fee.to_string()),
                SummaryLine::new("Excise duty", fees.excise.to_string()),
                SummaryLine::new("Paid into the account", fees.net.to_string()),
                SummaryLine::new("Account", loan.account.to_string()),
                SummaryLine::new(
                    "Instalments",
                    format!(
                        "{} of {instalment}, the first a month after it is paid out",
                        loan.terms.instalments
                    ),
                ),
            ],
            reasons: vec!["Paying a loan out always needs a second person".to_owned()],
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
        let state = loan::save_in_op(ctx, &loan, Some((LoanEvent::disbursed(today), journal))).await?;
        let first = state
            .next_due
            .map(|due| format!("{} on {}", state.money(due.amount), format_date(due.on)))
            .unwrap_or_default();
        Ok(Effect {
            subject: format!("loan:{}", loan.number.as_str()),
            title: format!("Loan {} paid out", loan.number),
            what: format!(
                "Paid out {}: {} into account {}",
                loan.terms.principal, loan.fees.net, loan.account
            ),
            lines: vec![
                SummaryLine::new("Loan", loan.number.to_string()),
                SummaryLine::new("Borrower", format!("{}, CIF {}", loan.name, loan.customer)),
                SummaryLine::new("Amount lent", loan.terms.principal.to_string()),
                SummaryLine::new("Processing fee", loan.fees.fee.to_string()),
                SummaryLine::new("Excise duty", loan.fees.excise.to_string()),
                SummaryLine::new("Paid into the account", loan.fees.net.to_string()),
                SummaryLine::new("Account", loan.account.to_string()),
                SummaryLine::new("First instalment", first),
            ],
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
    let product = loan_setup::version_in_op(ctx.conn(), &loan.product, loan.product_version).await?;
    product.fees(loan.terms.principal, excise).map_err(|fault| AppError::refused(fault.to_string()).into())
}
