//! The frame: rail from the operation table, branch and business date, live pill, bell, theme, person.

use super::bell::Bell;
use super::command_box::CommandBox;
use super::frame_data::FrameData;
use super::live::{Live, LivePill};
use super::ui::{Icon, Note, Tone};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use tawi_domain::shared::dates::format_date_with_weekday;
use tawi_domain::shared::permissions::{Operation, can_perform_action};
use tawi_domain::shared::place::{Place, PlaceKind};
use tawi_domain::shared::staff::Officer;

/// The stem with its leaf.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true" fill="none">
            <path d="M8 22V3.5" stroke="var(--color-primary)" stroke-width="2.75" stroke-linecap="round"/>
            <path d="M8 17.5c0-3.2 1.6-4.9 4.6-5.6" stroke="var(--color-primary)" stroke-width="2.75" stroke-linecap="round"/>
            <path d="M12.2 13.6C11.6 8.4 14.6 5 21.4 4.6c.5 6.6-2.7 10-9.2 9Z" fill="var(--color-accent)"/>
        </svg>
    }
}

/// The button between light and dark. The choice stays in this browser.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let toggle = move |_| {
        let Some(root) = document().document_element() else { return };
        let dark = root.get_attribute("data-theme").as_deref() == Some("tawi-dark");
        let theme = if dark { "light" } else { "dark" };
        // Where storage is forbidden the choice lasts as long as the page.
        let _ = root.set_attribute("data-theme", &format!("tawi-{theme}"));
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item("tawi-theme", theme);
        }
    };
    view! {
        <button class="iconb" type="button" aria-label="Change between light and dark" on:click=toggle>
            <Icon name="moon" class="only-light"/>
            <Icon name="sun" class="only-dark"/>
        </button>
    }
}

/// The entry of the rail that a path belongs to, if it belongs to one: the longest that leads to it.
fn rail_entry(path: &str) -> Option<Place> {
    let leads = |place: &Place| {
        let href = place.href();
        path == href || path.strip_prefix(&href).is_some_and(|rest| rest.starts_with('/'))
    };
    let starts = Operation::ALL.into_iter().filter(|operation| operation.spec().start.is_some());
    let found = starts.map(Place::Start).filter(leads).max_by_key(|place| place.href().len());
    found.or_else(|| (path == Place::Desk.href()).then_some(Place::Desk))
}

/// The rail's items: only what this person may do.
#[component]
fn Items(data: Signal<FrameData>) -> impl IntoView {
    let path = use_location().pathname;
    let here = Memo::new(move |_| path.with(|path| rail_entry(path)));
    let item = move |place: Place, icon: &'static str, title: &'static str, count: Signal<usize>| {
        let href = place.href();
        let current = move || here.with(|here| here.as_ref() == Some(&place)).then_some("page");
        view! {
            <a class="item" href=href aria-current=current>
                <Icon name=icon/>
                {title}
                {move || match count.get() {
                    0 => None,
                    waiting => Some(view! { <span class="n hot">{waiting}</span> }),
                }}
            </a>
        }
    };
    let none = Signal::derive(|| 0);
    let waiting = Signal::derive(move || data.with(|data| data.waiting));
    let role = data.with_untracked(|data| data.officer.role);
    let mut area = None;
    let operations = Operation::ALL.into_iter().filter(|operation| can_perform_action(role, *operation));
    let items = operations.filter_map(|operation| {
        let spec = operation.spec();
        let start = spec.start?;
        let heading = (area != Some(spec.area) && !spec.area.title().is_empty())
            .then(|| view! { <div class="rail-h">{spec.area.title()}</div> });
        area = Some(spec.area);
        let count = if operation == Operation::Approvals { waiting } else { none };
        Some(view! { {heading} {item(Place::Start(operation), start.icon, spec.title, count)} })
    });
    view! { {item(Place::Desk, "gauge", PlaceKind::Desk.title(), none)} {items.collect_view()} }
}

