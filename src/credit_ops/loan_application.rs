//! Applying for a loan: the schedule appears while the officer types, computed by the same code that
//! books it.

use super::loan::{Cost, Curves, Life, Schedule};
use super::loan_setup::products;
use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::seat;
use crate::shared::ui::{
    Ask, Deed, Empty, FieldGrid, FormState, Status, Tone, Unread, form_page, once_here, read_form,
};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use tawi_domain::credit_ops::loan_application::{
    Finding, LoanApplicationForm, parse_frequency, parse_months, parse_rate,
};
use tawi_domain::credit_ops::loan_product::{ChosenTerms, LoanProduct, RepaymentFrequency};
use tawi_domain::credit_ops::loan_setup::LoanOffer;
use tawi_domain::credit_ops::schedule::{LoanEvent, cost_of, fold, minor};
use tawi_domain::language::{self, Language};
use tawi_domain::shared::approval::SummaryLine;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, CustomerNumber};
use tawi_domain::shared::money::{Currency, Money};

/// Who applies, and with which accounts.
#[server(prefix = "/api", endpoint = "loan_applicant", client = PortalClient)]
pub async fn applicant(customer: String) -> Result<(String, Vec<AccountNumber>), DoorError> {
    use crate::server::door;
    use tawi_domain::shared::permissions::Operation;
    door::answer(async |bank, caller| {
        let number = customer.parse().map_err(|fault: tawi_domain::shared::ids::IdError| {
            AppError::field("customer", fault.to_string())
        });
        let number = bank.heard(&caller, Operation::LoanApplication, number).await?;
        Ok(tawi_bank::credit_ops::loan_application::applicant(&bank, &caller, &number).await?)
    })
    .await
}

/// What the rules say of an application, met or not.
#[server(prefix = "/api", endpoint = "loan_findings", client = PortalClient)]
pub async fn findings(form: LoanApplicationForm) -> Result<Vec<Finding>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        Ok(tawi_bank::credit_ops::loan_application::findings(&bank, &caller, &form).await?)
    })
    .await
}

/// The page. `?customer=` fills the customer in; `?from=` begins with what was sent back.
#[component]
pub fn LoanApplicationPage() -> impl IntoView {
    let customer = use_query_map().with_untracked(|query| query.get("customer").unwrap_or_default());
    let offer = Resource::new(|| (), |()| products());
    form_page(LoanApplicationForm { customer, ..LoanApplicationForm::default() }, move |begun| {
        once_here(offer, move |offer| view! { <Application begun=begun.clone() offer=offer/> }.into_any())
    })
}

#[component]
fn Application(begun: LoanApplicationForm, offer: LoanOffer) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    let read = move || read_form::<LoanApplicationForm>(form);
    let state = FormState::reading(form, &begun, read);
    let today = seat().today();
    // What is typed, as of the last key: the plan beside the form follows it.
    let typed = RwSignal::new(begun);
    let unread = offer.products.unread.clone();
    let offered: Vec<LoanProduct> =
        offer.products.iter().filter(|product| product.offered).cloned().collect();
    let choices =
        offered.iter().map(|product| (product.code.clone(), product.name.clone())).collect::<Vec<_>>();
    let offer = StoredValue::new(LoanOffer { products: offered.into(), ..offer });
    let planned = Memo::new(move |_| typed.with(|typed| offer.with_value(|offer| plan(offer, typed, today))));
    let chosen = Memo::new(move |_| {
        let code = typed.with(|typed| typed.product.clone());
        offer.with_value(|offer| offer.products.iter().find(|product| product.code == code).cloned())
    });
    let on_input = move |_| typed.set(read());
    view! {
        <Deed
            state=state
            act="Apply"
            facts=|| "The schedule beside the form is the one the ledger will book."
            aside=move || view! { <Plan planned=planned/> }
        >
            <Unread names=unread.clone()/>
            <div on:input=on_input on:change=on_input>
                <FieldGrid>
                    <Ask state=state name="customer"/>
                    <Applicant typed=typed state=state/>
                    <Ask state=state name="product" choices=choices/>
                    <Ask state=state name="amount"/>
                    <Ask state=state name="months"/>
                    <ChosenRate state=state chosen=chosen/>
                    <Ask state=state name="purpose"/>
                </FieldGrid>
            </div>
            <Eligibility typed=typed read=Callback::new(move |()| read())/>
        </Deed>
    }
}

/// Rate and frequency, with what the product lets an application choose.
#[component]
fn ChosenRate(state: FormState, chosen: Memo<Option<LoanProduct>>) -> impl IntoView {
    let range = move || {
        chosen.with(|product| {
            let product = product.as_ref()?;
            let (lowest, highest) = product.rates();
            Some(if lowest == highest {
                format!("{} is lent at {} a year.", product.name, product.rate)
            } else {
                let own = product.rate;
                format!("{} is lent at {own} a year, or {} to {highest}.", product.name, lowest.percent())
            })
        })
    };
    let begun = state.begun("frequency");
    let paid = if begun.is_empty() { RepaymentFrequency::default().code().to_owned() } else { begun };
    view! {
        <Ask state=state name="rate"/>
        <Ask state=state name="frequency" value=paid/>
        <p class="hint sm:col-span-2" role="status">{range}</p>
    }
}

