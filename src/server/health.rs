//! `GET /health`: whether this node can serve, for load balancers and people.

use super::state::{Looked, Portal};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tawi_bank::shared::{cluster, db};

/// By how much a node's clock may differ from the database's before it says so, in milliseconds.
const DRIFT: i64 = 2_000;

/// How long a look is good: whoever asks more often, or all at once, is told what the last one saw.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// 200 when everything is up, 503 when something is down.
pub async fn health(State(portal): State<Portal>) -> (StatusCode, Json<Value>) {
    // One looks, the others wait for what it sees.
    let mut last = portal.health.lock().await;
    let looked = match last.take().filter(|looked| looked.at.elapsed() < GOOD_FOR) {
        Some(looked) => looked,
        None => look(&portal).await,
    };
    *last = Some(looked.clone());
    (looked.status, Json(looked.told))
}

/// Looks, on a connection that nobody's work takes up.
async fn look(portal: &Portal) -> Looked {
    let pool = portal.bank.sessions();
    let taken = db::migrations_taken(pool).await;
    let (database, migrations, current) = match taken {
        Ok((known, taken)) => {
            let current = i64::try_from(known) == Ok(taken);
            ("up", json!({ "known": known, "taken": taken }), current)
        }
        Err(_) => ("down", Value::Null, false),
    };
    let at_home = if current { is_at_home(portal).await } else { None };
    let ahead = db::milliseconds_ahead(pool, portal.bank.clock()).await.ok();
    let told = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "database": database,
        "migrations": migrations,
        // Another one: stop, and see what `tawi adopt` says.
        "cluster": match at_home {
            Some(true) => "its own",
            Some(false) => "another",
            None => "unknown",
        },
        "clock": match ahead {
            None => "unknown".to_owned(),
            Some(ahead) if ahead.abs() <= DRIFT => "right".to_owned(),
            Some(ahead) => {
                let way = if ahead > 0 { "ahead of" } else { "behind" };
                format!("{} ms {way} the database's: set this machine's clock", ahead.abs())
            }
        },
        "outbox_leader": portal.bank.hub().is_leading(),
    });
    let status = if at_home == Some(true) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Looked { at: Instant::now(), status, told }
}

/// Whether the books are of this cluster; none where nobody can tell just now.
async fn is_at_home(portal: &Portal) -> Option<bool> {
    let mut connection = portal.bank.sessions().acquire().await.ok()?;
    Some(cluster::standing(&mut connection).await.ok()?.is_at_home())
}
