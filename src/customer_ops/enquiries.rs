//! Finding customers, and a customer's page.

use super::accounts::CustomerAccounts;
use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::{here, seat};
use crate::shared::trail::Trail;
use crate::shared::ui::{
    Cell, Empty, Icon, KeyValue, PageHeader, Problem, RiskStatus, Skeleton, Status, Table, Tone, Unread,
};
use leptos::prelude::*;
use leptos_router::components::Form;
use leptos_router::hooks::{use_params_map, use_query_map};
use tawi_domain::customer_ops::enquiries::{CustomerRow, CustomerView, MaskedDetail};
use tawi_domain::customer_ops::risk::RiskRating;
use tawi_domain::language;
use tawi_domain::shared::dates::{completed_years, format_date};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::CustomerNumber;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// Finds customers by number, document, PIN, phone or name.
#[server(prefix = "/api", endpoint = "customer_search", client = PortalClient)]
pub async fn search(q: String) -> Result<Listing<CustomerRow>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        Ok(tawi_bank::customer_ops::enquiries::search(&bank, &caller, &q).await?)
    })
    .await
}

/// A customer's file, sensitive details masked.
#[server(prefix = "/api", endpoint = "customer", client = PortalClient)]
pub async fn customer(number: String) -> Result<CustomerView, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = number.parse().map_err(|fault| crate::shared::error::no_such(&fault));
        let number = bank.heard(&caller, Operation::Enquiries, number).await?;
        Ok(tawi_bank::customer_ops::enquiries::view(&bank, &caller, &number).await?)
    })
    .await
}

/// One sensitive detail in full. The look is recorded.
#[server(prefix = "/api", endpoint = "customer_reveal", client = PortalClient)]
pub async fn reveal(number: String, detail: MaskedDetail) -> Result<String, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = number.parse().map_err(|fault| crate::shared::error::no_such(&fault));
        let number = bank.heard(&caller, Operation::Enquiries, number).await?;
        Ok(tawi_bank::customer_ops::enquiries::reveal(&bank, &caller, &number, detail).await?)
    })
    .await
}

/// The search page. The text stands in the address, so that Back finds it again.
#[component]
pub fn SearchPage() -> impl IntoView {
    let query = use_query_map();
    let typed = Memo::new(move |_| query.with(|query| query.get("q").unwrap_or_default()));
    let found = Resource::new(
        move || typed.get(),
        |typed| async move { if typed.trim().is_empty() { Ok(None) } else { search(typed).await.map(Some) } },
    );
    let registers = seat().may(Operation::CifCreate);
    let new = || Place::Start(Operation::CifCreate).href();
    let results = move || {
        found.get().map(|result| match result {
            Ok(None) => view! {
                <Empty icon="search" head="Find a customer" words="Type a name, or a whole customer number, ID, KRA PIN or mobile number."/>
            }.into_any(),
            Ok(Some(rows)) if rows.is_empty() => view! {
                <Empty icon="search-x" head=format!("No customer matches “{}”", typed.get_untracked()) words="Check the spelling, or try the number on the document.">
                    {registers.then(|| view! { <a class="btn" href=new()><Icon name="plus"/>"New customer"</a> })}
                </Empty>
            }.into_any(),
            Ok(Some(list)) => {
                let body = list.rows.into_iter().map(|row| vec![
                    view! { <a class="lnk" href=Place::Customer(row.number.clone()).href()>{row.name}</a> }.into_any(),
                    row.number.to_string().into_any(),
                    view! { <RiskStatus band=row.risk/> }.into_any(),
                    row.branch_code.into_any(),
                    format_date(row.since).into_any(),
                ]);
                view! {
                    <Unread names=list.unread/>
                    <Table caption="Customers found" columns=vec![Cell::Head("Customer"), Cell::Text("Number"), Cell::Text("Risk"), Cell::Text("Branch"), Cell::Text("Since")] rows=body.collect()/>
                }.into_any()
            }
            Err(DoorError(AppError::Invalid(faults))) => view! { <Empty icon="search" head=faults.to_string() words="The box knows what it is given: names, numbers, PINs, phones."/> }.into_any(),
            Err(DoorError(error)) => view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any(),
        })
    };
    view! {
        <PageHeader
            title=here().title
            facts=|| "Each search and each look is recorded. Customers of other branches are found by their initials."
            acts=move || registers.then(|| view! { <a class="btn btn-primary" href=new()><Icon name="plus"/>"New customer"</a> })
        />
        <Form method="GET" action=Place::Start(Operation::Enquiries).href() attr:class="flex gap-2 max-w-xl mb-6 items-end" attr:role="search" attr:aria-label="Customers">
            <div class="field grow">
                <label for="q">"Name, number, ID, KRA PIN or phone"</label>
                <input class="input" id="q" name="q" maxlength="80" autocomplete="off" prop:value=typed value=typed.get_untracked()/>
            </div>
            <button class="btn" type="submit"><Icon name="search"/>"Search"</button>
        </Form>
        <Transition fallback=|| view! { <Skeleton/> }>{results}</Transition>
    }
}

