//! Four eyes: a request keeps what was seen; a decision binds to it and runs the deed inside its own
//! transaction, against today's state.

mod ask;
mod decide;
mod lists;
mod targets;

use crate::op::OpCtx;
use crate::shared::canonical::{canonical, digest};
use crate::shared::error::OpError;
use crate::shared::parameter;
use crate::shared::stored::stored;
use serde_json::Value;
use tawi_domain::shared::approval::{RequestState, Rung, roles_on_ladder};
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::money::Money;
use tawi_domain::shared::permissions::{Operation, Role, checkers};
use uuid::Uuid;

pub(crate) use ask::request;
pub use decide::decide;
pub use lists::{Framed, detail, detail_of, frame, inbox, payload_for_correction, started};

/// A fresh key for a command, random.
pub fn new_key() -> Result<RequestKey, OpError> {
    stored(&Uuid::new_v4().to_string())
}

/// Who decides a request: the operation's checkers, or fewer of them when a ladder says so for the amount.
pub(crate) async fn deciders_in_op(
    ctx: &mut OpCtx,
    operation: Operation,
    amount: Option<Money>,
) -> Result<Vec<Role>, OpError> {
    let today = ctx.business_date()?;
    let all = checkers(operation);
    let code = format!("approval_ladder.{}", operation.code());
    let ladder: Option<Vec<Rung>> = parameter::if_on_date(ctx.conn(), &code, today).await?;
    let (Some(ladder), Some(amount)) = (ladder, amount) else { return Ok(all.to_vec()) };
    // The operation table is the ceiling: a ladder can only leave roles out.
    let on_rung = roles_on_ladder(&ladder, amount.amount());
    Ok(all.iter().copied().filter(|role| on_rung.contains(role)).collect())
}

/// Whether a role looks at every request of its branch.
pub(crate) fn oversees(role: Role) -> bool {
    matches!(role, Role::Auditor | Role::ComplianceOfficer | Role::BranchManager)
}

/// The stored deciders of a request; all checkers of its operation where none are stored.
pub(crate) fn deciders_of(
    operation: Operation,
    stored_roles: Option<&[String]>,
) -> Result<Vec<Role>, OpError> {
    match stored_roles {
        None => Ok(checkers(operation).to_vec()),
        Some(codes) => codes.iter().map(|code| stored(code)).collect(),
    }
}

fn payload_hash(operation: Operation, payload: &Value) -> [u8; 32] {
    digest(&[operation.code(), &canonical(payload)])
}

/// The operation of a stored word.
pub(crate) fn operation_of(code: &str) -> Result<Operation, OpError> {
    Operation::from_code(code).ok_or_else(|| OpError::stored(format!("operation {code}")))
}

fn state_of(code: &str) -> Result<RequestState, OpError> {
    RequestState::from_code(code).ok_or_else(|| OpError::stored(format!("state {code}")))
}
