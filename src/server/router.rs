//! Every door of the portal, in one place.

use super::state::Portal;
use super::{acts, assets, body, door, health, live_stream, pages, security, sign_in};
use crate::app::App;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{LeptosRoutes, generate_route_list};
use leptos_meta::MetaTags;
use tawi_bank::shared::session::PostgresStore;
use tower_http::compression::CompressionLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

/// The routes that are not pages or server functions: method and path, as the door test counts them.
pub const ROUTES: &[(&str, &str)] = &[
    ("GET", "/health"),
    ("GET", "/live"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/seat"),
    ("POST", "/sign-in/password"),
    ("POST", "/sign-out"),
];

/// Sets the theme before anything is painted.
const THEME: &str = "(function(){var t;try{t=localStorage.getItem('tawi-theme')}catch(e){}\
document.documentElement.dataset.theme='tawi-'+(t||(matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light'))})()";

/// The document around the application.
fn shell(options: LeptosOptions) -> impl IntoView {
    security::set_page_policy();
    let css = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme="tawi-light">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <script nonce=leptos::nonce::use_nonce()>{THEME}</script>
                <link rel="preload" href="/fonts/tawi-sans.woff2" r#as="font" type="font/woff2" crossorigin="anonymous"/>
                <link rel="stylesheet" href=css/>
                <link id="favicon" rel="icon" type="image/svg+xml" href="/tawi.svg"/>
                <HydrationScripts options=options/>
                <MetaTags/>
            </head>
            <body><App/></body>
        </html>
    }
}

/// The cookie lives as long as the browser; when a session ends is the store's to say.
fn sessions(portal: &Portal) -> SessionManagerLayer<PostgresStore> {
    SessionManagerLayer::new(PostgresStore::new(portal.bank.clone()))
        .with_name("__Host-tawi")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

/// The portal.
pub fn portal(portal: Portal) -> Router {
    let routes = generate_route_list(App);
    let options = portal.leptos.clone();
    let context = {
        let portal = portal.clone();
        move || provide_context(portal.clone())
    };
    let server_functions = {
        let context = context.clone();
        move |request: axum::extract::Request| async move {
            if server_fn_paths().any(|(path, _)| path == request.uri().path()) {
                return leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
            }
            door::renewed().await
        }
    };
    let acts = Router::new()
        .route("/sign-in", post(sign_in::sign_in))
        .route("/sign-in/seat", post(sign_in::seat))
        .route("/sign-in/password", post(sign_in::password))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/api/{*door}", post(server_functions))
        .leptos_routes_with_context(&portal, routes, context, move || shell(options.clone()))
        .layer(from_fn_with_state(portal.clone(), pages::guard))
        .layer(from_fn_with_state(portal.clone(), acts::by_turns))
        .layer(sessions(&portal))
        .layer(from_fn(body::whole))
        .layer(from_fn(door::to_its_end));
    let stream = Router::new().route("/live", get(live_stream::live)).layer(sessions(&portal));
    let site = portal.config.site_dir.clone();
    Router::new()
        .route("/health", get(health::health))
        .merge(acts)
        .merge(stream)
        .merge(assets::assets(&site))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(portal.clone(), acts::place))
        .layer(from_fn_with_state(portal.clone(), security::harden))
        .with_state(portal)
}
