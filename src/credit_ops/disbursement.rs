//! Paying a loan out.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::ui::{Answer, Crumb, Deed, FormState};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tawi_domain::credit_ops::disbursement::DisbursementForm;
use tawi_domain::shared::approval::{Check, Receipt};
use tawi_domain::shared::ids::RequestKey;

/// Says what paying the loan out would do. Changes nothing.
#[server(prefix = "/api", endpoint = "disbursement_check", client = PortalClient)]
pub async fn check_disbursement(form: DisbursementForm) -> Result<Check, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::answer(async |bank, caller| {
        let command = Command::Disbursement(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::check(&bank, &caller, &command).await?)
    })
    .await
}

/// Asks for the loan to be paid out.
#[server(prefix = "/api", endpoint = "disbursement", client = PortalClient)]
pub async fn pay_out(form: DisbursementForm, key: String) -> Result<Receipt, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::command(key, async |bank, caller, key| {
        let command = Command::Disbursement(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::submit(&bank, &caller, &command, key).await?)
    })
    .await
}

/// The page.
#[component]
pub fn DisbursementPage() -> impl IntoView {
    let loan = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    let loan = StoredValue::new(loan);
    let form = NodeRef::<html::Form>::new();
    let read = move || DisbursementForm { loan: loan.get_value() };
    let state = FormState::new(form, Callback::new(move |()| read().parse().err().unwrap_or_default()));
    let check = Callback::new(move |()| -> Answer<Check> { Box::pin(check_disbursement(read())) });
    let send =
        Callback::new(move |key: RequestKey| -> Answer<Receipt> { Box::pin(pay_out(read(), key.into())) });
    let next = Callback::new(move |_| {
        view! { <a class="btn" href=format!("/loans/{}", loan.get_value())>"Back to the loan"</a> }.into_any()
    });
    view! {
        <Deed
            page="Pay out a loan"
            crumbs=vec![Crumb::new("/loans", "Loans")]
            act="Pay it out"
            state=state
            check=check
            send=send
            next=next
        >
            <p class="max-w-prose">
                "The whole amount goes to the customer's account, less fee and excise duty. A second person decides; until then nothing moves."
            </p>
        </Deed>
    }
}
