//! The node's background work, and the one leader: a session lock in the database makes one node give positions, roll up the ledger,
//! chain the audit and clear what has ended. When it dies, its connection does, and with it the lock:
//! another node takes over within a quarter of a second.

use super::error::OpError;
use super::{audit, balances, cluster, notices, outbox, session, sign_in_tries};
use crate::bank::Bank;
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Connection, Executor, PgConnection};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long positions may wait when no wake-up came through.
const TICK: Duration = Duration::from_millis(250);
/// How often the slower jobs run.
const HOUSEKEEPING: Duration = Duration::from_secs(2);
/// How long a node that cannot reach the database waits before it tries again.
const RETRY: Duration = Duration::from_millis(500);

/// Runs the node's background work until the hub stops.
pub async fn run(bank: Bank) {
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_going(bank.clone(), "leader", lead));
    tasks.spawn(keep_going(bank.clone(), "reader", read));
    tasks.spawn(keep_going(bank.clone(), "watcher", watch));
    tasks.spawn(keep_going(bank, "listener", listen));
    while tasks.join_next().await.is_some() {}
}

/// Runs one job again and again: a database that went away comes back.
async fn keep_going<F, Fut>(bank: Bank, name: &'static str, job: F)
where
    F: Fn(Bank) -> Fut + Send,
    Fut: Future<Output = Result<(), OpError>> + Send,
{
    let mut stopping = bank.hub().stopping();
    while !*stopping.borrow() {
        let outcome = tokio::select! {
            outcome = job(bank.clone()) => outcome,
            _ = stopping.changed() => Ok(()),
        };
        if name == "leader" {
            bank.hub().set_leading(false);
        }
        if let Err(error) = outcome {
            tracing::warn!(job = name, cause = %error, "a job stopped; it is tried again");
            let _ = tokio::time::timeout(RETRY, stopping.changed()).await;
        }
    }
}

async fn lead(bank: Bank) -> Result<(), OpError> {
    // Not from the pool: the lock lives as long as this connection and must not return to it.
    let mut job = PgConnection::connect_with(bank.jobs().connect_options().as_ref()).await?;
    while !take_lead(&mut job).await? {
        tokio::time::sleep(TICK).await;
    }
    // What a leader marks in the wrong cluster stays wrong: a database may be exchanged behind its address.
    cluster::must_be_at_home(&mut job).await?;
    bank.hub().set_leading(true);
    let mut tidied = Instant::now();
    loop {
        let placed = outbox::assign_positions(&mut job).await?;
        if placed > 0 {
            bank.hub().wake_reader.notify_one();
            job.execute("notify tawi_positions").await?;
            continue;
        }
        if tidied.elapsed() >= HOUSEKEEPING {
            audit::add_link(&mut job, &bank.settings().audit_key).await?;
            balances::roll_up(&mut job).await?;
            let ahead = bank.clock().ahead_seconds();
            session::clear_ended(&mut job, ahead).await?;
            sign_in_tries::clear_old(&mut job, ahead).await?;
            outbox::clear_old(&mut job, ahead).await?;
            tidied = Instant::now();
        }
        let _ = tokio::time::timeout(TICK, bank.hub().wake_leader.notified()).await;
    }
}

async fn read(bank: Bank) -> Result<(), OpError> {
    loop {
        outbox::read_and_deliver(&bank).await?;
        let _ = tokio::time::timeout(TICK, bank.hub().wake_reader.notified()).await;
    }
}

async fn watch(bank: Bank) -> Result<(), OpError> {
    notices::watch(&bank).await
}

/// Listens to the other nodes, and wakes their leader for this node's commits: one coalesced NOTIFY
/// outside of any business transaction.
async fn listen(bank: Bank) -> Result<(), OpError> {
    // A pool of its own: a listener keeps its connection for good, and the node's pools must be able to
    // close without waiting for it.
    let options = bank.jobs().connect_options().as_ref().clone();
    let own = PgPoolOptions::new().max_connections(1).connect_with(options).await?;
    let mut listener = PgListener::connect_with(&own).await?;
    listener.listen_all(["tawi_positions", "tawi_outbox"]).await?;
    loop {
        tokio::select! {
            heard = listener.recv() => match heard?.channel() {
                "tawi_positions" => bank.hub().wake_reader.notify_one(),
                _ => bank.hub().wake_leader.notify_one(),
            },
            () = bank.hub().wake_elsewhere.notified() => {
                bank.jobs().execute("notify tawi_outbox").await?;
            }
        }
    }
}

// SQL

async fn take_lead(job: &mut PgConnection) -> Result<bool, OpError> {
    Ok(sqlx::query_scalar!(r#"select pg_try_advisory_lock(7260) as "mine!""#).fetch_one(job).await?)
}
