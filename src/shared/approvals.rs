//! Four eyes on screen: the inbox that fills and empties by itself, and what one has asked for.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::handing_out::HandOut;
use super::live::Live;
use super::ui::{
    Confirm, Empty, Icon, Note, PageHeader, Pager, Problem, RequestStatus, Skeleton, Summary, Tone, Unread,
    page_here,
};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tawi_domain::language;
use tawi_domain::shared::approval::{
    DecisionForm, Permitted, Receipt, RequestDetail, RequestRow, RequestState, Review,
};
use tawi_domain::shared::dates::format_moment;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::{Place, PlaceKind};

/// What waits for the person to decide, the oldest first.
#[server(prefix = "/api", endpoint = "inbox", client = PortalClient)]
pub async fn inbox(page: Option<u32>) -> Result<Listing<RequestRow>, DoorError> {
    use crate::server::door;
    let page = page.unwrap_or(1);
    door::answer(async |bank, caller| Ok(tawi_bank::approval::inbox(&bank, &caller, page).await?)).await
}

/// A request, whole.
#[server(prefix = "/api", endpoint = "request", client = PortalClient)]
pub async fn fetch_request(id: String) -> Result<RequestDetail, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| Ok(tawi_bank::approval::detail_of(&bank, &caller, &id).await?)).await
}

/// Approves, rejects, sends back, or takes one's own request back.
#[server(prefix = "/api", endpoint = "decide", client = PortalClient)]
pub async fn decide(form: DecisionForm) -> Result<Receipt, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let operation = form.operation();
        let key = door::key(&bank, &caller, operation, &form.key).await?;
        let decision = bank.heard(&caller, operation, form.parse().map_err(AppError::Invalid)).await?;
        Ok(tawi_bank::approval::decide(&bank, &caller, &decision, key).await?)
    })
    .await
}

/// The inbox: the list, and beside it the request that is open.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")));
    let page = page_here();
    let decided = RwSignal::new(None::<(String, Receipt)>);
    // On a phone the one that is open has the screen to itself.
    let aside = move || {
        let hidden = if id.get().is_some() { " max-md:hidden" } else { "" };
        format!("md:border-r border-line bg-base-200/50{hidden}")
    };
    view! {
        <div class="approval -mx-6 -mb-10 max-lg:-mx-5 max-md:-mx-4 max-md:-mb-8 border-t border-line grid md:grid-cols-[13.5rem_minmax(0,1fr)] xl:grid-cols-[17.5rem_minmax(0,1fr)] md:min-h-[calc(100dvh-6.25rem)]">
            <section class=aside aria-labelledby="inbox">
                {move || view! { <Inbox page=page.get() open=id/> }}
            </section>
            <section class="px-6 max-md:px-4 pt-4 pb-0 min-w-0 flex flex-col" aria-label="Decision">
                {move || match id.get() {
                    None => view! {
                        <PageHeader title=Operation::Approvals.title() facts=|| "What others have asked for and a second person must decide."/>
                        <div class="max-w-md"><Empty icon="mouse-pointer-click" head="Choose a request" words="What will happen, and why it needs you, is shown here."/></div>
                    }.into_any(),
                    Some(id) => view! {
                        <p class="md:hidden mb-3"><a class="lnk" href=Place::Start(Operation::Approvals).href()>"All that waits for you"</a></p>
                        <Opened id=id decided=decided/>
                    }
                    .into_any(),
                }}
            </section>
        </div>
    }
}

/// A page of the inbox, followed live.
#[component]
fn Inbox(page: u32, open: Memo<Option<String>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let list = Resource::new(move || live.tick.get(), move |_| inbox(Some(page)));
    let path = move || match open.get() {
        None => Place::Start(Operation::Approvals).href(),
        Some(id) => PlaceKind::Approval.of(&id).map_or_else(String::new, |place| place.href()),
    };
    let rows = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => view! { <div class="p-4"><Problem error=Signal::derive(move || Some(error.clone()))/></div> }.into_any(),
            Ok(rows) if rows.is_empty() => view! {
                <div class="p-4"><Empty icon="inbox" head="Nothing waits for you" words="New requests appear here by themselves."/></div>
            }.into_any(),
            Ok(list) => view! {
                <Unread names=list.unread/>
                <ul class="border-t border-line">
                    {list.rows.into_iter().map(|row| view! { <InboxRow row=row open=open page=page/> }).collect_view()}
                </ul>
                <div class="px-4">{move || view! { <Pager page=page in_all=list.in_all path=path()/> }}</div>
            }.into_any(),
        })
    };
    let count = move || list.get().and_then(Result::ok).map(|rows| rows.in_all);
    view! {
        <div class="flex items-baseline justify-between px-4 pt-4 pb-2">
            <h2 id="inbox" class="!text-base">"Waits for you"</h2>
            <Suspense><span class="text-[.8125rem] text-muted" role="status">{count}</span></Suspense>
        </div>
        <Transition fallback=|| view! { <div class="p-4"><Skeleton/></div> }>{rows}</Transition>
    }
}

