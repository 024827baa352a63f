//! Connections, roles and migrations.

use super::clock::Clock;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Postgres, Transaction};
use std::str::FromStr;
use std::time::Duration;

/// The migrations, forward only.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// How long a request waits for a connection before it is told to come again.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Addresses of one database for each of its roles.
#[derive(Debug, Clone)]
pub struct Urls {
    /// The owner: migrates and verifies.
    pub owner: String,
    /// The application; derived from the owner's when none is given.
    pub app: Option<String>,
}

/// The password of a role when nobody gave one: an HMAC under the owner's credentials, so that who
/// knows the owner's address knows it and nobody else.
pub fn derived_password(owner: &str, role: &str) -> String {
    let credentials = owner.split_once("://").map_or(owner, |(_, rest)| rest);
    let credentials = credentials.rsplit_once('@').map_or("", |(credentials, _)| credentials);
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(credentials.as_bytes()) else {
        return String::new();
    };
    mac.update(role.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    // Statements are not logged: their parameters are customers' data, and building the lines costs.
    Ok(PgConnectOptions::from_str(url)?.application_name("tawi").disable_statement_logging().options([
        ("statement_timeout", "20s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]))
}

/// Connections that rested are asked whether they live before they are used; a ping before every
/// operation would be a tenth of a posting.
const RESTED: Duration = Duration::from_millis(500);

fn pool(connections: u32, patience: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .test_before_acquire(false)
        .before_acquire(|connection, rest| {
            Box::pin(async move {
                if rest.idle_for > RESTED && connection.ping().await.is_err() {
                    return Ok(false);
                }
                Ok(true)
            })
        })
}

fn role_options(urls: &Urls, role: &str) -> Result<PgConnectOptions, sqlx::Error> {
    match (&urls.app, role) {
        (Some(url), "tawi_app") => options(url),
        _ => Ok(options(&urls.owner)?.username(role).password(&derived_password(&urls.owner, role))),
    }
}

/// A pool for the application's role.
pub fn app_pool(urls: &Urls, connections: u32, patience: Duration) -> Result<PgPool, sqlx::Error> {
    Ok(pool(connections, patience).connect_lazy_with(role_options(urls, "tawi_app")?))
}

/// A pool for the jobs' role: the leader holds one connection, listening another.
pub fn job_pool(urls: &Urls, patience: Duration) -> Result<PgPool, sqlx::Error> {
    Ok(pool(4, patience).connect_lazy_with(role_options(urls, "tawi_job")?))
}

/// A pool for the owner's role: two connections, opened when the command line asks for them.
pub fn owner_pool(urls: &Urls, patience: Duration) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(&urls.owner)?.application_name("tawi owner");
    Ok(pool(2, patience).connect_lazy_with(options))
}

/// Begins a transaction in a task of its own. A request may be dropped at any point, when its browser goes
/// away; dropped between BEGIN and its answer, sqlx 0.9 does not know that a transaction is open and would
/// hand the connection on with it: whatever the next user of the connection writes would be committed, or
/// rolled back, by a stranger. The task runs to its end, and a transaction nobody waits for is rolled back.
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.begin().await }).await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

/// A connection as owner, for migrations and verification.
pub async fn owner(urls: &Urls) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect_with(&PgConnectOptions::from_str(&urls.owner)?.application_name("tawi owner")).await
}

/// Brings the database up to this program's migrations and lets the roles in.
pub async fn migrate(urls: &Urls) -> Result<(), sqlx::Error> {
    let mut connection = owner(urls).await?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
    // Roles are the cluster's: another database of it that migrates at the same moment updates the same
    // catalogue rows, no lock of one database keeps it away, and PostgreSQL refuses the later of the two.
    let mut tries = 0;
    loop {
        match let_roles_in(&mut connection, urls).await {
            Err(sqlx::Error::Database(fault)) if tries < 20 && is_role_race(fault.code().as_deref()) => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(25 * tries)).await;
            }
            outcome => return outcome,
        }
    }
}

/// "tuple concurrently updated" has no code of its own.
fn is_role_race(code: Option<&str>) -> bool {
    matches!(code, Some("XX000" | "40001"))
}

async fn let_roles_in(connection: &mut PgConnection, urls: &Urls) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    // The journal of migrations is made by the migrator itself; health looks at it.
    transaction.execute("grant select on _sqlx_migrations to tawi_app").await?;
    for role in ["tawi_app", "tawi_job"] {
        if role == "tawi_app" && urls.app.is_some() {
            continue;
        }
        let password = derived_password(&urls.owner, role);
        // The password is hexadecimal and the role a constant: nothing to escape.
        let statement = format!("alter role {role} login password '{password}'");
        transaction.execute(AssertSqlSafe(statement)).await?;
    }
    transaction.commit().await
}

/// What the role in which the application asks has to be, and is not: bounded by row-level security, owner of
/// nothing. None where all is well.
pub async fn unbounded(pool: &PgPool) -> Result<Option<String>, sqlx::Error> {
    let role = sqlx::query!(
        r#"
        select r.rolname as "name!", r.rolsuper or r.rolbypassrls or r.rolcreaterole as "mighty!",
               pg_has_role(r.oid, d.datdba, 'member') or exists (
                   select from pg_class c
                   where c.relnamespace = 'public'::regnamespace and pg_has_role(r.oid, c.relowner, 'member')
               ) as "owns!"
        from pg_roles r, pg_database d
        where r.rolname = current_user and d.datname = current_database()
        "#
    )
    .fetch_one(pool)
    .await?;
    Ok((role.mighty || role.owns).then_some(role.name))
}

/// How many migrations this program has and how many the database has taken.
pub async fn migrations_taken(pool: &PgPool) -> Result<(usize, i64), sqlx::Error> {
    let known = MIGRATIONS.iter().count();
    let taken = sqlx::query_scalar!(r#"select count(*) as "taken!" from _sqlx_migrations where success"#)
        .fetch_one(pool)
        .await?;
    Ok((known, taken))
}

/// By how many milliseconds this node's clock is ahead of the database's, or behind it.
pub async fn milliseconds_ahead(pool: &PgPool, clock: &Clock) -> Result<i64, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let asked = clock.now();
    let there =
        sqlx::query_scalar!(r#"select (extract(epoch from clock_timestamp()) * 1000)::bigint as "now!""#)
            .fetch_one(&mut *connection)
            .await?;
    // It was read somewhere between the question and the answer.
    let (asked, answered) = (asked.as_millisecond(), clock.now().as_millisecond());
    Ok(if there < asked { asked - there } else { (answered - there).min(0) })
}
