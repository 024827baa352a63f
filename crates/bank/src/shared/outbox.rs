//! The outbox: notices are written with the deed and get their position from the one leader after the commit.

use super::caller::Caller;
use super::error::OpError;
use super::hub::{Delivered, NOTHING_YET};
use crate::bank::Bank;
use sqlx::PgConnection;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tawi_domain::shared::constants::NOTICE_DAYS;
use tawi_domain::shared::ids::{BranchNumber, StaffId};
use tawi_domain::shared::notice::{Audience, Notice, NoticeBody};

/// Notices read from the table at a time.
const PAGE: i64 = 500;
/// Notices shown as the newest.
const NEWEST: i64 = 10;

/// Reads what the leader has positioned and hands it to the streams. One task a node; it survives a
/// database that goes away.
pub(super) async fn read_and_deliver(bank: &Bank) -> Result<(), OpError> {
    let hub = bank.hub();
    let mut connection = bank.pool().acquire().await?;
    let mut after = hub.delivered.load(Ordering::Relaxed);
    let last = last_position(&mut connection).await?;
    if after == NOTHING_YET || after > last {
        // A node that has just started delivers what comes; streams replay what was. Nor does it wait for positions that
        // were never given.
        after = last;
        hub.delivered.store(after, Ordering::Relaxed);
    }
    loop {
        let page = read_after(&mut connection, after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.notice.position;
        for delivered in page {
            // An error only means that nobody listens at this moment.
            let _ = hub.streams.send(Arc::new(delivered));
        }
        hub.delivered.store(after, Ordering::Relaxed);
    }
}

struct Row {
    position: i64,
    branch: Option<i16>,
    staff_id: Option<String>,
    roles: Vec<String>,
    body: serde_json::Value,
    created_at: jiff_sqlx::Timestamp,
}

impl From<Row> for Delivered {
    fn from(row: Row) -> Self {
        // A notice that does not read back stops nobody's stream.
        let body = serde_json::from_value(row.body).unwrap_or_else(|fault| {
            tracing::error!(position = row.position, %fault, "a notice cannot be read");
            NoticeBody::Later
        });
        Self {
            notice: Notice { position: row.position, at: row.created_at.to_jiff(), body },
            branch: row.branch,
            staff_id: row.staff_id,
            roles: row.roles,
        }
    }
}

// SQL

/// Writes a notice into the transaction of the deed: without position, without NOTIFY.
pub async fn queue_in_op(
    tx: &mut PgConnection,
    branch: Option<BranchNumber>,
    audience: &Audience,
    body: &NoticeBody,
) -> Result<(), OpError> {
    let roles: Vec<String> = audience.roles.iter().map(|role| role.code().to_owned()).collect();
    sqlx::query!(
        "insert into outbox (branch, staff_id, roles, body) values ($1, $2, $3, $4)",
        branch.map(BranchNumber::get),
        audience.staff.as_ref().map(StaffId::as_str),
        &roles,
        serde_json::to_value(body)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The last position given: a page reads it before its data and connects after it.
pub async fn last_position(connection: &mut PgConnection) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!("select last from outbox_counter").fetch_one(connection).await?)
}

/// Under which names notices reach somebody: themselves, their role at their branch, their role anywhere. As
/// `outbox_recipients` writes them.
fn recipients(caller: &Caller) -> [String; 3] {
    let role = caller.role.code();
    [caller.staff_id.to_string(), format!("{role}@{}", caller.branch.get()), role.to_owned()]
}

/// The newest that were written for somebody, newest first.
pub(super) async fn newest_for(tx: &mut PgConnection, caller: &Caller) -> Result<Vec<Notice>, OpError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select o.position as "position!", o.branch, o.staff_id, array_remove(o.roles, null) as "roles!", o.body,
               case when isfinite(o.created_at) and o.created_at < '9999-01-01' then o.created_at else 'epoch' end
                   as "created_at!"
        from outbox o
        join (
            select distinct r.position
            from unnest($1::text[]) as own (recipient), lateral (
                select position from outbox_recipient where recipient = own.recipient order by position desc limit $2
            ) r
        ) mine on mine.position = o.position
        where o.body ->> 'maker' is distinct from $3
        order by o.position desc limit $4
        "#,
        &recipients(caller),
        // Among them may be what the caller asked for, which is not told to them.
        NEWEST * 5,
        caller.staff_id.as_str(),
        NEWEST,
    )
    .fetch_all(tx)
    .await?;
    let notices = rows.into_iter().map(|row| Delivered::from(row).notice);
    Ok(notices.filter(|notice| notice.body != NoticeBody::Later).collect())
}

/// What was written for somebody after a position, in its order, so many at most.
pub(super) async fn read_for(
    connection: &mut PgConnection,
    caller: &Caller,
    after: i64,
    most: i64,
) -> Result<Vec<Delivered>, OpError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select o.position as "position!", o.branch, o.staff_id, array_remove(o.roles, null) as "roles!", o.body,
               case when isfinite(o.created_at) and o.created_at < '9999-01-01' then o.created_at else 'epoch' end
                   as "created_at!"
        from outbox o
        join (
            select distinct r.position
            from unnest($1::text[]) as own (recipient), lateral (
                select position from outbox_recipient
                where recipient = own.recipient and position > $2 order by position limit $3
            ) r
        ) mine on mine.position = o.position
        order by o.position limit $3
        "#,
        &recipients(caller),
        after,
        most,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Delivered::from).collect())
}

/// Removes what was written longer ago than notices are kept, in the order of positions and but for the last: what was
/// given is seen to be without gaps. Called by the leader.
pub(super) async fn clear_old(job: &mut PgConnection, ahead: i64) -> Result<(), OpError> {
    sqlx::query!(
        r#"
        with old as (
            delete from outbox where position in (
                select position from outbox
                where position < (
                    select coalesce(min(o.position), (select last from outbox_counter)) from outbox o
                    where o.created_at
                        >= clock_timestamp() + make_interval(secs => $1::bigint::float, days => - $2::integer)
                )
                order by position limit 5000
            )
            returning position
        )
        delete from outbox_recipient r using old where r.position = old.position
        "#,
        ahead,
        NOTICE_DAYS,
    )
    .execute(job)
    .await?;
    Ok(())
}

/// What comes after a position, a page of it.
pub(super) async fn read_after(connection: &mut PgConnection, after: i64) -> Result<Vec<Delivered>, OpError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select position as "position!", branch, staff_id, array_remove(roles, null) as "roles!", body,
               case when isfinite(created_at) and created_at < '9999-01-01' then created_at else 'epoch' end
                   as "created_at!"
        from outbox where position > $1 and position <= (select last from outbox_counter) order by position limit $2
        "#,
        after,
        PAGE,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Delivered::from).collect())
}

/// Gives positions to what has committed, in one transaction. Answers how many there were. Called by the
/// leader alone, on the connection that holds its lock.
pub(super) async fn assign_positions(job: &mut PgConnection) -> Result<i64, OpError> {
    let row = sqlx::query!(
        r#"
        with fresh as (
            select id, row_number() over (order by id) as nth from (
                select id from outbox where position is null order by id limit 1000 for update
            ) unpositioned
        ), counted as (
            update outbox_counter set last = last + (select count(*) from fresh)
            where exists (select from fresh)
            returning last - (select count(*) from fresh) as before
        ), placed as (
            update outbox o set position = c.before + f.nth from fresh f, counted c where o.id = f.id returning 1
        )
        select count(*) as "placed!" from placed
        "#
    )
    .fetch_one(job)
    .await?;
    Ok(row.placed)
}
