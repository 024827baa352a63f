//! Paying a loan out.

use crate::shared::ui::{Ask, Deed, FormState, form_page, made};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tawi_domain::credit_ops::disbursement::DisbursementForm;
use tawi_domain::shared::approval::Sent;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::PlaceKind;

/// The page.
#[component]
pub fn DisbursementPage() -> impl IntoView {
    let loan = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    form_page(DisbursementForm { loan }, |begun| {
        let state = FormState::new(&begun);
        let next = Callback::new(move |sent: Sent| back_to(&begun.loan, &sent));
        view! {
            <Deed state=state act="Pay it out" next=next>
                <Ask state=state name="loan"/>
                <p class="max-w-prose">
                    "The whole amount goes to the customer's account, less fee and excise duty. A second person decides; until then nothing moves."
                </p>
            </Deed>
        }
        .into_any()
    })
}

/// The way back to the loan, whether it was paid out or asked for.
fn back_to(loan: &str, sent: &Sent) -> AnyView {
    if let Some(link) = made(Operation::Disbursement, sent) {
        return link;
    }
    let loan = PlaceKind::Loan.of(loan);
    loan.map(|loan| view! { <a class="btn" href=loan.href()>"Back to the loan"</a> }.into_any())
        .unwrap_or_else(|| ().into_any())
}
