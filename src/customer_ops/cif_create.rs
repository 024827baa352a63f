//! Registering a customer: form, check-answers, confirmation.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::frame::FrameData;
use crate::shared::live::Live;
use crate::shared::ui::{
    Cell, ChoiceField, Crumb, DateField, ErrorSummary, FormState, Icon, Note, PageHeader, Problem,
    RiskStatus, SelectField, Skeleton, Summary, Table, TextAreaField, TextField, Tone, read_form,
};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use tawi_domain::customer_ops::cif_create::{CifCheck, CifForm, Duplicate, FIELDS};
use tawi_domain::customer_ops::customer::{IdKind, SourceOfFunds};
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::ids::RequestKey;

/// Checks the form and says what would happen. Changes nothing.
#[server(prefix = "/api", endpoint = "cif_check", client = PortalClient)]
pub async fn check_cif(form: CifForm) -> Result<CifCheck, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        Ok(tawi_bank::customer_ops::cif_create::check(&bank, &caller, &form).await?)
    })
    .await
}

/// Registers the customer, or asks for approval where the risk is high.
#[server(prefix = "/api", endpoint = "cif_create", client = PortalClient)]
pub async fn create_cif(form: CifForm, key: String) -> Result<Receipt, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    door::command(key, async |bank, caller, key| {
        let today = tawi_bank::shared::auth::get_officer_info(&bank, &caller).await?.business_date;
        let customer = form.parse(today).map_err(AppError::Invalid)?;
        let command = Command::CifCreate(Box::new(customer));
        Ok(tawi_bank::dispatch::submit(&bank, &caller, &command, key).await?)
    })
    .await
}

/// The content of a request that was sent back, for its maker to correct.
#[server(prefix = "/api", endpoint = "cif_correction", client = PortalClient)]
pub async fn correction(from: String) -> Result<CifForm, DoorError> {
    use crate::server::door;
    use tawi_bank::shared::approval::payload_for_correction;
    use tawi_domain::shared::permissions::Operation;
    door::answer(async |bank, caller| {
        let id =
            from.parse().map_err(|_| AppError::NotFound("There is no such request of yours".to_owned()))?;
        let payload = payload_for_correction(&bank, &caller, id, Operation::CifCreate).await?;
        serde_json::from_value(payload).map_err(|error| door::outward(error.into()).0.into())
    })
    .await
}

/// Where the work stands.
#[derive(Debug, Clone)]
enum Stage {
    Form,
    Check(Box<CifCheck>),
    Done(Box<Receipt>),
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("/customers", "Customers")]
}

