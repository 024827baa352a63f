//! What requests rely on, and the versions of it.

use crate::credit_ops::{loan, loan_product};
use crate::customer_ops::customer;
use crate::shared::error::OpError;
use crate::shared::ledger;
use sqlx::PgConnection;
use tawi_domain::customer_ops::risk::RULE_SET;
use tawi_domain::shared::approval::{Target, TargetKind};

/// The version of what a request relies on, as it is now.
pub(crate) async fn version_in_op(tx: &mut PgConnection, target: &Target) -> Result<Option<i64>, OpError> {
    match target.kind {
        TargetKind::Customer => customer::version_in_op(tx, &target.key).await,
        TargetKind::Account => ledger::version_in_op(tx, &target.key).await,
        TargetKind::Loan => loan::version_in_op(tx, &target.key).await,
        TargetKind::LoanProduct => loan_product::newest_version_in_op(tx, &target.key).await,
        TargetKind::RiskRules => Ok(Some(RULE_SET)),
        TargetKind::Later => Ok(None),
    }
}
