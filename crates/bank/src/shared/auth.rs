//! Sign-in and sign-out: same answer and same work for people who do not exist, lockout per person,
//! every try audited.

use super::error::OpError;
use super::session::tell_ended;
use super::{password, staff};
use crate::bank::Bank;
use crate::op::{Actor, Caller, Look, OpCtx, settle};
use crate::shared::canonical::hex;
use crate::shared::stored::{listing, stored};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::constants::{LOCKOUT_AFTER, LOCKOUT_MINUTES, LONGEST_PASSWORD_CHARS};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::ids::{BranchNumber, StaffId};
use tawi_domain::shared::permissions::{Operation, Role};
use tawi_domain::shared::staff::{Assignment, Officer, PasswordForm, SignInForm};

/// What everybody is told whose sign-in failed, whatever the cause: it must not tell who exists.
pub const WRONG: &str =
    "Staff ID or password is wrong. After five wrong tries a staff ID is locked for 15 minutes";

/// What somebody is told whose temporary password was right but came too late.
pub const RUN_OUT: &str = "Your temporary password has run out. The administrator makes another";

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
}

/// Checks staff ID and password.
pub async fn sign_in(bank: &Bank, form: &SignInForm) -> Result<SignedIn, AppError> {
    let claims = form.staff_id.parse::<StaffId>().ok();
    let result = try_sign_in(bank, form, claims.clone()).await;
    settle(bank, &Actor::AtTheDoor(claims), Operation::SignIn, result).await
}

