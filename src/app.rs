//! The document, the routes, and who may see which.

use crate::credit_ops::disbursement::DisbursementPage;
use crate::credit_ops::loan_application::LoanApplicationPage;
use crate::credit_ops::loan_setup::LoanProductsPage;
use crate::credit_ops::repayment_tracking::{CustomerLoans, LoanPage, LoansPage, RepaymentPage};
use crate::customer_ops::account_opening::AccountOpeningPage;
use crate::customer_ops::accounts::AccountPage;
use crate::customer_ops::cif_create::CifCreatePage;
use crate::customer_ops::enquiries::{CustomerPage, SearchPage};
use crate::desk::Desk;
use crate::shared::approvals::{ApprovalsPage, RequestsPage};
use crate::shared::frame::{Frame, FrameData, fetch_frame};
use crate::shared::live::Live;
use crate::shared::login::{SeatPage, SignInDialog, SignInPage};
use crate::shared::receipts::ReceiptPage;
use crate::shared::sessions::SessionsPage;
use crate::shared::ui::{Empty, PageHeader, Problem, Toaster, Toasts};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::permissions::{Operation, can_perform_action, may_make};

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
                <ParentRoute path=path!("") view=SignedIn ssr=SsrMode::Async>
                    <Route path=path!("/") view=DeskRoute ssr=SsrMode::Async/>
                    <Route path=path!("/approvals/:id?") view=|| guarded(Operation::Approvals, |_| view! { <ApprovalsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/requests/:id?") view=|| guarded(Operation::Requests, |_| view! { <RequestsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/customers") view=|| guarded(Operation::Enquiries, |data| view! { <SearchPage data=data/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/customers/new") view=|| guarded(Operation::CifCreate, |data| view! { <CifCreatePage data=data/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/customers/:number") view=|| guarded(Operation::Enquiries, |data| view! { <CustomerPage data=data further=loans_of(data)/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/accounts/new") view=|| guarded(Operation::AccountOpening, |_| view! { <AccountOpeningPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/accounts/:number") view=|| guarded(Operation::Enquiries, |_| view! { <AccountPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/loans") view=|| guarded(Operation::RepaymentTracking, |data| view! { <LoansPage data=data/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/new") view=|| guarded(Operation::LoanApplication, |data| view! { <LoanApplicationPage data=data/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/products") view=|| guarded(Operation::LoanSetup, |_| view! { <LoanProductsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/:number") view=|| guarded(Operation::Enquiries, |data| view! { <LoanPage data=data/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/:number/pay-out") view=|| guarded(Operation::Disbursement, |_| view! { <DisbursementPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/loans/:number/repay") view=|| guarded(Operation::Repayment, |_| view! { <RepaymentPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/receipts/:reference") view=|| guarded(Operation::Enquiries, |_| view! { <ReceiptPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/sessions") view=|| guarded(Operation::Sessions, |_| view! { <SessionsPage/> }.into_any()) ssr=SsrMode::Async/>
                    <Route path=path!("/*any") view=Missing ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
        <Toaster/>
    }
}

/// Who is signed in, for the pages inside the frame.
#[derive(Clone, Copy)]
struct Seat(Signal<FrameData>);

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

/// The loans on a customer's page: credit operations know customers, not the other way round.
fn loans_of(data: Signal<FrameData>) -> Callback<String, AnyView> {
    let applies =
        can_perform_action(data.with_untracked(|data| data.officer.role), Operation::LoanApplication);
    Callback::new(move |customer| view! { <CustomerLoans customer=customer applies=applies/> }.into_any())
}

/// A page for those who may do the operation; a plain sentence for everybody else.
fn guarded(operation: Operation, page: fn(Signal<FrameData>) -> AnyView) -> AnyView {
    let Seat(data) = expect_context::<Seat>();
    let role = data.with_untracked(|data| data.officer.role);
    match may_make(role, operation) {
        Ok(()) => page(data),
        Err(refusal) => {
            let error = AppError::NotAllowed(refusal.to_string());
            set_page_status(&error);
            view! { <PageHeader title=operation.spec().title/><Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
        }
    }
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

/// The status of a page drawn on the server; in the browser there is none to set.
fn set_page_status(error: &AppError) {
    #[cfg(not(target_arch = "wasm32"))]
    crate::server::door::set_status(error);
    #[cfg(target_arch = "wasm32")]
    let _ = error;
}
