//! The audit: one line an act, sealed when it is written, chained when its transaction is history.

use super::error::OpError;
use crate::shared::canonical::canonical;
use crate::shared::stored::{listing, stored};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::{Connection, PgConnection};
use std::borrow::Cow;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::audit::{AuditLine, Outcome};
use tawi_domain::shared::ids::{BranchNumber, RequestKey};
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::permissions::{Operation, Role};

/// A line to be written.
#[derive(Debug)]
pub struct NewEvent<'a> {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub branch: Option<BranchNumber>,
    /// On which business date.
    pub business_date: Option<Date>,
    /// Who.
    pub staff: Option<&'a str>,
    /// In which role.
    pub role: Option<Role>,
    /// Doing what.
    pub operation: Operation,
    /// How it ended.
    pub outcome: Outcome,
    /// To what: `customer:10000014`.
    pub subject: &'a str,
    /// In a sentence.
    pub what: &'a str,
    /// Reference of the request or receipt.
    pub reference: Option<&'a str>,
    /// Particulars.
    pub detail: Value,
}

/// The key under which an act came, to be stored with its line: whoever sends it again gets the receipt.
#[derive(Debug)]
pub struct UsedKey<'a> {
    /// The key.
    pub key: &'a RequestKey,
    /// Digest of person, operation and content.
    pub fingerprint: &'a [u8; 32],
    /// What came of it.
    pub receipt: &'a Receipt,
}

/// Seals parts under the audit key; each part's length stands before it.
pub fn seal<'a>(key: &[u8; 32], parts: impl IntoIterator<Item = &'a [u8]>) -> Result<[u8; 32], OpError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(OpError::stored)?;
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().into())
}

/// The columns of a line that its seal covers, as texts in a fixed order.
struct Sealed<'a> {
    at: Timestamp,
    branch: Option<i16>,
    business_date: Option<Date>,
    staff: Option<&'a str>,
    role: Option<&'a str>,
    operation: &'a str,
    outcome: &'a str,
    subject: &'a str,
    what: &'a str,
    reference: Option<&'a str>,
    detail: &'a Value,
}

impl Sealed<'_> {
    fn seal(&self, key: &[u8; 32]) -> Result<[u8; 32], OpError> {
        // An absent value and an empty one must not seal alike, hence the marks.
        let mark = |value: Option<&str>| value.map_or_else(|| "-".to_owned(), |text| format!("+{text}"));
        let parts = [
            self.at.as_microsecond().to_string(),
            mark(self.branch.map(|branch| branch.to_string()).as_deref()),
            mark(self.business_date.map(|date| date.to_string()).as_deref()),
            mark(self.staff),
            mark(self.role),
            self.operation.to_owned(),
            self.outcome.to_owned(),
            self.subject.to_owned(),
            self.what.to_owned(),
            mark(self.reference),
            canonical(self.detail),
        ];
        seal(key, parts.iter().map(String::as_bytes))
    }
}

/// The longest subject of a line, in characters.
const LONGEST_SUBJECT: usize = 200;
/// The longest sentence of a line, in characters.
const LONGEST_SENTENCE: usize = 1_000;
/// The most particulars of a line, in bytes of JSON.
const LARGEST_DETAIL: usize = 64 * 1024;

fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
    }
}