/// A customer's page. What later areas know of the customer is handed in by the application.
#[component]
pub fn CustomerPage(
    /// Draws what else hangs on the customer, from the CIF number.
    further: Callback<CustomerNumber, AnyView>,
) -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number").unwrap_or_default()));
    let file = Resource::new(move || number.get(), customer);
    let here = here();
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || file.get().map(|result| match result {
                Ok(view) => view! { <File file=view further=further/> }.into_any(),
                Err(DoorError(error)) => view! {
                    <PageHeader title=here.title crumbs=here.crumbs()/>
                    <Problem error=Signal::derive(move || Some(error.clone()))/>
                }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn File(file: CustomerView, further: Callback<CustomerNumber, AnyView>) -> impl IntoView {
    let opens = seat().may(Operation::AccountOpening);
    let band = file.rating.band;
    let age = completed_years(file.date_of_birth, file.since);
    let number = StoredValue::new(file.number.to_string());
    let facts = {
        let (number, branch, since) = (file.number.clone(), file.branch_code.clone(), file.since);
        move || {
            view! {
                <span>{format!("CIF {number}")}</span>
                <span>"Individual"</span>
                <span>{format!("{branch}, since {}", format_date(since))}</span>
            }
        }
    };
    let email = file.email.clone().map(|email| view! {
        <KeyValue label="E-mail"><Masked number=number masked=email detail=MaskedDetail::Email/></KeyValue>
    });
    view! {
        <PageHeader
            title=file.name.clone()
            crumbs=here().crumbs()
            statuses=move || view! { <RiskStatus band=band chip=true/> }
            facts=facts
        />
        <div class="grid gap-x-8 gap-y-7 lg:grid-cols-[minmax(0,1fr)_19.5rem] max-w-6xl">
            <div class="min-w-0 grid gap-7 content-start">
                <CustomerAccounts customer=file.number.clone() opens=opens/>
                {further.run(file.number.clone())}
                <section>
                    <div class="sec"><h2>"Person"</h2><span class="aside">"Details show when pressed. Each look is recorded."</span></div>
                    <dl class="kv">
                        <KeyValue label="Born">{format!("{}, {age} when registered", format_date(file.date_of_birth))}</KeyValue>
                        <KeyValue label=file.id_kind.clone()><Masked number=number masked=file.id_number.clone() detail=MaskedDetail::IdNumber/></KeyValue>
                        <KeyValue label="KRA PIN"><Masked number=number masked=file.kra_pin.clone() detail=MaskedDetail::KraPin/></KeyValue>
                        <KeyValue label="Mobile"><Masked number=number masked=file.phone.clone() detail=MaskedDetail::Phone/></KeyValue>
                        {email}
                        <KeyValue label="Address">{file.address.clone()}</KeyValue>
                        <KeyValue label="Occupation">{file.occupation.clone()}</KeyValue>
                        <KeyValue label="Source of funds">{file.source_of_funds.clone()}</KeyValue>
                        <KeyValue label="Politically exposed">
                            {if file.pep { view! { <Status tone=Tone::Watch icon="triangle-alert" word="Yes"/> } } else { view! { <Status tone=Tone::Good icon="circle-check" word="No"/> } }}
                        </KeyValue>
                        <KeyValue label="Next review">{format_date(file.review_due)}</KeyValue>
                    </dl>
                </section>
            </div>
            <aside class="side grid gap-7 content-start max-lg:md:grid-cols-2" aria-label="Risk and history">
                <Risk rating=file.rating.clone()/>
                <Trail lines=file.trail.clone()/>
            </aside>
        </div>
    }
}

/// A detail that shows when pressed.
#[component]
fn Masked(number: StoredValue<String>, masked: String, detail: MaskedDetail) -> impl IntoView {
    let shown = RwSignal::new(None::<String>);
    let problem = RwSignal::new(None::<String>);
    let press = move |_| {
        if shown.get_untracked().is_some() {
            shown.set(None);
            return;
        }
        leptos::task::spawn_local(async move {
            match reveal(number.get_value(), detail).await {
                Ok(text) => {
                    problem.set(None);
                    shown.set(Some(text));
                }
                Err(error) => problem.set(Some(error.to_string())),
            }
        });
    };
    let label =
        move || format!("{} the {}", if shown.get().is_some() { "Hide" } else { "Show" }, detail.title());
    view! {
        <span class="tabular-nums" aria-live="polite">{move || shown.get().unwrap_or_else(|| masked.clone())}</span>
        <button class="iconb !w-6 !h-6 -my-1.5 ml-1 align-middle" type="button" aria-label=label on:click=press>
            {move || if shown.get().is_some() { view! { <Icon name="eye-off" class="ic-s"/> } } else { view! { <Icon name="eye" class="ic-s"/> } }}
        </button>
        {move || problem.get().map(|words| view! { <span class="text-error" role="alert">{words}</span> })}
    }
}

#[component]
fn Risk(rating: RiskRating) -> impl IntoView {
    let rows = rating.factors.iter().map(|factor| {
        let (what, seen_in) = language::risk_factor(factor);
        view! {
            <div class="!grid-cols-[1fr_auto]">
                <dt class="!text-base-content">{what}" "<span class="text-muted">{seen_in}</span></dt>
                <dd class="num">{format!("+{}", factor.points)}</dd>
            </div>
        }
    });
    let rows = rows.collect_view();
    view! {
        <section>
            <div class="sec"><h2>{rating.band.title()}</h2><span class="aside">{format!("{} of 100", rating.points)}</span></div>
            <dl class="kv">
                {rows}
                <div class="sum !grid-cols-[1fr_auto]"><dt>{format!("Points, rule set {}", rating.rule_set)}</dt><dd class="num">{rating.points}</dd></div>
            </dl>
        </section>
    }
}
