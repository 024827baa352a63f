//! A form of one operation on its page: begun, typed, read. The fields come from the form itself.

use super::field::{AreaField, LineField, RadioField, SelectField};
use super::{Crumb, PageHeader, Problem, Skeleton};
use crate::shared::doors::sent_back;
use crate::shared::error::DoorError;
use crate::shared::here::{here, seat};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tawi_domain::shared::dates::{iso_date, typed_date};
use tawi_domain::shared::field::{Control, Field};
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::written::with_dates;

/// What the fields of one form share.
#[derive(Debug, Clone, Copy)]
pub struct FormState {
    /// The operation the form belongs to.
    pub operation: Operation,
    /// The faults shown.
    pub faults: RwSignal<FieldErrors>,
    /// How often the form was submitted with faults.
    pub submitted: RwSignal<u32>,
    /// The form element.
    pub form: NodeRef<html::Form>,
    fields: &'static [Field],
    begun: StoredValue<Map<String, Value>>,
    check: Callback<(), FieldErrors>,
    text: Callback<(), String>,
}

impl FormState {
    /// A form that is read from its element.
    pub fn new<F: Form>(begun: &F) -> Self {
        let form = NodeRef::new();
        Self::reading(form, begun, move || read_form::<F>(form))
    }

    /// A form that is read in a way of its own.
    pub fn reading<F: Form>(
        form: NodeRef<html::Form>,
        begun: &F,
        read: impl Fn() -> F + Copy + Send + Sync + 'static,
    ) -> Self {
        let seat = seat();
        let begun = match serde_json::to_value(begun) {
            Ok(Value::Object(begun)) => begun,
            // A form is a struct: anything else begins empty.
            Ok(_) | Err(_) => Map::new(),
        };
        Self {
            operation: F::OPERATION,
            faults: RwSignal::new(FieldErrors::default()),
            submitted: RwSignal::new(0),
            form,
            fields: F::FIELDS,
            begun: StoredValue::new(begun),
            check: Callback::new(move |()| read().parse(seat.today()).err().unwrap_or_default()),
            text: Callback::new(move |()| {
                serde_json::to_string(&with_dates(read(), iso_date)).unwrap_or_default()
            }),
        }
    }

    /// Reads the form; its faults.
    pub fn parse(self) -> FieldErrors {
        self.check.run(())
    }

    /// The form as it travels: its dates are ISO.
    pub fn text(self) -> String {
        self.text.run(())
    }

    /// Shows faults after a submit.
    pub fn fail(self, faults: FieldErrors) {
        self.faults.set(faults);
        self.submitted.update(|rounds| *rounds += 1);
    }

    /// The message of a field.
    pub fn fault(self, name: &str) -> Option<String> {
        self.faults.with(|faults| faults.of(name).map(str::to_owned))
    }

