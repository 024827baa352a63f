//! What the steps of a job do: each knows its rows, what is done with some of them, and who hears of one that is
//! set aside.

use crate::credit_ops::due;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use tawi_domain::shared::job::JobStep;
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::Role;

/// The next rows behind one, in their order, locked until the operation ends.
pub(super) async fn next_in_op(
    step: JobStep,
    ctx: &mut OpCtx,
    after: &str,
    most: i64,
) -> Result<Vec<String>, OpError> {
    match step {
        JobStep::LoansDue => due::next_in_op(ctx, after, most).await,
    }
}

/// Does what the step does with these rows, all at once. Answers those that are at fault, with the reason.
pub(super) async fn do_in_op(
    step: JobStep,
    ctx: &mut OpCtx,
    rows: &[String],
) -> Result<Vec<(String, String)>, OpError> {
    match step {
        JobStep::LoansDue => due::bring_up_in_op(ctx, rows).await,
    }
}

/// Tells the branch of a row that is set aside.
pub(super) fn alert(step: JobStep, ctx: &mut OpCtx, row: &str) -> Result<(), OpError> {
    match step {
        JobStep::LoansDue => {
            let roles = vec![Role::CreditSupervisor, Role::OperationsSupervisor, Role::BranchManager];
            let branch = ctx.branch()?;
            // A number that is none has nobody's page to lead to; it stands among the faults.
            if let Ok(loan) = row.parse() {
                ctx.notify(Some(branch), Audience { staff: None, roles }, NoticeBody::LoanSetAside { loan });
            }
        }
    }
    Ok(())
}
