//! What server functions stand on: the bank, the caller, and one place that sets the status.

use super::state::Portal;
use crate::shared::error::DoorError;
use crate::shared::frame_data::FrameData;
use axum::Json;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use serde_json::Value;
use tawi_bank::shared::canonical::hex;
use tawi_bank::shared::error::OpError;
use tawi_bank::shared::session::{WHO, Who, digest_of};
use tawi_bank::{Bank, Caller};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::permissions::Operation;
use tower_sessions::Session;

/// Runs a door for somebody signed in and sets the status of what it answers.
pub async fn answer<T>(deed: impl AsyncFnOnce(Bank, Caller) -> Result<T, DoorError>) -> Result<T, DoorError> {
    let result = async {
        let bank = bank();
        let caller = caller().await?;
        deed(bank, caller).await
    }
    .await;
    if let Err(DoorError(error)) = &result {
        set_status(error);
    }
    result
}

/// The key that a page was given for its command. Who may not do the operation hears nothing of it.
pub async fn key(
    bank: &Bank,
    caller: &Caller,
    operation: Operation,
    key: &str,
) -> Result<RequestKey, DoorError> {
    let key = key.parse::<RequestKey>().map_err(|fault| AppError::refused(fault.to_string()));
    Ok(bank.heard(caller, operation, key).await?)
}

/// A form as it travels. Who may not do the operation hears nothing of it.
pub async fn form(
    bank: &Bank,
    caller: &Caller,
    operation: Operation,
    text: &str,
) -> Result<Value, DoorError> {
    // An object: what stands in a list would be read by its place.
    let form = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    Ok(bank.heard(caller, operation, form.ok_or_else(AppError::not_whole)).await?)
}

/// Whatever was asked is done to its end although the caller hangs up: what is refused is recorded, and
/// what is counted is counted. Pages and streams end with their reader.
pub async fn to_its_end(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let done = tokio::spawn(next.run(request)).await;
    done.unwrap_or_else(|fault| {
        let error = OpError::stored(fault).outward();
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        (status, Json(DoorError(error))).into_response()
    })
}

/// What is answered at a door that is no longer there: a tab that was opened before the portal was renewed
/// knocks at it. Its text stays in its form.
pub async fn renewed() -> Response {
    // A fault of the form as a whole: what every page, the older ones too, shows above a form that it keeps.
    let error = AppError::refused(
        "The portal was renewed after this page was opened. What you typed is still here: copy what you need, \
         then load the page again",
    );
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    (status, Json(DoorError(error))).into_response()
}

/// The bank.
pub fn bank() -> Bank {
    expect_context::<Portal>().bank
}

/// Whether this is a demonstration.
pub fn is_demo() -> bool {
    expect_context::<Portal>().config.demo_password.is_some()
}

/// What may leave the bank of an error inside it.
pub fn outward(error: OpError) -> DoorError {
    DoorError(error.outward())
}

/// The session of the present request.
pub async fn session() -> Result<Session, DoorError> {
    let parts = expect_context::<Parts>();
    parts.extensions.get::<Session>().cloned().ok_or(DoorError(AppError::NotSignedIn))
}

/// Digest of the session of the present request, in hexadecimal.
pub async fn session_digest() -> Option<String> {
    session().await.ok()?.id().map(|id| hex(&digest_of(id)))
}

/// Who a session belongs to.
pub async fn who(session: &Session) -> Result<Option<Who>, AppError> {
    session.get::<Who>(WHO).await.map_err(|error| OpError::stored(error).outward())
}

/// Who calls.
pub async fn caller() -> Result<Caller, DoorError> {
    let who = who(&session().await?).await?;
    who.and_then(|who| who.caller()).ok_or(DoorError(AppError::NotSignedIn))
}

/// Sets the status of an answer. A form posted without WASM is redirected instead, and a status would
/// undo that.
pub fn set_status(error: &AppError) {
    let posted_by_hand = use_context::<Parts>().is_some_and(|parts| {
        let accepts =
            parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        parts.method == Method::POST && accepts.contains("text/html")
    });
    if posted_by_hand {
        return;
    }
    if let (Some(options), Ok(status)) =
        (use_context::<ResponseOptions>(), StatusCode::from_u16(error.status()))
    {
        options.set_status(status);
    }
}

/// Tells the browser, ahead of the page, which part of the WASM it will need.
pub fn announce(part: &str) {
    let (Some(options), Some(portal)) = (use_context::<ResponseOptions>(), use_context::<Portal>()) else {
        return;
    };
    for link in portal.site.links(part) {
        options.append_header(header::LINK, link);
    }
}

/// Text that is written into an element whose content the browser does not read as markup, but ends at its first
/// closing tag: a title, a text area.
pub fn raw_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What the server knew of the person when it drew the page; the browser reads it from the page.
pub fn frame_of_the_request() -> Option<FrameData> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<FrameData>().cloned())
}