/// The page. With `?from=` it begins with what was sent back.
#[component]
pub fn CifCreatePage(
    /// Who registers.
    data: Signal<FrameData>,
) -> impl IntoView {
    let query = use_query_map();
    let from = Memo::new(move |_| query.with(|query| query.get("from")));
    let initial = Resource::new(
        move || from.get(),
        |from| async move {
            match from {
                Some(from) => correction(from).await,
                None => Ok(CifForm::default()),
            }
        },
    );
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || initial.get().map(|result| match result {
                Ok(form) => view! { <Registration initial=form data=data/> }.into_any(),
                Err(DoorError(error)) => view! {
                    <PageHeader title="New customer" crumbs=crumbs()/>
                    <Problem error=Signal::derive(move || Some(error.clone()))/>
                }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn Registration(initial: CifForm, data: Signal<FrameData>) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    let check = Callback::new(move |()| {
        let today = data.with_untracked(|data| data.officer.business_date);
        read_form::<CifForm>(form, FIELDS).parse(today).err().unwrap_or_default()
    });
    let state = FormState::new(form, check);
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
        let faults: FieldErrors = check.run(());
        if !faults.is_empty() {
            state.fail(faults);
            return;
        }
        state.faults.set(FieldErrors::default());
        busy.set(true);
        let typed = read_form::<CifForm>(form, FIELDS);
        leptos::task::spawn_local(async move {
            match check_cif(typed).await {
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
        let typed = read_form::<CifForm>(form, FIELDS);
        leptos::task::spawn_local(async move {
            match create_cif(typed, key.into()).await {
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
    view! {
        <div hidden=move || !on_form()>
            <PageHeader title="New customer" crumbs=crumbs() facts=|| "An individual of full age. Companies, groups and minors are registered differently."/>
            <ErrorSummary state=state page="New customer"/>
            <form class="max-w-3xl" node_ref=form novalidate on:submit=on_check>
                <Fields state=state initial=initial/>
                <div class="mt-6"><Show when=on_form><Problem error=problem/></Show></div>
                <div class="flex flex-wrap gap-2 pt-4 border-t border-line">
                    <button class="btn btn-primary" type="submit" disabled=move || !awake.get() aria-busy=move || busy.get().to_string()>
                        {move || if busy.get() { "Checking" } else { "Check the answers" }}
                    </button>
                    <a class="btn btn-ghost" href="/customers">"Leave"</a>
                </div>
            </form>
        </div>
        {move || match stage.get() {
            Stage::Form => ().into_any(),
            Stage::Check(found) => view! {
                <Check found=*found problem=problem busy=busy on_send=on_send on_back=Callback::new(move |()| stage.set(Stage::Form))/>
            }.into_any(),
            Stage::Done(receipt) => view! { <Done receipt=*receipt/> }.into_any(),
        }}
    }
}

#[component]
fn Fields(state: FormState, initial: CifForm) -> impl IntoView {
    let papers = IdKind::ALL.iter().map(|kind| (kind.code(), kind.title())).collect::<Vec<_>>();
    let sources = SourceOfFunds::ALL.iter().map(|source| (source.code(), source.title())).collect::<Vec<_>>();
    let alike = move || state.fault("duplicate_reason").is_some();
    let reason = initial.duplicate_reason.clone();
    let needs_reason = RwSignal::new(!reason.is_empty());
    // Once asked for, the reason stays in sight.
    Effect::new(move |_| {
        if alike() {
            needs_reason.set(true);
        }
    });
    view! {
        <h2 class="!text-base mb-3">"Person"</h2>
        <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">
            <TextField state=state name="first_name" label="First name" hint="As printed on the document" value=initial.first_name/>
            <TextField state=state name="other_names" label="Other names" optional=true value=initial.other_names/>
            <TextField state=state name="surname" label="Surname" value=initial.surname/>
            <DateField state=state name="date_of_birth" label="Date of birth" value=initial.date_of_birth/>
            <SelectField state=state name="id_kind" label="Document" choices=papers value=initial.id_kind/>
            <TextField state=state name="id_number" label="Document number" value=initial.id_number/>
            <TextField state=state name="kra_pin" label="KRA PIN" hint="A, nine figures, a letter" value=initial.kra_pin/>
        </div>
        <h2 class="!text-base mt-7 mb-3">"Contact"</h2>
        <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">
            <TextField state=state name="phone" label="Mobile" hint="07, 01, 254 or +254" inputmode="tel" value=initial.phone/>
            <TextField state=state name="email" label="E-mail" optional=true inputmode="email" value=initial.email/>
            <TextField state=state name="address" label="Address" hint="House, road, town" wide=true value=initial.address/>
        </div>
        <h2 class="!text-base mt-7 mb-3">"Work and money"</h2>
        <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">
            <TextField state=state name="occupation" label="Occupation" value=initial.occupation/>
            <SelectField state=state name="source_of_funds" label="Source of funds" choices=sources value=initial.source_of_funds/>
            <ChoiceField
                state=state
                name="pep"
                label="Politically exposed person?"
                hint="Holds or held a prominent public function, or is family or a close associate of somebody who does."
                choices=vec![("no", "No"), ("yes", "Yes")]
                value=initial.pep
            />
            <div class="sm:col-span-2" hidden=move || !needs_reason.get()>
                <TextAreaField state=state name="duplicate_reason" label="Why this is a new customer" hint="Another customer looks alike: your reason is kept in the audit" value=reason/>
            </div>
        </div>
    }
}

#[component]
fn Check(
    found: CifCheck,
    problem: RwSignal<Option<AppError>>,
    busy: RwSignal<bool>,
    on_send: Callback<RequestKey>,
    on_back: Callback<()>,
) -> impl IntoView {
    let heading = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // Focus fails only when the element is gone.
            let _ = heading.focus();
        }
    });
    let asks = !found.reasons.is_empty();
    let act = if asks { "Send for approval" } else { "Register the customer" };
    let band = found.rating.band;
    let points = found.rating.points;
    let factors = found.rating.factors.clone();
    let key = found.key.clone();
    view! {
        <div node_ref=heading tabindex="-1" class="outline-none">
            <PageHeader title="Check the answers" crumbs=crumbs() statuses=move || view! { <RiskStatus band=band chip=true/> }/>
        </div>
        {asks.then(|| view! {
            <div class="mb-5"><Note tone=Tone::Watch icon="triangle-alert" head="This needs a second person.">
                "The operations supervisor decides, because the risk is high. You are told at once."
            </Note></div>
        })}
        {found.cautions.into_iter().map(|words| view! { <div class="mb-5"><Note tone=Tone::Watch icon="triangle-alert" head=words/></div> }).collect_view()}
        <div class="grid gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_17.5rem] max-w-5xl">
            <div>
                <Summary lines=found.lines/>
                <Alike duplicates=found.duplicates/>
            </div>
            <aside class="side" aria-label="Risk">
                <div class="sec"><h2>"Risk"</h2><span class="aside">{format!("{points} of 100")}</span></div>
                <dl class="kv">
                    {factors.into_iter().map(|factor| view! {
                        <div class="!grid-cols-[1fr_auto]"><dt class="!text-base-content">{factor.factor}" "<span class="text-muted">{factor.evidence}</span></dt><dd class="num">{format!("+{}", factor.points)}</dd></div>
                    }).collect_view()}
                    <div class="sum !grid-cols-[1fr_auto]"><dt>"Points"</dt><dd class="num">{points}</dd></div>
                </dl>
            </aside>
        </div>
        <div class="mt-6"><Problem error=problem/></div>
        <div class="flex flex-wrap gap-2 pt-4 border-t border-line">
            <button class="btn btn-primary" type="button" aria-busy=move || busy.get().to_string() aria-disabled=move || busy.get().to_string() on:click=move |_| on_send.run(key.clone())>
                {move || if busy.get() { "Sending" } else { act }}
            </button>
            <button class="btn" type="button" on:click=move |_| on_back.run(())>"Change something"</button>
        </div>
    }
}

#[component]
fn Alike(duplicates: Vec<Duplicate>) -> impl IntoView {
    (!duplicates.is_empty()).then(|| {
        let rows = duplicates.into_iter().map(|duplicate| {
            let link = view! { <a class="lnk" href=format!("/customers/{}", duplicate.number) target="_blank">{duplicate.number.to_string()}</a> };
            vec![link.into_any(), duplicate.name.into_any(), duplicate.signal.title().into_any(), duplicate.branch_code.into_any()]
        });
        view! {
            <h2 class="mt-6 mb-1.5">"Customers that look alike"</h2>
            <Table caption="Customers that look alike" columns=vec![Cell::Head("Customer"), Cell::Text("Name"), Cell::Text("What is the same"), Cell::Text("Branch")] rows=rows.collect()/>
        }
    })
}

/// What happened, and what comes next.
#[component]
fn Done(receipt: Receipt) -> impl IntoView {
    let heading = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // Focus fails only when the element is gone.
            let _ = heading.focus();
        }
    });
    let again = || view! { <a class="btn" rel="external" href="/customers/new"><Icon name="plus"/>"Another customer"</a> };
    let content = match receipt {
        Receipt::Done { reference, title, effect, .. } => view! {
            <PageHeader title="Customer registered" crumbs=crumbs() facts=move || title.clone()/>
            <dl class="figs mb-6">
                <div class="lead"><dt>"Customer number"</dt><dd>{effect.clone()}</dd>
                    <dd class="foot">"Read it to the customer"</dd></div>
                <div><dt>"Reference"</dt><dd>{reference.to_string()}</dd></div>
            </dl>
            <div class="flex flex-wrap gap-2"><a class="btn btn-primary" href=format!("/customers/{effect}")>"Open the customer"</a>{again()}</div>
        }.into_any(),
        Receipt::Waiting { reference, request, title, checker, .. } => {
            let who = checker.iter().map(|role| role.title().to_lowercase()).collect::<Vec<_>>().join(" or ");
            view! {
                <PageHeader title="Sent for approval" crumbs=crumbs() facts=move || title.clone()/>
                <dl class="figs mb-6">
                    <div class="lead"><dt>"Reference"</dt><dd>{reference.to_string()}</dd></div>
                    <div><dt>"Who decides"</dt><dd>{format!("The {who}")}</dd><dd class="foot">"You are told here as soon as it is decided"</dd></div>
                </dl>
                <div class="flex flex-wrap gap-2"><a class="btn btn-primary" href=format!("/requests/{request}")>"Follow the request"</a>{again()}</div>
            }.into_any()
        }
        // A decision never comes back from a registration.
        Receipt::Decided { message, .. } => view! { <PageHeader title=message crumbs=crumbs()/> }.into_any(),
    };
    view! { <div node_ref=heading tabindex="-1" class="outline-none">{content}</div> }
}
