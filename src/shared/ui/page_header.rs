//! The head of a page: where we are, its title, one line of facts, its acts.

use super::Icon;
use crate::side;
use leptos::prelude::*;
use leptos_meta::Title;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::{Place, PlaceKind};

/// A step of the path to this page.
#[derive(Debug, Clone)]
pub struct Crumb {
    /// Where it leads.
    pub href: String,
    /// Its name.
    pub name: String,
}

impl Crumb {
    /// A step.
    pub fn new(href: impl Into<String>, name: impl Into<String>) -> Self {
        Self { href: href.into(), name: name.into() }
    }

    /// The desk.
    pub fn desk() -> Self {
        Self::new(Place::Desk.href(), PlaceKind::Desk.title())
    }

    /// The page an operation begins on.
    pub fn of(operation: Operation) -> Self {
        Self::new(Place::Start(operation).href(), operation.title())
    }
}

/// The title of the document. Wherever one is set, it is set by this: browsers end a title at the first closing tag, and
/// read what follows as markup.
#[component]
pub fn PageTitle(
    /// The title, as people read it.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <Title text=side::raw_text(&text)/> }
}

/// The head of a page. Sets the document's title as well.
#[component]
pub fn PageHeader(
    /// The title.
    #[prop(into)]
    title: String,
    /// Where we are, from the top.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// Statuses beside the title, two at most.
    #[prop(optional, into)]
    statuses: ViewFn,
    /// One line of facts.
    #[prop(optional, into)]
    facts: ViewFn,
    /// Acts, the primary one last.
    #[prop(optional, into)]
    acts: ViewFn,
) -> impl IntoView {
    let document_title = title.clone();
    let here = title.clone();
    let path = (!crumbs.is_empty()).then(|| {
        let steps = crumbs.into_iter().map(|crumb| {
            view! { <a href=crumb.href>{crumb.name}</a><Icon name="chevron-right"/> }
        });
        view! {
            <nav class="crumb" aria-label="You are here">
                {steps.collect_view()}<span aria-current="page">{here}</span>
            </nav>
        }
    });
    view! {
        <PageTitle text=document_title/>
        {path}
        <div class="head mb-5">
            <div>
                <h1 class="flex flex-wrap gap-x-3 gap-y-1 items-center">{title}" "{statuses.run()}</h1>
                <p class="sub">{facts.run()}</p>
            </div>
            <div class="acts">{acts.run()}</div>
        </div>
    }
}
