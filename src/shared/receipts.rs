//! Receipts: on the screen, on a sheet, on a roll of 80 mm; and printed again as a copy.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::here::here;
use super::ui::{Crumb, Icon, PageHeader, Problem, Skeleton};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};
use tawi_domain::language::{self, Language};
use tawi_domain::shared::approval::{Receipt, SummaryLine};

/// A receipt looked up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// What was handed out.
    pub receipt: Receipt,
    /// Which copy this is, from 1.
    pub nth: i64,
}

/// A receipt of this branch by its reference. Looking it up again makes a copy, and each is counted.
#[server(prefix = "/api", endpoint = "receipt", client = PortalClient)]
pub async fn receipt_copy(reference: String) -> Result<Copy, DoorError> {
    use crate::server::door;
    use tawi_domain::shared::permissions::Operation;
    door::answer(async |bank, caller| {
        let reference = reference.parse().map_err(|fault| crate::shared::error::no_such(&fault));
        let reference = bank.heard(&caller, Operation::Enquiries, reference).await?;
        let (receipt, nth) = tawi_bank::shared::receipt::copy(&bank, &caller, &reference).await?;
        Ok(Copy { receipt, nth })
    })
    .await
}

/// The printable receipt with its two buttons.
#[component]
pub fn Paper(
    /// What was done.
    receipt: Receipt,
    /// Which copy, when it is one.
    #[prop(optional)]
    copy: Option<i64>,
) -> impl IntoView {
    let Receipt::Done { reference, title, lines, paper, .. } = receipt else { return ().into_any() };
    let slip = RwSignal::new(false);
    let language = RwSignal::new(Language::English);
    let speaks_both = paper.is_some();
    let print = move |narrow: bool| {
        slip.set(narrow);
        // Printing waits for the class to be in the page.
        request_animation_frame(|| {
            // A browser without a printer refuses; there is nothing to do about that here.
            let _ = window().print();
        });
    };
    let paper = StoredValue::new((title, lines, paper));
    let head = move || {
        paper.with_value(|(title, _, paper)| match paper {
            Some(paper) => language::heading(paper, language.get()),
            None => title.clone(),
        })
    };
    // A receipt from before there were facts says what it said then.
    let rows = move || {
        let lines = paper.with_value(|(_, lines, paper)| match paper {
            Some(paper) => paper.facts.iter().map(|fact| language::line(fact, language.get())).collect(),
            None => lines.clone(),
        });
        let row = |SummaryLine { label, value }| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
        lines.into_iter().map(row).collect_view()
    };
    let mark = move || copy.map(|nth| language::copy_mark(nth, language.get()));
    let choose = move |one: Language| {
        view! {
            <button class="btn" type="button" lang=one.code() aria-pressed=move || (language.get() == one).to_string() on:click=move |_| language.set(one)>{one.title()}</button>
        }
    };
    view! {
        <div class="flex flex-wrap gap-2 mb-3 no-print">
            <button class="btn" type="button" on:click=move |_| print(false)><Icon name="printer"/>"Print A4"</button>
            <button class="btn" type="button" on:click=move |_| print(true)><Icon name="receipt-text"/>"Print slip"</button>
            {speaks_both.then(|| view! {
                <div class="flex gap-2 ml-auto" role="group" aria-label="Language of the receipt">{Language::ALL.map(choose)}</div>
            })}
        </div>
        <article class=move || if slip.get() { "receipt slip" } else { "receipt" } aria-label="Receipt" lang=move || language.get().code()>
            <header><b>"Wekeza Bank"</b><span>{mark}</span></header>
            <h2>{head}</h2>
            <dl>{rows}</dl>
            <footer>{reference.to_string()}</footer>
        </article>
    }
    .into_any()
}

/// A receipt's own page.
#[component]
pub fn ReceiptPage() -> impl IntoView {
    let params = use_params_map();
    let reference = Memo::new(move |_| params.with(|params| params.get("reference").unwrap_or_default()));
    let found = Resource::new(move || reference.get(), receipt_copy);
    let crumbs = || vec![Crumb::desk()];
    let here = here();
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || found.get().map(|result| match result {
                Ok(copy) => view! {
                    <PageHeader title=reference.get_untracked() crumbs=crumbs() facts=|| "A copy. Each one is counted in the audit."/>
                    <Paper receipt=copy.receipt copy=copy.nth/>
                }.into_any(),
                Err(DoorError(error)) => view! {
                    <PageHeader title=here.title crumbs=crumbs()/>
                    <Problem error=Signal::derive(move || Some(error.clone()))/>
                }.into_any(),
            })}
        </Transition>
    }
}