#[component]
fn InboxRow(row: RequestRow, open: Memo<Option<String>>, page: u32) -> impl IntoView {
    let place = Place::Approval(row.id);
    let href = match page {
        1 => place.href(),
        page => place.href_with(&[("page", &page.to_string())]),
    };
    let id = row.id.to_string();
    let here = {
        let id = id.clone();
        move || open.get().as_deref() == Some(id.as_str())
    };
    let class = {
        let here = here.clone();
        move || {
            let state = if here() {
                "bg-base-100 before:absolute before:inset-y-0 before:left-0 before:w-[3px] before:bg-primary"
            } else {
                "hover:bg-base-100/70"
            };
            format!("border-b border-line relative px-4 py-2.5 text-[.8125rem] leading-[1.125rem] {state}")
        }
    };
    view! {
        <li class=class>
            <div class="flex justify-between gap-2">
                <span class="text-muted font-medium">{row.operation.spec().title}</span>
                <span class="text-muted">{format_moment(row.made_at)}</span>
            </div>
            <a class="font-medium after:absolute after:inset-0 block truncate" href=href aria-current=move || here().then_some("true")>{row.title}</a>
            <div class="flex flex-wrap justify-between gap-x-2 items-baseline">
                <span class="text-muted">{row.maker_name}</span>
                <span class="tabular-nums">{row.amount.map(|amount| amount.to_string())}</span>
            </div>
        </li>
    }
}

/// The request that is open, followed live.
#[component]
pub fn Opened(id: String, decided: RwSignal<Option<(String, Receipt)>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let key = id.clone();
    let detail = Resource::new(move || (key.clone(), live.tick.get()), |(id, _)| fetch_request(id));
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || {
                let id = id.clone();
                detail.get().map(|result| match result {
                    Err(DoorError(error)) => view! {
                        <PageHeader title=Operation::Approvals.title()/>
                        <Problem error=Signal::derive(move || Some(error.clone()))/>
                    }.into_any(),
                    Ok(detail) => view! { <Request detail=detail id=id decided=decided/> }.into_any(),
                })
            }}
        </Transition>
    }
}

/// What came of a decision, in a sentence.
fn outcome(receipt: &Receipt) -> (Tone, &'static str, String, String) {
    match receipt {
        Receipt::Decided { state: RequestState::Approved, message, reference, better, .. } => {
            let since: Vec<String> = better.iter().map(language::change).collect();
            let since = if since.is_empty() {
                String::new()
            } else {
                format!(" Since you were shown it: {}.", since.join("; "))
            };
            let words = format!("It is done: {message}.{since}");
            (Tone::Good, "circle-check", format!("Approved. {reference}"), words)
        }
        Receipt::Decided { state: RequestState::Refused, message, reference, .. } => (
            Tone::Wrong,
            "circle-alert",
            format!("You approved {reference}, but it could not be done."),
            format!("{message}. Nothing was changed, and the maker is told."),
        ),
        Receipt::Decided { state, reference, .. } => (
            Tone::Waiting,
            "circle-check",
            format!("{}: {reference}.", state.title()),
            "The maker is told.".to_owned(),
        ),
        Receipt::Done { reference, title, .. } | Receipt::Waiting { reference, title, .. } => {
            (Tone::Good, "circle-check", format!("{title}. {reference}"), String::new())
        }
    }
}

