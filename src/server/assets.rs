//! What the browser loads besides pages, and how long it may keep it: said here, of what was found, and of nothing else.

use super::state::Portal;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tower_http::services::{ServeDir, ServeFile};

/// A file in a folder that is named by what is in it.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A file that a new version may change.
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

async fn kept(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // `/pkg/<folder>/<file>`; what stands in `/pkg` itself says which folder is the newest.
    let keep = match path.strip_prefix("/pkg/") {
        Some(rest) => rest.contains('/').then_some(FOR_EVER),
        None => Some(FOR_A_DAY),
    };
    let mut response = next.run(request).await;
    let found =
        [StatusCode::OK, StatusCode::PARTIAL_CONTENT, StatusCode::NOT_MODIFIED].contains(&response.status());
    if let Some(keep) = keep.filter(|_| found) {
        response.headers_mut().insert(header::CACHE_CONTROL, keep);
    }
    response
}

/// The routes of the built site: the folders of earlier versions stay beside the newest.
pub fn assets(site: &str) -> Router<Portal> {
    let folder = |name: &str| {
        ServeDir::new(format!("{site}/{name}")).append_index_html_on_directories(false).precompressed_br()
    };
    let file = |name: &str| ServeFile::new(format!("{site}/{name}")).precompressed_br();
    Router::new()
        .nest_service("/pkg", folder("pkg"))
        .nest_service("/fonts", folder("fonts"))
        .route_service("/icons.svg", file("icons.svg"))
        .route_service("/tawi.svg", file("tawi.svg"))
        .route_service("/tawi-waiting.svg", file("tawi-waiting.svg"))
        .layer(from_fn(kept))
}