    /// What stands in a field at first.
    pub fn begun(self, name: &str) -> String {
        self.begun.with_value(|begun| begun.get(name).and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// The field of a name.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// On leaving a field that has something in it: its fault appears or goes.
    pub(super) fn left(self, name: &str, empty: bool) {
        if empty && self.fault(name).is_none() {
            return;
        }
        let found = self.check.run(());
        self.faults.update(|faults| faults.put(name, found.of(name)));
    }

    /// While typing in a field that has a fault: it goes as soon as it is put right.
    pub(super) fn typed(self, name: &'static str) {
        self.typed_below(|field| field == name);
    }

    /// The same for every field that is meant, at one reading of the form.
    pub fn typed_below(self, meant: impl Fn(&str) -> bool) {
        let shown: Vec<String> = self.faults.with_untracked(|faults| {
            faults.iter().map(|fault| fault.field.clone()).filter(|field| meant(field)).collect()
        });
        if shown.is_empty() {
            return;
        }
        let found = self.check.run(());
        let right: Vec<String> = shown.into_iter().filter(|field| found.of(field).is_none()).collect();
        if !right.is_empty() {
            self.faults.update(|faults| right.iter().for_each(|field| faults.clear(field)));
        }
    }
}

/// Reads a form into its raw struct: inputs named `form[field]`.
pub fn read_form<F: Form>(form: NodeRef<html::Form>) -> F {
    let typed = typed_values(form);
    let read = F::FIELDS
        .iter()
        .map(|field| (field.name.to_owned(), typed.get(field.name).cloned().unwrap_or_default()));
    let values: Map<String, Value> = read.map(|(name, typed)| (name, Value::String(typed))).collect();
    serde_json::from_value(Value::Object(values)).unwrap_or_default()
}

/// What was typed into a form, by field: every input named `form[field]`, read at once.
pub fn typed_values(form: NodeRef<html::Form>) -> BTreeMap<String, String> {
    let Some(data) = form.get_untracked().and_then(|form| web_sys::FormData::new_with_form(&form).ok())
    else {
        return BTreeMap::new();
    };
    let pairs = js_sys::Array::from(&js_sys::Array::from(&data.entries()));
    let typed = pairs.iter().filter_map(|pair| {
        let pair = js_sys::Array::from(&pair);
        let name = pair.get(0).as_string()?;
        let field = name.strip_prefix("form[")?.strip_suffix(']')?.to_owned();
        Some((field, pair.get(1).as_string()?))
    });
    typed.collect()
}

/// Code and title of each choice of a field.
#[derive(Debug, Clone, Default)]
pub struct Choices(pub Vec<(String, String)>);

impl<C: Into<String>, T: Into<String>> From<Vec<(C, T)>> for Choices {
    fn from(pairs: Vec<(C, T)>) -> Self {
        Self(pairs.into_iter().map(|(code, title)| (code.into(), title.into())).collect())
    }
}

/// One field of the form, as its form says.
#[component]
pub fn Ask(
    /// The form.
    state: FormState,
    /// Name of the field.
    name: &'static str,
    /// What a field offers that only the page knows; all in sight, unless it is a long list.
    #[prop(optional, into)]
    choices: Choices,
    /// Whether that is a list to be opened.
    #[prop(optional)]
    listed: bool,
    /// What stands in it at first, when the page knows better than the form.
    #[prop(optional, into)]
    value: Option<String>,
    /// How to write it, when the page knows better than the form.
    #[prop(optional)]
    hint: Option<&'static str>,
) -> impl IntoView {
    let field = state.field(name);
    debug_assert!(field.is_some(), "the form of {} has no field {name}", state.operation.code());
    let Some(field) = field else { return ().into_any() };
    let mut field = *field;
    field.hint = hint.unwrap_or(field.hint);
    let value = value.unwrap_or_else(|| state.begun(name));
    let line =
        |inputmode| view! { <LineField state=state field=field value=value.clone() inputmode=inputmode/> };
    match field.control {
        Control::Line => line("text").into_any(),
        Control::Figures | Control::Date => line("numeric").into_any(),
        Control::Decimal => line("decimal").into_any(),
        Control::Telephone => line("tel").into_any(),
        Control::Mail => line("email").into_any(),
        Control::Area => view! { <AreaField state=state field=field value=value/> }.into_any(),
        Control::Select(known) => {
            view! { <SelectField state=state field=field choices=known().into() value=value/> }.into_any()
        }
        Control::Radio(known) => {
            view! { <RadioField state=state field=field choices=known().into() value=value/> }.into_any()
        }
        Control::Offered if listed => {
            view! { <SelectField state=state field=field choices=choices value=value/> }.into_any()
        }
        Control::Offered => {
            view! { <RadioField state=state field=field choices=choices value=value/> }.into_any()
        }
        Control::Hidden => {
            view! { <input type="hidden" name=format!("form[{name}]") value=value/> }.into_any()
        }
    }
}

/// Every field of the form, in its order.
#[component]
pub fn Fields(
    /// The form.
    state: FormState,
) -> impl IntoView {
    let fields = state.fields.iter().map(move |field| view! { <Ask state=state name=field.name/> });
    view! { <FieldGrid>{fields.collect_view()}</FieldGrid> }
}

/// The two columns that fields stand in.
#[component]
pub fn FieldGrid(
    /// The fields.
    children: Children,
) -> impl IntoView {
    view! { <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">{children()}</div> }
}

/// The page of a form. It begins as the page says or, with `?from=`, with what was sent back.
pub fn form_page<F: Form>(begun: F, draw: impl Fn(F) -> AnyView + Send + Sync + 'static) -> AnyView {
    let begin = move |sent_back: Option<String>| {
        let begun =
            sent_back.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| begun.clone());
        // People read dates as they type them, wherever the form came from.
        draw(with_dates(begun, typed_date))
    };
    sent_back_or_new(F::OPERATION, Callback::new(begin))
}

/// What is drawn from an answer of the bank: a sketch until it is here, the error under the page's title when
/// there is none.
pub fn once_here<T>(
    found: Resource<Result<T, DoorError>>,
    draw: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    let here = here();
    let content = move || {
        found.get().map(|result| match result {
            Ok(found) => untrack(|| draw(found)),
            Err(DoorError(error)) => view! {
                <PageHeader title=here.title crumbs=here.crumbs()/>
                <Problem error=Signal::derive(move || Some(error.clone()))/>
            }
            .into_any(),
        })
    };
    view! { <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition> }.into_any()
}

/// The part of a form's page that is the same for every form. What is typed survives whatever the drawing
/// looked at: it is drawn anew only when the address says so.
fn sent_back_or_new(operation: Operation, draw: Callback<Option<String>, AnyView>) -> AnyView {
    let query = use_query_map();
    let from = Memo::new(move |_| query.with(|query| query.get("from")));
    let content = move || match from.get() {
        None => untrack(|| draw.run(None)),
        Some(from) => view! { <SentBack operation=operation from=from draw=draw/> }.into_any(),
    };
    content.into_any()
}

/// A form that begins with what was sent back.
#[component]
fn SentBack(operation: Operation, from: String, draw: Callback<Option<String>, AnyView>) -> impl IntoView {
    let text = Resource::new(move || from.clone(), move |from| sent_back(operation, from));
    once_here(text, move |text| draw.run(Some(text)))
}

/// A step of the way to a page about one thing: the page above, then the thing.
pub fn crumbs_through(href: String, name: String) -> Vec<Crumb> {
    let mut crumbs = here().crumbs();
    crumbs.push(Crumb::new(href, name));
    crumbs
}
