//! The bank: pools, clock, keys and the hub of live notices, behind one cheap handle.

use crate::shared::clock::Clock;
use crate::shared::db::{self, Urls};
use crate::shared::hub::Hub;
use crate::shared::password::Hasher;
use sqlx::{PgPool, Postgres, Transaction};
use std::sync::Arc;
use std::time::Duration;

/// Connections of the sessions' pool: each is used for one statement.
const SESSION_CONNECTIONS: u32 = 4;

/// What a bank is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the database is.
    pub urls: Urls,
    /// The key that seals audit lines; 32 bytes that the database never sees.
    pub audit_key: [u8; 32],
    /// Connections of the application's pool.
    pub connections: u32,
    /// How long a request waits for a connection.
    pub patience: Duration,
    /// Whether the bank is a demonstration, whose life may be made up.
    pub demonstration: bool,
}

/// A handle on everything an operation needs.
#[derive(Debug, Clone)]
pub struct Bank(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    sessions: PgPool,
    jobs: PgPool,
    owner: PgPool,
    settings: Settings,
    clock: Clock,
    hub: Hub,
    hasher: Hasher,
}

impl Bank {
    /// Prepares the pools; nothing is connected before it is needed.
    pub fn new(settings: Settings) -> Result<Self, sqlx::Error> {
        let pool = db::app_pool(&settings.urls, settings.connections, settings.patience)?;
        let sessions = db::app_pool(&settings.urls, SESSION_CONNECTIONS, settings.patience)?;
        let jobs = db::job_pool(&settings.urls, settings.patience)?;
        let owner = db::owner_pool(&settings.urls, settings.patience)?;
        Ok(Self(Arc::new(Inner {
            pool,
            sessions,
            jobs,
            owner,
            settings,
            clock: Clock::default(),
            hub: Hub::default(),
            hasher: Hasher::default(),
        })))
    }

    /// The application's pool.
    pub fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    /// The pool of sessions, of tries at the sign-in and of health: in the same role, and never taken up by what people
    /// do.
    pub fn sessions(&self) -> &PgPool {
        &self.0.sessions
    }

    /// A transaction of the application's pool.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        db::begin(&self.0.pool).await
    }

    /// The jobs' pool.
    pub fn jobs(&self) -> &PgPool {
        &self.0.jobs
    }

    /// The owner's pool: for the command line's operations and for verification.
    pub fn owner(&self) -> &PgPool {
        &self.0.owner
    }

    /// What the bank was started with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The hub of live notices.
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// The password hasher.
    pub fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }
}
