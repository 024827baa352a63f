//! Receipts: on the screen, on a sheet, on a roll of 80 mm; and printed again as a copy.

use super::api_client::PortalClient;
use super::error::DoorError;
use super::here::here;
use super::ui::{Crumb, Icon, PageHeader, Problem, Skeleton};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};
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
    door::answer(async |bank, caller| {
        let reference = reference.parse().map_err(|fault| crate::shared::error::no_such(&fault))?;
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
    let Receipt::Done { reference, title, lines, .. } = receipt else { return ().into_any() };
    let slip = RwSignal::new(false);
    let print = move |narrow: bool| {
        slip.set(narrow);
        // Printing waits for the class to be in the page.
        request_animation_frame(|| {
            // A browser without a printer refuses; there is nothing to do about that here.
            let _ = window().print();
        });
    };
    let rows = lines.into_iter().map(|SummaryLine { label, value }| {
        view! { <div><dt>{label}</dt><dd>{value}</dd></div> }
    });
    let mark = copy.map(|nth| format!("COPY {nth}"));
    view! {
        <div class="flex flex-wrap gap-2 mb-3 no-print">
            <button class="btn" type="button" on:click=move |_| print(false)><Icon name="printer"/>"Print A4"</button>
            <button class="btn" type="button" on:click=move |_| print(true)><Icon name="receipt-text"/>"Print slip"</button>
        </div>
        <article class=move || if slip.get() { "receipt slip" } else { "receipt" } aria-label="Receipt">
            <header><b>"Wekeza Bank"</b><span>{mark}</span></header>
            <h2>{title}</h2>
            <dl>{rows.collect_view()}</dl>
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
