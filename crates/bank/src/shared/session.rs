//! Sessions in Postgres: the store behind tower-sessions, and the list a person sees of their own.
//! A session is keyed by the SHA-256 of its cookie.

use super::error::OpError;
use super::hub::Seat;
use crate::bank::Bank;
use crate::op::{Begun, Caller, Look, OpCtx};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::constants::{SESSION_HOURS, SESSION_IDLE_MINUTES};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{BranchNumber, ReferenceKind, RequestKey, StaffId};
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::{Operation, Role};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result as StoreResult};

/// The entry of the session's data that says who is signed in.
pub const WHO: &str = "who";

/// Seen again within this many seconds, a session is not written again.
const TOUCH_SECONDS: i32 = 10;

/// Who a session belongs to. Branch and role are missing until they were chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The person.
    pub staff_id: StaffId,
    /// The branch and role chosen.
    pub seat: Option<(BranchNumber, Role)>,
    /// Whether the password was a temporary one: nothing opens before another is chosen.
    #[serde(default)]
    pub renews: bool,
    /// The password it was opened under, as a digest of its hash: no session is opened under another.
    #[serde(default)]
    pub stamp: Option<String>,
}

/// The entry of the session's data that says that its cookie lives as long as the browser.
pub const LASTING: &str = "lasting";

/// The entry of the session's data that says when it ends at the latest, in seconds of Unix time.
pub const ENDS: &str = "ends";

impl Who {
    /// The caller, once a seat was chosen.
    pub fn caller(&self) -> Option<Caller> {
        self.seat.filter(|_| !self.renews).map(|(branch, role)| Caller {
            staff_id: self.staff_id.clone(),
            role,
            branch,
        })
    }
}

/// Takes a session's row away, because another takes its place. Answers whether it was there: one cookie
/// becomes one session.
pub async fn retire(bank: &Bank, digest: &[u8; 32]) -> Result<bool, AppError> {
    let gone = sqlx::query!("delete from session where digest = $1", digest.as_slice())
        .execute(bank.sessions())
        .await
        .map_err(|error| OpError::from(error).outward())?;
    Ok(gone.rows_affected() == 1)
}

/// Notes that the person of a session did something, so many seconds ago: their time without an act begins there. Whoever
/// is seen again within ten seconds is not written again, and nothing else extends a session.
///
/// # Errors
/// The database does not answer; whoever asked is answered all the same.
pub async fn touch(bank: &Bank, digest: &[u8; 32], seconds_ago: u32) -> Result<(), OpError> {
    sqlx::query!(
        r#"
        with act as (
            select clock_timestamp() + make_interval(secs => $3::bigint::float) - make_interval(secs => $2::bigint::float)
                   as at
        )
        update session s
        set seen_at = act.at, expires_at = act.at + make_interval(mins => $4)
        from act
        where s.digest = $1 and s.seen_at < act.at - make_interval(secs => $5::integer::float)
          and least(s.expires_at, s.ends_at) > clock_timestamp() + make_interval(secs => $3::bigint::float)
        "#,
        digest.as_slice(),
        i64::from(seconds_ago),
        bank.clock().ahead_seconds(),
        SESSION_IDLE_MINUTES,
        TOUCH_SECONDS,
    )
    .execute(bank.sessions())
    .await?;
    Ok(())
}

/// The digest under which a session is stored.
pub fn digest_of(id: Id) -> [u8; 32] {
    Sha256::digest(id.0.to_be_bytes()).into()
}

/// The store that tower-sessions writes to.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    bank: Bank,
}

