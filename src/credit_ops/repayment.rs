//! Taking a repayment: how it would be used shows while the amount is typed.

use super::repayment_tracking::{crumbs_of, loan};
use crate::shared::ui::{
    Ask, Crumb, Deed, Empty, FieldGrid, FormState, Note, Summary, Tone, form_page, once_here, read_form,
};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tawi_domain::credit_ops::loan::LoanView;
use tawi_domain::credit_ops::repayment::{RepaymentForm, uses_of};
use tawi_domain::credit_ops::schedule::{LoanEvent, fold};
use tawi_domain::language::{self, Language};
use tawi_domain::shared::approval::{Sent, SummaryLine};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::place::Place;

/// The page.
#[component]
pub fn RepaymentPage() -> impl IntoView {
    let number = use_params_map().with_untracked(|params| params.get("number").unwrap_or_default());
    let asked = number.clone();
    let found = Resource::new(move || asked.clone(), loan);
    form_page(RepaymentForm { loan: number, ..RepaymentForm::default() }, move |begun| {
        once_here(found, move |view| view! { <Repayment view=view begun=begun.clone()/> }.into_any())
    })
}

#[component]
fn Repayment(view: LoanView, begun: RepaymentForm) -> impl IntoView {
    let number = view.row.number.clone();
    let form = NodeRef::<html::Form>::new();
    let read = move || read_form::<RepaymentForm>(form);
    let state = FormState::reading(form, &begun, read);
    let amount = RwSignal::new(begun.amount);
    let back = Place::Loan(number.clone()).href();
    let to_loan = back.clone();
    let next = Callback::new(move |_: Sent| {
        view! { <a class="btn btn-primary" href=to_loan.clone()>"Back to the loan"</a> }.into_any()
    });
    let facts = format!("{}, {}", view.row.name, view.row.number);
    let mut trail = crumbs_of(&view.row);
    trail.push(Crumb::new(back, number.to_string()));
    let owed = view.state.clone();
    let account = view.account.to_string();
    let due = owed.due.total();
    let view = StoredValue::new(view);
    view! {
        <Deed
            crumbs=trail
            act="Take the repayment"
            facts=move || facts.clone()
            state=state
            next=next
            aside=move || view! { <Used view=view amount=amount/> }
        >
            <dl class="figs mb-6">
                <div class="lead"><dt>"Due today"</dt><dd><span class="cur">"KES"</span>{owed.figures(due)}</dd></div>
                <div><dt>"Next instalment"</dt><dd>{owed.next_due.map(|next| owed.figures(next.amount)).unwrap_or_default()}</dd></div>
                <div><dt>"Pays it off"</dt><dd>{owed.figures(owed.pay_off)}</dd></div>
            </dl>
            <div on:input=move |_| amount.set(read().amount)>
                <FieldGrid><Ask state=state name="loan"/><Ask state=state name="amount"/></FieldGrid>
            </div>
            <p class="hint mt-2">{format!("Taken from account {account}")}</p>
        </Deed>
    }
}

/// How the amount typed would be used.
#[component]
fn Used(view: StoredValue<LoanView>, amount: RwSignal<String>) -> impl IntoView {
    let content = move || {
        let typed = amount.get();
        if typed.trim().is_empty() {
            return view! { <Empty icon="calculator" head="How it is used appears here" words="Type an amount."/> }.into_any();
        }
        let used =
            Money::parse(&typed, Currency::Kes).map_err(|fault| fault.to_string()).and_then(|amount| {
                view.with_value(|view| {
                    let mut events = view.events.clone();
                    events.push(LoanEvent::Repaid { on: view.as_of, amount });
                    fold(&view.terms, &events, view.as_of).map_err(|fault| fault.to_string())
                })
            });
        match used {
            Err(fault) => view! { <Empty icon="calculator" head="Not like this" words=fault/> }.into_any(),
            Ok(after) => {
                let uses =
                    after.allocations.last().map(|payment| uses_of(&after, payment)).unwrap_or_default();
                let mut lines: Vec<_> =
                    uses.iter().map(|used| language::line(used, Language::English)).collect();
                let line = |label: &str, value: String| SummaryLine::new(label, value);
                let kept = after.allocations.last().map_or(0, |payment| payment.excess);
                let next = after.next_due.map_or_else(
                    || "None: the loan is paid off".to_owned(),
                    |next| format!("{} on {}", after.figures(next.amount), format_date(next.on)),
                );
                lines.push(line("Principal owed then", after.figures(after.owed.principal)));
                lines.push(line("Next instalment", next));
                let too_much = (kept > 0).then(|| view! {
                    <div class="mb-4"><Note tone=Tone::Watch icon="triangle-alert" head=format!("{} is more than the loan asks for.", after.money(kept))>
                        "The bank owes it to the customer until it is given back."
                    </Note></div>
                });
                view! {
                    {too_much}
                    <div class="sec"><h2>"How it is used"</h2></div>
                    <Summary lines=lines/>
                }
                .into_any()
            }
        }
    };
    view! { <aside class="min-w-0" aria-label="How it is used">{content}</aside> }
}