#[component]
fn TopBar(data: Signal<FrameData>) -> impl IntoView {
    let officer = Memo::new(move |_| data.with(|data| data.officer.clone()));
    let may_look = can_perform_action(officer.with_untracked(|officer| officer.role), Operation::Enquiries);
    let search = may_look.then(|| {
        view! { <CommandBox role=officer.with_untracked(|officer| officer.role)/> }
    });
    view! {
        <header class="topbar">
            <button class="iconb menub" type="button" popovertarget="menu" aria-label="Operations"><Icon name="menu"/></button>
            {search}
            <span class="place">
                <b>{move || officer.with(|officer| officer.branch_code.clone())}
                    <span class="brn">{move || officer.with(|officer| format!(" · {}", officer.branch_name))}</span></b>
                " "
                <i>{move || officer.with(|officer| format_date_with_weekday(officer.business_date))}</i>
            </span>
            <LivePill/>
            <Bell data=data/>
            <ThemeButton/>
            <span class="who">
                <span class="ini" aria-hidden="true">{move || officer.with(Officer::initials)}</span>
                <span>
                    <b class="font-medium">{move || officer.with(|officer| officer.name.clone())}</b>
                    <br/>
                    <span class="text-muted">{move || officer.with(|officer| officer.role.title())}</span>
                </span>
            </span>
            <form method="post" action="/sign-out">
                <input type="hidden" name="person" value=officer.with_untracked(|officer| officer.staff_id.to_string())/>
                <button class="iconb" type="submit" aria-label="Sign out"><Icon name="log-out"/></button>
            </form>
        </header>
    }
}

/// `/`, unless somebody is typing, and Ctrl+K put the cursor into the command box.
fn slash_focuses_search() {
    let handle = window_event_listener(ev::keydown, |event| {
        let typing = document()
            .active_element()
            .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let slash = event.key() == "/" && !typing && plain;
        let control_k = event.key().eq_ignore_ascii_case("k") && (event.ctrl_key() || event.meta_key());
        if (slash || control_k)
            && let Some(search) = document().get_element_by_id("search-box")
        {
            event.prevent_default();
            use wasm_bindgen::JsCast;
            if let Some(search) = search.dyn_ref::<web_sys::HtmlElement>() {
                // Focus fails only when the element is gone.
                let _ = search.focus();
            }
        }
    });
    on_cleanup(move || handle.remove());
}

/// What a page says when its person or seat is no longer the one signed in in this browser.
#[component]
fn Elsewhere() -> impl IntoView {
    view! {
        <div class="mb-5 max-w-3xl no-print">
            <Note tone=Tone::Watch icon="git-compare" head="Another person or seat is signed in in this browser by now." alert=true>
                "Nothing more is done from this page. What you typed is still here: copy what you need, then "
                <a class="lnk" rel="external" href="">"load the page again"</a>"."
            </Note>
        </div>
    }
}

/// The frame around every page of somebody signed in.
#[component]
pub fn Frame(
    /// What it shows.
    data: Signal<FrameData>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let demo = data.with_untracked(|data| data.demo);
    let live = expect_context::<Live>();
    Effect::new(move |_| slash_focuses_search());
    Effect::new(move |_| live.start(data.with_untracked(|data| data.position)));
    view! {
        <a class="skip" href="#main" rel="external">"Skip to content"</a>
        <div class="app">
            <nav class="rail" aria-label="Operations">
                <a class="brand" href=Place::Desk.href() aria-label="Tawi, to the desk"><Mark/><b>"Tawi"</b></a>
                <Items data=data/>
            </nav>
            <TopBar data=data/>
            <main class="sheet" id="main" tabindex="-1">
                {demo.then(|| view! {
                    <p class="text-xs text-accent mb-3 flex items-center gap-1.5 no-print">
                        <Icon name="flask-conical" class="ic-s"/>
                        "Demonstration: nobody and nothing here is real."
                    </p>
                })}
                {move || live.elsewhere.get().then(|| view! { <Elsewhere/> })}
                {children()}
            </main>
        </div>
        <nav id="menu" popover="auto" class="m-0 w-64 h-dvh max-h-none bg-base-200 text-base-content p-3 rail-m" aria-label="Operations, small screen">
            <Items data=data/>
        </nav>
    }
}
