//! The door of the frame.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::frame_data::FrameData;
use leptos::prelude::*;

/// Who is signed in, and what waits for them.
#[server(prefix = "/api", endpoint = "frame", client = PortalClient)]
pub async fn fetch_frame() -> Result<FrameData, DoorError> {
    use crate::server::{door, pages};
    door::answer(async |bank, caller| Ok(pages::frame_data(&bank, &caller, door::is_demo()).await?)).await
}
