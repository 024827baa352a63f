//! The live stream: server-sent events with the outbox position as id. Reading it is not an act: it
//! does not keep a session alive.

use super::door;
use super::pages::Unavailable;
use super::state::Portal;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use tawi_bank::shared::auth;
use tawi_bank::shared::canonical::hex;
use tawi_bank::shared::error::OpError;
use tawi_bank::shared::notices::Stream;
use tawi_bank::shared::session::digest_of;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::notice::{Notice, NoticeBody};
use tower_sessions::Session;

/// How often an idle line is kept warm; proxies close what is silent.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long the browser waits before it reconnects, in milliseconds.
const RETRY: Duration = Duration::from_millis(500);

/// Where to go on.
#[derive(Debug, Deserialize)]
pub struct After {
    #[serde(default)]
    after: i64,
}

/// Whether a notice ends the stream of a session.
fn ends(notice: &Notice, session: &str) -> bool {
    match &notice.body {
        NoticeBody::SessionEnded { session: None } => true,
        NoticeBody::SessionEnded { session: Some(ended) } => ended == session,
        NoticeBody::RequestMade { .. }
        | NoticeBody::RequestDecided { .. }
        | NoticeBody::LoanLate { .. }
        | NoticeBody::LoanSetAside { .. }
        | NoticeBody::Later => false,
    }
}

/// Streams what concerns the caller, from where they left off.
pub async fn live(
    State(portal): State<Portal>,
    Query(After { after }): Query<After>,
    headers: HeaderMap,
    session: Session,
) -> Response {
    let caller = match door::who(&session).await {
        Ok(who) => who.and_then(|who| who.caller()),
        Err(error) => return Unavailable::of(&error).into_response(),
    };
    let (Some(caller), Some(id)) = (caller, session.id()) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    // Somebody disabled a moment ago still has a cookie; the bank knows better.
    match auth::get_officer_info(&portal.bank, &caller).await {
        Ok(_) => {}
        Err(error @ AppError::Unavailable { .. }) => return Unavailable::of(&error).into_response(),
        Err(_) => return StatusCode::UNAUTHORIZED.into_response(),
    }
    let last_seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    let stream = match Stream::open(&portal.bank, caller, last_seen.unwrap_or(after).max(0)).await {
        Ok(stream) => stream,
        Err(error) => return Unavailable::of(&error.outward()).into_response(),
    };
    let digest = hex(&digest_of(id));
    let events = stream::unfold(Some((stream, digest)), |state| async move {
        let (mut stream, digest) = state?;
        let ended = || Some((Ok::<_, Infallible>(Event::default().event("ended").data("ended")), None));
        match stream.next().await {
            Ok(Some(notice)) if ends(&notice, &digest) => ended(),
            // The right has ended: the browser asks for a new sign-in instead of trying again.
            Err(OpError::App(AppError::NotAllowed(_) | AppError::NotSignedIn)) => ended(),
            Ok(Some(notice)) => {
                let text = serde_json::to_string(&notice).unwrap_or_default();
                Some((
                    Ok(Event::default().id(notice.position.to_string()).data(text)),
                    Some((stream, digest)),
                ))
            }
            // The node stops, or the database went away: the browser reconnects and catches up.
            Ok(None) | Err(_) => None,
        }
    });
    let first = stream::once(async { Ok(Event::default().retry(RETRY).comment("open")) });
    let events = futures::StreamExt::chain(first, events);
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}
