//! The bell: what concerns one. It is fetched when it is opened, since what it tells of customers is a look
//! that is recorded.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::frame_data::FrameData;
use super::live::Live;
use super::ui::{Icon, Problem, Skeleton};
use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use tawi_domain::shared::dates::format_moment_short;
use tawi_domain::shared::notice::{Notice, NoticeBody};
use tawi_domain::shared::place::Place;

/// The newest notices that concern the person, newest first.
#[server(prefix = "/api", endpoint = "notices", client = PortalClient)]
pub async fn fetch_notices() -> Result<Vec<Notice>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| Ok(tawi_bank::shared::notices::recent(&bank, &caller).await?)).await
}

/// Where a notice leads, its head and its words; none where there is nothing to read.
fn line(notice: &Notice) -> Option<(String, String, String)> {
    match &notice.body {
        NoticeBody::RequestMade { request, title, by, .. } => Some((
            Place::Approval(*request).href(),
            format!("{title}: waits for approval"),
            format!("Asked by {by}"),
        )),
        NoticeBody::RequestDecided { request, title, state, by, note, .. } => {
            let words = note.as_ref().map_or_else(|| format!("By {by}"), |note| format!("{by}: {note}"));
            Some((Place::Request(*request).href(), format!("{}: {title}", state.title()), words))
        }
        NoticeBody::LoanLate { loan, name, arrears } => Some((
            Place::Loan(loan.clone()).href(),
            format!("{name} is late"),
            format!("{arrears} overdue on loan {loan}"),
        )),
        NoticeBody::LoanSetAside { loan } => Some((
            Place::Loan(loan.clone()).href(),
            format!("Loan {loan} was set aside"),
            "The new date's work went on without it: something is wrong with its figures".to_owned(),
        )),
        NoticeBody::SessionEnded { .. } | NoticeBody::Later => None,
    }
}

/// The button with the count of what waits, and the list that it opens.
#[component]
pub fn Bell(
    /// What the frame shows.
    data: Signal<FrameData>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let list = NodeRef::<Div>::new();
    let open = RwSignal::new(false);
    let fetched = RwSignal::new(None::<Result<Vec<Notice>, DoorError>>);
    Effect::new(move |_| {
        live.tick.track();
        if open.get() {
            leptos::task::spawn_local(async move { fetched.set(Some(fetch_notices().await)) });
        }
    });
    let toggled = move |_: ev::Event| {
        let shown = list.get_untracked().and_then(|list| list.matches(":popover-open").ok());
        open.set(shown.unwrap_or_default());
    };
    let waiting = move || data.with(|data| data.waiting);
    let label = move || match waiting() {
        0 => "Notices".to_owned(),
        1 => "Notices, 1 request waits for you".to_owned(),
        n => format!("Notices, {n} requests wait for you"),
    };
    let lines = move || {
        match fetched.get() {
        None => view! { <div class="px-3.5 py-3 border-t border-line"><Skeleton/></div> }.into_any(),
        Some(Err(DoorError(error))) => view! {
            <div class="px-3.5 py-3 border-t border-line"><Problem error=Signal::derive(move || Some(error.clone()))/></div>
        }
        .into_any(),
        Some(Ok(notices)) => lines(&notices, data),
    }
    };
    view! {
        <button class="iconb" type="button" popovertarget="bell" aria-label=label>
            <Icon name="bell"/>
            {move || {
                let waiting = waiting();
                (waiting > 0).then(|| view! { <span class="count" aria-hidden="true">{waiting}</span> })
            }}
        </button>
        <div id="bell" popover="auto" node_ref=list on:toggle=toggled class="pop bell text-[.8125rem]" aria-label="Notices">
            <h2 class="px-3.5 pt-2.5 pb-1.5">"Notices"</h2>
            {lines}
        </div>
    }
}

fn lines(notices: &[Notice], data: Signal<FrameData>) -> AnyView {
    let today = data.with_untracked(|data| data.officer.business_date);
    let lines =
        notices.iter().filter_map(|notice| Some((line(notice)?, format_moment_short(notice.at, today))));
    let lines: Vec<_> = lines
        .map(|((href, head, words), at)| {
            view! {
                <li class="grid grid-cols-[1fr_auto] gap-x-2.5 px-3.5 py-2 border-t border-line relative">
                    <span>
                        <a class="font-medium after:absolute after:inset-0" href=href>{head}</a>
                        <br/>
                        <span class="text-muted">{words}</span>
                    </span>
                    <span class="text-muted text-xs">{at}</span>
                </li>
            }
        })
        .collect();
    if lines.is_empty() {
        return view! { <p class="px-3.5 py-3 border-t border-line text-muted">"Nothing yet. Notices appear here by themselves."</p> }.into_any();
    }
    view! { <ul>{lines}</ul> }.into_any()
}