#[component]
fn Request(detail: RequestDetail, id: String, decided: RwSignal<Option<(String, Receipt)>>) -> impl IntoView {
    let row = detail.row.clone();
    let state = row.state;
    let just = decided.get_untracked().filter(|(of, _)| *of == id).map(|(_, receipt)| outcome(&receipt));
    let hands_out = detail.half.map(|half| view! { <HandOut request=id.clone() half=half/> });
    let facts = {
        let row = row.clone();
        move || {
            view! {
                <span>{row.reference.to_string()}</span>
                <span>{format!("Asked by {}, {}", row.maker_name, format_moment(row.made_at))}</span>
            }
        }
    };
    let note = row.note.clone().map(|note| {
        let by = row.checker_name.clone().unwrap_or_default();
        view! {
            <blockquote class="border-l-2 border-accent pl-3 text-[.8125rem] leading-5 mb-5">
                {note}<footer class="text-muted mt-1">{by}</footer>
            </blockquote>
        }
    });
    let correct = detail.correct_at.as_ref().map(|page| {
        let href = page.href_with(&[("from", &detail.row.id.to_string())]);
        view! {
            <p class="mt-5"><a class="btn btn-primary" href=href>"Correct and send again"</a></p>
        }
    });
    let effect = detail.effect.as_ref().and_then(|number| effect_link(row.operation, number));
    let receipt = detail.receipt.as_ref().map(|reference| {
        view! { <a class="btn" href=Place::Receipt(reference.clone()).href()><Icon name="receipt-text"/>"Receipt"</a> }
    });
    let onward = (effect.is_some() || receipt.is_some())
        .then(|| view! { <p class="mt-5 flex flex-wrap gap-2">{effect}{receipt}</p> });
    let route = Stem(StemProps { row: row.clone() });
    let acts = match detail.may {
        Permitted::Decide => view! { <DecisionBar detail=detail.clone() id=id decided=decided/> }.into_any(),
        Permitted::Withdraw => view! { <Withdraw detail=detail.clone() id=id decided=decided/> }.into_any(),
        Permitted::Correct | Permitted::Look => ().into_any(),
    };
    view! {
        <PageHeader title=row.title.clone() statuses=move || view! { <RequestStatus state=state chip=true/> } facts=facts/>
        {just.map(|(tone, icon, head, words)| view! { <div class="mb-5"><Note tone=tone icon=icon head=head alert=true>{words}</Note></div> })}
        {hands_out}
        {note}
        <div class="grid gap-x-8 gap-y-6 lg:max-xl:grid-cols-1 xl:grid-cols-[minmax(0,1fr)_15.5rem] pb-6">
            <div class="min-w-0"><ReviewView review=detail.review.clone()/>{correct}{onward}</div>
            <section><h2 class="mb-2">"Route"</h2>{route}</section>
        </div>
        {acts}
    }
}

/// The way from a request to what came of it, where that has a page.
fn effect_link(operation: Operation, number: &str) -> Option<AnyView> {
    let kind = operation.spec().makes?;
    let href = kind.of(number)?.href();
    Some(view! { <a class="btn" href=href><Icon name=kind.icon()/>{kind.invitation()}</a> }.into_any())
}

/// What will happen, and why a second person must look.
#[component]
fn ReviewView(review: Review) -> impl IntoView {
    let reasons = language::reasons(&review).into_iter().map(|reason| {
        view! { <li class="py-1.5 border-b border-line"><span class="st warn whitespace-normal"><Icon name="triangle-alert"/>{reason}</span></li> }
    });
    let reasons = reasons.collect_view();
    view! {
        <h2 class="mb-1.5">"Why it needs approval"</h2>
        <ul class="text-[.8125rem] mb-6">{reasons}</ul>
        <h2 class="mb-1.5">"What will be in the books"</h2>
        <Summary lines=language::review_lines(&review)/>
    }
}

/// The route of a request: asked, decided, in force.
#[component]
fn Stem(row: RequestRow) -> impl IntoView {
    let asked = format!("Asked, {}", row.maker_name);
    let roles = row.checker.iter().map(|role| role.title()).collect::<Vec<_>>().join(" or ");
    let decision = match (row.state, row.checker_name.clone(), row.decided_at) {
        (RequestState::Waiting, ..) => view! {
            <li class="acc"><span class="node"><Icon name="circle-dot"/></span><b class="font-medium">{roles}</b><br/><span class="text-muted">"decides"</span></li>
            <li class="future"><span class="node"><Icon name="circle-dashed"/></span>"In force at once"</li>
        }.into_any(),
        (state, by, at) => {
            let words = format!("{}, {}", state.title(), by.unwrap_or_default());
            view! {
                <li class="pri"><span class="node"><Icon name="circle-check"/></span>{words}<br/><span class="text-muted">{at.map(format_moment)}</span></li>
            }.into_any()
        }
    };
    view! {
        <ol class="stem">
            <li class="done pri"><span class="node"><Icon name="circle-check"/></span>{asked}<br/><span class="text-muted">{format_moment(row.made_at)}</span></li>
            {decision}
        </ol>
    }
}

