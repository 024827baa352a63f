//! Tries at the sign-in are counted before a password is looked at, by person and place. Nobody shuts anybody else
//! out: who tries wrongly is made to wait themselves, and a person's own devices count apart.

use super::device::Origin;
use super::error::OpError;
use crate::bank::Bank;
use sqlx::PgConnection;
use tawi_domain::shared::constants::{TRIES_COUNT_MINUTES, TRIES_FROM_A_PLACE, TRIES_FROM_EVERYWHERE};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::StaffId;

/// What somebody is told who has no try left. It is the same whether there is such a person or not.
pub const NO_TRY_LEFT: &str =
    "Five tries with this staff ID went wrong from here. Wait 15 minutes, or sign in on another device";

/// Whose password is tried, and from where.
#[derive(Debug)]
pub(super) struct Try {
    staff_id: String,
    place: String,
    own_device: bool,
}

impl Try {
    /// A try at the password of a stamp; nobody's where what was typed is no staff ID at all. A device is a person's own
    /// as long as they have the password under which they signed in from it.
    pub(super) fn of(claims: Option<&StaffId>, stamp: Option<&str>, from: &Origin) -> Self {
        let device = claims.and_then(|staff_id| from.device_of(staff_id));
        let device = device.filter(|device| stamp.is_some_and(|stamp| device.is_of(stamp)));
        Self {
            staff_id: claims.map(ToString::to_string).unwrap_or_default(),
            place: match device {
                Some(device) => format!("device {}", device.id()),
                None => format!("address {}", from.address.chars().take(64).collect::<String>()),
            },
            own_device: device.is_some(),
        }
    }

    /// Counts it, for good whatever becomes of it.
    ///
    /// # Errors
    /// No try is left, which does not make anybody wait longer.
    pub(super) async fn count(&self, bank: &Bank) -> Result<(), OpError> {
        let ahead = bank.clock().ahead_seconds();
        let mut connection = bank.sessions().acquire().await?;
        let is_left = self.own_device
            || everywhere(&mut connection, &self.staff_id, ahead).await? < TRIES_FROM_EVERYWHERE;
        if is_left && count(&mut connection, self, ahead).await? {
            return Ok(());
        }
        Err(AppError::refused(NO_TRY_LEFT).into())
    }

    /// Forgets the tries from this place: the last was right.
    pub(super) async fn forget(&self, tx: &mut PgConnection) -> Result<(), OpError> {
        sqlx::query!("delete from sign_in_try where staff_id = $1 and place = $2", self.staff_id, self.place)
            .execute(tx)
            .await?;
        Ok(())
    }
}

// SQL

/// Forgets all tries at a person's password: they are given another.
pub(crate) async fn forget_all(tx: &mut PgConnection, staff_id: &StaffId) -> Result<(), OpError> {
    sqlx::query!("delete from sign_in_try where staff_id = $1", staff_id.as_str()).execute(tx).await?;
    Ok(())
}

/// Tries at a person's password from everywhere but their own devices.
async fn everywhere(connection: &mut PgConnection, staff_id: &str, ahead: i64) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(
        r#"
        select count(*) as "tries!" from sign_in_try t, unnest(t.tried_at) as tried
        where t.staff_id = $1 and t.place like 'address %'
          and tried > clock_timestamp() + make_interval(secs => $2::bigint::float, mins => - $3::integer)
        "#,
        staff_id,
        ahead,
        TRIES_COUNT_MINUTES,
    )
    .fetch_one(connection)
    .await?)
}

/// Counts a try, if fewer than five were made in the last fifteen minutes. Tries at the same moment take turns on the
/// row.
async fn count(connection: &mut PgConnection, one: &Try, ahead: i64) -> Result<bool, OpError> {
    let counted = sqlx::query!(
        r#"
        with moment as (
            select clock_timestamp() + make_interval(secs => $3::bigint::float) as now, make_interval(mins => $4) as long
        )
        insert into sign_in_try as t (staff_id, place, tried_at)
        select $1, $2, array[now] from moment
        on conflict (staff_id, place) do update
        set tried_at = array(
                select tried from unnest(t.tried_at) tried, moment where tried > moment.now - moment.long
            ) || excluded.tried_at
        where (select count(*) from unnest(t.tried_at) tried, moment where tried > moment.now - moment.long) < $5
        "#,
        one.staff_id,
        one.place,
        ahead,
        TRIES_COUNT_MINUTES,
        i64::from(TRIES_FROM_A_PLACE),
    )
    .execute(connection)
    .await?;
    Ok(counted.rows_affected() == 1)
}

/// Removes tries that count no more. Called by the leader.
pub(super) async fn clear_old(job: &mut PgConnection, ahead: i64) -> Result<(), OpError> {
    sqlx::query!(
        "delete from sign_in_try
         where (select max(tried) from unnest(tried_at) tried)
             < clock_timestamp() + make_interval(secs => $1::bigint::float, mins => - $2::integer)",
        ahead,
        TRIES_COUNT_MINUTES,
    )
    .execute(job)
    .await?;
    Ok(())
}
