//! The temporary password that an approval has made: who asked for it and who approved it are each shown a half, as often
//! as they need, until its owner has chosen another.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::ui::{Icon, KeyValue, Note, Problem, Tone};
use leptos::prelude::*;
use tawi_domain::shared::approval::{Half, HalfPassword};
use tawi_domain::shared::constants::TEMPORARY_PASSWORD_HOURS;
use tawi_domain::shared::error::AppError;

/// The half of a temporary password that the person hands out; none once its owner has chosen another.
#[server(prefix = "/api", endpoint = "handed_out", client = PortalClient)]
pub async fn handed_out(id: String) -> Result<Option<HalfPassword>, DoorError> {
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
    /// Which half is theirs.
    half: Half,
) -> impl IntoView {
    let shown = RwSignal::new(None::<Option<HalfPassword>>);
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
    let (which, other) = match half {
        Half::First => ("first", "whoever approved it has the second"),
        Half::Second => ("second", "whoever asked for it has the first"),
    };
    let begun = format!(
        "A temporary password was made. You hand out its {which} half, {other}: give yours to the person yourself. \
         The whole is good for {TEMPORARY_PASSWORD_HOURS} hours and only for choosing another."
    );
    let told = format!(
        "Give it to the person yourself; {other}, and both are typed with a dash between. You can look at it here \
         again until they have chosen their own."
    );
    let content = move || {
        match shown.get() {
        None => view! {
            <p class="my-1.5">{begun.clone()}</p>
            <p><button class="btn" type="button" on:click=show.clone()><Icon name="eye"/>{format!("Show the {which} half")}</button></p>
        }
        .into_any(),
        Some(Some(password)) => view! {
            <div role="status"><dl class="kv">
                <KeyValue label=format!("The {which} half")><b class="font-mono text-base select-all">{password.letters}</b></KeyValue>
            </dl></div>
            <p class="my-1.5">{told.clone()}</p>
        }
        .into_any(),
        Some(None) => view! {
            <p class="my-1.5" role="status">"The person has chosen a password of their own, or was handed out another."</p>
        }
        .into_any(),
    }
    };
    view! {
        <Problem error=problem/>
        <div class="mb-5 max-w-2xl"><Note tone=Tone::Watch icon="lock" head="Hand out your half of the password">{content}</Note></div>
    }
}
