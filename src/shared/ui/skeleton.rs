//! What stands in while a known layout is fetched.

use leptos::prelude::*;

/// Lines of a page that is on its way.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div aria-busy="true" role="status" aria-label="Loading" class="grid gap-2.5 content-start">
            <span class="skeleton h-6 w-1/3"></span>
            <span class="skeleton h-3 w-full"></span>
            <span class="skeleton h-3 w-5/6"></span>
            <span class="skeleton h-3 w-full"></span>
            <span class="skeleton h-3 w-3/4"></span>
        </div>
    }
}