/// What [`verify`] found wrong: the id of a line or the number of a link, and why.
pub type Broken = (i64, &'static str);

// SQL

/// Writes a line in the transaction of the act, and the act's key in the same statement.
pub async fn insert_in_op(
    tx: &mut PgConnection,
    key: &[u8; 32],
    event: &NewEvent<'_>,
    used: Option<UsedKey<'_>>,
) -> Result<(), OpError> {
    // Whatever somebody sent, a line has a length.
    let (subject, what) =
        (shortened(event.subject, LONGEST_SUBJECT), shortened(event.what, LONGEST_SENTENCE));
    let detail = Some(&event.detail).filter(|detail| detail.to_string().len() <= LARGEST_DETAIL);
    let detail = detail.cloned().unwrap_or_else(|| json!({ "too_long": event.detail.to_string().len() }));
    let seal = Sealed {
        at: event.at,
        branch: event.branch.map(BranchNumber::get),
        business_date: event.business_date,
        staff: event.staff,
        role: event.role.map(Role::code),
        operation: event.operation.code(),
        outcome: event.outcome.code(),
        subject: &subject,
        what: &what,
        reference: event.reference,
        detail: &detail,
    }
    .seal(key)?;
    sqlx::query!(
        r#"
        with used as (
            insert into idempotency_key (key, fingerprint, staff_id, operation, receipt)
            select $13, $14, $4, $6, $15 where $13::text is not null
        )
        insert into audit_event
            (at, branch, business_date, staff_id, role, operation, outcome, subject, what, reference, detail, seal)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        "#,
        event.at.to_sqlx() as _,
        event.branch.map(BranchNumber::get),
        event.business_date.map(ToSqlx::to_sqlx) as _,
        event.staff,
        event.role.map(Role::code),
        event.operation.code(),
        event.outcome.code(),
        &*subject,
        &*what,
        event.reference,
        detail,
        seal.as_slice(),
        used.as_ref().map(|used| used.key.as_str()),
        used.as_ref().map(|used| used.fingerprint.as_slice()),
        used.as_ref().map(|used| serde_json::to_value(used.receipt)).transpose()?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What happened to a subject, newest first, as far as the transaction's branches go.
pub async fn trail_in_op(
    tx: &mut PgConnection,
    subject: &str,
    most: i64,
) -> Result<Listing<AuditLine>, OpError> {
    let rows = sqlx::query_as!(
        TrailRow,
        r#"
        select e.id, e.at, e.staff_id, coalesce(s.name, 'Tawi') as "staff_name!", coalesce(b.code, '') as "branch_code!",
               e.outcome, e.what, e.reference
        from audit_event e
        left join staff s on s.id = e.staff_id
        left join branch b on b.number = e.branch
        where e.subject = $1
        order by e.id desc
        limit $2
        "#,
        subject,
        most,
    )
    .fetch_all(tx)
    .await?;
    let name = |row: &TrailRow| format!("line {}", row.id);
    Ok(listing(rows, name, |row| {
        Ok(AuditLine {
            at: row.at.to_jiff(),
            staff_id: row.staff_id.as_deref().map(stored).transpose()?,
            staff_name: row.staff_name,
            branch_code: row.branch_code,
            outcome: Outcome::from_code(&row.outcome).ok_or_else(|| OpError::stored(&row.outcome))?,
            what: row.what,
            reference: row.reference,
        })
    }))
}

struct TrailRow {
    id: i64,
    at: jiff_sqlx::Timestamp,
    staff_id: Option<String>,
    staff_name: String,
    branch_code: String,
    outcome: String,
    what: String,
    reference: Option<String>,
}

/// Adds a link to the chain: it seals every line of the transactions that are history by now. Called by
/// the leader alone.
pub async fn add_link(job: &mut PgConnection, key: &[u8; 32]) -> Result<(), OpError> {
    let mut tx = job.begin().await?;
    add_link_in_op(&mut tx, key).await?;
    tx.commit().await?;
    Ok(())
}

/// The same inside a transaction that does more.
pub(crate) async fn add_link_in_op(tx: &mut PgConnection, key: &[u8; 32]) -> Result<(), OpError> {
    let range = sqlx::query!(
        r#"
        select coalesce(c.number, 0) as "number!", coalesce(c.until_transaction, 0) as "from!",
               oldest_transaction() as "until!", c.seal as "seal?"
        from (values (1)) one
        left join (select number, until_transaction, seal from audit_chain order by number desc limit 1) c on true
        "#
    )
    .fetch_one(&mut *tx)
    .await?;
    let seals = sqlx::query_scalar!(
        r#"
        select seal from audit_event
        where transaction >= $1 and transaction < $2
        order by id
        "#,
        range.from,
        range.until,
    )
    .fetch_all(&mut *tx)
    .await?;
    if seals.is_empty() {
        return Ok(());
    }
    let number = range.number + 1;
    let link = link_seal(key, number, range.from, range.until, range.seal.as_deref(), &seals)?;
    sqlx::query!(
        r#"
        insert into audit_chain (number, from_transaction, until_transaction, events, seal)
        values ($1, $2, $3, $4, $5)
        "#,
        number,
        range.from,
        range.until,
        i32::try_from(seals.len()).unwrap_or(i32::MAX),
        link.as_slice(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn link_seal(
    key: &[u8; 32],
    number: i64,
    from: i64,
    until: i64,
    before: Option<&[u8]>,
    seals: &[Vec<u8>],
) -> Result<[u8; 32], OpError> {
    let (number, from, until) = (number.to_be_bytes(), from.to_be_bytes(), until.to_be_bytes());
    let head = [number.as_slice(), from.as_slice(), until.as_slice(), before.unwrap_or_default()];
    seal(key, head.into_iter().chain(seals.iter().map(Vec::as_slice)))
}

/// Recomputes every seal and every link. Reads the whole audit in order, a thousand lines at a time.
pub async fn verify(owner: &mut PgConnection, key: &[u8; 32]) -> Result<Vec<Broken>, OpError> {
    const PAGE: i64 = 1000;
    let mut broken = Vec::new();
    let mut after = 0_i64;
    loop {
        let rows = sqlx::query!(
            r#"
            select id, at, branch, business_date, staff_id, role, operation, outcome, subject, what, reference,
                   detail, seal
            from audit_event where id > $1 order by id limit $2
            "#,
            after,
            PAGE,
        )
        .fetch_all(&mut *owner)
        .await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows {
            let expected = Sealed {
                at: row.at.to_jiff(),
                branch: row.branch,
                business_date: row.business_date.map(jiff_sqlx::Date::to_jiff),
                staff: row.staff_id.as_deref(),
                role: row.role.as_deref(),
                operation: &row.operation,
                outcome: &row.outcome,
                subject: &row.subject,
                what: &row.what,
                reference: row.reference.as_deref(),
                detail: &row.detail,
            }
            .seal(key)?;
            if expected.as_slice() != row.seal {
                broken.push((row.id, "this audit line was changed after it was written"));
            }
        }
    }
    let links = sqlx::query!(
        r#"
        select number, from_transaction as "from", until_transaction as "until", events, seal
        from audit_chain order by number
        "#
    )
    .fetch_all(&mut *owner)
    .await?;
    let mut before: Option<Vec<u8>> = None;
    let mut expected_from = 0_i64;
    for (at, link) in links.into_iter().enumerate() {
        let seals = sqlx::query_scalar!(
            r#"
            select seal from audit_event
            where transaction >= $1 and transaction < $2
            order by id
            "#,
            link.from,
            link.until,
        )
        .fetch_all(&mut *owner)
        .await?;
        let expected = link_seal(key, link.number, link.from, link.until, before.as_deref(), &seals)?;
        let in_order = i64::try_from(at).is_ok_and(|at| link.number == at + 1) && link.from == expected_from;
        if expected.as_slice() != link.seal || !in_order || i32::try_from(seals.len()) != Ok(link.events) {
            broken.push((link.number, "audit lines under this link were removed, added or changed"));
        }
        expected_from = link.until;
        before = Some(link.seal);
    }
    Ok(broken)
}
