//! What the bank may set, from which day on.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::frame::FrameData;
use crate::shared::ui::{
    Answer, Cell, Crumb, DateField, Deed, Empty, FormState, KeyValue, PageHeader, Problem, Skeleton, Table,
    TextField, again, read_form,
};
use jiff::civil::Date;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::collections::BTreeMap;
use tawi_domain::administration::parameters::{
    Dated, Field, Parameter, ParameterForm, ParameterView, Unit, Values,
};
use tawi_domain::shared::approval::{Check, Receipt};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::ids::RequestKey;

/// Every parameter with its history.
#[server(prefix = "/api", endpoint = "parameters", client = PortalClient)]
pub async fn parameters() -> Result<Vec<ParameterView>, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::parameters;
    door::answer(async |bank, caller| Ok(parameters::parameters(&bank, &caller).await?)).await
}

/// Says what a change would do. Changes nothing.
#[server(prefix = "/api", endpoint = "parameter_check", client = PortalClient)]
pub async fn check_parameter(form: ParameterForm) -> Result<Check, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::answer(async |bank, caller| {
        let command = Command::Parameter(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::check(&bank, &caller, &command).await?)
    })
    .await
}

/// Changes the parameter, or asks for approval.
#[server(prefix = "/api", endpoint = "parameter", client = PortalClient)]
pub async fn change_parameter(form: ParameterForm, key: String) -> Result<Receipt, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::command(key, async |bank, caller, key| {
        let command = Command::Parameter(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::submit(&bank, &caller, &command, key).await?)
    })
    .await
}

fn shown(values: &Values, field: &Field) -> String {
    field.show(values.get(field.name).copied().flatten())
}

/// The list.
#[component]
pub fn ParametersPage(
    /// Who looks.
    data: Signal<FrameData>,
) -> impl IntoView {
    let today = data.with_untracked(|data| data.officer.business_date);
    let list = Resource::new(|| (), |()| parameters());
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(views) => {
                let all = views.into_iter().map(|view| view! { <OneParameter view=view today=today/> });
                view! { <div class="grid gap-8 max-w-3xl">{all.collect_view()}</div> }.into_any()
            }
        })
    };
    view! {
        <PageHeader title="Parameters" facts=|| "Each change is a new row with a first day; what is past stays. What loosens a control needs a second person."/>
        <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
    }
}

#[component]
fn OneParameter(view: ParameterView, today: Date) -> impl IntoView {
    let parameter = view.parameter;
    let href = format!("/parameters/{}", parameter.code());
    let now = view.on(today);
    let fields = parameter.fields();
    let lines = fields
        .iter()
        .map(|field| {
            let value = shown(&now, field);
            view! { <KeyValue label=field.label>{value}</KeyValue> }
        })
        .collect::<Vec<_>>();
    let coming = view.history.iter().filter(|dated| dated.valid_from > today).map(|dated| {
        let values: Vec<String> =
            fields.iter().map(|field| format!("{} {}", field.label.to_lowercase(), shown(&dated.values, field))).collect();
        view! { <p class="text-[.8125rem] mt-2">{format!("From {}: {}", format_date(dated.valid_from), values.join(", "))}</p> }
    });
    view! {
        <section aria-labelledby=parameter.code()>
            <div class="sec"><h2 id=parameter.code()>{parameter.title()}</h2><a class="lnk text-[.8125rem]" href=href>"Change or see its history"</a></div>
            <p class="text-muted text-[.8125rem] mb-2">{parameter.words()}</p>
            <dl class="kv">{lines}</dl>
            {coming.collect_view()}
        </section>
    }
}

/// One parameter: a change, and its history.
#[component]
pub fn ParameterPage() -> impl IntoView {
    let code = use_params_map().with_untracked(|params| params.get("code").unwrap_or_default());
    let Some(parameter) = Parameter::from_code(&code) else {
        return view! {
            <PageHeader title="Nothing here" crumbs=vec![Crumb::new("/parameters", "Parameters")]/>
            <Empty icon="search-x" head="There is no such parameter" words="The address may be mistyped."/>
        }
        .into_any();
    };
    let list = Resource::new(|| (), |()| parameters());
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(views) => match views.into_iter().find(|view| view.parameter == parameter) {
                Some(view) => view! { <ParameterChange view=view/> }.into_any(),
                None => ().into_any(),
            },
        })
    };
    view! { <Suspense fallback=|| view! { <Skeleton/> }>{content}</Suspense> }.into_any()
}

#[component]
fn ParameterChange(view: ParameterView) -> impl IntoView {
    let parameter = view.parameter;
    let form = NodeRef::<html::Form>::new();
    let read = move || {
        let mut names: Vec<(&str, &str)> =
            parameter.fields().iter().map(|field| (field.name, field.label)).collect();
        names.push(("valid_from", "Counts from"));
        let mut values = read_form::<BTreeMap<String, String>>(form, &names);
        let valid_from = values.remove("valid_from").unwrap_or_default();
        ParameterForm { code: parameter.code(), valid_from, values }
    };
    let state = FormState::new(form, Callback::new(move |()| read().parse().err().unwrap_or_default()));
    let check = Callback::new(move |()| -> Answer<Check> { Box::pin(check_parameter(read())) });
    let send = Callback::new(move |key: RequestKey| -> Answer<Receipt> {
        Box::pin(change_parameter(read(), key.into()))
    });
    let next = Callback::new(|_| again("/parameters", "To the parameters"));
    let newest = view.history.first().map(|dated| dated.values.clone()).unwrap_or_default();
    let fields = parameter.fields().into_iter().map(|field| {
        let value = newest.get(field.name).copied().flatten().map(|value| value.to_string()).unwrap_or_default();
        let hint = match field.unit {
            Unit::Years => "Whole years",
            Unit::Days => "Whole days",
            Unit::Percent => "Percent",
            Unit::Shillings => "KES",
            Unit::ShillingsOrAny => "KES; empty: any amount",
        };
        view! { <TextField state=state name=field.name label=field.label hint=hint inputmode="decimal" value=value/> }
    });
    let fields = fields.collect_view();
    let words = parameter.words();
    view! {
        <Deed page="Change a parameter" crumbs=vec![Crumb::new("/parameters", "Parameters")] act="Set it" facts=move || format!("{}. {words}", parameter.title()) state=state check=check send=send next=next>
            <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">
                {fields}
                <DateField state=state name="valid_from" label="Counts from (empty: the day it is done)"/>
            </div>
        </Deed>
        <History parameter=parameter history=view.history/>
    }
}

#[component]
fn History(parameter: Parameter, history: Vec<Dated>) -> impl IntoView {
    let mut columns = vec![Cell::Head("From")];
    columns.extend(parameter.fields().iter().map(|field| Cell::Figures(field.label)));
    columns.push(Cell::Text("Source"));
    let rows = history.into_iter().map(|dated| {
        let mut cells = vec![format_date(dated.valid_from).into_any()];
        cells.extend(parameter.fields().iter().map(|field| shown(&dated.values, field).into_any()));
        cells.push(dated.source.into_any());
        cells
    });
    view! {
        <section class="max-w-5xl mt-8 no-print" aria-labelledby="history">
            <div class="sec"><h2 id="history">"History"</h2></div>
            <Table caption="History" columns=columns rows=rows.collect()/>
        </section>
    }
}