impl PostgresStore {
    /// A store on the bank's database.
    pub fn new(bank: Bank) -> Self {
        Self { bank }
    }
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

fn owner_of(record: &Record) -> Option<String> {
    record.data.get(WHO)?.get("staff_id")?.as_str().map(str::to_owned)
}

#[async_trait]
impl SessionStore for PostgresStore {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let user_agent = record.data.get("user_agent").and_then(Value::as_str).unwrap_or_default();
        let digest = digest_of(record.id);
        let stamp = record.data.get(WHO).and_then(|who| who.get("stamp")).and_then(Value::as_str);
        // A new id, for a seat or a password, does not make a session live longer.
        let ends = record.data.get(ENDS).and_then(Value::as_i64);
        // Whoever has another password by now, or none, gets no session under the old one: the row is
        // shared, so that a change of the password waits, or is waited for.
        let ends = sqlx::query_scalar!(
            r#"
            with moment as (select clock_timestamp() + make_interval(secs => $5::bigint::float) as now),
            person as (select id, password_hash from staff where id = $2 for share)
            insert into session (digest, staff_id, data, user_agent, created_at, seen_at, expires_at, ends_at)
            select $1, $2, $3::jsonb || jsonb_build_object('ends', extract(epoch from ends)::bigint), $4, now, now,
                   now + make_interval(mins => $8), ends
            from moment, lateral (
                select coalesce(to_timestamp($6::bigint), now + make_interval(hours => $9)) as ends
            ) last
            where $2::text is null or exists (
                select from person where $7::text is null or md5(password_hash) = $7)
            returning extract(epoch from ends_at)::bigint as "ends!"
            "#,
            digest.as_slice(),
            owner_of(record),
            data,
            user_agent,
            self.bank.clock().ahead_seconds(),
            ends,
            stamp,
            SESSION_IDLE_MINUTES,
            SESSION_HOURS,
        )
        .fetch_optional(self.bank.sessions())
        .await
        .map_err(backend)?
        .ok_or_else(|| backend("the password has changed meanwhile"))?;
        record.data.insert(ENDS.to_owned(), ends.into());
        Ok(())
    }

    /// Only ever updates: a session that was ended meanwhile does not come back to life. It comes after whatever was
    /// asked has been done, so a failure is no answer to it: it is logged.
    async fn save(&self, record: &Record) -> StoreResult<()> {
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let digest = digest_of(record.id);
        let saved = sqlx::query!(
            "update session set data = $2, staff_id = $3 where digest = $1 and data <> $2",
            digest.as_slice(),
            data,
            owner_of(record),
        )
        .execute(self.bank.sessions())
        .await;
        if let Err(error) = saved {
            tracing::warn!(cause = %error, "a session was not written");
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let digest = digest_of(*id);
        let row = sqlx::query!(
            r#"
            select data, extract(epoch from least(expires_at, ends_at))::bigint as "ends!" from session
            where digest = $1 and isfinite(least(expires_at, ends_at))
              and least(expires_at, ends_at) > clock_timestamp() + make_interval(secs => $2::bigint::float)
            "#,
            digest.as_slice(),
            self.bank.clock().ahead_seconds(),
        )
        .fetch_optional(self.bank.sessions())
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let read = || {
            let data = serde_json::from_value(row.data).ok()?;
            let expiry_date = time::OffsetDateTime::from_unix_timestamp(row.ends).ok()?;
            Some(Record { id: *id, data, expiry_date })
        };
        let record = read();
        if record.is_none() {
            // Whoever holds it signs in anew.
            tracing::error!("a session cannot be read");
        }
        Ok(record)
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        let digest = digest_of(*id);
        sqlx::query!("delete from session where digest = $1", digest.as_slice())
            .execute(self.bank.sessions())
            .await
            .map_err(backend)?;
        Ok(())
    }
}

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Digest, hexadecimal: names the session without opening it.
    pub digest: String,
    /// The browser, as it calls itself.
    pub user_agent: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
}

/// The caller's own sessions that are alive, the newest first.
pub async fn own_sessions(bank: &Bank, caller: &Caller) -> Result<Vec<SessionRow>, AppError> {
    let own = Look::Unrecorded("the caller's own sessions");
    let ahead = bank.clock().ahead_seconds();
    bank.look(caller, Operation::Sessions, async |ctx| {
        Ok((sessions_of(ctx.conn(), &caller.staff_id, ahead).await?, own))
    })
    .await
}

async fn sessions_of(
    tx: &mut PgConnection,
    staff_id: &StaffId,
    ahead: i64,
) -> Result<Vec<SessionRow>, OpError> {
    let rows = sqlx::query!(
        r#"
        select encode(digest, 'hex') as "digest!", user_agent, created_at, seen_at
        from session
        where staff_id = $1
          and least(expires_at, ends_at) > clock_timestamp() + make_interval(secs => $2::bigint::float)
        order by created_at desc limit 50
        "#,
        staff_id.as_str(),
        ahead,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SessionRow {
            digest: row.digest,
            user_agent: row.user_agent,
            created_at: row.created_at.to_jiff(),
            seen_at: row.seen_at.to_jiff(),
        })
        .collect())
}

