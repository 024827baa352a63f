//! Sign-in and sign-out: same answer and same work for people who do not exist, tries counted before a password is
//! looked at, every try audited.

use super::device::{Device, Origin};
use super::error::OpError;
use super::session::tell_ended;
use super::sign_in_tries::Try;
use crate::bank::Bank;
use crate::op::{Actor, Caller, Look, OpCtx, settle};
use crate::shared::canonical::hex;
use crate::shared::stored::{listing, stored};
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::constants::LONGEST_PASSWORD_CHARS;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::ids::{BranchNumber, StaffId};
use tawi_domain::shared::permissions::{Operation, Role};
use tawi_domain::shared::staff::{Assignment, Officer, SignInForm};

/// What everybody is told whose sign-in failed, whatever the cause: it must not tell who exists.
pub const WRONG: &str = "Staff ID or password is wrong. After five wrong tries you wait for 15 minutes";

/// What somebody is told whose temporary password was right but came too late.
pub const RUN_OUT: &str = "Your temporary password has run out. The administrator sees to another";

/// Somebody whose password was right, with the seats they may take.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub staff_id: StaffId,
    /// Whether the password is a temporary one, only good for choosing another.
    pub must_renew: bool,
    /// Digest of the password's hash: see [`super::session::Who`].
    pub stamp: String,
    /// Where and as what they may work today; never empty.
    pub assignments: Vec<Assignment>,
    /// What they have signed in from.
    pub device: Device,
}

/// Checks staff ID and password.
///
/// # Errors
/// They are wrong, no try is left from there, or too many sign in at this moment.
pub async fn sign_in(bank: &Bank, form: &SignInForm, from: &Origin) -> Result<SignedIn, AppError> {
    let claims = form.staff_id.parse::<StaffId>().ok();
    match try_sign_in(bank, form, claims.as_ref(), from).await {
        Ok(Some(signed_in)) => Ok(signed_in),
        // Recorded already, with its reason.
        Ok(None) => Err(AppError::refused(WRONG)),
        Err(error) => settle(bank, &Actor::AtTheDoor(claims), Operation::SignIn, Err(error)).await,
    }
}

/// None: refused, and recorded.
async fn try_sign_in(
    bank: &Bank,
    form: &SignInForm,
    claims: Option<&StaffId>,
    from: &Origin,
) -> Result<Option<SignedIn>, OpError> {
    let mut faults = FieldErrors::default();
    if form.staff_id.trim().is_empty() {
        faults.add("staff_id", "Enter your staff ID, for example LO-001");
    }
    if form.password.is_empty() {
        faults.add("password", "Enter your password");
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let room = bank.hasher().room()?;
    let before = known(&mut *bank.sessions().acquire().await?, bank, claims).await?;
    let attempt = Try::of(claims, before.as_ref().map(|known| known.stamp.as_str()), from);
    attempt.count(bank).await?;
    // No connection is held while the hash is computed.
    let too_long = form.password.chars().count() > LONGEST_PASSWORD_CHARS;
    let password = if too_long { String::new() } else { form.password.clone() };
    let hash = before.map(|known| known.hash);
    let right = room.verify(password, hash.clone()).await?;
    drop(room);
    let mut ctx = OpCtx::begin_at_the_door(bank, claims.cloned()).await?;
    // What has become of the person meanwhile counts, under lock.
    lock(ctx.conn(), claims).await?;
    let now = known(ctx.conn(), bank, claims).await?;
    let why = match &now {
        None => "nobody of this staff ID",
        Some(_) if !right => "wrong password",
        Some(now) if Some(&now.hash) != hash.as_ref() => "the password has changed meanwhile",
        Some(now) if now.disabled => "disabled",
        Some(_) => "",
    };
    let (Some(now), Some(staff_id), "") = (now, claims, why) else {
        let subject = claims.map(|staff_id| format!("staff:{staff_id}")).unwrap_or_default();
        let detail = json!({ "why": why });
        ctx.commit(Outcome::Refused, &subject, "Sign-in refused", detail, None).await?;
        return Ok(None);
    };
    if now.run_out {
        return Err(AppError::refused(RUN_OUT).into());
    }
    let assignments = assignments(ctx.conn(), staff_id).await?;
    if assignments.is_empty() {
        return Err(
            AppError::refused("You hold no role at any branch today. The administrator gives roles").into()
        );
    }
    attempt.forget(ctx.conn()).await?;
    let subject = format!("staff:{staff_id}");
    ctx.commit(Outcome::Done, &subject, "Signed in", json!({}), None).await?;
    Ok(Some(SignedIn {
        staff_id: staff_id.clone(),
        must_renew: now.temporary,
        device: from.device_for(staff_id, &now.stamp),
        stamp: now.stamp,
        assignments,
    }))
}

/// The seats a person may take today.
pub async fn seats(bank: &Bank, staff_id: &StaffId) -> Result<Vec<Assignment>, AppError> {
    let read = async {
        let mut connection = bank.pool().acquire().await?;
        assignments(&mut connection, staff_id).await
    };
    read.await.map_err(OpError::outward)
}

/// Takes a seat, if the person holds it today.
pub async fn take_seat(
    bank: &Bank,
    staff_id: &StaffId,
    branch: BranchNumber,
    role: Role,
) -> Result<(), AppError> {
    let held = seats(bank, staff_id).await?;
    if held.iter().any(|seat| seat.branch == branch && seat.role == role) {
        Ok(())
    } else {
        Err(AppError::refused("Choose one of your branches and roles"))
    }
}

/// Ends a session: its streams end with it.
pub async fn sign_out(bank: &Bank, staff_id: &StaffId, digest: &[u8; 32]) -> Result<(), AppError> {
    let result = async {
        let mut ctx = OpCtx::begin_at_the_door(bank, Some(staff_id.clone())).await?;
        sqlx::query!("delete from session where digest = $1", digest.as_slice()).execute(ctx.conn()).await?;
        tell_ended(&mut ctx, staff_id, Some(hex(digest)));
        ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), "Signed out", json!({}), None).await
    };
    result.await.map_err(OpError::outward)
}

