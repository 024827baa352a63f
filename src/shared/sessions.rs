//! Where I am signed in: see one's sessions, end those one does not know.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::login::PASSWORD_PAGE;
use super::ui::{Cell, Confirm, Icon, PageHeader, Problem, Skeleton, Status, Table, Toasts, Tone};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tawi_domain::shared::dates::format_moment;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// One of the person's sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLine {
    /// Names the session without opening it.
    pub digest: String,
    /// The browser, as it calls itself.
    pub browser: String,
    /// When it began.
    #[serde(with = "tawi_domain::shared::dates::moment")]
    pub since: jiff::Timestamp,
    /// When it was last used.
    #[serde(with = "tawi_domain::shared::dates::moment")]
    pub seen: jiff::Timestamp,
    /// Whether it is the one that asks.
    pub this_one: bool,
    /// Key under which it would be ended.
    pub key: RequestKey,
}

/// The person's own sessions.
#[server(prefix = "/api", endpoint = "own_sessions", client = PortalClient)]
pub async fn own_sessions() -> Result<Vec<SessionLine>, DoorError> {
    use crate::server::door;
    let here = door::session_digest().await;
    door::answer(async |bank, caller| {
        let rows = tawi_bank::shared::session::own_sessions(&bank, &caller).await?;
        rows.into_iter()
            .map(|row| {
                Ok(SessionLine {
                    this_one: here.as_deref() == Some(row.digest.as_str()),
                    digest: row.digest,
                    browser: row.user_agent,
                    since: row.created_at,
                    seen: row.seen_at,
                    key: tawi_bank::approval::new_key().map_err(door::outward)?,
                })
            })
            .collect()
    })
    .await
}

/// Ends one of the person's own sessions.
#[server(prefix = "/api", endpoint = "end_session", client = PortalClient)]
pub async fn end_session(digest: String, key: String) -> Result<(), DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let key = door::key(&bank, &caller, Operation::Sessions, &key).await?;
        let ended = tawi_bank::shared::session::end(&bank, &caller, &digest, key).await;
        ended.map(|_| ()).map_err(door::outward)
    })
    .await
}

/// The page.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let sessions = Resource::new(|| (), |()| own_sessions());
    let problem = RwSignal::new(None::<AppError>);
    let asking = RwSignal::new(false);
    let chosen = RwSignal::new(None::<SessionLine>);
    let question = Signal::derive(|| "End this session?".to_owned());
    let consequence = Signal::derive(move || {
        chosen
            .get()
            .map(|line| {
                format!(
                    "{}, since {}. Whoever uses it must sign in again.",
                    short(&line.browser),
                    format_moment(line.since)
                )
            })
            .unwrap_or_default()
    });
    let end = Callback::new(move |()| {
        let Some(line) = chosen.get_untracked() else { return };
        leptos::task::spawn_local(async move {
            match end_session(line.digest, line.key.into()).await {
                Ok(()) => {
                    problem.set(None);
                    toasts.say("Session ended".to_owned());
                }
                Err(DoorError(error)) => problem.set(Some(error)),
            }
            sessions.refetch();
        });
    });
    let rows = move || {
        sessions.get().map(|result| match result {
            Err(DoorError(error)) => view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any(),
            Ok(lines) => {
                let rows = lines.into_iter().map(|line| {
                    let act = if line.this_one {
                        view! { <Status tone=Tone::Good icon="circle-check" word="This one"/> }.into_any()
                    } else {
                        let line = line.clone();
                        view! {
                            <button class="btn" type="button" on:click=move |_| { chosen.set(Some(line.clone())); asking.set(true); }>"End"</button>
                        }.into_any()
                    };
                    vec![
                        short(&line.browser).into_any(),
                        format_moment(line.since).into_any(),
                        format_moment(line.seen).into_any(),
                        act,
                    ]
                });
                view! {
                    <Table caption="Your sessions" columns=vec![Cell::Head("Browser"), Cell::Text("Since"), Cell::Text("Last used"), Cell::Text("Act")] rows=rows.collect()/>
                }.into_any()
            }
        })
    };
    view! {
        <PageHeader
            title="Where you are signed in"
            facts=|| "A session ends by itself after 15 minutes without an act, and after 12 hours at the latest."
            acts=|| view! { <a class="btn" rel="external" href=change_password()><Icon name="lock"/>"Change my password"</a> }
        />
        <Problem error=problem/>
        <Transition fallback=|| view! { <Skeleton/> }>{rows}</Transition>
        <Confirm open=asking question=question consequence=consequence act="End the session" on_confirm=end/>
    }
}

/// Where the password is changed, and the way back.
fn change_password() -> String {
    format!("{PASSWORD_PAGE}?next={}", Place::Start(Operation::Sessions).href())
}

/// The part of a user agent that people know.
fn short(user_agent: &str) -> String {
    let known = ["Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/"];
    let browser =
        known.iter().find(|name| user_agent.contains(**name)).map_or("Unknown browser", |name| match *name {
            "Edg/" => "Edge",
            "OPR/" => "Opera",
            "Firefox/" => "Firefox",
            "Chrome/" => "Chrome",
            _ => "Safari",
        });
    let system = ["Android", "Windows", "iPad", "iPhone", "Mac OS", "Linux"];
    match system.iter().find(|name| user_agent.contains(**name)) {
        Some(system) => format!("{browser} on {system}"),
        None => browser.to_owned(),
    }
}
