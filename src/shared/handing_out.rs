//! The temporary password that an approval has made: whoever approved it is shown it, as often as they need, until its
//! owner has chosen another.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::ui::{Icon, KeyValue, Note, Problem, Tone};
use leptos::prelude::*;
use tawi_domain::shared::constants::TEMPORARY_PASSWORD_HOURS;
use tawi_domain::shared::error::AppError;

/// The temporary password of a request that the person approved; none once its owner has chosen another.
#[server(prefix = "/api", endpoint = "handed_out", client = PortalClient)]
pub async fn handed_out(id: String) -> Result<Option<String>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        Ok(tawi_bank::administration::handing_out::handed_out(&bank, &caller, &id).await?)
    })
    .await
}

/// What is to be handed out, shown when it is asked for: others may look over one's shoulder.
#[component]
pub fn HandOut(
    /// The request that was approved.
    request: String,
) -> impl IntoView {
    let shown = RwSignal::new(None::<Option<String>>);
    let problem = RwSignal::new(None::<AppError>);
    let show = move |_| {
        let id = request.clone();
        leptos::task::spawn_local(async move {
            match handed_out(id).await {
                Ok(password) => {
                    problem.set(None);
                    shown.set(Some(password));
                }
                Err(DoorError(error)) => problem.set(Some(error)),
            }
        });
    };
    let content = move || {
        match shown.get() {
        None => view! {
            <p class="my-1.5">{format!("A temporary password was made. You alone are shown it: give it to the person yourself. It is good for {TEMPORARY_PASSWORD_HOURS} hours and only for choosing another.")}</p>
            <p><button class="btn" type="button" on:click=show.clone()><Icon name="eye"/>"Show the password"</button></p>
        }
        .into_any(),
        Some(Some(password)) => view! {
            <dl class="kv" role="status"><KeyValue label="Temporary password"><b class="font-mono text-base select-all">{password}</b></KeyValue></dl>
            <p class="my-1.5">"Give it to the person yourself. You can look at it here again until they have chosen their own."</p>
        }
        .into_any(),
        Some(None) => view! { <p class="my-1.5" role="status">"The person has chosen a password of their own, or was handed out another."</p> }.into_any(),
    }
    };
    view! {
        <Problem error=problem/>
        <div class="mb-5 max-w-2xl"><Note tone=Tone::Watch icon="lock" head="Hand out the password">{content}</Note></div>
    }
}
