//! A private database per test: a template is migrated and staffed once, each test clones it, works in
//! it, and has the invariants of the books checked afterwards. Besides: the people tests act as, what they
//! do in more than one story, and a sample of every operation.
//!
//! Every file of this folder is a module of it. Cargo does not see that a file is new until another one
//! changes: touch this one.

#![deny(clippy::wildcard_enum_match_arm)]

automod::dir!(pub "src");
pub mod samples;

pub use bare_figures::bare_figures;
pub use before::{before, before_and};
pub use books::posted;
pub use customers::{customer_form, opened, registered};
pub use deeds::{agreed, command, decide, decision, send, submit, ticket};
pub use listening::{listen, seated};
pub use people::{as_before, caller, given, key, seat};

use jiff::civil::Date;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tawi_bank::adopt::adopt;
use tawi_bank::bank::{Bank, Settings};
use tawi_bank::demo;
use tawi_bank::proof;
use tawi_bank::shared::db::{MIGRATIONS, Urls, migrate};
use tawi_bank::shared::{cluster, leader};

/// The business date every test begins on.
pub const TODAY: Date = jiff::civil::date(2026, 3, 26);
/// The audit key of tests.
pub const AUDIT_KEY: [u8; 32] = [7; 32];

/// How long the end of a test waits for what should have ended by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whatever may go wrong in a story.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A bank of its own for one test.
#[derive(Debug)]
pub struct TestBank {
    /// The bank.
    pub bank: Bank,
    name: String,
    admin: String,
    leader: Option<tokio::task::JoinHandle<()>>,
}

/// Address of another database in the same cluster.
fn with_database(url: &str, name: &str) -> String {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let base = path.rsplit_once('/').map_or(path, |(base, _)| base);
    query.map_or_else(|| format!("{base}/{name}"), |query| format!("{base}/{name}?{query}"))
}

fn settings(url: String) -> Settings {
    // A loaded machine takes its time to open a connection; that is not what tests are about.
    Settings {
        urls: Urls { owner: url, app: None },
        audit_key: AUDIT_KEY,
        connections: 24,
        patience: PATIENCE,
        demonstration: true,
    }
}

/// Address of a cluster where databases may be made: `TAWI_TEST_DATABASE_URL`, set by `make test`.
pub fn admin_url() -> Fallible<String> {
    std::env::var("TAWI_TEST_DATABASE_URL").map_err(|_| {
        "TAWI_TEST_DATABASE_URL is not set: run the tests with `make test` or `cargo xtask db`".into()
    })
}

/// The template's name changes with the migrations, people and products, so that an old one is never cloned.
fn template_name() -> String {
    let mut parts: Vec<String> =
        MIGRATIONS.iter().map(|migration| tawi_bank::shared::canonical::hex(&migration.checksum)).collect();
    parts.push(format!("{:?} {:?}", demo::PEOPLE, demo::products()));
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    format!(
        "tawi_template_{}",
        &tawi_bank::shared::canonical::hex(&tawi_bank::shared::canonical::digest(&parts))[..12]
    )
}

async fn ensure_template(admin: &str) -> Fallible<String> {
    let name = template_name();
    let mut connection = PgConnection::connect(admin).await?;
    connection.execute("select pg_advisory_lock(7270)").await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&name)
        .fetch_one(&mut connection)
        .await?;
    if !there {
        let making = format!("{name}_making");
        connection.execute(AssertSqlSafe(format!("drop database if exists {making}"))).await?;
        connection.execute(AssertSqlSafe(format!("create database {making}"))).await?;
        let url = with_database(admin, &making);
        let bank = Bank::new(settings(url))?;
        migrate(&bank.settings().urls).await?;
        demo::make(&bank, TODAY, demo::PASSWORD).await?;
        bank.pool().close().await;
        bank.owner().close().await;
        connection.execute(AssertSqlSafe(format!("alter database {making} rename to {name}"))).await?;
    }
    connection.execute("select pg_advisory_unlock(7270)").await?;
    Ok(name)
}

