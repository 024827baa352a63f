//! A customer's page with the customer's loans on it: credit operations know customers, not the other way
//! round.

use super::repayment_tracking::CustomerLoans;
use crate::customer_ops::enquiries::CustomerPage;
use crate::shared::here::seat;
use leptos::prelude::*;
use tawi_domain::shared::permissions::Operation;

/// The page.
#[component]
pub fn CustomerFilePage() -> impl IntoView {
    let applies = seat().may(Operation::LoanApplication);
    let loans = Callback::new(move |customer| {
        view! { <CustomerLoans customer=customer applies=applies/> }.into_any()
    });
    view! { <CustomerPage further=loans/> }
}
