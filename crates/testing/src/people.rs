//! The people of the demonstration, whom tests act as, and the keys they send under.

use crate::Fallible;
use rust_decimal::Decimal;
use tawi_bank::shared::staff::{self, RoleChange};
use tawi_bank::{Bank, Caller, demo};
use tawi_domain::shared::ids::{BranchNumber, RequestKey};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::Role;

/// Somebody of the demonstration, in their first seat.
pub fn caller(staff_id: &str) -> Fallible<Caller> {
    let person = demo::PEOPLE.iter().find(|person| person.staff_id == staff_id).ok_or("nobody of that ID")?;
    let (branch, role, _) = person.seats.first().ok_or("nobody without a seat")?;
    seat(staff_id, branch, *role)
}

/// Somebody in a given seat, held or not.
pub fn seat(staff_id: &str, branch_code: &str, role: Role) -> Fallible<Caller> {
    let (number, ..) =
        demo::BRANCHES.iter().find(|(_, code, _)| *code == branch_code).ok_or("no branch of that code")?;
    Ok(Caller { staff_id: staff_id.parse()?, role, branch: BranchNumber::try_from(*number)? })
}

/// Gives somebody a role at a branch, from the command line, and seats them there.
pub async fn given(
    bank: &Bank,
    staff_id: &str,
    branch_code: &str,
    role: Role,
    limit: Option<i64>,
) -> Fallible<Caller> {
    let limit = limit.map(|shillings| Money::new(Decimal::from(shillings), Currency::Kes)).transpose()?;
    let change = RoleChange {
        staff_id: staff_id.parse()?,
        branch_code: branch_code.to_owned(),
        role,
        from: None,
        until: None,
        limit,
    };
    staff::set_role(bank, &change).await?;
    seat(staff_id, branch_code, role)
}

/// Seats somebody of the demonstration as they were at first, whatever was done to their role since.
pub async fn as_before(bank: &Bank, staff_id: &str) -> Fallible<Caller> {
    let person = demo::PEOPLE.iter().find(|person| person.staff_id == staff_id).ok_or("nobody of that ID")?;
    let (branch, role, limit) = person.seats.first().ok_or("nobody without a seat")?;
    given(bank, staff_id, branch, *role, *limit).await
}

/// A key from a name, so that a test can say which it means.
pub fn key(name: &str) -> Fallible<RequestKey> {
    Ok(name.replace(' ', "-").parse()?)
}
