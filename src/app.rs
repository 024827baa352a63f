//! The document, the routes, and who may see which.

use crate::desk::Desk;
use crate::pages::{self, route};
use crate::shared::error::DoorError;
use crate::shared::frame::Frame;
use crate::shared::frame_data::FrameData;
use crate::shared::frame_door::fetch_frame;
use crate::shared::here::{Here, Seat};
use crate::shared::live::Live;
use crate::shared::login::{self, PasswordPage, SeatPage, SignInDialog, SignInPage};
use crate::shared::presence;
use crate::shared::signed_out;
use crate::shared::ui::{Empty, PageHeader, Toaster, Toasts};
use crate::side;
use leptos::prelude::*;
use leptos::tachys::view::iterators::StaticVec;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::{Outlet, Router, Routes};
use leptos_router::{NestedRoute, SsrMode, path};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::place::{Place, PlaceKind};

/// The application, on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let toasts = Toasts::default();
    provide_context(toasts);
    provide_context(Live::new(toasts));
    signed_out::signed_in_again_by(|| Box::pin(login::sign_in_in_place()));
    view! {
        <Router>
            <Routes fallback=|| view! { <Missing/> } children=ToChildren::to_children(table)/>
        </Router>
        <Toaster/>
    }
}

/// Every route: signing in, and inside the frame the desk, the table of pages and what is none.
fn table() -> StaticVec<AnyNestedRoute> {
    let mut inside = vec![route(path!("/"), Desk)];
    inside.extend(pages::routes());
    inside.push(route(path!("/*any"), Missing));
    let inside = StaticVec::from(inside);
    let signed_in = NestedRoute::new(path!(""), SignedIn).ssr_mode(SsrMode::Async).child(inside);
    vec![
        route(path!("/sign-in"), SignInPage),
        route(path!("/sign-in/seat"), SeatPage),
        route(path!("/sign-in/password"), PasswordPage),
        signed_in.into_any_nested_route(),
    ]
    .into()
}

/// The frame with a page in it. It waits for nothing: a page below something that waits would be made
/// twice on the server, and its data looked up twice.
#[component]
fn SignedIn() -> impl IntoView {
    let live = expect_context::<Live>();
    let data = RwSignal::new(None::<FrameData>);
    Effect::new(move |_| {
        if live.tick.get() > 0 {
            leptos::task::spawn_local(async move {
                match fetch_frame().await {
                    Ok(new) => data.set(Some(new)),
                    Err(DoorError(AppError::OtherSeat)) => live.elsewhere.set(true),
                    Err(_) => {}
                }
            });
        }
    });
    // None only while the list of routes is made.
    let Some(first) = SharedValue::new(side::frame_of_the_request).into_inner() else {
        return ().into_any();
    };
    let waiting_at_first = first.waiting;
    let officer = first.officer.clone();
    let there = move || {
        leptos::task::spawn_local(async move {
            // That they are there is all that is told; whatever comes of it is told to the next call, too.
            let _ = fetch_frame().await;
        });
    };
    Effect::new(move |_| {
        presence::attend(&officer, there);
        presence::hear_other_tabs(move |is_same_seat| {
            if !is_same_seat {
                live.elsewhere.set(true);
            }
            // Whoever waits for a sign-in goes on: to be served, or to be told that another seat is signed in.
            login::signed_in_elsewhere();
        });
    });
    let data = Signal::derive(move || data.get().unwrap_or_else(|| first.clone()));
    provide_context(Seat(data));
    provide_context(Here { title: PlaceKind::Desk.title(), under: None });
    // The server writes the title when the page is drawn and its signals may be gone already.
    let waiting = move || data.try_with(|data| data.waiting).unwrap_or(waiting_at_first);
    // The icon of the tab asks for the person, too.
    Effect::new(move |_| {
        let href = if waiting() > 0 { "/tawi-waiting.svg" } else { "/tawi.svg" };
        if let Some(icon) = document().get_element_by_id("favicon") {
            // An attribute of a valid name is always set.
            let _ = icon.set_attribute("href", href);
        }
    });
    view! {
        <Title formatter=move |page: String| match waiting() {
            0 => format!("{page} · Tawi"),
            n => format!("({n}) {page} · Tawi"),
        }/>
        <Frame data=data><Outlet/></Frame>
        <SignInDialog data=data/>
    }
    .into_any()
}

#[component]
fn Missing() -> impl IntoView {
    side::set_status(&AppError::NotFound(String::new()));
    view! {
        <PageHeader title="Nothing here"/>
        <div class="max-w-md">
            <Empty icon="search-x" head="There is no such page" words="The address may be mistyped, or the page belongs to another branch.">
                <a class="btn" href=Place::Desk.href()>"To the desk"</a>
            </Empty>
        </div>
    }
}
