//! Registering a customer.

use crate::shared::ui::{Ask, Deed, FieldGrid, FormState, again, form_page, made};
use leptos::prelude::*;
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::approval::{Receipt, Sent};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// The page. With `?from=` it begins with what was sent back.
#[component]
pub fn CifCreatePage() -> impl IntoView {
    form_page(CifForm::default(), |begun| view! { <Registration begun=begun/> }.into_any())
}

#[component]
fn Registration(begun: CifForm) -> impl IntoView {
    let state = FormState::new(&begun);
    // Once asked for, the reason stays in sight.
    let needs_reason = RwSignal::new(!begun.duplicate_reason.is_empty());
    Effect::new(move |_| {
        if state.fault("duplicate_reason").is_some() {
            needs_reason.set(true);
        }
    });
    view! {
        <Deed
            state=state
            act="Register the customer"
            done="Customer registered"
            facts=|| "An individual of full age. Companies, groups and minors are registered differently."
            next=Callback::new(registered)
        >
            <h2 class="!text-base mb-3">"Person"</h2>
            <FieldGrid>
                <Ask state=state name="first_name"/>
                <Ask state=state name="other_names"/>
                <Ask state=state name="surname"/>
                <Ask state=state name="date_of_birth"/>
                <Ask state=state name="id_kind"/>
                <Ask state=state name="id_number"/>
                <Ask state=state name="kra_pin"/>
            </FieldGrid>
            <h2 class="!text-base mt-7 mb-3">"Contact"</h2>
            <FieldGrid>
                <Ask state=state name="phone"/>
                <Ask state=state name="email"/>
                <Ask state=state name="address"/>
            </FieldGrid>
            <h2 class="!text-base mt-7 mb-3">"Work and money"</h2>
            <FieldGrid>
                <Ask state=state name="occupation"/>
                <Ask state=state name="source_of_funds"/>
                <Ask state=state name="pep"/>
                <div class="sm:col-span-2" hidden=move || !needs_reason.get()>
                    <Ask state=state name="duplicate_reason"/>
                </div>
            </FieldGrid>
        </Deed>
    }
}

/// The customer's new number, to be read out, and where to go on.
fn registered(sent: Sent) -> AnyView {
    let number = match &sent.receipt {
        Receipt::Done { effect, .. } => Some(effect.clone()),
        Receipt::Waiting { .. } | Receipt::Decided { .. } => None,
    };
    let number = number.map(|number| {
        view! {
            <dl class="figs mb-2 basis-full">
                <div class="lead"><dt>"Customer number"</dt><dd>{number}</dd><dd class="foot">"Read it to the customer"</dd></div>
            </dl>
        }
    });
    view! {
        {number}
        {made(Operation::CifCreate, &sent)}
        {again(&Place::Start(Operation::CifCreate), "Another customer")}
    }
    .into_any()
}
