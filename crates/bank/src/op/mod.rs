//! The gate. An [`OpCtx`] is only born authorised and only ends audited: session -> staff -> policy ->
//! transaction with row-level security set -> idempotency key. There is no other way to write.

mod content;
mod gate;
mod look;

pub use crate::shared::caller::Caller;
pub use content::Content;
pub use look::Look;

use crate::bank::Bank;
use crate::op::gate::{Gate, authorise, open};
use crate::shared::audit::{self, NewEvent, UsedKey};
use crate::shared::canonical::{canonical_of, digest};
use crate::shared::cluster;
use crate::shared::db;
use crate::shared::error::OpError;
use crate::shared::outbox;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{PgConnection, Postgres, Transaction};
use std::time::Duration;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{BranchNumber, Reference, ReferenceKind, RequestKey, StaffId};
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::staff::Officer;

/// How long a second sender of the same key waits for the first before it is told to come back.
const IN_FLIGHT_WAIT: Duration = Duration::from_secs(2);
const IN_FLIGHT_POLL: Duration = Duration::from_millis(40);
/// How often a transaction that lost a race in the database is tried.
pub const ATTEMPTS: u32 = 3;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody signed in.
    Officer(Caller),
    /// Somebody at the sign-in page: who they claim to be, not yet believed.
    AtTheDoor(Option<StaffId>),
    /// The program's own command line: whoever holds the machine and the database's owner role.
    Program,
}

/// An operation in progress: its transaction, who does it, when, and what it will leave behind.
#[derive(Debug)]
pub struct OpCtx {
    bank: Bank,
    tx: Transaction<'static, Postgres>,
    operation: Operation,
    actor: Actor,
    officer: Option<Officer>,
    branch: Option<BranchNumber>,
    business_date: Option<Date>,
    reached: Vec<(BranchNumber, Date)>,
    now: Timestamp,
    key: Option<(RequestKey, [u8; 32])>,
    reference: Option<Reference>,
    notices: Vec<(Option<BranchNumber>, Audience, NoticeBody)>,
}

/// What the gate answers.
#[derive(Debug)]
pub enum Begun {
    /// Go on.
    Fresh(Box<OpCtx>),
    /// This was done before, under the same key: here is what came of it.
    Already(Box<Receipt>),
}

/// The fingerprint of a command: person, operation and content.
pub fn fingerprint<T: Serialize>(
    staff: &str,
    operation: Operation,
    content: &T,
) -> Result<[u8; 32], OpError> {
    Ok(digest(&[staff, operation.code(), &canonical_of(content)?]))
}

impl OpCtx {
    /// The context of a transaction that has just begun, at the officer's branch if there is one.
    fn new(
        bank: &Bank,
        tx: Transaction<'static, Postgres>,
        operation: Operation,
        actor: Actor,
        officer: Option<Officer>,
    ) -> Self {
        Self {
            bank: bank.clone(),
            tx,
            operation,
            actor,
            branch: officer.as_ref().map(|officer| officer.branch),
            business_date: officer.as_ref().map(|officer| officer.business_date),
            officer,
            reached: Vec::new(),
            now: bank.clock().now(),
            key: None,
            reference: None,
            notices: Vec::new(),
        }
    }

    /// Begins an operation of somebody signed in, under a key that makes it happen once.
    pub async fn begin<T: Serialize + Sync>(
        bank: &Bank,
        caller: &Caller,
        operation: Operation,
        key: RequestKey,
        content: &T,
    ) -> Result<Begun, OpError> {
        let begun = Self::begin_with(bank, caller, operation, key, |_| Ok((Content::of(content), ())));
        Ok(begun.await?.0)
    }