impl TestBank {
    /// A fresh clone of the template.
    pub async fn new() -> Fallible<Self> {
        let admin = admin_url()?;
        let template = ensure_template(&admin).await?;
        let name = format!("tawi_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&admin).await?;
        connection.execute(AssertSqlSafe(format!("create database {name} template {template}"))).await?;
        let bank = Bank::new(settings(with_database(&admin, &name)))?;
        Ok(Self { bank, name, admin, leader: None })
    }

    /// A bank whose branches open on another date than the template's. Made anew, not cloned.
    pub async fn beginning(date: Date) -> Fallible<Self> {
        let test = Self::empty().await?;
        migrate(&test.bank.settings().urls).await?;
        demo::make(&test.bank, date, demo::PASSWORD).await?;
        Ok(test)
    }

    /// A database that nothing has migrated yet.
    pub async fn empty() -> Fallible<Self> {
        let admin = admin_url()?;
        let name = format!("tawi_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&admin).await?;
        connection.execute(AssertSqlSafe(format!("create database {name}"))).await?;
        let bank = Bank::new(settings(with_database(&admin, &name)))?;
        Ok(Self { bank, name, admin, leader: None })
    }

    /// What an earlier program left behind, brought up to today's migrations: a dump of its database in
    /// plain SQL, whose audit it sealed under a key. Where this cluster has counted fewer transactions than
    /// the one of the dump, the books are adopted.
    pub async fn restored(dump: &str, audit_key: [u8; 32]) -> Fallible<Self> {
        let admin = admin_url()?;
        // The dump gives rights to roles; roles are the cluster's, and whoever made the template made them.
        ensure_template(&admin).await?;
        let name = format!("tawi_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&admin).await?;
        connection.execute(AssertSqlSafe(format!("create database {name}"))).await?;
        let settings = Settings { audit_key, ..settings(with_database(&admin, &name)) };
        // A connection for the dump alone: it changes the settings of its session.
        let mut owner = PgConnection::connect(&settings.urls.owner).await?;
        sqlx::raw_sql(AssertSqlSafe(dump)).execute(&mut owner).await?;
        owner.close().await?;
        let bank = Bank::new(settings)?;
        migrate(&bank.settings().urls).await?;
        let standing = cluster::standing(&mut *bank.owner().acquire().await?).await?;
        if !standing.is_at_home() {
            adopt(&bank, None).await?;
        }
        Ok(Self { bank, name, admin, leader: None })
    }

    /// A fresh clone with the node's background work running.
    pub async fn live() -> Fallible<Self> {
        Self::new().await?.led().await
    }

    /// The same, with the node's background work running.
    pub async fn led(mut self) -> Fallible<Self> {
        self.leader = Some(tokio::spawn(leader::run(self.bank.clone())));
        while !self.bank.hub().is_leading() {
            tokio::task::yield_now().await;
        }
        Ok(self)
    }

    /// Another node on the same database.
    pub fn another_node(&self) -> Fallible<Bank> {
        Ok(Bank::new(self.bank.settings().clone())?)
    }

    /// Address of the database, as owner.
    pub fn url(&self) -> &str {
        &self.bank.settings().urls.owner
    }

    /// Checks the invariants.
    pub async fn holds(&self) -> Fallible<()> {
        let mut owner = PgConnection::connect(self.url()).await?;
        let findings = proof::verify(&mut owner, &self.bank.settings().audit_key).await?;
        owner.close().await?;
        let broken: Vec<_> = findings.into_iter().filter(|finding| !finding.rows.is_empty()).collect();
        if broken.is_empty() { Ok(()) } else { Err(format!("invariants broken: {broken:#?}").into()) }
    }

    /// Checks the invariants and removes the database. A test that does not end here leaves its database
    /// for a look, until the cluster goes.
    pub async fn finish(mut self) -> Fallible<()> {
        self.bank.hub().stop();
        if let Some(leader) = self.leader.take() {
            in_time("the node's background work did not end", leader).await??;
        }
        self.holds().await?;
        self.removed().await
    }

    /// Removes the database of a test that broke its books on purpose.
    pub async fn discard(self) -> Fallible<()> {
        self.bank.hub().stop();
        self.removed().await
    }

    async fn removed(self) -> Fallible<()> {
        for (name, pool) in
            [("tawi_app", self.bank.pool()), ("tawi_job", self.bank.jobs()), ("the owner", self.bank.owner())]
        {
            in_time(&format!("a connection of {name} was never given back"), pool.close()).await?;
        }
        let mut connection = PgConnection::connect(&self.admin).await?;
        connection.execute(AssertSqlSafe(format!("drop database {} with (force)", self.name))).await?;
        Ok(())
    }
}

/// Waits, but not for ever: a test that hangs tells nobody why.
async fn in_time<T>(otherwise: &str, what: impl Future<Output = T>) -> Fallible<T> {
    tokio::time::timeout(PATIENCE, what).await.map_err(|_| otherwise.to_owned().into())
}