/// Sends a decision and shows what came of it.
fn send(
    form: DecisionForm,
    id: String,
    decided: RwSignal<Option<(String, Receipt)>>,
    problem: RwSignal<Option<AppError>>,
    busy: RwSignal<bool>,
) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    let live = expect_context::<Live>();
    leptos::task::spawn_local(async move {
        match decide(form).await {
            Ok(receipt) => {
                problem.set(None);
                decided.set(Some((id, receipt)));
                live.refresh();
            }
            Err(DoorError(error)) => {
                problem.set(Some(error.clone()));
                if matches!(error, AppError::Conflict(_)) {
                    live.refresh();
                }
            }
        }
        busy.set(false);
    });
}

#[component]
fn DecisionBar(
    detail: RequestDetail,
    id: String,
    decided: RwSignal<Option<(String, Receipt)>>,
) -> impl IntoView {
    let note = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let approve = match detail.row.amount {
        Some(amount) => format!("Approve {}", amount.figures()),
        None => "Approve".to_owned(),
    };
    let act = move |verdict: &'static str| {
        let form = DecisionForm {
            request: detail.row.id.to_string(),
            payload_hash: detail.payload_hash.clone(),
            verdict: verdict.to_owned(),
            note: note.get_untracked().map(|input| input.value()).unwrap_or_default(),
            key: detail.key.as_str().to_owned(),
        };
        // Another verdict is another content: it gets a key of its own.
        let form = DecisionForm { key: format!("{}-{verdict}", form.key), ..form };
        send(form, id.clone(), decided, problem, busy);
    };
    let fault = move || match problem.get() {
        Some(AppError::Invalid(faults)) => faults.of("note").map(str::to_owned),
        Some(_) | None => None,
    };
    let other = Signal::derive(move || problem.get().filter(|_| fault().is_none()));
    let (send_back, reject) = (act.clone(), act.clone());
    let asleep = move || busy.get() || !awake.get();
    view! {
        <Problem error=other/>
        <form class="md:sticky bottom-0 mt-auto max-md:mt-6 -mx-6 max-md:-mx-4 px-6 max-md:px-4 pt-3 pb-3.5 bg-base-100 border-t border-line-2 flex flex-wrap gap-x-5 gap-y-3 items-end z-10" aria-label="Your decision" on:submit=move |event| event.prevent_default()>
            <div class=move || format!("field grow basis-40 min-w-0{}", if fault().is_some() { " bad ml-0!" } else { "" })>
                <label for="note">"Note "<span class="opt">"(if you do not approve)"</span></label>
                {move || fault().map(|words| view! { <p class="fault" id="note-fault" role="alert"><Icon name="circle-alert"/><span>{words}</span></p> })}
                <input class="input" id="note" node_ref=note maxlength="600" autocomplete="off" aria-invalid=move || fault().map(|_| "true") aria-describedby=move || fault().map(|_| "note-fault")/>
            </div>
            <div class="flex gap-2 flex-wrap ml-auto">
                <button class="btn" type="button" disabled=asleep on:click=move |_| send_back("send_back")><Icon name="corner-up-left"/>"Send back"</button>
                <button class="btn btn-outline btn-error" type="button" disabled=asleep on:click=move |_| reject("reject")><Icon name="x"/>"Reject"</button>
                <button class="btn btn-primary" type="button" disabled=asleep aria-busy=move || busy.get().to_string() on:click=move |_| act("approve")><Icon name="check"/>{approve}</button>
            </div>
        </form>
    }
}

#[component]
fn Withdraw(
    detail: RequestDetail,
    id: String,
    decided: RwSignal<Option<(String, Receipt)>>,
) -> impl IntoView {
    let problem = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let title = detail.row.title.clone();
    let question = Signal::derive(move || format!("Take this back: {title}?"));
    let consequence =
        Signal::derive(|| "It disappears from the inboxes. You can correct it and send it again.".to_owned());
    let confirm = Callback::new(move |()| {
        let form = DecisionForm {
            request: detail.row.id.to_string(),
            payload_hash: detail.payload_hash.clone(),
            verdict: "withdraw".to_owned(),
            note: String::new(),
            key: detail.key.as_str().to_owned(),
        };
        send(form, id.clone(), decided, problem, busy);
    });
    view! {
        <Problem error=problem/>
        <p><button class="btn" type="button" on:click=move |_| asking.set(true)><Icon name="undo-2"/>"Take it back"</button></p>
        <Confirm open=asking question=question consequence=consequence act="Take it back" on_confirm=confirm/>
    }
}