    /// Begins an operation whose content is read on the branch's business date, once the gate has opened:
    /// who may not do it hears nothing of its fields. Answers what was read besides.
    pub async fn begin_with<T: Serialize, R>(
        bank: &Bank,
        caller: &Caller,
        operation: Operation,
        key: RequestKey,
        read: impl Fn(Date) -> Result<(Content<T>, R), OpError>,
    ) -> Result<(Begun, R), OpError> {
        let waits_until = tokio::time::Instant::now() + IN_FLIGHT_WAIT;
        loop {
            let mut tx = bank.begin().await?;
            if open(&mut tx, caller, Some(&key)).await? {
                let Gate { officer, known } = authorise(&mut tx, caller, operation, Some(&key)).await?;
                let (content, read) = read(officer.business_date)?;
                let [fingerprint, other] = content.fingerprints(caller.staff_id.as_str(), operation)?;
                let begun = match known {
                    Some(known) if [fingerprint, other].contains(&known.fingerprint) => {
                        Begun::Already(Box::new(serde_json::from_value(known.receipt)?))
                    }
                    Some(_) => {
                        return Err(AppError::refused(
                            "This was already sent with other content. Open the form again and send it from there",
                        )
                        .into());
                    }
                    None => Begun::Fresh(Box::new(Self {
                        key: Some((key, fingerprint)),
                        ..Self::new(bank, tx, operation, Actor::Officer(caller.clone()), Some(officer))
                    })),
                };
                return Ok((begun, read));
            }
            drop(tx);
            if tokio::time::Instant::now() >= waits_until {
                return Err(AppError::Conflict(
                    "This is being done at this moment. Wait a second and look again".to_owned(),
                )
                .into());
            }
            tokio::time::sleep(IN_FLIGHT_POLL).await;
        }
    }

    /// Begins an enquiry: nothing is changed but the audit, so no key is needed. Only [`Bank::look`] does.
    async fn begin_enquiry(bank: &Bank, caller: &Caller, operation: Operation) -> Result<Self, OpError> {
        let mut tx = bank.begin().await?;
        open(&mut tx, caller, None).await?;
        let officer = authorise(&mut tx, caller, operation, None).await?.officer;
        Ok(Self::new(bank, tx, operation, Actor::Officer(caller.clone()), Some(officer)))
    }

    /// Begins at the sign-in page, where nobody is anybody yet: only staff and sessions can be touched.
    pub async fn begin_at_the_door(bank: &Bank, claims: Option<StaffId>) -> Result<Self, OpError> {
        let tx = bank.begin().await?;
        Ok(Self::new(bank, tx, Operation::SignIn, Actor::AtTheDoor(claims), None))
    }

    /// Begins an operation of the program's command line, on a connection of the database's owner.
    /// Only operations that the table gives to the program are open to it.
    pub async fn begin_program(bank: &Bank, operation: Operation) -> Result<Self, OpError> {
        if !operation.by_program() {
            return Err(AppError::NotAllowed(format!(
                "{} is done by people, not by the command line",
                operation.spec().title
            ))
            .into());
        }
        let mut tx = db::begin(bank.owner()).await?;
        if operation != Operation::Adopt {
            cluster::must_be_at_home(&mut tx).await?;
        }
        Ok(Self::new(bank, tx, operation, Actor::Program, None))
    }

    /// Begins a chunk of the program's own work over many rows of a branch: on the branch's business date, which
    /// stays until the chunk ends, under a key that makes it happen once. It ends with [`OpCtx::commit`], one
    /// audit line for all its rows.
    pub(crate) async fn begin_chunk(
        bank: &Bank,
        operation: Operation,
        branch: BranchNumber,
        key: RequestKey,
    ) -> Result<Self, OpError> {
        let fingerprint = fingerprint("", operation, &key.as_str())?;
        let mut ctx = Self::begin_program(bank, operation).await?;
        // It waits for a row for a moment, and a program that hangs lets go of what it holds.
        sqlx::query("set local lock_timeout = '1s'").execute(ctx.conn()).await?;
        sqlx::query("set local idle_in_transaction_session_timeout = '30s'").execute(ctx.conn()).await?;
        let date = gate::reach(&mut ctx.tx, branch).await?;
        ctx.sit_at(branch, date);
        Ok(Self { key: Some((key, fingerprint)), ..ctx })
    }

    /// Whether this is an operation under a key, and not an enquiry.
    pub(crate) fn will_write(&self) -> bool {
        self.key.is_some()
    }

    /// The connection of the transaction.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// The bank.
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// Who acts, if somebody is signed in.
    pub fn officer(&self) -> Result<&Officer, OpError> {
        self.officer.as_ref().ok_or_else(|| AppError::NotSignedIn.into())
    }

    /// The branch's business date.
    pub fn business_date(&self) -> Result<Date, OpError> {
        self.business_date.ok_or_else(|| OpError::stored("no business date outside a branch"))
    }

    /// The branch whose books are written.
    pub fn branch(&self) -> Result<BranchNumber, OpError> {
        self.branch.ok_or_else(|| OpError::stored("no branch outside a seat"))
    }

