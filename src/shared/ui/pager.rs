//! The pages of a list. Which one is open stands in the address, so that Back finds it again.

use super::Icon;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use tawi_domain::shared::listing::pages;

/// The page that the address says, counted from one.
pub fn page_here() -> Memo<u32> {
    let query = use_query_map();
    Memo::new(move |_| {
        let page = query.with(|query| query.get("page").and_then(|page| page.parse().ok()));
        page.unwrap_or(1).max(1)
    })
}

/// Where the other pages are; nothing where there is one.
#[component]
pub fn Pager(
    /// The page that is open.
    page: u32,
    /// Rows on all pages.
    in_all: usize,
    /// The path of the list.
    path: String,
) -> impl IntoView {
    let pages = pages(in_all);
    // The last page may have been emptied meanwhile: the one before it is shown.
    let page = page.min(pages);
    let to = move |page: u32| format!("{path}?page={page}");
    (pages > 1).then(|| {
        let before = (page > 1).then(|| {
            view! { <a class="btn" href=to(page - 1) rel="prev"><Icon name="chevron-left"/>"Before"</a> }
        });
        let next = (page < pages).then(|| {
            view! { <a class="btn" href=to(page + 1) rel="next">"Next"<Icon name="chevron-right"/></a> }
        });
        view! {
            <nav class="flex flex-wrap items-center gap-3 py-3 text-[.8125rem] text-muted" aria-label="Pages">
                {before}
                <span>{format!("Page {page} of {pages}")}</span>
                {next}
            </nav>
        }
    })
}
