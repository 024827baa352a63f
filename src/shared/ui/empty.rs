//! Where there is nothing: why, and what next.

use super::Icon;
use leptos::prelude::*;

/// An empty place.
#[component]
pub fn Empty(
    /// Icon.
    icon: &'static str,
    /// Why it is empty.
    #[prop(into)]
    head: String,
    /// What will fill it, or what to do.
    #[prop(into)]
    words: String,
    /// One act.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="border border-dashed border-line-2 rounded-md p-5 text-center text-[.8125rem]">
            <Icon name=icon class="mx-auto mb-2 !w-6 !h-6 text-muted"/>
            <b class="font-semibold">{head}</b>
            <p class="text-muted mt-0.5">{words}</p>
            {children.map(|children| view! { <div class="mt-3">{children()}</div> })}
        </div>
    }
}
