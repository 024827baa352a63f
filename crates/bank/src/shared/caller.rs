//! Who is calling.

use tawi_domain::shared::ids::{BranchNumber, StaffId};
use tawi_domain::shared::permissions::Role;

/// Who a session says is calling. Whether they still may is asked inside the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub staff_id: StaffId,
    /// The role chosen at sign-in.
    pub role: Role,
    /// The branch chosen at sign-in.
    pub branch: BranchNumber,
}
