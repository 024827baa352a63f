//! The document, the routes, and who may see which.

use crate::desk::Desk;
use crate::parts::{Administration, Customers, Loans, Page, Seat, Shared, set_page_status};
use crate::shared::frame::{Frame, FrameData, fetch_frame};
use crate::shared::live::Live;
use crate::shared::login::{PasswordPage, SeatPage, SignInDialog, SignInPage};
use crate::shared::ui::{Empty, PageHeader, Toaster, Toasts};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};
use tawi_domain::shared::error::AppError;

/// The application, on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let toasts = Toasts::default();
    provide_context(toasts);
    provide_context(Live::new(toasts));
    view! {
        <Router>
            <Routes fallback=|| view! { <Missing/> }>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/sign-in/seat") view=SeatPage ssr=SsrMode::Async/>
                <Route path=path!("/sign-in/password") view=PasswordPage ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=SignedIn ssr=SsrMode::Async>
                    <Route path=path!("/") view=DeskRoute ssr=SsrMode::Async/>
                    <Route path=path!("/approvals/:id?") view=Page::Shared(Shared::Approvals) ssr=SsrMode::Async/>
                    <Route path=path!("/requests/:id?") view=Page::Shared(Shared::Requests) ssr=SsrMode::Async/>
                    <Route path=path!("/customers") view=Page::Customers(Customers::Search) ssr=SsrMode::Async/>
                    <Route path=path!("/customers/new") view=Page::Customers(Customers::Register) ssr=SsrMode::Async/>
                    <Route path=path!("/customers/:number") view=Page::Customers(Customers::File) ssr=SsrMode::Async/>
                    <Route path=path!("/accounts/new") view=Page::Customers(Customers::OpenAccount) ssr=SsrMode::Async/>
                    <Route path=path!("/accounts/:number") view=Page::Customers(Customers::Account) ssr=SsrMode::Async/>
                    <Route path=path!("/loans") view=Page::Loans(Loans::List) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/new") view=Page::Loans(Loans::Apply) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/products") view=Page::Loans(Loans::Products) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/:number") view=Page::Loans(Loans::Loan) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/:number/pay-out") view=Page::Loans(Loans::PayOut) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/:number/repay") view=Page::Loans(Loans::Repay) ssr=SsrMode::Async/>
                    <Route path=path!("/receipts/:reference") view=Page::Shared(Shared::Receipt) ssr=SsrMode::Async/>
                    <Route path=path!("/staff") view=Page::Administration(Administration::Staff) ssr=SsrMode::Async/>
                    <Route path=path!("/staff/new") view=Page::Administration(Administration::NewPerson) ssr=SsrMode::Async/>
                    <Route path=path!("/staff/:id") view=Page::Administration(Administration::Person) ssr=SsrMode::Async/>
                    <Route path=path!("/staff/:id/:act") view=Page::Administration(Administration::StaffChange) ssr=SsrMode::Async/>
                    <Route path=path!("/branches") view=Page::Administration(Administration::Branches) ssr=SsrMode::Async/>
                    <Route path=path!("/branches/new") view=Page::Administration(Administration::NewBranch) ssr=SsrMode::Async/>
                    <Route path=path!("/holidays") view=Page::Administration(Administration::Holidays) ssr=SsrMode::Async/>
                    <Route path=path!("/holidays/change") view=Page::Administration(Administration::Holiday) ssr=SsrMode::Async/>
                    <Route path=path!("/parameters") view=Page::Administration(Administration::Parameters) ssr=SsrMode::Async/>
                    <Route path=path!("/parameters/:code") view=Page::Administration(Administration::Parameter) ssr=SsrMode::Async/>
                    <Route path=path!("/sessions") view=Page::Shared(Shared::Sessions) ssr=SsrMode::Async/>
                    <Route path=path!("/*any") view=Missing ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
        <Toaster/>
    }
}

/// What the server knew of the person when it drew the page; the browser reads it from the page.
fn frame_of_the_request() -> Option<FrameData> {
    #[cfg(not(target_arch = "wasm32"))]
    {
        use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<FrameData>().cloned())
    }
    #[cfg(target_arch = "wasm32")]
    None
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
                if let Ok(new) = fetch_frame().await {
                    data.set(Some(new));
                }
            });
        }
    });
    // None only while the list of routes is made.
    let Some(first) = SharedValue::new(frame_of_the_request).into_inner() else {
        return ().into_any();
    };
    let waiting_at_first = first.waiting;
    let data = Signal::derive(move || data.get().unwrap_or_else(|| first.clone()));
    provide_context(Seat(data));
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
fn DeskRoute() -> impl IntoView {
    let Seat(data) = expect_context::<Seat>();
    view! { <Desk data=data/> }
}

#[component]
fn Missing() -> impl IntoView {
    set_page_status(&AppError::NotFound(String::new()));
    view! {
        <PageHeader title="Nothing here"/>
        <div class="max-w-md">
            <Empty icon="search-x" head="There is no such page" words="The address may be mistyped, or the page belongs to another branch.">
                <a class="btn" href="/">"To the desk"</a>
            </Empty>
        </div>
    }
}