    /// Seats the program at a branch on a business date, to post what a new day brings.
    pub(crate) fn sit_at(&mut self, branch: BranchNumber, business_date: Date) {
        self.branch = Some(branch);
        self.business_date = Some(business_date);
    }

    /// Lets the operation write the books of another branch besides its own: that branch's date stays until
    /// the end, and its people find the operation in their audit. Answers the date.
    pub(crate) async fn reach(&mut self, branch: BranchNumber) -> Result<Date, OpError> {
        if let Some((_, date)) = self.reached.iter().find(|(reached, _)| *reached == branch) {
            return Ok(*date);
        }
        let date = gate::reach(&mut self.tx, branch).await?;
        self.reached.push((branch, date));
        Ok(date)
    }

    /// The moment the operation began.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The operation.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Draws the reference of this operation's receipt, once.
    pub async fn reference(&mut self, kind: ReferenceKind) -> Result<Reference, OpError> {
        if let Some(reference) = &self.reference {
            return Ok(reference.clone());
        }
        let reference = self.draw(kind).await?;
        self.reference = Some(reference.clone());
        Ok(reference)
    }

    /// Draws a reference that is not the receipt's: of the other branch's journal.
    pub(crate) async fn draw(&mut self, kind: ReferenceKind) -> Result<Reference, OpError> {
        let serial = match kind {
            ReferenceKind::Request => {
                sqlx::query_scalar!(r#"select nextval('request_serial') as "serial!""#)
                    .fetch_one(&mut *self.tx)
                    .await?
            }
            ReferenceKind::Receipt => {
                sqlx::query_scalar!(r#"select nextval('receipt_serial') as "serial!""#)
                    .fetch_one(&mut *self.tx)
                    .await?
            }
        };
        reference_of(kind, serial)
    }

    /// The reference of this operation's receipt, if one was drawn.
    pub(crate) fn drawn_reference(&self) -> Option<&Reference> {
        self.reference.as_ref()
    }

    /// Draws references for journals that have no receipt of their own, in one go.
    pub(crate) async fn draw_many(
        &mut self,
        kind: ReferenceKind,
        count: usize,
    ) -> Result<Vec<Reference>, OpError> {
        let sequence = match kind {
            ReferenceKind::Request => "request_serial",
            ReferenceKind::Receipt => "receipt_serial",
        };
        let serials = sqlx::query_scalar!(
            r#"select nextval($1::text::regclass) as "serial!" from generate_series(1, $2)"#,
            sequence,
            i32::try_from(count).map_err(OpError::stored)?,
        );
        let serials = serials.fetch_all(&mut *self.tx).await?;
        serials.into_iter().map(|serial| reference_of(kind, serial)).collect()
    }

    /// Makes the reference of a serial number that was drawn together with something else.
    pub(crate) fn set_reference(&mut self, kind: ReferenceKind, serial: i64) -> Result<Reference, OpError> {
        let reference = reference_of(kind, serial)?;
        self.reference = Some(reference.clone());
        Ok(reference)
    }

    /// Tells somebody, once the transaction has committed.
    pub fn notify(&mut self, branch: Option<BranchNumber>, audience: Audience, body: NoticeBody) {
        self.notices.push((branch, audience, body));
    }

    /// How many it would be told of so far.
    pub(crate) fn told(&self) -> usize {
        self.notices.len()
    }

    /// Takes back what has been told since: what it told of was rolled back.
    pub(crate) fn untell(&mut self, told: usize) {
        self.notices.truncate(told);
    }

    /// Runs the deed of another operation inside this one: what an approval sets off. The maker and
    /// the checker were checked by the approval; the deed is audited under its own operation.
    pub(crate) async fn within<T>(
        &mut self,
        operation: Operation,
        deed: impl AsyncFnOnce(&mut Self) -> Result<T, OpError>,
    ) -> Result<T, OpError> {
        let outer = std::mem::replace(&mut self.operation, operation);
        let done = deed(self).await;
        self.operation = outer;
        done
    }

    /// Ends the operation: audit line, notices and key in the same transaction, then the commit.
    pub async fn commit(
        mut self,
        outcome: Outcome,
        subject: &str,
        what: &str,
        detail: Value,
        receipt: Option<&Receipt>,
    ) -> Result<(), OpError> {
        let key = self.key.take();
        let used = match (&key, receipt) {
            (Some((key, fingerprint)), Some(receipt)) => Some(UsedKey { key, fingerprint, receipt }),
            _ => None,
        };
        let home = (self.branch, self.business_date);
        for (branch, date) in std::mem::take(&mut self.reached) {
            self.sit_at(branch, date);
            self.audit_in_op(outcome, subject, what, detail.clone(), None).await?;
        }
        (self.branch, self.business_date) = home;
        self.audit_in_op(outcome, subject, what, detail, used).await?;
        let tells = !self.notices.is_empty();
        for (branch, audience, body) in &self.notices {
            outbox::queue_in_op(&mut self.tx, *branch, audience, body).await?;
        }
        self.tx.commit().await?;
        if tells {
            self.bank.hub().wake_leader();
        }
        Ok(())
    }

    /// Writes an audit line into the transaction, and the key of the act when it may come only once.
    pub async fn audit_in_op(
        &mut self,
        outcome: Outcome,
        subject: &str,
        what: &str,
        detail: Value,
        used: Option<UsedKey<'_>>,
    ) -> Result<(), OpError> {
        let event = NewEvent {
            at: self.now,
            branch: self.branch,
            business_date: self.business_date,
            staff: match &self.actor {
                Actor::Officer(caller) => Some(caller.staff_id.as_str()),
                Actor::AtTheDoor(claims) => claims.as_ref().map(StaffId::as_str),
                Actor::Program => None,
            },
            role: self.officer.as_ref().map(|officer| officer.role),
            operation: self.operation,
            outcome,
            subject,
            what,
            reference: self.reference.as_ref().map(Reference::as_str),
            detail,
        };
        audit::insert_in_op(&mut self.tx, &self.bank.settings().audit_key, &event, used).await
    }
}

fn reference_of(kind: ReferenceKind, serial: i64) -> Result<Reference, OpError> {
    let reference = u64::try_from(serial).ok().and_then(|serial| Reference::new(kind, serial));
    reference.ok_or_else(|| OpError::stored("a serial number out of range"))
}

/// Turns the error of an operation into what may leave the bank. A refusal has rolled the deed back
/// already; it is audited in a transaction of its own and stores no key.
pub async fn settle<T>(
    bank: &Bank,
    actor: &Actor,
    operation: Operation,
    result: Result<T, OpError>,
) -> Result<T, AppError> {
    let error = match result {
        Ok(done) => return Ok(done),
        Err(error) => error.outward(),
    };
    let audited = match &error {
        // Nothing can be written while the database does not answer, or shall be while many knock, and nobody in
        // particular is asking.
        AppError::Unavailable { .. } | AppError::Busy | AppError::NotSignedIn => Ok(()),
        AppError::Invalid(_)
        | AppError::NotAllowed(_)
        | AppError::NotFound(_)
        | AppError::Conflict(_)
        | AppError::OtherSeat
        | AppError::TooMuch
        | AppError::TooMany => audit_refusal(bank, actor, operation, &error).await,
    };
    if let Err(failure) = audited {
        return Err(failure.outward());
    }
    Err(error)
}

async fn audit_refusal(
    bank: &Bank,
    actor: &Actor,
    operation: Operation,
    error: &AppError,
) -> Result<(), OpError> {
    let mut tx = bank.begin().await?;
    let (staff, role, branch) = match actor {
        Actor::Officer(caller) => (Some(caller.staff_id.as_str()), Some(caller.role), Some(caller.branch)),
        Actor::AtTheDoor(claims) => (claims.as_ref().map(StaffId::as_str), None, None),
        Actor::Program => (None, None, None),
    };
    // Which fields were wrong is kept; what was typed into them is not.
    let (what, fields) = if let AppError::Invalid(faults) = error {
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        ("Refused: what was sent could not be accepted".to_owned(), json!(fields))
    } else {
        (format!("Refused: {error}"), json!([]))
    };
    let event = NewEvent {
        at: bank.clock().now(),
        branch,
        business_date: None,
        staff,
        role,
        operation,
        outcome: Outcome::Refused,
        subject: "",
        what: &what,
        reference: None,
        detail: json!({ "status": error.status(), "fields": fields }),
    };
    audit::insert_in_op(&mut tx, &bank.settings().audit_key, &event, None).await?;
    tx.commit().await?;
    Ok(())
}
