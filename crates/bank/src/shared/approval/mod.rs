//! Four eyes: a request keeps what was seen; a decision binds to it and runs the deed inside its own
//! transaction, against today's state.

mod ask;
mod decide;
mod lists;

use super::error::OpError;
use crate::command::{canonical, digest};
use crate::op::stored;
use serde_json::Value;
use tawi_domain::shared::approval::RequestState;
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::permissions::Operation;
use uuid::Uuid;

pub(crate) use ask::request;
pub use decide::decide;
pub use lists::{detail, inbox, payload_for_correction, started, waiting_count};

/// A fresh key for a command, random.
pub fn new_key() -> Result<RequestKey, OpError> {
    stored(&Uuid::new_v4().to_string())
}

fn payload_hash(operation: Operation, payload: &Value) -> [u8; 32] {
    digest(&[operation.code(), &canonical(payload)])
}

fn operation_of(code: &str) -> Result<Operation, OpError> {
    Operation::from_code(code).ok_or_else(|| OpError::stored(format!("operation {code}")))
}

fn state_of(code: &str) -> Result<RequestState, OpError> {
    RequestState::from_code(code).ok_or_else(|| OpError::stored(format!("state {code}")))
}
