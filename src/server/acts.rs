//! Whoever is signed in does a few things at a time, from the seat their page was drawn for, and is known to be there
//! by what they do themselves: what a page does by itself does not keep a session alive.

use super::address::Address;
use super::door;
use super::pages::Unavailable;
use super::sign_in::origin;
use super::state::Portal;
use crate::shared::error::DoorError;
use crate::shared::presence::{IDLE, SEAT, SeatMark};
use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use tawi_bank::shared::session::{self, LASTING, WHO, Who, digest_of};
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
        // A page that is opened, and not something that a browser fetches beside one or ahead of it.
        Method::GET => {
            let told = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
            let is_page = told("sec-fetch-dest").is_none_or(|what| what == "document");
            (is_page && told("sec-purpose").is_none()).then_some(0)
        }
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
    let is_call = request.uri().path().starts_with("/api/");
    let too_much = || {
        let status = StatusCode::TOO_MANY_REQUESTS;
        if is_call {
            told(AppError::TooMuch)
        } else {
            (status, AppError::TooMuch.to_string()).into_response()
        }
    };
    let address = request.extensions().get::<Address>().cloned().unwrap_or_default();
    // Before anybody is known by their session an address has its turns: reading one is work, too.
    let Some(reading) = portal.readings.take(&address.0).await else { return too_much() };
    let who = match door::who(&session).await {
        Ok(who) => who,
        Err(error) => return if is_call { told(error) } else { Unavailable::of(&error).into_response() },
    };
    drop(reading);
    let mark = request.headers().get(SEAT).and_then(|value| value.to_str().ok());
    if is_call && !FOR_ALL.contains(&request.uri().path()) && !is_same_seat(who.as_ref(), mark) {
        return told(AppError::OtherSeat);
    }
    let name = match &who {
        Some(who) => who.staff_id.to_string(),
        // A device that somebody has signed in from waits for no stranger at its address.
        None => match origin(&portal.bank, &address, request.headers()).marks.first() {
            Some(mark) => format!("device {}", mark.device.id()),
            None => format!("address {}", address.0),
        },
    };
    let Some(turn) = portal.turns.take(&name).await else { return too_much() };
    let act = idle_seconds(&request).filter(|_| who.is_some());
    let answer = next.run(request).await;
    drop(turn);
    let Some((id, seconds)) = session.id().zip(act) else { return answer };
    renew_cookie(&session).await;
    // A page that only says that nothing answers, and loads itself again, is nobody's act; nor is one that is not there.
    let is_there = if is_call { !answer.status().is_server_error() } else { answer.status().is_success() };
    if is_there {
        // Beside the answer, never in its place.
        let (bank, digest) = (portal.bank.clone(), digest_of(id));
        tokio::spawn(async move {
            if let Err(error) = session::touch(&bank, &digest, seconds).await {
                tracing::warn!(cause = %error, "a session was not touched");
            }
        });
    }
    answer
}

/// Doors that are open to everybody: who signs in over a page does so for that page's seat, whoever else is signed in.
const FOR_ALL: [&str; 2] = ["/api/sign_in_again", "/api/entrance"];

/// Versions before gave their cookie a quarter of an hour and renewed it with each answer. Such a session is given the
/// cookie of this version once, which lives as long as the browser.
async fn renew_cookie(session: &Session) {
    if let (Ok(Some(_)), Ok(None)) = (session.get::<Who>(WHO).await, session.get::<bool>(LASTING).await) {
        // Where it cannot be noted it is tried with the next answer.
        let _ = session.insert(LASTING, true).await;
    }
}
