//! The controls of fields: label, hint, fault, control, in this order. They are uncontrolled: what was
//! typed before the page woke up stays, and is read from the form itself.

use super::Icon;
use super::form::{Choices, FormState};
use crate::side;
use leptos::prelude::*;
use tawi_domain::shared::field::Field;

/// Label, hint and fault around a control.
#[component]
fn Frame(state: FormState, field: Field, children: Children) -> impl IntoView {
    let Field { name, asked, hint, optional, wide, .. } = field;
    let fault = move || state.fault(name);
    view! {
        <div class=move || {
            format!("field{}{}", if fault().is_some() { " bad" } else { "" }, if wide { " sm:col-span-2" } else { "" })
        }>
            <label for=name>{asked}{optional.then(|| view! { <span class="opt">" (optional)"</span> })}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            {move || fault().map(|message| view! { <Fault name=name message=message/> })}
            {children()}
        </div>
    }
}

/// What is wrong with a field.
#[component]
fn Fault(name: &'static str, message: String) -> impl IntoView {
    view! {
        <p class="fault" id=format!("{name}-fault")>
            <Icon name="circle-alert"/>
            <span><span class="sr-only">"Error: "</span>{message}</span>
        </p>
    }
}

fn described_by(state: FormState, field: Field) -> impl Fn() -> Option<String> {
    let Field { name, hint, .. } = field;
    move || {
        let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
        let fault = state.fault(name).map(|_| format!("{name}-fault"));
        let ids: Vec<String> = hint.into_iter().chain(fault).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// A line of text.
#[component]
pub fn LineField(
    /// The form.
    state: FormState,
    /// The field.
    field: Field,
    /// What stands in it at first.
    value: String,
    /// Which keyboard a tablet shows.
    inputmode: &'static str,
) -> impl IntoView {
    let name = field.name;
    let invalid = move || state.fault(name).map(|_| "true");
    view! {
        <Frame state=state field=field>
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
                aria-describedby=described_by(state, field)
                on:blur=move |event| state.left(name, event_target_value(&event).trim().is_empty())
                on:input=move |_| state.typed(name)
            />
        </Frame>
    }
}

/// Several lines of text.
#[component]
pub fn AreaField(
    /// The form.
    state: FormState,
    /// The field.
    field: Field,
    /// What stands in it at first.
    value: String,
) -> impl IntoView {
    let name = field.name;
    let invalid = move || state.fault(name).map(|_| "true");
    view! {
        <Frame state=state field=field.wide()>
            <textarea
                class="input"
                id=name
                name=format!("form[{name}]")
                rows="2"
                autocomplete="off"
                maxlength="1000"
                aria-invalid=invalid
                aria-describedby=described_by(state, field)
                on:blur=move |event| state.left(name, event_target_value(&event).trim().is_empty())
                on:input=move |_| state.typed(name)
            >
                {side::raw_text(&value)}
            </textarea>
        </Frame>
    }
}

/// One of a list.
#[component]
pub fn SelectField(
    /// The form.
    state: FormState,
    /// The field.
    field: Field,
    /// The choices.
    choices: Choices,
    /// The code chosen at first.
    value: String,
) -> impl IntoView {
    let name = field.name;
    let invalid = move || state.fault(name).map(|_| "true");
    let none_chosen = value.is_empty();
    // What may be left empty says itself what that means.
    let choose = (!choices.0.iter().any(|(code, _)| code.is_empty()))
        .then(|| view! { <option value="" selected=none_chosen>"Choose"</option> });
    let options = choices.0.into_iter().map(|(code, title)| {
        let selected = code == value;
        view! { <option value=code selected=selected>{title}</option> }
    });
    let options = options.collect_view();
    view! {
        <Frame state=state field=field>
            <select
                class="select"
                id=name
                name=format!("form[{name}]")
                aria-invalid=invalid
                aria-describedby=described_by(state, field)
                on:change=move |_| state.left(name, false)
            >
                {choose}
                {options}
            </select>
        </Frame>
    }
}

/// One of a few, all in sight.
#[component]
pub fn RadioField(
    /// The form.
    state: FormState,
    /// The field.
    field: Field,
    /// The choices.
    choices: Choices,
    /// The code chosen at first.
    value: String,
) -> impl IntoView {
    let Field { name, asked, hint, .. } = field;
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
            aria-describedby=described_by(state, field)
        >
            <legend class="lbl">{asked}</legend>
            <p class="hint" id=format!("{name}-hint")>{hint}</p>
            {move || fault().map(|message| view! { <Fault name=name message=message/> })}
            <div class="flex flex-wrap gap-x-6 gap-y-1">{radios}</div>
        </fieldset>
    }
}
