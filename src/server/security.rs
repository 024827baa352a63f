//! Headers of every answer, and the refusal of foreign posts.

use super::config::Config;
use super::state::Portal;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// The policy of a page whose scripts carry a nonce.
fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src 'self'; \
         style-src 'self'; font-src 'self'; img-src 'self' blob: data:; manifest-src 'self'; worker-src 'self'; \
         form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
}

/// The policy of everything that is not a page: it may do nothing.
const BARE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Sets the policy of the page that is being drawn, with the nonce of its scripts.
pub fn set_page_policy() {
    let nonce = leptos::nonce::use_nonce();
    if let (Some(nonce), Some(options)) = (nonce, use_context::<ResponseOptions>())
        && let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce))
    {
        options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Whether a request that may change something comes from a page of this portal. Browsers say so in
/// `Sec-Fetch-Site`, older ones in `Origin`; programs that say neither hold no cookie by accident.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, rest)| rest == host),
        (Some(_), None) => false,
    }
}

/// Whether a request names this portal, in its head and in its line: another site's name that leads here is none of
/// ours. Whoever looks after machines may ask for their health by any name.
fn is_for_us(config: &Config, request: &Request) -> bool {
    let host = request.headers().get_all(header::HOST).iter().collect::<Vec<_>>();
    let named = match host.as_slice() {
        [host] => host.to_str().is_ok_and(|host| config.answers_to(host)),
        _ => false,
    };
    let in_line = request.uri().authority().is_none_or(|authority| config.answers_to(authority.as_str()));
    request.uri().path() == "/health" || (named && in_line)
}

/// Refuses what is meant for somebody else and foreign posts, and sets the headers of every answer.
pub async fn harden(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let mut response = if !is_for_us(&portal.config, &request) {
        let words = format!("This is not the address of this portal: go to {}", portal.config.public_url);
        (StatusCode::MISDIRECTED_REQUEST, Body::from(words)).into_response()
    } else if reads || is_own(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, Body::from("This was sent from another site and is refused")).into_response()
    };
    // A form that is posted without scripts is sent back where its page was, as its browser says: never to another site.
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    if location.is_some_and(|to| !portal.config.leads_here(to)) {
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
    }
    let comes_again =
        matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, BARE_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    // Handlers of assets say otherwise, of what they found.
    set(header::CACHE_CONTROL, "no-store");
    if comes_again {
        set(header::RETRY_AFTER, "5");
    }
    response
}
