//! What is sent is read whole, in time and in bounds, before anybody acts on it: who sends it drop by drop, in broken
//! pieces or too large holds nothing and nobody up.

use crate::shared::error::DoorError;
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::error::Error;
use std::time::Duration;
use tawi_domain::shared::error::AppError;

/// The largest body a door reads, in bytes: a general journal of the most lines, encoded, has some 110,000.
/// Documents come with a door of their own.
const LARGEST: usize = 128 * 1024;
/// How long it may take to arrive. What comes slower than this over the slowest line is no form.
const IN_TIME: Duration = Duration::from_secs(20);

/// Reads the body of whatever may change something.
pub async fn whole(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let is_call = request.uri().path().starts_with("/api/");
    let (mut parts, body) = request.into_parts();
    let read = tokio::time::timeout(IN_TIME, to_bytes(body, LARGEST)).await;
    let fault = match read {
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "This did not arrive in time. Send it again".to_owned()),
        Ok(Err(error)) if is_too_large(&error) => {
            let most = LARGEST / 1024;
            (StatusCode::PAYLOAD_TOO_LARGE, format!("This is more than {most} kilobytes: send less at once"))
        }
        Ok(Err(_)) => (StatusCode::BAD_REQUEST, AppError::not_whole().to_string()),
        Ok(Ok(whole)) if std::str::from_utf8(&whole).is_err() => (
            StatusCode::BAD_REQUEST,
            "This is not text in UTF-8: load the page again and send it once more".to_owned(),
        ),
        Ok(Ok(whole)) => {
            parts.headers.insert(header::CONTENT_LENGTH, whole.len().into());
            parts.headers.remove(header::TRANSFER_ENCODING);
            return next.run(Request::from_parts(parts, Body::from(whole))).await;
        }
    };
    let (status, words) = fault;
    // As the browser's client reads it: what was typed stays in its form.
    if is_call {
        (status, Json(DoorError(AppError::refused(words)))).into_response()
    } else {
        (status, words).into_response()
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
