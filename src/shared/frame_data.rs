//! What the frame of every page shows.

use serde::{Deserialize, Serialize};
use tawi_domain::shared::staff::Officer;

/// What the frame shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameData {
    /// Who is signed in.
    pub officer: Officer,
    /// How many requests wait for them.
    pub waiting: usize,
    /// Position of the outbox before all this was read: where the live stream goes on.
    pub position: i64,
    /// Whether this is a demonstration.
    pub demo: bool,
}
