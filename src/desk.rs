//! Home is a desk: what waits for me, what I started.

use crate::shared::approvals::{StartedTable, inbox, started};
use crate::shared::error::DoorError;
use crate::shared::frame::FrameData;
use crate::shared::live::Live;
use crate::shared::ui::{Empty, Icon, PageHeader, Problem, RequestStatus, Skeleton, Status, Tone};
use leptos::prelude::*;
use tawi_domain::shared::approval::{RequestRow, RequestState};
use tawi_domain::shared::dates::format_moment_short;
use tawi_domain::shared::permissions::{Operation, can_perform_action};

/// Requests shown on the desk of each kind.
const SHOWN: usize = 8;

/// The desk.
#[component]
pub fn Desk(
    /// Who sits at it.
    data: Signal<FrameData>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let officer = data.with_untracked(|data| data.officer.clone());
    let decides = can_perform_action(officer.role, Operation::Approvals);
    let asks = can_perform_action(officer.role, Operation::Requests);
    let registers = can_perform_action(officer.role, Operation::CifCreate);
    let looks = can_perform_action(officer.role, Operation::Enquiries);
    let waiting = Resource::new(
        move || live.tick.get(),
        move |_| async move { if decides { inbox().await } else { Ok(Vec::new()) } },
    );
    let mine = Resource::new(
        move || live.tick.get(),
        move |_| async move { if asks { started().await } else { Ok(Vec::new()) } },
    );
    let today = officer.business_date;
    let waits = move || {
        let (waiting, mine) = (waiting.get()?, mine.get()?);
        Some(match (waiting, mine) {
            (Ok(waiting), Ok(mine)) => {
                let back =
                    mine.into_iter().filter(|row| row.state == RequestState::SentBack && !row.asked_again);
                let rows: Vec<RequestRow> = waiting.into_iter().chain(back).collect();
                if rows.is_empty() {
                    view! { <Empty icon="inbox" head="Nothing waits for you" words="What needs you appears here by itself."/> }.into_any()
                } else {
                    let rows =
                        rows.into_iter().take(SHOWN).map(|row| view! { <WaitingRow row=row today=today/> });
                    view! { <ul class="border-t border-line-2">{rows.collect_view()}</ul> }.into_any()
                }
            }
            (Err(DoorError(error)), _) | (_, Err(DoorError(error))) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
        })
    };
    let began = move || {
        mine.get().and_then(Result::ok).map(|rows| {
            let rows: Vec<RequestRow> = rows.into_iter().take(SHOWN).collect();
            view! { <StartedTable rows=rows/> }
        })
    };
    let facts = move || match data.with(|data| data.waiting) {
        0 => "Nothing waits for your decision".to_owned(),
        1 => "One request waits for your decision".to_owned(),
        n => format!("{n} requests wait for your decision"),
    };
    view! {
        <PageHeader
            title=format!("Good day, {}", officer.first_name())
            facts=move || if decides { facts() } else { officer.role.title().to_owned() }
            acts=move || view! {
                {looks.then(|| view! { <a class="btn" href="/customers"><Icon name="search"/>"Find a customer"</a> })}
                {registers.then(|| view! { <a class="btn btn-primary" href="/customers/new"><Icon name="plus"/>"New customer"</a> })}
            }
        />
        <div class="grid gap-7 max-w-5xl">
            <section aria-labelledby="waits">
                <div class="sec"><h2 id="waits">"Waits for me"</h2><span class="aside">"Oldest first"</span></div>
                <Transition fallback=|| view! { <Skeleton/> }>{waits}</Transition>
            </section>
            {asks.then(|| view! {
                <section aria-labelledby="began">
                    <div class="sec"><h2 id="began">"What I started"</h2><a class="lnk text-[.8125rem]" href="/requests">"All of them"</a></div>
                    <Transition fallback=|| view! { <Skeleton/> }>{began}</Transition>
                </section>
            })}
        </div>
    }
}

#[component]
fn WaitingRow(row: RequestRow, today: jiff::civil::Date) -> impl IntoView {
    let back = row.state == RequestState::SentBack;
    let href = if back { format!("/requests/{}", row.id) } else { format!("/approvals/{}", row.id) };
    let words = match (&row.note, back) {
        (Some(note), true) => note.clone(),
        _ => format!("Asked by {}", row.maker_name),
    };
    let status = if back {
        view! { <RequestStatus state=row.state/> }.into_any()
    } else {
        view! { <Status tone=Tone::Asks icon="circle-dot" word="To decide"/> }.into_any()
    };
    view! {
        <li class="grid grid-cols-[1fr_auto] md:grid-cols-[7.5rem_minmax(0,1fr)_auto_4.5rem] gap-x-4 py-2 border-b border-line items-baseline bleed relative">
            <span class="col-span-2 md:col-span-1">{status}</span>
            <span class="min-w-0">
                <a class="font-medium after:absolute after:inset-0" href=href>{row.title}</a>
                <br/>
                <span class="text-muted text-[.8125rem]">{words}</span>
            </span>
            <span class="num">{row.amount.map(|amount| amount.figures())}</span>
            <span class="num text-[.8125rem] text-muted hidden md:block">{format_moment_short(row.made_at, today)}</span>
        </li>
    }
}
