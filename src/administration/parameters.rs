//! What the bank may set, from which day on.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::{here, seat};
use crate::shared::ui::{
    Ask, Cell, Deed, Empty, FieldGrid, FormState, KeyValue, LineField, PageHeader, Problem, Skeleton, Table,
    Unread, again, form_page, once_here, typed_values,
};
use jiff::civil::Date;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tawi_domain::administration::parameters::{
    Dated, Field, Parameter, ParameterForm, ParameterView, Unit, VALID_FROM, Values,
};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::field::decimal;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// Every parameter with its history.
#[server(prefix = "/api", endpoint = "parameters", client = PortalClient)]
pub async fn parameters() -> Result<Vec<ParameterView>, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::parameters;
    door::answer(async |bank, caller| Ok(parameters::parameters(&bank, &caller).await?)).await
}

fn shown(values: &Values, field: &Field) -> String {
    field.show(values.get(field.name).copied().flatten())
}

/// The list.
#[component]
pub fn ParametersPage() -> impl IntoView {
    let today = seat().today();
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
        <PageHeader title=here().title facts=|| "Each change is a new row with a first day; what is past stays. What loosens a control needs a second person."/>
        <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
    }
}

#[component]
fn OneParameter(view: ParameterView, today: Date) -> impl IntoView {
    let parameter = view.parameter;
    let href = Place::Parameter(parameter.code()).href();
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
            <Unread names=view.history.unread.clone()/>
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
    let here = here();
    let Some(parameter) = Parameter::from_code(&code) else {
        return view! {
            <PageHeader title="Nothing here" crumbs=here.crumbs()/>
            <Empty icon="search-x" head="There is no such parameter" words="The address may be mistyped."/>
        }
        .into_any();
    };
    let list = Resource::new(|| (), |()| parameters());
    form_page(ParameterForm { code, ..ParameterForm::default() }, move |begun| {
        once_here(list, move |views| match views.into_iter().find(|view| view.parameter == parameter) {
            Some(view) => view! { <ParameterChange view=view begun=begun.clone()/> }.into_any(),
            None => ().into_any(),
        })
    })
}

#[component]
fn ParameterChange(view: ParameterView, begun: ParameterForm) -> impl IntoView {
    let parameter = view.parameter;
    let form = NodeRef::<html::Form>::new();
    let read = move || {
        let mut values = typed_values(form);
        let valid_from = values.remove(VALID_FROM.name).unwrap_or_default();
        ParameterForm { code: parameter.code(), valid_from, values }
    };
    let state = FormState::reading(form, &begun, read);
    let newest = view.history.first().map(|dated| dated.values.clone()).unwrap_or_default();
    let fields = parameter.fields().into_iter().map(|field| {
        let stands =
            || newest.get(field.name).copied().flatten().map(|value| value.to_string()).unwrap_or_default();
        let value = begun.values.get(field.name).cloned().unwrap_or_else(stands);
        let hint = match field.unit {
            Unit::Years => "Whole years",
            Unit::Days => "Whole days",
            Unit::Percent => "Percent",
            Unit::Shillings => "KES",
            Unit::ShillingsOrAny => "KES; empty: any amount",
        };
        let asked = decimal(field.label).hint(hint).named(field.name);
        view! { <LineField state=state field=asked value=value inputmode="decimal"/> }
    });
    let fields = fields.collect_view();
    let words = parameter.words();
    let next = Callback::new(|_| again(&Place::Start(Operation::Parameters), "To the parameters"));
    view! {
        <Deed state=state act="Set it" facts=move || format!("{}. {words}", parameter.title()) next=next>
            <FieldGrid>
                {fields}
                <Ask state=state name=VALID_FROM.name/>
            </FieldGrid>
        </Deed>
        <Unread names=view.history.unread/>
        <History parameter=parameter history=view.history.rows/>
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
