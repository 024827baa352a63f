//! The live stream: server-sent events with the outbox position as id. Reading it is not an act: it
//! does not keep a session alive, and it ends with it.

use super::acts::{is_same_seat, told};
use super::address::Address;
use super::door;
use super::pages::Unavailable;
use super::state::Portal;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use tawi_bank::shared::error::OpError;
use tawi_bank::shared::notices::{Stream, Told};
use tawi_bank::shared::session::digest_of;
use tawi_domain::shared::error::AppError;
use tower_sessions::Session;

/// How often an idle line is kept warm; proxies close what is silent.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long the browser waits before it reconnects, in milliseconds.
const RETRY: Duration = Duration::from_millis(500);

/// Where to go on, and the seat for which the page was drawn: an event source sends no headers.
#[derive(Debug, Deserialize)]
pub struct After {
    #[serde(default)]
    after: i64,
    seat: Option<String>,
}

/// Streams what concerns the caller, from where they left off.
pub async fn live(
    State(portal): State<Portal>,
    Query(After { after, seat }): Query<After>,
    Extension(Address(address)): Extension<Address>,
    headers: HeaderMap,
    session: Session,
) -> Response {
    let who = match door::who(&session).await {
        Ok(who) => who,
        Err(error) => return Unavailable::of(&error).into_response(),
    };
    if !is_same_seat(who.as_ref(), seat.as_deref()) {
        return told(AppError::OtherSeat);
    }
    let (Some(caller), Some(id)) = (who.and_then(|who| who.caller()), session.id()) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let turns =
        (portal.streams.take(caller.staff_id.as_str()).await, portal.streams_by_address.take(&address).await);
    let (Some(own), Some(there)) = turns else { return told(AppError::TooMany) };
    let last_seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    let stream = match Stream::open(&portal.bank, caller, digest_of(id), last_seen.unwrap_or(after)).await {
        Ok(stream) => stream,
        // Disabled a moment ago, or the role has ended: the bank knows better than the cookie.
        Err(OpError::App(AppError::NotSignedIn)) => return StatusCode::UNAUTHORIZED.into_response(),
        Err(error) => return Unavailable::of(&error.outward()).into_response(),
    };
    // The turns are given back with the stream.
    let events = stream::unfold(Some((stream, own, there)), |state| async move {
        let (mut stream, own, there) = state?;
        let event = match stream.next().await {
            Ok(Some(Told::Notice(notice))) => {
                let text = serde_json::to_string(&notice).unwrap_or_default();
                Event::default().id(notice.position.to_string()).data(text)
            }
            Ok(Some(Told::Behind(position))) => {
                let position = position.to_string();
                Event::default().event("behind").id(position.clone()).data(position)
            }
            // The right has ended: the browser asks for a new sign-in instead of trying again.
            Err(OpError::App(AppError::NotAllowed(_) | AppError::NotSignedIn)) => {
                return Some((Ok::<_, Infallible>(Event::default().event("ended").data("ended")), None));
            }
            // The node stops, or the database went away: the browser reconnects and catches up.
            Ok(None) | Err(_) => return None,
        };
        Some((Ok(event), Some((stream, own, there))))
    });
    let first = stream::once(async { Ok(Event::default().retry(RETRY).comment("open")) });
    let events = futures::StreamExt::chain(first, events);
    let mut answer = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