/// Ends one of the caller's own sessions, and its streams.
pub async fn end(bank: &Bank, caller: &Caller, digest: &str, key: RequestKey) -> Result<Receipt, OpError> {
    let content = json!({ "end": digest });
    let mut ctx = match OpCtx::begin(bank, caller, Operation::Sessions, key, &content).await? {
        Begun::Already(receipt) => return Ok(*receipt),
        Begun::Fresh(ctx) => ctx,
    };
    let ended = sqlx::query!(
        "delete from session where staff_id = $1 and encode(digest, 'hex') = $2",
        caller.staff_id.as_str(),
        digest,
    )
    .execute(ctx.conn())
    .await?
    .rows_affected();
    if ended == 0 {
        return Err(AppError::NotFound("This session has ended already".to_owned()).into());
    }
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    tell_ended(&mut ctx, &caller.staff_id, Some(digest.to_owned()));
    let receipt = Receipt::Done {
        paper: None,
        lines: Vec::new(),
        reference,
        title: "Session ended".to_owned(),
        effect: digest.chars().take(8).collect(),
    };
    let subject = format!("staff:{}", caller.staff_id);
    ctx.commit(Outcome::Done, &subject, "Ended one of their own sessions", json!({}), Some(&receipt)).await?;
    Ok(receipt)
}

/// Which of those who sit in a session, by their place in the list, do so no longer: it has ended, the person was
/// disabled or holds the role at the branch no more.
pub(super) async fn ended(
    connection: &mut PgConnection,
    ahead: i64,
    seats: &[Seat<'_>],
) -> Result<Vec<usize>, OpError> {
    let digests: Vec<Vec<u8>> = seats.iter().map(|(digest, _)| digest.to_vec()).collect();
    let people: Vec<String> = seats.iter().map(|(_, caller)| caller.staff_id.to_string()).collect();
    let branches: Vec<i16> = seats.iter().map(|(_, caller)| caller.branch.get()).collect();
    let roles: Vec<String> = seats.iter().map(|(_, caller)| caller.role.code().to_owned()).collect();
    let ended = sqlx::query_scalar!(
        r#"
        select one.nth as "nth!"
        from unnest($1::bytea[], $2::text[], $3::smallint[], $4::text[]) with ordinality
                 as one (digest, staff_id, branch, role, nth)
        where not exists (
            select from session s
            join staff p on p.id = s.staff_id and p.disabled_at is null
            join branch b on b.number = one.branch
            join staff_role r on r.staff_id = p.id and r.branch = b.number and r.role = one.role
                and b.business_date >= r.valid_from and b.business_date <= coalesce(r.valid_to, 'infinity')
            where s.digest = one.digest and s.staff_id = one.staff_id
              and least(s.expires_at, s.ends_at) > clock_timestamp() + make_interval(secs => $5::bigint::float)
        )
        "#,
        &digests,
        &people,
        &branches,
        &roles,
        ahead,
    );
    let ended = ended.fetch_all(connection).await?.into_iter();
    Ok(ended.filter_map(|nth| usize::try_from(nth - 1).ok()).collect())
}

/// Tells nodes of versions before that sessions have ended: theirs end streams by it. This one's watch the sessions.
pub(crate) fn tell_ended(ctx: &mut OpCtx, staff_id: &StaffId, session: Option<String>) {
    ctx.notify(
        None,
        Audience { staff: Some(staff_id.clone()), roles: Vec::new() },
        NoticeBody::SessionEnded { session },
    );
}

/// Removes sessions that have ended by themselves. Called by the leader.
pub(super) async fn clear_ended(job: &mut PgConnection, ahead: i64) -> Result<(), OpError> {
    sqlx::query!(
        "delete from session
         where least(expires_at, ends_at) < clock_timestamp() + make_interval(secs => $1::bigint::float)",
        ahead,
    )
    .execute(job)
    .await?;
    Ok(())
}
