//! Opening an account.

use crate::shared::ui::{Deed, Fields, FormState, form_page};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use tawi_domain::customer_ops::account_opening::AccountOpeningForm;

/// The page. `?customer=` fills the customer in.
#[component]
pub fn AccountOpeningPage() -> impl IntoView {
    let customer = use_query_map().with_untracked(|query| query.get("customer").unwrap_or_default());
    form_page(AccountOpeningForm { customer, ..AccountOpeningForm::default() }, |begun| {
        let state = FormState::new(&begun);
        view! {
            <Deed state=state act="Open the account" facts=|| "For one holder who is a customer of this branch.">
                <Fields state=state/>
            </Deed>
        }
        .into_any()
    })
}
