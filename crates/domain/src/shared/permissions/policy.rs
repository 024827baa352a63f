//! The policy: pure answers from the operation table.

use super::{Approval, Limit, Operation, Role};
use crate::shared::fact::Fact;
use crate::shared::ids::StaffId;
use crate::shared::money::Money;

/// Why somebody may not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role does not do this.
    #[error("{role} may not do this: {operation}")]
    Role {
        /// The role.
        role: &'static str,
        /// Title of the operation.
        operation: &'static str,
    },
    /// Maker and checker are one person.
    #[error("You asked for this yourself: another person must decide")]
    OwnRequest,
    /// Above the personal limit.
    #[error("{amount} is above your limit of {limit}. Somebody with a higher limit must decide")]
    AboveLimit {
        /// What is at stake.
        amount: Money,
        /// What this person may approve.
        limit: Money,
    },
    /// A limit in another currency says nothing about this amount.
    #[error("You have no limit in {0}. Somebody with one must decide")]
    NoLimit(&'static str),
}

/// Whether a role may start an operation.
pub fn may_make(role: Role, operation: Operation) -> Result<(), Refusal> {
    let spec = operation.spec();
    if spec.maker.contains(&role) {
        Ok(())
    } else {
        Err(Refusal::Role { role: role.title(), operation: spec.title })
    }
}

/// Whether a person in a role may decide somebody's request.
pub fn may_check(
    role: Role,
    checker: &StaffId,
    maker: &StaffId,
    operation: Operation,
) -> Result<(), Refusal> {
    let spec = operation.spec();
    if !spec.checker.contains(&role) {
        return Err(Refusal::Role { role: role.title(), operation: spec.title });
    }
    if checker == maker { Err(Refusal::OwnRequest) } else { Ok(()) }
}

/// Whether an amount lies within a checker's personal limit, where the operation has one. Somebody
/// without a personal limit may not approve money at all: silence is not consent.
pub fn approval_limit_holds(
    operation: Operation,
    amount: Option<Money>,
    limit: Option<Money>,
) -> Result<(), Refusal> {
    let (Limit::CheckerAmount, Some(amount)) = (operation.spec().limit, amount) else {
        return Ok(());
    };
    match limit {
        Some(limit) if limit.currency() == amount.currency() => {
            if amount.amount() <= limit.amount() {
                Ok(())
            } else {
                Err(Refusal::AboveLimit { amount, limit })
            }
        }
        _ => Err(Refusal::NoLimit(amount.currency().code())),
    }
}

/// The roles that decide an operation.
pub fn checkers(operation: Operation) -> &'static [Role] {
    operation.spec().checker
}

/// Whether a request must wait for a second person, given the reasons its review found.
pub fn requires_supervisor_approval(operation: Operation, reasons: &[Fact]) -> bool {
    match operation.spec().approval {
        Approval::Never => false,
        Approval::WhenFlagged => !reasons.is_empty(),
        Approval::Always => true,
    }
}

/// The bank's name for [`may_make`] as a question: `can_perform_action(role, "account_opening")`.
pub fn can_perform_action(role: Role, operation: Operation) -> bool {
    may_make(role, operation).is_ok()
}

/// The same question with the words stored in the database; unknown words have no permission.
pub fn has_permission(role: &str, operation: &str) -> bool {
    match (role.parse::<Role>(), Operation::from_code(operation)) {
        (Ok(role), Some(operation)) => can_perform_action(role, operation),
        _ => false,
    }
}

/// The operation as which somebody looks at a request: who decides, who asks, who oversees.
pub fn looks_at_requests_as(role: Role) -> Operation {
    let ways = [Operation::Approvals, Operation::Requests];
    ways.into_iter().find(|operation| can_perform_action(role, *operation)).unwrap_or(Operation::Enquiries)
}