/// The bank's `get_officer_info`: who is signed in, as they are now.
pub async fn get_officer_info(bank: &Bank, caller: &Caller) -> Result<Officer, AppError> {
    let frame = Look::Unrecorded("the frame of every page: the caller's own name and seat");
    bank.look(caller, Operation::SignIn, async |ctx| Ok((ctx.officer()?.clone(), frame))).await
}

/// What is known of a person's password.
pub(super) struct Credentials {
    pub(super) hash: String,
    pub(super) stamp: String,
    pub(super) disabled: bool,
    pub(super) temporary: bool,
    pub(super) run_out: bool,
}

// SQL

/// Keeps a person as they are until the transaction ends.
pub(super) async fn lock(tx: &mut PgConnection, staff_id: Option<&StaffId>) -> Result<(), OpError> {
    sqlx::query!("select from staff where id = $1 for update", staff_id.map(StaffId::as_str))
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn known(
    connection: &mut PgConnection,
    bank: &Bank,
    staff_id: Option<&StaffId>,
) -> Result<Option<Credentials>, OpError> {
    Ok(sqlx::query_as!(
        Credentials,
        r#"
        select password_hash as hash, md5(password_hash) as "stamp!", disabled_at is not null as "disabled!",
               password_expires_at is not null as "temporary!",
               coalesce(password_expires_at <= clock_timestamp() + make_interval(secs => $2::bigint::float), false)
                   as "run_out!"
        from staff where id = $1
        "#,
        staff_id.map(StaffId::as_str),
        bank.clock().ahead_seconds(),
    )
    .fetch_optional(connection)
    .await?)
}

async fn assignments(connection: &mut PgConnection, staff_id: &StaffId) -> Result<Vec<Assignment>, OpError> {
    let rows = sqlx::query!(
        r#"
        select b.number, b.code, b.name, r.role
        from staff_role r
        join branch b on b.number = r.branch
        join staff s on s.id = r.staff_id and s.disabled_at is null
        where r.staff_id = $1
          and b.business_date >= r.valid_from and b.business_date <= coalesce(r.valid_to, 'infinity')
        order by b.number, r.role
        "#,
        staff_id.as_str(),
    )
    .fetch_all(connection)
    .await?;
    // A seat that cannot be read cannot be taken; the others can.
    let seats = listing(
        rows,
        |row| format!("{} at {} of {staff_id}", row.role, row.code),
        |row| {
            Ok(Assignment {
                branch: BranchNumber::try_from(row.number).map_err(OpError::stored)?,
                branch_code: row.code,
                branch_name: row.name,
                role: stored(&row.role)?,
            })
        },
    );
    Ok(seats.rows)
}