/// The loan as typed: none while something is missing, the fault when something is wrong.
fn plan(
    offer: &LoanOffer,
    typed: &LoanApplicationForm,
    today: jiff::civil::Date,
) -> Option<Result<Life, String>> {
    let product = offer.products.iter().find(|product| product.code == typed.product)?;
    if typed.amount.trim().is_empty() || typed.months.trim().is_empty() {
        return None;
    }
    let planned = || {
        let chosen = ChosenTerms {
            amount: Money::parse(&typed.amount, Currency::Kes).map_err(|fault| fault.to_string())?,
            months: parse_months(&typed.months)?,
            rate: parse_rate(&typed.rate)?,
            frequency: parse_frequency(&typed.frequency)?,
        };
        let mut terms = product.terms(&chosen, &offer.excise);
        terms.dates.closed.holidays.clone_from(&offer.holidays);
        let events = vec![LoanEvent::disbursed(today)];
        let state = fold(&terms, &events, today).map_err(|fault| fault.to_string())?;
        Ok(Life { terms, events, state })
    };
    Some(planned())
}

#[component]
fn Plan(planned: Memo<Option<Result<Life, String>>>) -> impl IntoView {
    let content = move || {
        match planned.get() {
        None => view! { <Empty icon="calculator" head="The schedule appears here" words="Choose a product, type amount and months."/> }.into_any(),
        Some(Err(fault)) => view! { <Empty icon="calculator" head="No schedule yet" words=fault/> }.into_any(),
        Some(Ok(life)) => {
            let state = life.state.clone();
            let first = state.rows.first().map(|row| row.from).unwrap_or_default();
            let lent = minor(life.terms.principal).unwrap_or(0);
            let cost = cost_of(&state, &[(first, lent)]);
            view! {
                <dl class="figs mb-4">
                    <div class="lead"><dt>"Instalment"</dt><dd><span class="cur">"KES"</span>{state.figures(state.instalment_with_fees())}</dd></div>
                    <div><dt>"To pay back"</dt><dd>{state.figures(state.totals.total())}</dd></div>
                </dl>
                <div class="mb-5"><Cost state=state.clone() cost=cost/></div>
                <div class="grid gap-5 mb-5"><Curves state=state day=first/></div>
                <Schedule life=life name="loan".to_owned() day=None/>
            }
            .into_any()
        }
    }
    };
    view! { <aside class="min-w-0 overflow-x-auto" aria-label="Planned schedule" aria-live="off">{content}</aside> }
}

/// Who the customer is and which of their accounts the loan goes to, once the number is whole.
#[component]
fn Applicant(typed: RwSignal<LoanApplicationForm>, state: FormState) -> impl IntoView {
    let number = Memo::new(move |_| {
        typed.with(|typed| typed.customer.parse::<CustomerNumber>().ok().map(|number| number.to_string()))
    });
    let found = RwSignal::new(None::<Result<(String, Vec<AccountNumber>), AppError>>);
    // Asked by the browser alone: what the server drew waits for nobody.
    Effect::new(move |_| {
        let number = number.get();
        found.set(None);
        if let Some(number) = number {
            leptos::task::spawn_local(async move {
                found.set(Some(applicant(number).await.map_err(|DoorError(error)| error)));
            });
        }
    });
    move || match found.get() {
        None => view! { <Ask state=state name="account"/> }.into_any(),
        Some(Err(error)) => view! {
            <p class="fault sm:col-span-2" role="alert">{error.to_string()}</p>
        }
        .into_any(),
        Some(Ok((name, accounts))) => {
            let only =
                if accounts.len() == 1 { accounts.first().map(|one| one.as_str().to_owned()) } else { None };
            let begun = state.begun("account");
            let chosen = if begun.is_empty() { only.unwrap_or_default() } else { begun };
            let choices = accounts
                .into_iter()
                .map(|number| (number.as_str().to_owned(), number.to_string()))
                .collect::<Vec<_>>();
            let hint = if choices.is_empty() {
                "This customer has no account at this branch: open one first"
            } else {
                "The instalments are taken from it, too"
            };
            view! {
                <p class="sm:col-span-2 text-[.8125rem]" role="status"><b class="font-medium">{name}</b></p>
                <Ask state=state name="account" hint=hint choices=choices value=chosen/>
            }
            .into_any()
        }
    }
}

/// What the rules say, asked by a press: they look at the customer's other loans.
#[component]
fn Eligibility(
    typed: RwSignal<LoanApplicationForm>,
    read: Callback<(), LoanApplicationForm>,
) -> impl IntoView {
    let found = RwSignal::new(None::<Result<Vec<Finding>, AppError>>);
    // What was said holds for what was typed then.
    Effect::new(move |_| {
        typed.track();
        found.set(None);
    });
    let ask = move |_| {
        leptos::task::spawn_local(async move {
            found.set(Some(findings(read.run(())).await.map_err(|DoorError(error)| error)));
        });
    };
    let said = move || {
        found.get().map(|result| match result {
            Err(error) => view! { <p class="fault" role="alert">{error.to_string()}</p> }.into_any(),
            Ok(findings) => {
                let line = |finding: Finding| {
                    let SummaryLine { label, value } = language::line(&finding.fact, Language::English);
                    let status = if finding.met {
                        view! { <Status tone=Tone::Good icon="circle-check" word="Met"/> }
                    } else {
                        view! { <Status tone=Tone::Wrong icon="circle-x" word="Not met"/> }
                    };
                    view! {
                        <div class="!grid-cols-[6rem_1fr]"><dt>{status}</dt><dd><b class="font-medium">{label}</b><br/><span class="text-muted">{value}</span></dd></div>
                    }
                };
                view! { <div role="status"><dl class="kv">{findings.into_iter().map(line).collect_view()}</dl></div> }.into_any()
            }
        })
    };
    view! {
        <section class="mt-6">
            <div class="sec"><h2>"May it be lent?"</h2><button class="lnk text-[.8125rem]" type="button" on:click=ask>"Ask the rules"</button></div>
            {said}
        </section>
    }
}
