//! Choosing a password of one's own: after a temporary one, or whenever somebody wants another.

use super::auth::{known, lock};
use super::device::Origin;
use super::error::OpError;
use super::sign_in_tries::Try;
use super::staff;
use crate::bank::Bank;
use crate::op::{Actor, OpCtx, settle};
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::StaffId;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::staff::PasswordForm;

/// Who chooses, in which session, from where.
#[derive(Debug)]
pub struct Chooser<'a> {
    /// The person.
    pub staff_id: &'a StaffId,
    /// Digest of their session, which this ends.
    pub session: [u8; 32],
    /// Whether they have just signed in with a temporary password: it need not be typed again.
    pub renews: bool,
    /// From where.
    pub from: &'a Origin,
}

/// Chooses a password of one's own. Every session ends; the caller opens a new one, under the stamp that is
/// answered.
///
/// # Errors
/// The new password will not do, or the present one is wrong: a wrong one counts like one at the sign-in.
pub async fn choose_password(
    bank: &Bank,
    who: &Chooser<'_>,
    form: &PasswordForm,
) -> Result<String, AppError> {
    let result = try_choose(bank, who, form).await;
    settle(bank, &Actor::AtTheDoor(Some(who.staff_id.clone())), Operation::SignIn, result).await
}

async fn try_choose(bank: &Bank, who: &Chooser<'_>, form: &PasswordForm) -> Result<String, OpError> {
    let staff_id = who.staff_id;
    form.parse()?;
    let room = bank.hasher().room()?;
    let (name, before) = {
        let mut connection = bank.sessions().acquire().await?;
        (name_of(&mut connection, staff_id).await?, known(&mut connection, bank, Some(staff_id)).await?)
    };
    // No connection is held while passwords are looked at.
    let own = [staff_id.to_string(), name];
    if let Err(words) = room.judge(form.password.clone(), own).await? {
        return Err(AppError::field("password", words).into());
    }
    let before = before.filter(|known| !known.disabled && !known.run_out).ok_or(AppError::NotSignedIn)?;
    let attempt = Try::of(Some(staff_id), Some(&before.stamp), who.from);
    let hash = || Some(before.hash.clone());
    if who.renews {
        if !before.temporary {
            return Err(AppError::NotSignedIn.into());
        }
    } else {
        attempt.count(bank).await?;
        if !room.verify(form.current.clone(), hash()).await? {
            return Err(AppError::field("current", "This is not your present password").into());
        }
    }
    if room.verify(form.password.clone(), hash()).await? {
        return Err(AppError::field("same", "Choose another password than you have").into());
    }
    let new = room.hash(form.password.clone()).await?;
    drop(room);
    let mut ctx = OpCtx::begin_at_the_door(bank, Some(staff_id.clone())).await?;
    // What has become of person, password and session meanwhile counts, under lock.
    lock(ctx.conn(), Some(staff_id)).await?;
    let now = known(ctx.conn(), bank, Some(staff_id)).await?;
    let same = now.is_some_and(|now| now.hash == before.hash && !now.disabled && !now.run_out);
    if !same || !end_this(ctx.conn(), &who.session).await? {
        return Err(AppError::NotSignedIn.into());
    }
    let stamp = replace(ctx.conn(), staff_id, &new).await?;
    attempt.forget(ctx.conn()).await?;
    staff::end_sessions(&mut ctx, staff_id).await?;
    ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), "Chose a password", json!({}), None).await?;
    Ok(stamp)
}

// SQL

async fn name_of(connection: &mut PgConnection, staff_id: &StaffId) -> Result<String, OpError> {
    let name = sqlx::query_scalar!("select name from staff where id = $1", staff_id.as_str());
    Ok(name.fetch_optional(connection).await?.unwrap_or_default())
}

/// Ends the session in which somebody chooses. Answers whether it was still there: one session becomes one.
async fn end_this(tx: &mut PgConnection, digest: &[u8; 32]) -> Result<bool, OpError> {
    let gone = sqlx::query!("delete from session where digest = $1", digest.as_slice()).execute(tx).await?;
    Ok(gone.rows_affected() == 1)
}

/// Writes the new password; answers its stamp. Who handed out the one before stays on record: the account does not
/// free itself of that.
async fn replace(tx: &mut PgConnection, staff_id: &StaffId, new: &str) -> Result<String, OpError> {
    Ok(sqlx::query_scalar!(
        r#"
        update staff set password_hash = $2, password_expires_at = null where id = $1
        returning md5(password_hash) as "stamp!"
        "#,
        staff_id.as_str(),
        new,
    )
    .fetch_one(tx)
    .await?)
}
