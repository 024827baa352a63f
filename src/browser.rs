//! What `server::door` is to the server, for the browser: there is no request, no status to set, nothing to
//! announce.

use crate::shared::frame_data::FrameData;
use tawi_domain::shared::error::AppError;

/// Wakes the server-rendered page up.
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(crate::app::App);
}

/// The part of the WASM is fetched by whoever opens the page.
pub const fn announce(_: &str) {}

/// An answer has its status from the server.
pub const fn set_status(_: &AppError) {}

/// The browser takes text as it is.
pub fn raw_text(text: &str) -> String {
    text.to_owned()
}

/// What the server knew stands in the page.
pub const fn frame_of_the_request() -> Option<FrameData> {
    None
}
