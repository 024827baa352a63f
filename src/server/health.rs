//! `GET /health`: whether this node can serve, for load balancers and people.

use super::state::Portal;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tawi_bank::shared::db;

/// 200 when everything is up, 503 when something is down.
pub async fn health(State(portal): State<Portal>) -> (StatusCode, Json<Value>) {
    let taken = db::migrations_taken(portal.bank.pool()).await;
    let (database, migrations, current) = match taken {
        Ok((known, taken)) => {
            let current = i64::try_from(known) == Ok(taken);
            ("up", json!({ "known": known, "taken": taken }), current)
        }
        Err(_) => ("down", Value::Null, false),
    };
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "database": database,
        "migrations": migrations,
        "outbox_leader": portal.bank.hub().is_leading(),
    });
    let status = if current { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body))
}
