//! Whoever is signed in does a few things at a time, from the seat their page was drawn for, and is known to be there
//! by what they do themselves: what a page does by itself does not keep a session alive.

use super::address::Address;
use super::door;
use super::pages::Unavailable;
use super::state::Portal;
use crate::shared::error::DoorError;
use crate::shared::presence::{IDLE, SEAT, SeatMark};
use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use tawi_bank::shared::session::{self, Who, digest_of};
use tawi_domain::shared::error::AppError;
use tower_sessions::Session;

/// Finds out where a request comes from, for everything that counts by it.
pub async fn place(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let address = match peer {
        Some(peer) => portal.config.proxies.beyond(peer.to_canonical(), request.headers()),
        // No connection: nobody but a test calls without one.
        None => IpAddr::from([0, 0, 0, 0]),
    };
    request.extensions_mut().insert(Address::of(address));
    next.run(request).await
}

/// An error as the browser's client reads it.
pub fn told(error: AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, Json(DoorError(error))).into_response()
}

/// Whether a page that says for whom it was drawn was drawn for whom is signed in. Pages of versions before say
/// nothing.
pub fn is_same_seat(who: Option<&Who>, mark: Option<&str>) -> bool {
    match (who.and_then(Who::caller), mark) {
        (Some(caller), Some(mark)) => {
            mark == SeatMark::of(&caller.staff_id, caller.branch, caller.role).as_str()
        }
        (None, _) | (_, None) => true,
    }
}

/// Seconds since the person did something, as their page says; none where what is asked tells nothing of them.
fn idle_seconds(request: &Request) -> Option<u32> {
    match *request.method() {
        // A page that is opened.
        Method::GET => Some(0),
        Method::POST if request.uri().path().starts_with("/api/") => {
            let told = request.headers().get(IDLE).and_then(|value| value.to_str().ok());
            // Who does not say is a person of a version before, or a program that acts.
            told.map_or(Some(0), |told| told.parse().ok())
        }
        _ => None,
    }
}

/// Lets people take turns.
pub async fn by_turns(
    State(portal): State<Portal>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let who = match door::who(&session).await {
        Ok(who) => who,
        Err(error) => return Unavailable::of(&error).into_response(),
    };
    let is_call = request.uri().path().starts_with("/api/");
    let mark = request.headers().get(SEAT).and_then(|value| value.to_str().ok());
    if is_call && !is_same_seat(who.as_ref(), mark) {
        return told(AppError::OtherSeat);
    }
    let name = match (&who, request.extensions().get::<Address>()) {
        (Some(who), _) => who.staff_id.to_string(),
        (None, Some(Address(address))) => format!("address {address}"),
        (None, None) => String::new(),
    };
    let Some(turn) = portal.turns.take(&name).await else {
        return if is_call {
            told(AppError::TooMany)
        } else {
            (StatusCode::TOO_MANY_REQUESTS, TOO_MANY).into_response()
        };
    };
    if let (Some(_), Some(id), Some(seconds)) = (&who, session.id(), idle_seconds(&request)) {
        // Beside what is asked: a touch that fails is nobody's answer.
        let (bank, digest) = (portal.bank.clone(), digest_of(id));
        tokio::spawn(async move {
            if let Err(error) = session::touch(&bank, &digest, seconds).await {
                tracing::warn!(cause = %error, "a session was not touched");
            }
        });
    }
    let answer = next.run(request).await;
    drop(turn);
    answer
}

const TOO_MANY: &str = "Too much is asked at once. Wait a moment and load the page again";
