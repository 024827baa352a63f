//! Fields: label, hint, fault, control, in this order. They are uncontrolled: what was typed before the
//! page woke up stays, and is read from the form itself.

use super::Icon;
use leptos::html;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tawi_domain::shared::form::FieldErrors;

/// What the fields of one form share.
#[derive(Debug, Clone, Copy)]
pub struct FormState {
    /// The faults shown.
    pub faults: RwSignal<FieldErrors>,
    /// How often the form was submitted with faults.
    pub submitted: RwSignal<u32>,
    /// The form element.
    pub form: NodeRef<html::Form>,
    /// Reads the whole form and answers its faults.
    check: Callback<(), FieldErrors>,
}

impl FormState {
    /// A form whose faults a function of the domain finds.
    pub fn new(form: NodeRef<html::Form>, check: Callback<(), FieldErrors>) -> Self {
        Self { faults: RwSignal::new(FieldErrors::default()), submitted: RwSignal::new(0), form, check }
    }

    /// Reads the form; its faults.
    pub fn parse(self) -> FieldErrors {
        self.check.run(())
    }

    /// Shows faults after a submit.
    pub fn fail(self, faults: FieldErrors) {
        self.faults.set(faults);
        self.submitted.update(|rounds| *rounds += 1);
    }

    /// The message of a field.
    pub fn fault(self, name: &'static str) -> Option<String> {
        self.faults.with(|faults| faults.of(name).map(str::to_owned))
    }

    /// On leaving a field that has something in it: its fault appears or goes.
    fn left(self, name: &'static str, empty: bool) {
        if empty && self.fault(name).is_none() {
            return;
        }
        let found = self.check.run(());
        self.faults.update(|faults| {
            faults.clear(name);
            if let Some(message) = found.of(name) {
                faults.add(name, message);
            }
        });
    }

    /// While typing in a field that has a fault: it goes as soon as it is put right.
    fn typed(self, name: &'static str) {
        if self.faults.with_untracked(|faults| faults.of(name).is_some())
            && self.check.run(()).of(name).is_none()
        {
            self.faults.update(|faults| faults.clear(name));
        }
    }
}

/// Reads a form into its raw struct: inputs named `form[field]`.
pub fn read_form<T: DeserializeOwned + Default>(form: NodeRef<html::Form>, fields: &[(&str, &str)]) -> T {
    let Some(data) = form.get_untracked().and_then(|form| web_sys::FormData::new_with_form(&form).ok())
    else {
        return T::default();
    };
    let read = |(name, _): &(&str, &str)| {
        let typed = data.get(&format!("form[{name}]")).as_string().unwrap_or_default();
        ((*name).to_owned(), Value::String(typed))
    };
    let values: Map<String, Value> = fields.iter().map(read).collect();
    serde_json::from_value(Value::Object(values)).unwrap_or_default()
}

/// Label, hint and fault around a control.
#[component]
fn Frame(
    state: FormState,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    optional: bool,
    wide: bool,
    children: Children,
) -> impl IntoView {
    let fault = move || state.fault(name);
    view! {
        <div class=move || {
            format!("field{}{}", if fault().is_some() { " bad" } else { "" }, if wide { " sm:col-span-2" } else { "" })
        }>
            <label for=name>{label}{optional.then(|| view! { <span class="opt">" (optional)"</span> })}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            {move || {
                fault().map(|message| view! {
                    <p class="fault" id=format!("{name}-fault")>
                        <Icon name="circle-alert"/>
                        <span><span class="sr-only">"Error: "</span>{message}</span>
                    </p>
                })
            }}
            {children()}
        </div>
    }
}

