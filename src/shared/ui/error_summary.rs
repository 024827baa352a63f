//! The error summary: takes the focus, says how many things to put right, each a link to its field.

use super::{FormState, Icon, PageTitle};
use leptos::html;
use leptos::prelude::*;

/// The faults of a form.
#[component]
pub fn ErrorSummary(
    /// The form.
    state: FormState,
    /// Title of the page, to which "Error: " is added.
    page: &'static str,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |before: Option<u32>| {
        let rounds = state.submitted.get();
        if before.is_some_and(|before| before != rounds)
            && let Some(summary) = node.get()
        {
            // Focus fails only when the element is gone.
            let _ = summary.focus();
        }
        rounds
    });
    let count = move || state.faults.with(|faults| faults.len());
    let heading = move || match count() {
        1 => "One thing to put right".to_owned(),
        n => format!("{n} things to put right"),
    };
    view! {
        <Show when=move || { count() > 0 && state.submitted.get() > 0 }>
            <PageTitle text=format!("Error: {page}")/>
            <div class="note err mb-5" role="alert" tabindex="-1" aria-labelledby="error-summary" node_ref=node>
                <Icon name="circle-alert"/>
                <div>
                    <b id="error-summary">{heading}</b>
                    <ul>
                        {move || {
                            state.faults.get().iter().map(|fault| {
                                let message = fault.message.clone();
                                if fault.field.is_empty() {
                                    view! { <li>{message}</li> }.into_any()
                                } else {
                                    let href = format!("#{}", fault.field);
                                    view! { <li><a class="lnk !text-error" rel="external" href=href>{message}</a></li> }.into_any()
                                }
                            }).collect_view()
                        }}
                    </ul>
                </div>
            </div>
        </Show>
    }
}
