//! The two statements every operation begins with.

use crate::shared::caller::Caller;
use crate::shared::error::OpError;
use crate::shared::stored::stored_money;
use jiff::civil::Date;
use serde_json::Value;
use sqlx::PgConnection;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{BranchNumber, RequestKey};
use tawi_domain::shared::permissions::{Operation, may_make};
use tawi_domain::shared::staff::Officer;

pub(super) struct KnownKey {
    pub(super) fingerprint: [u8; 32],
    pub(super) receipt: Value,
}

pub(super) struct Gate {
    pub(super) officer: Officer,
    pub(super) known: Option<KnownKey>,
}

// SQL

/// Sets the transaction's branches, shares the branch's date lock (end of day takes it alone) and tries
/// the key's lock. Answers whether the key is free.
pub(super) async fn open(
    tx: &mut PgConnection,
    caller: &Caller,
    key: Option<&RequestKey>,
) -> Result<bool, OpError> {
    let row = sqlx::query!(
        r#"
        select set_config('app.staff', $1, true) as "staff!",
               set_config('app.branches', case when $3 then (select string_agg(number::text, ',') from branch)
                                               else $2::smallint::text end, true) as "branches!",
               pg_advisory_xact_lock_shared(7262, $2::smallint::integer) is null as "date_lock",
               $4::text is null or pg_try_advisory_xact_lock(hashtextextended($4, 7263)) as "free!"
        "#,
        caller.staff_id.as_str(),
        caller.branch.get(),
        caller.role.sees_all_branches(),
        key.map(RequestKey::as_str),
    )
    .fetch_one(tx)
    .await?;
    Ok(row.free)
}

/// Adds a branch to those that the transaction sees, shares its date lock and answers its date.
pub(super) async fn reach(tx: &mut PgConnection, branch: BranchNumber) -> Result<Date, OpError> {
    sqlx::query!(
        r#"
        select set_config('app.branches',
                          concat_ws(',', nullif(current_setting('app.branches', true), ''), $1::smallint::text),
                          true),
               pg_advisory_xact_lock_shared(7262, $1::smallint::integer) is null as "date_lock"
        "#,
        branch.get(),
    )
    .fetch_one(&mut *tx)
    .await?;
    // Read behind the lock.
    let date = sqlx::query_scalar!("select business_date from branch where number = $1", branch.get());
    let date = date.fetch_optional(tx).await?;
    Ok(date.ok_or_else(|| AppError::NotFound(format!("There is no branch {branch}")))?.to_jiff())
}

/// The person as they are now: disabled people and lapsed roles are turned away here, inside the
/// transaction, whatever the session remembers.
pub(super) async fn authorise(
    tx: &mut PgConnection,
    caller: &Caller,
    operation: Operation,
    key: Option<&RequestKey>,
) -> Result<Gate, OpError> {
    let row = sqlx::query!(
        r#"
        select s.name as staff_name, s.disabled_at is not null as "disabled!", b.code, b.name, b.business_date,
               r.role is not null as "holds!", r.limit_amount, r.limit_currency,
               k.fingerprint as "fingerprint?", k.receipt as "receipt?"
        from staff s
        join branch b on b.number = $2
        left join staff_role r on r.staff_id = s.id and r.branch = b.number and r.role = $3
            and b.business_date >= r.valid_from and b.business_date <= coalesce(r.valid_to, 'infinity')
        left join idempotency_key k on k.key = $4
        where s.id = $1
        "#,
        caller.staff_id.as_str(),
        caller.branch.get(),
        caller.role.code(),
        key.map(RequestKey::as_str),
    )
    .fetch_optional(tx)
    .await?
    .ok_or(AppError::NotSignedIn)?;
    if row.disabled {
        return Err(AppError::NotSignedIn.into());
    }
    if !row.holds {
        return Err(AppError::NotAllowed(format!(
            "You are no longer {} at {}",
            caller.role.title(),
            row.name
        ))
        .into());
    }
    may_make(caller.role, operation)?;
    let known = match (row.fingerprint, row.receipt) {
        (Some(fingerprint), Some(receipt)) => Some(KnownKey {
            fingerprint: fingerprint
                .try_into()
                .map_err(|_| OpError::stored("a fingerprint of another length"))?,
            receipt,
        }),
        _ => None,
    };
    Ok(Gate {
        officer: Officer {
            staff_id: caller.staff_id.clone(),
            name: row.staff_name,
            role: caller.role,
            branch: caller.branch,
            branch_code: row.code,
            branch_name: row.name,
            business_date: row.business_date.to_jiff(),
            limit: stored_money(row.limit_amount, row.limit_currency.as_deref())?,
        },
        known,
    })
}