async fn try_sign_in(bank: &Bank, form: &SignInForm, claims: Option<StaffId>) -> Result<SignedIn, OpError> {
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
    let wrong = || OpError::from(AppError::refused(WRONG));
    let too_long = form.password.chars().count() > LONGEST_PASSWORD_CHARS;
    let mut connection = bank.pool().acquire().await?;
    let known = match (&claims, too_long) {
        (Some(staff_id), false) => read_credentials(&mut connection, staff_id, bank.clock().now()).await?,
        _ => None,
    };
    // No connection is held while the hash is computed.
    drop(connection);
    let password = if too_long { String::new() } else { form.password.clone() };
    let right = bank.hasher().verify(password, known.as_ref().map(|known| known.hash.clone())).await?;
    let (Some(known), Some(staff_id)) = (known, claims) else { return Err(wrong()) };
    let mut ctx = OpCtx::begin_at_the_door(bank, Some(staff_id.clone())).await?;
    if !right || known.locked || known.disabled {
        if !right {
            count_failure(ctx.conn(), &staff_id, bank.clock().now()).await?;
        }
        let why = match (right, known.disabled) {
            (false, _) => "wrong password",
            (true, true) => "disabled",
            (true, false) => "locked",
        };
        ctx.commit(
            Outcome::Refused,
            &format!("staff:{staff_id}"),
            "Sign-in refused",
            json!({ "why": why }),
            None,
        )
        .await?;
        return Err(wrong());
    }
    if known.run_out {
        return Err(AppError::refused(RUN_OUT).into());
    }
    let assignments = assignments(ctx.conn(), &staff_id).await?;
    if assignments.is_empty() {
        return Err(
            AppError::refused("You hold no role at any branch today. The administrator gives roles").into()
        );
    }
    forget_failures(ctx.conn(), &staff_id).await?;
    let subject = format!("staff:{staff_id}");
    ctx.commit(Outcome::Done, &subject, "Signed in", json!({}), None).await?;
    Ok(SignedIn { staff_id, must_renew: known.temporary, stamp: known.stamp, assignments })
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

/// Chooses a password of one's own. Every session ends; the caller opens a new one, under the stamp that is
/// answered. `current` is missing where the person has just signed in with a temporary password.
pub async fn choose_password(
    bank: &Bank,
    staff_id: &StaffId,
    current: Option<&str>,
    form: &PasswordForm,
) -> Result<String, AppError> {
    let result = try_choose_password(bank, staff_id, current, form).await;
    settle(bank, &Actor::AtTheDoor(Some(staff_id.clone())), Operation::SignIn, result).await
}

async fn try_choose_password(
    bank: &Bank,
    staff_id: &StaffId,
    current: Option<&str>,
    form: &PasswordForm,
) -> Result<String, OpError> {
    form.parse()?;
    password::acceptable(&form.password).map_err(|words| AppError::field("password", words))?;
    let mut connection = bank.pool().acquire().await?;
    let known = read_credentials(&mut connection, staff_id, bank.clock().now())
        .await?
        .filter(|known| !known.disabled && !known.locked && !known.run_out)
        .ok_or(AppError::NotSignedIn)?;
    // No connection is held while hashes are computed.
    drop(connection);
    let may = match current {
        None => known.temporary,
        Some(current) => bank.hasher().verify(current.to_owned(), Some(known.hash.clone())).await?,
    };
    match (may, current) {
        (true, _) => {}
        (false, None) => return Err(AppError::NotSignedIn.into()),
        (false, Some(_)) => return refuse_choice(bank, staff_id).await,
    }
    if bank.hasher().verify(form.password.clone(), Some(known.hash.clone())).await? {
        return Err(AppError::field("same", "Choose another password than you have").into());
    }
    let hash = bank.hasher().hash(form.password.clone()).await?;
    let mut ctx = OpCtx::begin_at_the_door(bank, Some(staff_id.clone())).await?;
    let stamp = replace_password(ctx.conn(), staff_id, &known.hash, &hash, current.is_some())
        .await?
        .ok_or(AppError::NotSignedIn)?;
    staff::end_sessions(&mut ctx, staff_id).await?;
    ctx.commit(Outcome::Done, &format!("staff:{staff_id}"), "Chose a password", json!({}), None).await?;
    Ok(stamp)
}

/// A wrong present password counts like one at the sign-in.
async fn refuse_choice(bank: &Bank, staff_id: &StaffId) -> Result<String, OpError> {
    let mut ctx = OpCtx::begin_at_the_door(bank, Some(staff_id.clone())).await?;
    count_failure(ctx.conn(), staff_id, bank.clock().now()).await?;
    let subject = format!("staff:{staff_id}");
    let detail = json!({ "why": "wrong password" });
    ctx.commit(Outcome::Refused, &subject, "Choosing a password refused", detail, None).await?;
    Err(AppError::field("current", "This is not your present password").into())
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

struct Credentials {
    hash: String,
    stamp: String,
    disabled: bool,
    locked: bool,
    temporary: bool,
    run_out: bool,
}

// SQL

async fn read_credentials(
    connection: &mut PgConnection,
    staff_id: &StaffId,
    now: Timestamp,
) -> Result<Option<Credentials>, OpError> {
    Ok(sqlx::query_as!(
        Credentials,
        r#"
        select password_hash as hash, md5(password_hash) as "stamp!", disabled_at is not null as "disabled!",
               coalesce(locked_until > $2, false) as "locked!",
               password_expires_at is not null as "temporary!",
               coalesce(password_expires_at <= $2, false) as "run_out!"
        from staff where id = $1
        "#,
        staff_id.as_str(),
        now.to_sqlx() as _,
    )
    .fetch_optional(connection)
    .await?)
}

/// Puts a password in the place of the one that was checked, if it still is the one. Whoever knew the one
/// before by heart has it to themselves: nobody else made it. Answers the new one's stamp.
async fn replace_password(
    tx: &mut PgConnection,
    staff_id: &StaffId,
    old: &str,
    new: &str,
    knew_it: bool,
) -> Result<Option<String>, OpError> {
    Ok(sqlx::query_scalar!(
        r#"
        update staff
        set password_hash = $3, password_expires_at = null, failed_attempts = 0, locked_until = null,
            password_made_by = case when not $4 then password_made_by end
        where id = $1 and password_hash = $2 and disabled_at is null
        returning md5(password_hash) as "stamp!"
        "#,
        staff_id.as_str(),
        old,
        new,
        knew_it,
    )
    .fetch_optional(tx)
    .await?)
}

async fn count_failure(tx: &mut PgConnection, staff_id: &StaffId, now: Timestamp) -> Result<(), OpError> {
    sqlx::query!(
        r#"
        update staff
        set failed_attempts = case when failed_attempts + 1 >= $2 then 0 else failed_attempts + 1 end,
            locked_until = case when failed_attempts + 1 >= $2
                                then $4::timestamptz + make_interval(mins => $3) else locked_until end
        where id = $1
        "#,
        staff_id.as_str(),
        LOCKOUT_AFTER,
        LOCKOUT_MINUTES,
        now.to_sqlx() as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn forget_failures(tx: &mut PgConnection, staff_id: &StaffId) -> Result<(), OpError> {
    sqlx::query!(
        "update staff set failed_attempts = 0, locked_until = null where id = $1 and failed_attempts > 0",
        staff_id.as_str()
    )
    .execute(tx)
    .await?;
    Ok(())
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
