//! Temporary passwords, drawn when a change of staff is done. Who asked for it is shown one half and whoever approved it
//! the other, and each hands out their own: nobody but the person knows the whole, so one of the staff never becomes two.

use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::error::OpError;
use crate::shared::{sign_in_tries, staff};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use sqlx::PgConnection;
use tawi_domain::administration::staff_administration::{NewStaffChange, StaffChangeForm};
use tawi_domain::shared::approval::{Half, HalfPassword};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{RequestId, StaffId};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::{Operation, looks_at_requests_as};

/// Letters and figures of a temporary password: none that looks like another.
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Groups of four letters: 16 letters of 31 are 79 bits.
const GROUPS: usize = 4;
/// What the password is drawn for. Versions that showed the whole to its maker drew another under another name: what such
/// a maker was shown opens nothing.
const DRAWN_FOR: &str = "temporary password, handed out in halves";

/// The temporary password that a change makes, four groups of four letters: drawn from the request's key and the bank's secret, so that it is the same
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

/// Makes the temporary password of a change that two have agreed on. Answers whether the person is there.
pub(super) async fn hand_out(
    ctx: &mut OpCtx,
    new: &NewStaffChange,
    maker: &StaffId,
) -> Result<bool, OpError> {
    if ctx.officer()?.staff_id == *maker {
        return Err(OpError::stored("a password that one person alone would hand out"));
    }
    let password = temporary_password(ctx.bank(), new)?;
    let hash = ctx.bank().hasher().desk()?.hash(password).await?;
    let ahead = ctx.bank().clock().ahead_seconds();
    sign_in_tries::forget_all(ctx.conn(), &new.staff_id).await?;
    staff::write_password(ctx.conn(), &new.staff_id, &hash, Some(ahead)).await
}

/// The half of a temporary password that somebody hands out: they asked for it, or approved it. None for everybody else,
/// and once its owner has chosen another or was handed out another.
///
/// # Errors
/// The id is none, or the caller neither asks for anything nor decides.
pub async fn handed_out(
    bank: &Bank,
    caller: &Caller,
    request: &str,
) -> Result<Option<HalfPassword>, AppError> {
    let operation = looks_at_requests_as(caller.role);
    let unknown = |_| AppError::NotFound("There is no such request at your branch".to_owned());
    let id = bank.heard(caller, operation, request.parse().map_err(unknown)).await?;
    // Read first: no connection is held while the hash is computed.
    let own = Look::Unrecorded(
        "what the caller has asked for or approved; what is shown of it is recorded by itself",
    );
    let agreed = bank.look(caller, operation, async |ctx| Ok((agreed(ctx.conn(), caller, id).await?, own)));
    let Some(Agreed { payload, half, hash: Some(hash) }) = agreed.await? else { return Ok(None) };
    let shown = async {
        let form: StaffChangeForm = serde_json::from_value(payload)?;
        // As it was asked: the day it is read on changes nothing of whose password it is.
        let new = form.parse(jiff::civil::Date::MIN)?;
        let password = temporary_password(bank, &new)?;
        let is_theirs = bank.hasher().desk()?.verify(password.clone(), Some(hash)).await?;
        Ok::<_, OpError>(is_theirs.then_some((new.staff_id, password)))
    };
    let Some((staff_id, password)) = shown.await.map_err(OpError::outward)? else { return Ok(None) };
    let middle = password.len() / 2;
    let letters = match half {
        Half::First => password.get(..middle),
        Half::Second => password.get(middle + 1..),
    };
    let shown = HalfPassword { half, letters: letters.unwrap_or_default().to_owned() };
    let look = Look::at(format!("staff:{staff_id}"), "Was shown their half of the temporary password");
    bank.look(caller, operation, async |_| Ok((Some(shown), look))).await
}

// SQL

/// Whether nobody knows a password of a person yet.
pub(super) async fn awaits_password(tx: &mut PgConnection, staff_id: &StaffId) -> Result<bool, OpError> {
    let awaits = sqlx::query_scalar!("select awaits_password from staff where id = $1", staff_id.as_str());
    Ok(awaits.fetch_optional(tx).await? == Some(true))
}

/// Which half of the password that a request has made somebody hands out, as long as there is one.
pub(crate) async fn half_of(
    tx: &mut PgConnection,
    caller: &Caller,
    request: RequestId,
) -> Result<Option<Half>, OpError> {
    let agreed = agreed(tx, caller, request).await?;
    Ok(agreed.filter(|agreed| agreed.hash.is_some()).map(|agreed| agreed.half))
}

/// What two have agreed on, one of whom looks.
struct Agreed {
    payload: Value,
    half: Half,
    /// Of the temporary password of the person it is about, if they have one.
    hash: Option<String>,
}

/// A change of staff that was approved, for who asked for it and who approved it.
async fn agreed(
    tx: &mut PgConnection,
    caller: &Caller,
    request: RequestId,
) -> Result<Option<Agreed>, OpError> {
    let row = sqlx::query!(
        r#"
        select r.payload, r.maker_id = $2 as "asked!", s.password_hash as "hash?"
        from approval_request r
        left join staff s on s.id = r.payload ->> 'staff_id' and s.password_expires_at is not null
            and r.payload ->> 'act' in ('role', 'password')
        where r.id = $1 and $2 in (r.maker_id, r.checker_id) and r.state = 'approved' and r.operation = $3
        "#,
        request.get(),
        caller.staff_id.as_str(),
        Operation::StaffAdministration.code(),
    );
    let row = row.fetch_optional(tx).await?;
    Ok(row.map(|row| {
        let half = if row.asked { Half::First } else { Half::Second };
        Agreed { payload: row.payload, half, hash: row.hash }
    }))
}
