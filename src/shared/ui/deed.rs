//! One deed from form to receipt: the form, what would happen, what happened. Every operation that is
//! typed into a form runs through it.

use super::{Crumb, ErrorSummary, FormState, Icon, Note, PageHeader, Problem, Summary, Tone};
use crate::shared::error::DoorError;
use crate::shared::live::Live;
use crate::shared::receipts::Paper;
use leptos::html;
use leptos::prelude::*;
use std::pin::Pin;
use tawi_domain::shared::approval::{Check, Receipt};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::ids::RequestKey;

/// What a door answers, later.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, DoorError>>>>;

/// Where the work stands.
#[derive(Debug, Clone)]
enum Stage {
    Form,
    Check(Box<Check>),
    Done(Box<Receipt>),
}

/// A deed's page.
#[component]
pub fn Deed(
    /// Title of the page and name in the error summary.
    page: &'static str,
    /// Where the page stands.
    crumbs: Vec<Crumb>,
    /// What the last button says when nobody else must agree.
    act: &'static str,
    /// A word under the title.
    #[prop(optional, into)]
    facts: ViewFn,
    /// The form and its faults.
    state: FormState,
    /// Asks the bank what would happen.
    check: Callback<(), Answer<Check>>,
    /// Does it.
    send: Callback<RequestKey, Answer<Receipt>>,
    /// Where to go on from what was done.
    next: Callback<Receipt, AnyView>,
    /// Shown beside the form.
    #[prop(optional, into)]
    aside: ViewFn,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let stage = RwSignal::new(Stage::Form);
    let problem = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    // Until the page is awake a press would send the form nowhere.
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let fail = move |error: AppError| match error {
        AppError::Invalid(faults) => {
            stage.set(Stage::Form);
            state.fail(faults);
        }
        other => problem.set(Some(other)),
    };
    let on_check = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        problem.set(None);
        let faults = state.parse();
        if !faults.is_empty() {
            state.fail(faults);
            return;
        }
        state.faults.set(FieldErrors::default());
        busy.set(true);
        leptos::task::spawn_local(async move {
            match check.run(()).await {
                Ok(found) => {
                    stage.set(Stage::Check(Box::new(found)));
                    window().scroll_to_with_x_and_y(0.0, 0.0);
                }
                Err(DoorError(error)) => fail(error),
            }
            busy.set(false);
        });
    };
    let live = expect_context::<Live>();
    let on_send = Callback::new(move |key: RequestKey| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            match send.run(key).await {
                Ok(receipt) => {
                    stage.set(Stage::Done(Box::new(receipt)));
                    live.refresh();
                    window().scroll_to_with_x_and_y(0.0, 0.0);
                }
                Err(DoorError(error)) => fail(error),
            }
            busy.set(false);
        });
    });
    let on_form = move || stage.with(|stage| matches!(stage, Stage::Form));
    let back = crumbs.last().map_or_else(|| "/".to_owned(), |crumb| crumb.href.clone());
    let trail = crumbs.clone();
    view! {
        <div hidden=move || !on_form()>
            <PageHeader title=page crumbs=crumbs facts=facts/>
            <ErrorSummary state=state page=page/>
            <div class="grid gap-x-8 gap-y-7 xl:grid-cols-[minmax(0,1fr)_26rem]">
                <form class="max-w-3xl min-w-0" node_ref=state.form novalidate on:submit=on_check>
                    {children()}
                    <div class="mt-6"><Show when=on_form><Problem error=problem/></Show></div>
                    <div class="flex flex-wrap gap-2 pt-4 border-t border-line">
                        <button class="btn btn-primary" type="submit" disabled=move || !awake.get() aria-busy=move || busy.get().to_string()>
                            {move || if busy.get() { "Checking" } else { "Check the answers" }}
                        </button>
                        <a class="btn btn-ghost" href=back>"Leave"</a>
                    </div>
                </form>
                {aside.run()}
            </div>
        </div>
        {move || match stage.get() {
            Stage::Form => ().into_any(),
            Stage::Check(found) => view! {
                <CheckAnswers found=*found crumbs=trail.clone() act=act problem=problem busy=busy on_send=on_send on_back=Callback::new(move |()| stage.set(Stage::Form))/>
            }.into_any(),
            Stage::Done(receipt) => view! { <Done receipt=*receipt crumbs=trail.clone() next=next/> }.into_any(),
        }}
    }
}

