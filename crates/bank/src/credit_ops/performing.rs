//! Whether a loan performs: from so many days past due on, as the dated parameter says, its interest and penalties
//! are no income until they are paid.

use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::parameter;
use tawi_domain::credit_ops::schedule::LoanState;

/// Whether interest of a loan in this state goes into suspense: so many days past due as the parameter says.
pub(crate) async fn is_non_performing_in_op(ctx: &mut OpCtx, state: &LoanState) -> Result<bool, OpError> {
    if state.days_past_due == 0 {
        return Ok(false);
    }
    Ok(state.days_past_due >= non_performing_from_in_op(ctx).await?)
}

/// Days past due from which a loan does not perform.
pub(crate) async fn non_performing_from_in_op(ctx: &mut OpCtx) -> Result<u32, OpError> {
    let today = ctx.business_date()?;
    parameter::on_date(ctx.conn(), "non_performing_from_days", today).await
}
