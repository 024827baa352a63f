//! What is decided before a page is drawn: who is not signed in goes to the sign-in page, and when the
//! database does not answer a page of its own says so.

use super::door;
use super::state::Portal;
use crate::pages::guarded_by;
use crate::shared::frame_data::FrameData;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tawi_bank::approval::{self, Framed};
use tawi_bank::op::Look;
use tawi_bank::{Bank, Caller};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::permissions::may_make;
use tower_sessions::Session;

/// The page that says that the database does not answer. It asks again by itself.
#[derive(Debug)]
pub struct Unavailable {
    head: &'static str,
    words: &'static str,
    reference: String,
}

impl Unavailable {
    /// The page for an error.
    pub fn of(error: &AppError) -> Self {
        let reference = match error {
            AppError::Unavailable { reference } => reference.clone(),
            AppError::Invalid(_)
            | AppError::NotSignedIn
            | AppError::NotAllowed(_)
            | AppError::NotFound(_)
            | AppError::Conflict(_)
            | AppError::OtherSeat
            | AppError::Busy
            | AppError::TooMuch
            | AppError::TooMany => error.status().to_string(),
        };
        let (head, words) = if *error == AppError::Busy {
            (
                "Many people sign in at this moment",
                "Wait a few seconds: this page goes back to the sign-in by itself.",
            )
        } else {
            (
                "The bank's system does not answer just now",
                "Nothing was lost. This page tries again by itself every five seconds.",
            )
        };
        Self { head, words, reference }
    }
}

impl IntoResponse for Unavailable {
    fn into_response(self) -> Response {
        let (head, words) = (self.head, self.words);
        let reference: String = self.reference.chars().filter(char::is_ascii_alphanumeric).collect();
        let page = format!(
            r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="5"><title>One moment · Tawi</title></head>
<body><main><h1>{head}</h1><p>{words}</p><p>Reference {reference}</p></main></body></html>"#
        );
        let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::RETRY_AFTER, "5")];
        (StatusCode::SERVICE_UNAVAILABLE, headers, Body::from(page)).into_response()
    }
}

/// What the frame around every page shows.
pub async fn frame_data(bank: &Bank, caller: &Caller, demo: bool) -> Result<FrameData, AppError> {
    let Framed { officer, waiting, position } = approval::frame(bank, caller).await?;
    Ok(FrameData { officer, waiting, position, demo })
}

/// Who asks for a page that is not theirs is recorded, as they would be at a door. The page says the rest.
async fn record_refusal(bank: &Bank, caller: &Caller, path: &str) -> Result<(), AppError> {
    let Some(operation) = guarded_by(path) else { return Ok(()) };
    let Err(refusal) = may_make(caller.role, operation) else { return Ok(()) };
    match bank.look(caller, operation, async |_| Err::<((), Look), _>(refusal.into())).await {
        Err(error @ AppError::Unavailable { .. }) => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Lets pages be drawn only for somebody signed in. The sign-in pages are open to everybody.
pub async fn guard(
    State(portal): State<Portal>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD)
        || path.starts_with("/api/")
        || path == "/sign-in"
    {
        return next.run(request).await;
    }
    let who = match door::who(&session).await {
        Ok(who) => who,
        Err(error) => return Unavailable::of(&error).into_response(),
    };
    match (who, path) {
        (Some(_), "/sign-in/password") => next.run(request).await,
        (Some(who), _) if who.renews => Redirect::to("/sign-in/password").into_response(),
        (Some(_), "/sign-in/seat") => next.run(request).await,
        (Some(who), _) => {
            let Some(caller) = who.caller() else { return Redirect::to("/sign-in/seat").into_response() };
            // The frame is drawn from this, before anything waits.
            match frame_data(&portal.bank, &caller, portal.config.demo_password.is_some()).await {
                Ok(frame) => {
                    if let Err(error) = record_refusal(&portal.bank, &caller, request.uri().path()).await {
                        return Unavailable::of(&error).into_response();
                    }
                    request.extensions_mut().insert(frame);
                    next.run(request).await
                }
                Err(error @ AppError::Unavailable { .. }) => Unavailable::of(&error).into_response(),
                // Disabled meanwhile, or the role has ended.
                Err(_) => Redirect::to("/sign-in?why=ended").into_response(),
            }
        }
        (None, _) => {
            let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            let target = if wanted == "/" {
                "/sign-in".to_owned()
            } else {
                let query =
                    form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
                format!("/sign-in?{query}")
            };
            Redirect::to(&target).into_response()
        }
    }
}