/// Takes the focus when it appears, so that a screen reader starts there.
fn focused() -> NodeRef<html::Div> {
    let heading = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // Focus fails only when the element is gone.
            let _ = heading.focus();
        }
    });
    heading
}

#[component]
fn CheckAnswers(
    found: Check,
    crumbs: Vec<Crumb>,
    act: &'static str,
    problem: RwSignal<Option<AppError>>,
    busy: RwSignal<bool>,
    on_send: Callback<RequestKey>,
    on_back: Callback<()>,
) -> impl IntoView {
    let heading = focused();
    let asks = !found.checker.is_empty();
    let act = if asks { "Send for approval" } else { act };
    let who = found.checker.iter().map(|role| role.title().to_lowercase()).collect::<Vec<_>>().join(" or ");
    let reasons = found.review.reasons.join(". ");
    let title = found.review.title.clone();
    let key = found.key.clone();
    view! {
        <div node_ref=heading tabindex="-1" class="outline-none">
            <PageHeader title="Check the answers" crumbs=crumbs facts=move || title.clone()/>
        </div>
        {asks.then(|| view! {
            <div class="mb-5 max-w-3xl"><Note tone=Tone::Watch icon="triangle-alert" head="This needs a second person.">
                {format!("{reasons}. The {who} decides; you are told at once.")}
            </Note></div>
        })}
        <div class="max-w-3xl"><Summary lines=found.review.lines/></div>
        <div class="mt-6 max-w-3xl"><Problem error=problem/></div>
        <div class="flex flex-wrap gap-2 pt-4 border-t border-line max-w-3xl">
            <button class="btn btn-primary" type="button" aria-busy=move || busy.get().to_string() aria-disabled=move || busy.get().to_string() on:click=move |_| on_send.run(key.clone())>
                {move || if busy.get() { "Sending" } else { act }}
            </button>
            <button class="btn" type="button" on:click=move |_| on_back.run(())>"Change something"</button>
        </div>
    }
}

/// What happened, and what comes next.
#[component]
fn Done(receipt: Receipt, crumbs: Vec<Crumb>, next: Callback<Receipt, AnyView>) -> impl IntoView {
    let heading = focused();
    let onward = next.run(receipt.clone());
    let paper = receipt.clone();
    let content = match receipt {
        Receipt::Done { reference, title, lines, .. } => view! {
            <PageHeader title=title.clone() crumbs=crumbs facts=move || reference.to_string()/>
            <div class="flex flex-wrap gap-2 mb-6 no-print">{onward}</div>
            {(!lines.is_empty()).then(|| view! { <Paper receipt=paper/> })}
        }
        .into_any(),
        Receipt::Waiting { reference, request, title, checker, .. } => {
            let who = checker.iter().map(|role| role.title().to_lowercase()).collect::<Vec<_>>().join(" or ");
            view! {
                <PageHeader title="Sent for approval" crumbs=crumbs facts=move || title.clone()/>
                <dl class="figs mb-6">
                    <div class="lead"><dt>"Reference"</dt><dd>{reference.to_string()}</dd></div>
                    <div><dt>"Who decides"</dt><dd>{format!("The {who}")}</dd><dd class="foot">"You are told here as soon as it is decided"</dd></div>
                </dl>
                <div class="flex flex-wrap gap-2"><a class="btn btn-primary" href=format!("/requests/{request}")>"Follow the request"</a>{onward}</div>
            }
            .into_any()
        }
        // A decision never comes back from a deed.
        Receipt::Decided { message, .. } => view! { <PageHeader title=message crumbs=crumbs/> }.into_any(),
    };
    view! { <div node_ref=heading tabindex="-1" class="outline-none">{content}</div> }
}

/// The link from a confirmation to the same form, empty.
pub fn again(href: &'static str, words: &'static str) -> AnyView {
    view! { <a class="btn" rel="external" href=href><Icon name="plus"/>{words}</a> }.into_any()
}
