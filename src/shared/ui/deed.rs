//! One deed from form to receipt: the form, what would happen, what happened. Every operation that is
//! typed into a form runs through it.

use super::status::CareStatus;
use super::{Cell, Crumb, ErrorSummary, FormState, Icon, Note, PageHeader, Problem, Summary, Table, Tone};
use crate::shared::doors;
use crate::shared::error::DoorError;
use crate::shared::here::here;
use crate::shared::live::Live;
use crate::shared::receipts::Paper;
use leptos::html;
use leptos::prelude::*;
use tawi_domain::language;
use tawi_domain::shared::approval::{Check, Column, Panel, Receipt, Sent};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// Where the work stands.
#[derive(Debug, Clone)]
enum Stage {
    Form,
    Check(Box<Check>),
    Done(Box<Sent>),
}

/// A deed's page. Title and way to it are those of the page's row, unless the page knows better.
#[component]
pub fn Deed(
    /// The form.
    state: FormState,
    /// What the last button says when nobody else must agree.
    act: &'static str,
    /// Title of the page and name in the error summary.
    #[prop(optional)]
    page: Option<&'static str>,
    /// Where the page stands.
    #[prop(optional)]
    crumbs: Option<Vec<Crumb>>,
    /// A word under the title.
    #[prop(optional, into)]
    facts: ViewFn,
    /// Whether the form takes the width of the page, with nothing beside it.
    #[prop(optional)]
    wide: bool,
    /// The heading of what was done, where the receipt's title is only whom it was done to.
    #[prop(optional)]
    done: Option<&'static str>,
    /// Where to go on from what was done; to what came of it, and to the same form again, when nothing is said.
    #[prop(optional)]
    next: Option<Callback<Sent, AnyView>>,
    /// Shown beside the form.
    #[prop(optional, into)]
    aside: ViewFn,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let here = here();
    let (page, crumbs) = (page.unwrap_or(here.title), crumbs.unwrap_or_else(|| here.crumbs()));
    let next = next.unwrap_or_else(|| Callback::new(move |sent| onward(state.operation, &sent)));
    let stage = RwSignal::new(Stage::Form);
    let problem = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    // Until the page is awake a press would send the form nowhere.
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let fail = move |error: AppError| {
        if let AppError::Invalid(faults) = error {
            stage.set(Stage::Form);
            state.fail(faults);
        } else {
            problem.set(Some(error));
        }
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
            match doors::would_do(state.operation, state.text()).await {
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
            match doors::submit(state.operation, state.text(), key.into()).await {
                Ok(sent) => {
                    stage.set(Stage::Done(Box::new(sent)));
                    live.refresh();
                    window().scroll_to_with_x_and_y(0.0, 0.0);
                }
                Err(DoorError(error)) => fail(error),
            }
            busy.set(false);
        });
    });
    let on_form = move || stage.with(|stage| matches!(stage, Stage::Form));
    let back = crumbs.last().map_or_else(|| here.back(), |crumb| crumb.href.clone());
    let trail = crumbs.clone();
    view! {
        <div hidden=move || !on_form()>
            <PageHeader title=page crumbs=crumbs facts=facts/>
            <ErrorSummary state=state page=page/>
            <div class=if wide { "max-w-5xl" } else { "grid gap-x-8 gap-y-7 xl:grid-cols-[minmax(0,1fr)_26rem]" }>
                <form class=if wide { "min-w-0" } else { "max-w-3xl min-w-0" } node_ref=state.form novalidate on:submit=on_check>
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
            Stage::Done(sent) => view! { <Done sent=*sent crumbs=trail.clone() next=next heading=done/> }.into_any(),
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
    let reasons = language::reasons(&found.review).join(". ");
    let title = found.review.title.clone();
    let key = found.key.clone();
    let mut lines = language::review_lines(&found.review);
    let panels = found.review.panels;
    // What a panel tells stands there alone.
    let told: Vec<String> = panels.iter().flat_map(told_beside).collect();
    lines.retain(|line| !told.contains(&line.label));
    let rated = panels.iter().find_map(|panel| match panel {
        Panel::Rating { band, care, .. } => Some((band.clone(), *care)),
        Panel::Caution(_) | Panel::Alike { .. } => None,
    });
    let cautions = panels.iter().filter_map(|panel| match panel {
        Panel::Caution(words) => Some(words.clone()),
        Panel::Rating { .. } | Panel::Alike { .. } => None,
    });
    let cautions = cautions
        .map(|words| view! { <div class="mb-5 max-w-3xl"><Note tone=Tone::Watch icon="triangle-alert" head=words/></div> })
        .collect_view();
    let statuses =
        move || rated.clone().map(|(band, care)| view! { <CareStatus word=band care=care chip=true/> });
    view! {
        <div node_ref=heading tabindex="-1" class="outline-none">
            <PageHeader title="Check the answers" crumbs=crumbs facts=move || title.clone() statuses=statuses/>
        </div>
        {asks.then(|| view! {
            <div class="mb-5 max-w-3xl"><Note tone=Tone::Watch icon="triangle-alert" head="This needs a second person.">
                {format!("{reasons}. The {who} decides; you are told at once.")}
            </Note></div>
        })}
        {cautions}
        <Beside panels=panels><Summary lines=lines/></Beside>
        <div class="mt-6 max-w-3xl"><Problem error=problem/></div>
        <div class="flex flex-wrap gap-2 pt-4 border-t border-line max-w-3xl">
            <button class="btn btn-primary" type="button" aria-busy=move || busy.get().to_string() aria-disabled=move || busy.get().to_string() on:click=move |_| on_send.run(key.clone())>
                {move || if busy.get() { "Sending" } else { act }}
            </button>
            <button class="btn" type="button" on:click=move |_| on_back.run(())>"Change something"</button>
        </div>
    }
}