fn described_by(state: FormState, name: &'static str, hint: &'static str) -> impl Fn() -> Option<String> {
    move || {
        let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
        let fault = state.fault(name).map(|_| format!("{name}-fault"));
        let ids: Vec<String> = hint.into_iter().chain(fault).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// A line of text.
#[component]
pub fn TextField(
    /// The form.
    state: FormState,
    /// Name of the field.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// How to write it.
    #[prop(optional)]
    hint: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// Which keyboard a tablet shows.
    #[prop(default = "text")]
    inputmode: &'static str,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether it takes the whole row.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let invalid = move || state.fault(name).map(|_| "true");
    view! {
        <Frame state=state name=name label=label hint=hint optional=optional wide=wide>
            <input
                class="input"
                id=name
                name=format!("form[{name}]")
                type="text"
                inputmode=inputmode
                autocomplete="off"
                maxlength="400"
                value=value
                aria-invalid=invalid
                aria-describedby=described_by(state, name, hint)
                on:blur=move |event| state.left(name, event_target_value(&event).trim().is_empty())
                on:input=move |_| state.typed(name)
            />
        </Frame>
    }
}

/// A date, typed as day, month and year.
#[component]
pub fn DateField(
    /// The form.
    state: FormState,
    /// Name of the field.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    view! {
        <TextField state=state name=name label=label hint="dd/mm/yyyy, for example 08/09/1984" value=value inputmode="numeric"/>
    }
}

/// Several lines of text.
#[component]
pub fn TextAreaField(
    /// The form.
    state: FormState,
    /// Name of the field.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// How to write it.
    #[prop(optional)]
    hint: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let invalid = move || state.fault(name).map(|_| "true");
    view! {
        <Frame state=state name=name label=label hint=hint optional=optional wide=true>
            <textarea
                class="input"
                id=name
                name=format!("form[{name}]")
                rows="2"
                autocomplete="off"
                maxlength="1000"
                aria-invalid=invalid
                aria-describedby=described_by(state, name, hint)
                on:blur=move |event| state.left(name, event_target_value(&event).trim().is_empty())
                on:input=move |_| state.typed(name)
            >
                {value}
            </textarea>
        </Frame>
    }
}

/// Code and title of each choice of a field.
#[derive(Debug, Clone)]
pub struct Choices(Vec<(String, String)>);

impl<C: Into<String>, T: Into<String>> From<Vec<(C, T)>> for Choices {
    fn from(pairs: Vec<(C, T)>) -> Self {
        Self(pairs.into_iter().map(|(code, title)| (code.into(), title.into())).collect())
    }
}

/// One of a list.
#[component]
pub fn SelectField(
    /// The form.
    state: FormState,
    /// Name of the field.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// The choices.
    #[prop(into)]
    choices: Choices,
    /// The code chosen at first.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let invalid = move || state.fault(name).map(|_| "true");
    let none_chosen = value.is_empty();
    let options = choices.0.into_iter().map(|(code, title)| {
        let selected = code == value;
        view! { <option value=code selected=selected>{title}</option> }
    });
    let options = options.collect_view();
    view! {
        <Frame state=state name=name label=label hint="" optional=false wide=false>
            <select
                class="select"
                id=name
                name=format!("form[{name}]")
                aria-invalid=invalid
                aria-describedby=described_by(state, name, "")
                on:change=move |_| state.left(name, false)
            >
                <option value="" selected=none_chosen>"Choose"</option>
                {options}
            </select>
        </Frame>
    }
}

/// One of a few, all in sight.
#[component]
pub fn ChoiceField(
    /// The form.
    state: FormState,
    /// Name of the field.
    name: &'static str,
    /// The question.
    label: &'static str,
    /// What it means.
    hint: &'static str,
    /// The choices.
    #[prop(into)]
    choices: Choices,
    /// The code chosen at first.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let fault = move || state.fault(name);
    let radios = choices.0.into_iter().enumerate().map(|(at, (code, title))| {
        // The first carries the field's id, so that the error summary leads to it.
        let id = if at == 0 { name.to_owned() } else { format!("{name}-{code}") };
        view! {
            <label class="flex items-center gap-2 min-h-8 pointer-coarse:min-h-11">
                <input
                    type="radio"
                    class="radio radio-sm radio-primary"
                    id=id
                    name=format!("form[{name}]")
                    checked={code == value}
                    value=code
                    on:change=move |_| state.left(name, false)
                />
                {title}
            </label>
        }
    });
    let radios = radios.collect_view();
    view! {
        <fieldset
            class=move || format!("field sm:col-span-2{}", if fault().is_some() { " bad" } else { "" })
            aria-describedby=described_by(state, name, hint)
        >
            <legend class="lbl">{label}</legend>
            <p class="hint" id=format!("{name}-hint")>{hint}</p>
            {move || {
                fault().map(|message| view! {
                    <p class="fault" id=format!("{name}-fault")>
                        <Icon name="circle-alert"/>
                        <span><span class="sr-only">"Error: "</span>{message}</span>
                    </p>
                })
            }}
            <div class="flex flex-wrap gap-x-6 gap-y-1">{radios}</div>
        </fieldset>
    }
}
