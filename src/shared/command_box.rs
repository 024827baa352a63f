//! The command box: customers, accounts, loans, requests, receipts and what can be done, from one line.
//! Without WASM, and on Enter with nothing chosen, it searches customers as a plain form.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::ui::Icon;
use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_router::components::Form;
use leptos_router::hooks::use_navigate;
use tawi_domain::shared::command::{FEWEST_CHARS, Hit};
use tawi_domain::shared::permissions::{Operation, Role, can_perform_action};
use tawi_domain::shared::place::{Place, PlaceKind};

/// How long the typing must rest before the bank is asked, in milliseconds.
const REST_MS: u32 = 120;

/// What the bank finds for a text.
#[server(prefix = "/api", endpoint = "command", client = PortalClient)]
pub async fn command(q: String) -> Result<Vec<Hit>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| Ok(tawi_bank::find::find(&bank, &caller, &q).await?)).await
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    kind: String,
    label: String,
    detail: String,
    href: String,
}

impl From<Hit> for Line {
    fn from(hit: Hit) -> Self {
        Self { kind: title_of(&hit.kind), label: hit.label, detail: hit.detail, href: hit.href }
    }
}

/// What a word names, as people read it.
fn title_of(kind: &str) -> String {
    let named = PlaceKind::ALL.into_iter().map(PlaceKind::title).find(|title| title.to_lowercase() == kind);
    named.unwrap_or(kind).to_owned()
}

/// What a role can do whose title has the text in it.
fn actions(role: Role, typed: &str) -> Vec<Line> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Vec::new();
    }
    Operation::ALL
        .into_iter()
        .filter(|operation| can_perform_action(role, *operation))
        .filter_map(|operation| {
            let spec = operation.spec();
            spec.start?;
            spec.title.to_lowercase().contains(&typed).then(|| Line {
                kind: "Go to".to_owned(),
                label: spec.title.to_owned(),
                detail: spec.area.title().to_owned(),
                href: Place::Start(operation).href(),
            })
        })
        .collect()
}

/// The box.
#[component]
pub fn CommandBox(
    /// Whose box.
    role: Role,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let typed = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<Line>::new());
    let chosen = RwSignal::new(None::<usize>);
    let open = RwSignal::new(false);
    let lines = Memo::new(move |_| {
        let mut lines = typed.with(|typed| actions(role, typed));
        lines.extend(found.get());
        lines
    });
    let on_input = move |event: ev::Event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        chosen.set(None);
        open.set(true);
        if text.trim().chars().count() < FEWEST_CHARS {
            found.set(Vec::new());
            return;
        }
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(REST_MS).await;
            if typed.get_untracked() != text {
                return;
            }
            let hits = command(text.clone()).await.unwrap_or_default();
            if typed.get_untracked() == text {
                found.set(hits.into_iter().map(Line::from).collect());
            }
        });
    };
    let navigate = use_navigate();
    let go = Callback::new(move |at: usize| {
        let Some(line) = lines.with_untracked(|lines| lines.get(at).cloned()) else { return };
        open.set(false);
        typed.set(String::new());
        found.set(Vec::new());
        if let Some(input) = input.get_untracked() {
            input.set_value("");
            // Leaving the box fails only when it is gone.
            let _ = input.blur();
        }
        navigate(&line.href, Default::default());
    });
    let on_key = move |event: ev::KeyboardEvent| {
        let count = lines.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => {
                event.prevent_default();
                open.set(true);
                chosen.update(|at| *at = Some(at.map_or(0, |at| (at + 1) % count)));
            }
            "ArrowUp" if count > 0 => {
                event.prevent_default();
                open.set(true);
                chosen.update(|at| *at = Some(at.map_or(count - 1, |at| (at + count - 1) % count)));
            }
            "Enter" => {
                if let (true, Some(at)) = (open.get_untracked(), chosen.get_untracked()) {
                    event.prevent_default();
                    go.run(at);
                }
            }
            "Escape" => open.set(false),
            _ => {}
        }
    };
    let shown = move || open.get() && lines.with(|lines| !lines.is_empty());
    let options = move || {
        let lines = lines.get().into_iter().enumerate().map(|(at, line)| {
            let is_chosen = move || chosen.get() == Some(at);
            view! {
                <li
                    id=format!("command-{at}")
                    role="option"
                    aria-selected=move || is_chosen().to_string()
                    class=move || if is_chosen() { "cmd on" } else { "cmd" }
                    on:pointerdown=move |event| {
                        // The box keeps the focus until the page changes.
                        event.prevent_default();
                        go.run(at);
                    }
                >
                    <span class="text-muted text-xs w-16 shrink-0">{line.kind}</span>
                    <span class="font-medium">{line.label}</span>
                    <span class="text-muted truncate">{line.detail}</span>
                </li>
            }
        });
        lines.collect_view()
    };
    view! {
        <Form method="GET" action=Place::Start(Operation::Enquiries).href() attr:class="cmdbox" attr:role="search" attr:aria-label="Find and go">
            <Icon name="search"/>
            <label class="sr-only" for="search-box">"Customer, account, loan or action"</label>
            <input
                id="search-box"
                name="q"
                type="text"
                node_ref=input
                class="bg-transparent outline-none w-full min-w-0 text-base-content"
                placeholder="Customer, account, loan or action"
                autocomplete="off"
                maxlength="80"
                role="combobox"
                aria-autocomplete="list"
                aria-controls="commands"
                aria-expanded=move || shown().to_string()
                aria-activedescendant=move || chosen.get().filter(|_| shown()).map(|at| format!("command-{at}"))
                aria-keyshortcuts="/ Control+K"
                on:input=on_input
                on:keydown=on_key
                on:blur=move |_| open.set(false)
            />
            <kbd class="kbd-k" aria-hidden="true">"/"</kbd>
            <ul id="commands" role="listbox" aria-label="Found" class="pop cmds" hidden=move || !shown()>{options}</ul>
        </Form>
    }
}
