//! Sessions in Postgres: the store behind tower-sessions, and the list a person sees of their own.
//! A session is keyed by the SHA-256 of its cookie.

use super::error::OpError;
use crate::bank::Bank;
use crate::op::{Begun, Caller, OpCtx};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::constants::SESSION_HOURS;
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
const TOUCH_SECONDS: i64 = 10;

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
        .execute(bank.pool())
        .await
        .map_err(|error| OpError::from(error).outward())?;
    Ok(gone.rows_affected() == 1)
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

fn moment(date: time::OffsetDateTime) -> StoreResult<Timestamp> {
    Timestamp::from_second(date.unix_timestamp()).map_err(backend)
}

fn owner_of(record: &Record) -> Option<String> {
    record.data.get(WHO)?.get("staff_id")?.as_str().map(str::to_owned)
}

#[async_trait]
impl SessionStore for PostgresStore {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        let now = self.bank.clock().now();
        // A new id, for a seat or a password, does not make a session live longer.
        let ends = match record.data.get(ENDS).and_then(Value::as_i64) {
            Some(seconds) => Timestamp::from_second(seconds).map_err(backend)?,
            None => now.saturating_add(SignedDuration::from_hours(SESSION_HOURS)).map_err(backend)?,
        };
        record.data.insert(ENDS.to_owned(), ends.as_second().into());
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let user_agent = record.data.get("user_agent").and_then(Value::as_str).unwrap_or_default();
        let digest = digest_of(record.id);
        let stamp = record.data.get(WHO).and_then(|who| who.get("stamp")).and_then(Value::as_str);
        // Whoever has another password by now, or none, gets no session under the old one: the row is
        // shared, so that a change of the password waits, or is waited for.
        let made = sqlx::query!(
            r#"
            with person as (select id, password_hash from staff where id = $2 for share)
            insert into session (digest, staff_id, data, user_agent, created_at, seen_at, expires_at, ends_at)
            select $1, $2, $3, $4, $5, $5, $6, $7
            where $2::text is null or exists (
                select from person where $8::text is null or md5(password_hash) = $8)
            "#,
            digest.as_slice(),
            owner_of(record),
            data,
            user_agent,
            now.to_sqlx() as _,
            moment(record.expiry_date)?.to_sqlx() as _,
            ends.to_sqlx() as _,
            stamp,
        )
        .execute(self.bank.pool())
        .await
        .map_err(backend)?;
        if made.rows_affected() == 1 { Ok(()) } else { Err(backend("the password has changed meanwhile")) }
    }

    /// Only ever updates: a session that was ended meanwhile does not come back to life.
    async fn save(&self, record: &Record) -> StoreResult<()> {
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let digest = digest_of(record.id);
        sqlx::query!(
            r#"
            update session set data = $2, staff_id = $3, seen_at = $4, expires_at = $5
            where digest = $1
              and (data <> $2 or seen_at < $4::timestamptz - make_interval(secs => $6::bigint::float))
            "#,
            digest.as_slice(),
            data,
            owner_of(record),
            self.bank.clock().now().to_sqlx() as _,
            moment(record.expiry_date)?.to_sqlx() as _,
            TOUCH_SECONDS,
        )
        .execute(self.bank.pool())
        .await
        .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let digest = digest_of(*id);
        let row = sqlx::query!(
            "select data, expires_at from session where digest = $1 and least(expires_at, ends_at) > $2",
            digest.as_slice(),
            self.bank.clock().now().to_sqlx() as _,
        )
        .fetch_optional(self.bank.pool())
        .await
        .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let data = serde_json::from_value(row.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(row.expires_at.to_jiff().as_second())
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        let digest = digest_of(*id);
        sqlx::query!("delete from session where digest = $1", digest.as_slice())
            .execute(self.bank.pool())
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
pub async fn own_sessions(bank: &Bank, caller: &Caller) -> Result<Vec<SessionRow>, OpError> {
    let rows = sqlx::query!(
        r#"
        select encode(digest, 'hex') as "digest!", user_agent, created_at, seen_at
        from session
        where staff_id = $1 and least(expires_at, ends_at) > $2
        order by created_at desc limit 50
        "#,
        caller.staff_id.as_str(),
        bank.clock().now().to_sqlx() as _,
    )
    .fetch_all(bank.pool())
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

/// Lets the streams of a person's sessions end within a second of the commit.
pub(crate) fn tell_ended(ctx: &mut OpCtx, staff_id: &StaffId, session: Option<String>) {
    ctx.notify(
        None,
        Audience { staff: Some(staff_id.clone()), roles: Vec::new() },
        NoticeBody::SessionEnded { session },
    );
}

/// Removes sessions that have ended by themselves. Called by the leader.
pub(super) async fn clear_ended(job: &mut PgConnection, now: Timestamp) -> Result<(), OpError> {
    sqlx::query!("delete from session where least(expires_at, ends_at) < $1", now.to_sqlx() as _)
        .execute(job)
        .await?;
    Ok(())
}
