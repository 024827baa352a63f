//! Who may do what: roles, the operation table, and the policy that reads both.

mod operation;
mod policy;
mod role;
mod table;

pub use operation::{Approval, Area, AuditClass, Limit, Manner, Operation, Spec, Start};
pub use policy::{
    Refusal, approval_limit_holds, can_perform_action, checkers, has_permission, looks_at_requests_as,
    may_check, may_make, requires_supervisor_approval,
};
pub use role::Role;
