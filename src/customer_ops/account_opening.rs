//! Opening an account.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::ui::{Answer, ChoiceField, Crumb, Deed, FormState, TextField, again, read_form};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use tawi_domain::customer_ops::account::AccountKind;
use tawi_domain::customer_ops::account_opening::{AccountOpeningForm, FIELDS};
use tawi_domain::shared::approval::{Check, Receipt};
use tawi_domain::shared::ids::RequestKey;

/// Says what opening the account would do. Changes nothing.
#[server(prefix = "/api", endpoint = "account_opening_check", client = PortalClient)]
pub async fn check_account(form: AccountOpeningForm) -> Result<Check, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::answer(async |bank, caller| {
        let command = Command::AccountOpening(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::check(&bank, &caller, &command).await?)
    })
    .await
}

/// Opens the account, or asks for approval.
#[server(prefix = "/api", endpoint = "account_opening", client = PortalClient)]
pub async fn open_account(form: AccountOpeningForm, key: String) -> Result<Receipt, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::command(key, async |bank, caller, key| {
        let command = Command::AccountOpening(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::submit(&bank, &caller, &command, key).await?)
    })
    .await
}

/// The page. `?customer=` fills the customer in.
#[component]
pub fn AccountOpeningPage() -> impl IntoView {
    let customer = use_query_map().with_untracked(|query| query.get("customer").unwrap_or_default());
    let form = NodeRef::<html::Form>::new();
    let read = move || read_form::<AccountOpeningForm>(form, FIELDS);
    let state = FormState::new(form, Callback::new(move |()| read().parse().err().unwrap_or_default()));
    let kinds = AccountKind::ALL.iter().map(|kind| (kind.code(), kind.title())).collect::<Vec<_>>();
    let check = Callback::new(move |()| -> Answer<Check> { Box::pin(check_account(read())) });
    let send = Callback::new(move |key: RequestKey| -> Answer<Receipt> {
        Box::pin(open_account(read(), key.into()))
    });
    let next = Callback::new(|receipt: Receipt| match receipt {
        Receipt::Done { effect, .. } => view! {
            <a class="btn btn-primary" href=format!("/accounts/{effect}")>"Open the account's page"</a>
            {again("/accounts/new", "Another account")}
        }
        .into_any(),
        _ => again("/accounts/new", "Another account"),
    });
    view! {
        <Deed
            page="New account"
            crumbs=vec![Crumb::new("/customers", "Customers")]
            act="Open the account"
            facts=|| "For one holder who is a customer of this branch."
            state=state
            check=check
            send=send
            next=next
        >
            <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">
                <TextField state=state name="customer" label="Customer" hint="CIF number, eight figures" inputmode="numeric" value=customer/>
                <TextField state=state name="deposit" label="Opening deposit" hint="KES, paid in at the counter" inputmode="decimal"/>
                <ChoiceField state=state name="kind" label="Account" hint="" choices=kinds/>
            </div>
        </Deed>
    }
}
