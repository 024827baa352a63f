//! Taking a repayment from the account of the loan.

use super::loan::{self, Hold, LoanRecord};
use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::ledger;
use jiff::civil::Date;
use tawi_domain::credit_ops::loan::{LoanStatus, repayment_journal};
use tawi_domain::credit_ops::repayment::{NewRepayment, RepaymentForm};
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState, fold};
use tawi_domain::shared::approval::{Review, SummaryLine};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::place::Place;

impl Act for NewRepayment {
    type Form = RepaymentForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::Repay(self.loan.clone()))
    }

    fn sent_under(&mut self, _: &Bank, _: &RequestKey) -> Result<Option<String>, OpError> {
        Ok(None)
    }

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let loan = loan::read_in_op(ctx, &self.loan, Hold::Look).await?;
        let after = after_repayment(&loan, self, ctx.business_date()?)?;
        Ok(Review {
            title: format!("Repay {} of {}", self.amount, loan.whose()),
            lines: lines_of(&loan, &after)?,
            reasons: Vec::new(),
            amount: Some(self.amount),
            ladder: None,
            subject: format!("repayment of {}", loan.number.as_str()),
            targets: Vec::new(),
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, _: &StaffId) -> Result<Effect, OpError> {
        let loan = loan::read_in_op(ctx, &self.loan, Hold::Lock).await?;
        let today = ctx.business_date()?;
        let after = after_repayment(&loan, self, today)?;
        let used = after.allocations.last().ok_or_else(|| OpError::stored("no allocation"))?;
        let journal =
            repayment_journal(&loan.number, used, after.currency, (&loan.account, &loan.control_code))
                .map_err(|fault| AppError::refused(fault.to_string()))?;
        let journal = ledger::post_in_op(ctx, &journal).await?;
        let event = LoanEvent::Repaid { on: today, amount: self.amount };
        loan::save_in_op(ctx, &loan, Some((event, journal))).await?;
        Ok(Effect {
            subject: format!("loan:{}", loan.number.as_str()),
            title: if after.closed_on.is_some() { "Loan paid off" } else { "Repayment taken" }.to_owned(),
            what: format!("Took {} from account {}", self.amount, loan.account),
            lines: lines_of(&loan, &after)?,
            number: loan.number.as_str().to_owned(),
        })
    }
}

fn after_repayment(loan: &LoanRecord, new: &NewRepayment, today: Date) -> Result<LoanState, OpError> {
    match loan.status {
        LoanStatus::Active => {}
        LoanStatus::Approved => {
            return Err(AppError::refused(format!("Loan {} is not paid out yet", loan.number)).into());
        }
        LoanStatus::Closed => {
            return Err(AppError::refused(format!("Loan {} is paid off already", loan.number)).into());
        }
    }
    let mut events = loan.events.clone();
    events.push(LoanEvent::Repaid { on: today, amount: new.amount });
    fold(&loan.terms, &events, today).map_err(|fault| AppError::field("amount", fault.to_string()).into())
}

fn lines_of(loan: &LoanRecord, after: &LoanState) -> Result<Vec<SummaryLine>, OpError> {
    let used = after.allocations.last().ok_or_else(|| OpError::stored("no allocation"))?;
    let mut lines = vec![
        SummaryLine::new("Loan", loan.number.to_string()),
        SummaryLine::new("Borrower", format!("{}, CIF {}", loan.name, loan.customer)),
        SummaryLine::new("Taken from account", loan.account.to_string()),
        SummaryLine::new("Amount", after.money(used.amount).to_string()),
    ];
    for (label, units) in [
        ("Interest due", used.due.interest),
        ("Principal due", used.due.principal),
        ("Principal in advance", used.in_advance.principal),
        ("Interest up to today", used.in_advance.interest),
    ] {
        if units != 0 {
            lines.push(SummaryLine::new(label, after.money(units).to_string()));
        }
    }
    lines.push(SummaryLine::new("Principal owed afterwards", after.money(after.owed.principal).to_string()));
    lines.push(SummaryLine::new(
        "Next instalment",
        after.next_due.map_or_else(
            || "None: the loan is paid off".to_owned(),
            |next| format!("{} on {}", after.money(next.amount), format_date(next.on)),
        ),
    ));
    Ok(lines)
}
