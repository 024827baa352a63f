//! Temporary passwords: drawn when a change of staff is done, and shown to whoever approved it, who hands it out. Who
//! asked never sees it.

use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::error::OpError;
use crate::shared::staff::{self, Temporary};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use sqlx::PgConnection;
use tawi_domain::administration::staff_administration::{NewStaffChange, StaffChangeForm};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{RequestId, StaffId};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::Operation;

/// Letters and figures of a temporary password: none that looks like another.
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Groups of four letters: 16 letters of 31 are 79 bits.
const GROUPS: usize = 4;
/// What the password is drawn for. Versions that showed it to its maker drew another under another name: what such a
/// maker was shown opens nothing.
const DRAWN_FOR: &str = "temporary password, handed out by whoever approved it";

/// The temporary password that a change makes: drawn from the request's key and the bank's secret, so that it is the same
/// whenever it is shown and nothing that is stored gives it away.
fn temporary_password(bank: &Bank, new: &NewStaffChange) -> Result<String, OpError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&bank.settings().audit_key).map_err(OpError::stored)?;
    for part in [DRAWN_FOR, new.staff_id.as_str(), new.seed.as_str()] {
        mac.update(part.as_bytes());
        mac.update(&[0]);
    }
    let bytes = mac.finalize().into_bytes();
    let letters: Vec<char> = bytes
        .iter()
        .take(GROUPS * 4)
        .filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()).copied().map(char::from))
        .collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// Makes the temporary password of a change, for whoever approves it to hand out. Answers whether the person is there.
pub(super) async fn hand_out(
    ctx: &mut OpCtx,
    new: &NewStaffChange,
    maker: &StaffId,
) -> Result<bool, OpError> {
    let by = ctx.officer()?.staff_id.clone();
    if by == *maker {
        return Err(OpError::stored("a password that its maker would hand out"));
    }
    let password = temporary_password(ctx.bank(), new)?;
    let hash = ctx.bank().hasher().desk()?.hash(password).await?;
    let temporary = Temporary { made_by: &by, ahead: ctx.bank().clock().ahead_seconds() };
    staff::write_password(ctx.conn(), &new.staff_id, &hash, Some(temporary)).await
}

/// The temporary password that a request has made, for whoever approved it; none for everybody else, and once its owner
/// has chosen another or was handed out another.
///
/// # Errors
/// The id is none, or the caller decides nothing.
pub async fn handed_out(bank: &Bank, caller: &Caller, request: &str) -> Result<Option<String>, AppError> {
    let unknown = || AppError::NotFound("There is no such request at your branch".to_owned());
    let id = bank.heard(caller, Operation::Approvals, request.parse().map_err(|_| unknown())).await?;
    // Read first: no connection is held while the hash is computed.
    let own = Look::Unrecorded("what the caller has approved; what is shown of it is recorded by itself");
    let approved = bank
        .look(caller, Operation::Approvals, async |ctx| Ok((approved(ctx.conn(), caller, id).await?, own)));
    let Some((payload, Some(hash))) = approved.await? else { return Ok(None) };
    let shown = async {
        let form: StaffChangeForm = serde_json::from_value(payload)?;
        // As it was asked: the day it is read on changes nothing of whose password it is.
        let new = form.parse(jiff::civil::Date::MIN)?;
        let password = temporary_password(bank, &new)?;
        let is_theirs = bank.hasher().desk()?.verify(password.clone(), Some(hash)).await?;
        Ok::<_, OpError>(is_theirs.then_some((new.staff_id, password)))
    };
    let Some((staff_id, password)) = shown.await.map_err(OpError::outward)? else { return Ok(None) };
    let look = Look::at(format!("staff:{staff_id}"), "Was shown the temporary password, to hand it out");
    bank.look(caller, Operation::Approvals, async |_| Ok((Some(password), look))).await
}

// SQL

/// Whether nobody knows a password of a person yet.
pub(super) async fn awaits_password(tx: &mut PgConnection, staff_id: &StaffId) -> Result<bool, OpError> {
    let awaits = sqlx::query_scalar!("select awaits_password from staff where id = $1", staff_id.as_str());
    Ok(awaits.fetch_optional(tx).await? == Some(true))
}

/// Whether somebody may be shown the password that a request has made: they approved it, and it is still the one that
/// they handed out.
pub(crate) async fn shows_password(
    tx: &mut PgConnection,
    caller: &Caller,
    request: RequestId,
) -> Result<bool, OpError> {
    Ok(approved(tx, caller, request).await?.is_some_and(|(_, hash)| hash.is_some()))
}

/// What was asked in a request of a change of staff that somebody approved, and the hash of the temporary password they
/// handed out to the person it is about, if that is still the person's.
async fn approved(
    tx: &mut PgConnection,
    caller: &Caller,
    request: RequestId,
) -> Result<Option<(Value, Option<String>)>, OpError> {
    let row = sqlx::query!(
        r#"
        select r.payload, s.password_hash as "hash?"
        from approval_request r
        left join staff s on s.id = r.payload ->> 'staff_id' and s.password_made_by = r.checker_id
            and s.password_expires_at is not null
        where r.id = $1 and r.checker_id = $2 and r.state = 'approved' and r.operation = $3
        "#,
        request.get(),
        caller.staff_id.as_str(),
        Operation::StaffAdministration.code(),
    );
    Ok(row.fetch_optional(tx).await?.map(|row| (row.payload, row.hash)))
}
