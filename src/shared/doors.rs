//! The three doors of every command, whatever it does: what would happen, do it, correct it.

use super::api_client::PortalClient;
use super::error::DoorError;
use leptos::prelude::*;
use tawi_domain::shared::approval::{Check, Sent};
use tawi_domain::shared::permissions::Operation;

/// Says what an operation would do with a form (JSON). Changes nothing.
#[server(prefix = "/api", endpoint = "check", client = PortalClient)]
pub async fn would_do(operation: Operation, form: String) -> Result<Check, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let form = door::form(&bank, &caller, operation, &form).await?;
        Ok(tawi_bank::dispatch::check_form(&bank, &caller, operation, &form).await?)
    })
    .await
}

/// Does what a form (JSON) says, or asks a second person to let it be done.
#[server(prefix = "/api", endpoint = "submit", client = PortalClient)]
pub async fn submit(operation: Operation, form: String, key: String) -> Result<Sent, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let form = door::form(&bank, &caller, operation, &form).await?;
        let key = door::key(&bank, &caller, operation, &key).await?;
        Ok(tawi_bank::dispatch::submit_form(&bank, &caller, operation, &form, key).await?)
    })
    .await
}

/// The form (JSON) of a request that was not done, for its maker to correct.
#[server(prefix = "/api", endpoint = "correction", client = PortalClient)]
pub async fn sent_back(operation: Operation, from: String) -> Result<String, DoorError> {
    use crate::server::door;
    use tawi_bank::approval::payload_for_correction;
    use tawi_domain::shared::error::AppError;
    door::answer(async |bank, caller| {
        let unknown = |_| AppError::NotFound("There is no such request of yours to correct".to_owned());
        let id = bank.heard(&caller, operation, from.parse().map_err(unknown)).await?;
        Ok(payload_for_correction(&bank, &caller, id, operation).await?.to_string())
    })
    .await
}
