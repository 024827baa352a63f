//! Key and value: check-answers pages, files, reviews.

use leptos::prelude::*;
use tawi_domain::shared::approval::SummaryLine;

/// One key with a value of any kind.
#[component]
pub fn KeyValue(
    /// The key.
    #[prop(into)]
    label: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! { <div><dt>{label}</dt><dd class="break-words min-w-0">{children()}</dd></div> }
}

/// A list of keys and values.
#[component]
pub fn Summary(
    /// The lines.
    lines: Vec<SummaryLine>,
) -> impl IntoView {
    let rows = lines.into_iter().map(|line| view! { <KeyValue label=line.label>{line.value}</KeyValue> });
    view! { <dl class="kv">{rows.collect_view()}</dl> }
}