/// Labels of the lines that a panel tells.
fn told_beside(panel: &Panel) -> Vec<String> {
    match panel {
        Panel::Caution(_) => Vec::new(),
        Panel::Rating { title, .. } => vec![title.clone()],
        Panel::Alike { columns, rows, .. } => {
            let same = columns.iter().position(|column| *column == Column::Same);
            rows.iter().filter_map(|(_, cells)| cells.get(same?).cloned()).collect()
        }
    }
}

/// The answers, with what is worth seeing beside and below them.
#[component]
fn Beside(panels: Vec<Panel>, children: Children) -> impl IntoView {
    let mut below = Vec::new();
    let mut aside = Vec::new();
    for panel in panels {
        match panel {
            Panel::Caution(_) => {}
            Panel::Rating { title, points, factors, .. } => {
                aside.push(view! { <Rating title=title points=points factors=factors/> });
            }
            Panel::Alike { title, columns, rows } => {
                below.push(view! { <Alike title=title columns=columns rows=rows/> });
            }
        }
    }
    if aside.is_empty() {
        return view! { <div class="max-w-3xl">{children()}{below}</div> }.into_any();
    }
    view! {
        <div class="grid gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_17.5rem] max-w-5xl">
            <div>{children()}{below}</div>
            {aside}
        </div>
    }
    .into_any()
}

#[component]
fn Rating(title: String, points: u16, factors: Vec<(String, String, u16)>) -> impl IntoView {
    let rows = factors.into_iter().map(|(factor, evidence, points)| {
        view! {
            <div class="!grid-cols-[1fr_auto]"><dt class="!text-base-content">{factor}" "<span class="text-muted">{evidence}</span></dt><dd class="num">{format!("+{points}")}</dd></div>
        }
    });
    let rows = rows.collect_view();
    let named = title.clone();
    view! {
        <aside class="side" aria-label=named>
            <div class="sec"><h2>{title}</h2><span class="aside">{format!("{points} of 100")}</span></div>
            <dl class="kv">
                {rows}
                <div class="sum !grid-cols-[1fr_auto]"><dt>"Points"</dt><dd class="num">{points}</dd></div>
            </dl>
        </aside>
    }
}

#[component]
fn Alike(title: String, columns: Vec<Column>, rows: Vec<(Place, Vec<String>)>) -> impl IntoView {
    let body = rows.into_iter().map(|(place, cells)| {
        let mut cells = cells.into_iter();
        let first = cells.next().unwrap_or_default();
        let link = view! { <a class="lnk" href=place.href() target="_blank">{first}</a> };
        std::iter::once(link.into_any()).chain(cells.map(IntoAny::into_any)).collect::<Vec<_>>()
    });
    let body = body.collect();
    let columns = columns.into_iter().map(Column::title).enumerate();
    let columns = columns.map(|(at, title)| if at == 0 { Cell::Head(title) } else { Cell::Text(title) });
    view! {
        <h2 class="mt-6 mb-1.5">{title.clone()}</h2>
        <Table caption=title columns=columns.collect() rows=body/>
    }
}

/// What happened, and what comes next.
#[component]
fn Done(
    sent: Sent,
    crumbs: Vec<Crumb>,
    next: Callback<Sent, AnyView>,
    heading: Option<&'static str>,
) -> impl IntoView {
    let node = focused();
    let onward = next.run(sent.clone());
    let receipt = sent.receipt;
    let paper = receipt.clone();
    let content = match receipt {
        Receipt::Done { reference, title, lines, paper: printed, .. } => view! {
            <PageHeader
                title=heading.map_or_else(|| title.clone(), str::to_owned)
                crumbs=crumbs
                facts=move || view! { {heading.map(|_| view! { <span>{title.clone()}</span> })}<span>{reference.to_string()}</span> }
            />
            <div class="flex flex-wrap gap-2 mb-6 no-print">{onward}</div>
            {(printed.is_some() || !lines.is_empty()).then(|| view! { <Paper receipt=paper/> })}
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
                <div class="flex flex-wrap gap-2"><a class="btn btn-primary" href=Place::Request(request).href()>"Follow the request"</a>{onward}</div>
            }
            .into_any()
        }
        // A decision never comes back from a deed.
        Receipt::Decided { message, .. } => view! { <PageHeader title=message crumbs=crumbs/> }.into_any(),
    };
    view! { <div node_ref=node tabindex="-1" class="outline-none">{content}</div> }
}

/// Where to go on: to what came of it, where that has a page, and to the same form, empty.
fn onward(operation: Operation, sent: &Sent) -> AnyView {
    let made = made(operation, sent);
    let words = operation
        .title()
        .strip_prefix("New ")
        .map_or_else(|| "Another one".to_owned(), |what| format!("Another {what}"));
    let again = operation.spec().start.map(|_| again(&Place::Start(operation), words));
    view! { {made}{again} }.into_any()
}

/// The link to what came of a deed, where that has a page.
pub fn made(operation: Operation, sent: &Sent) -> Option<AnyView> {
    let Receipt::Done { effect, .. } = &sent.receipt else { return None };
    let kind = operation.spec().makes?;
    let href = kind.of(effect)?.href();
    Some(view! { <a class="btn btn-primary" href=href>{kind.invitation()}</a> }.into_any())
}

/// The link from a confirmation to a form, empty.
pub fn again(place: &Place, words: impl Into<String>) -> AnyView {
    let words = words.into();
    view! { <a class="btn" rel="external" href=place.href()><Icon name="plus"/>{words}</a> }.into_any()
}
