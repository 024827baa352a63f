//! Loans: the worklist and a loan's page.

use super::loan::{Cost, Curves, Life, LoanStanding, Schedule, figures};
use super::loan_history::{Charges, History};
use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::{here, seat};
use crate::shared::live::Live;
use crate::shared::trail::Trail;
use crate::shared::ui::{
    Cell, Crumb, Empty, Icon, KeyValue, Note, PageHeader, Problem, Skeleton, Table, Tone, Unread,
    crumbs_through,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use tawi_domain::credit_ops::loan::{LoanRow, LoanStatus, LoanView};
use tawi_domain::credit_ops::loan_product::charges_told;
use tawi_domain::credit_ops::repayment_tracking::LoanFilter;
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState, history};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::ids::CustomerNumber;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// The worklist.
#[server(prefix = "/api", endpoint = "loans", client = PortalClient)]
pub async fn worklist(filter: LoanFilter) -> Result<Listing<LoanRow>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        Ok(tawi_bank::credit_ops::repayment_tracking::worklist(&bank, &caller, filter).await?)
    })
    .await
}

/// The loans of a customer at this branch.
#[server(prefix = "/api", endpoint = "customer_loans", client = PortalClient)]
pub async fn loans_of(customer: String) -> Result<Listing<LoanRow>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = customer.parse().map_err(|fault| crate::shared::error::no_such_loan(&fault));
        let number = bank.heard(&caller, Operation::Enquiries, number).await?;
        Ok(tawi_bank::credit_ops::repayment_tracking::of_customer(&bank, &caller, &number).await?)
    })
    .await
}

/// A loan, whole.
#[server(prefix = "/api", endpoint = "loan", client = PortalClient)]
pub async fn loan(number: String) -> Result<LoanView, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = number.parse().map_err(|fault| crate::shared::error::no_such_loan(&fault));
        let number = bank.heard(&caller, Operation::Enquiries, number).await?;
        Ok(tawi_bank::credit_ops::repayment_tracking::view(&bank, &caller, &number).await?)
    })
    .await
}

/// The way to a loan's page leads through its customer.
pub(super) fn crumbs_of(row: &LoanRow) -> Vec<Crumb> {
    crumbs_through(Place::Customer(row.customer.clone()).href(), row.name.clone())
}

/// The worklist's page. The filter stands in the address.
#[component]
pub fn LoansPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|query| LoanFilter::from_code(&query.get("show").unwrap_or_default()).unwrap_or_default())
    });
    let list = Resource::new(move || (filter.get(), live.tick.get()), |(filter, _)| worklist(filter));
    let applies = seat().may(Operation::LoanApplication);
    let tabs = LoanFilter::ALL.map(|one| {
        view! {
            <a class="tab" href=Place::Start(Operation::RepaymentTracking).href_with(&[("show", one.code())]) aria-current=move || (filter.get() == one).then_some("page")>{one.title()}</a>
        }
    });
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(rows) if rows.is_empty() => {
                let (head, words) = match filter.get_untracked() {
                    LoanFilter::Late => {
                        ("Nobody is late", "A loan appears here the day after an instalment stays unpaid.")
                    }
                    LoanFilter::DueSoon => {
                        ("Nothing is due this week", "Instalments of the next seven days are listed here.")
                    }
                    LoanFilter::ToPayOut => {
                        ("Nothing to pay out", "Approved loans wait here for their disbursement.")
                    }
                    LoanFilter::Open => ("No open loan", "The first one begins with an application."),
                    LoanFilter::Closed => {
                        ("No loan has been paid back yet", "Closed loans stay here to be read.")
                    }
                };
                view! { <Empty icon="hand-coins" head=head words=words/> }.into_any()
            }
            Ok(list) => view! { <LoanTable list=list named=true/> }.into_any(),
        })
    };
    view! {
        <PageHeader
            title=here().title
            facts=|| "The longest late first."
            acts=move || applies.then(|| view! { <a class="btn btn-primary" href=Place::Start(Operation::LoanApplication).href()><Icon name="plus"/>"New loan"</a> })
        />
        <nav class="tabs mb-4" aria-label="Which loans">{tabs.collect_view()}</nav>
        <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
    }
}

#[component]
fn LoanTable(list: Listing<LoanRow>, named: bool) -> impl IntoView {
    let body = list.rows.into_iter().map(|row| {
        let href = Place::Loan(row.number.clone()).href();
        let mut cells = vec![
            view! { <a class="lnk whitespace-nowrap" href=href>{row.number.to_string()}</a> }.into_any(),
        ];
        if named {
            cells.push(
                view! { <a href=Place::Customer(row.customer.clone()).href()>{row.name.clone()}</a> }
                    .into_any(),
            );
        }
        cells.extend([
            row.product.clone().into_any(),
            view! { <LoanStanding row=row.clone()/> }.into_any(),
            row.next_due.map(format_date).unwrap_or_default().into_any(),
            row.arrears.figures().into_any(),
            row.outstanding.figures().into_any(),
        ]);
        cells
    });
    let mut columns = vec![Cell::Head("Loan")];
    if named {
        columns.push(Cell::Text("Customer"));
    }
    columns.extend([
        Cell::Text("Product"),
        Cell::Text("Standing"),
        Cell::Text("Next due"),
        Cell::Figures("Overdue"),
        Cell::Figures("Owed"),
    ]);
    view! {
        <Unread names=list.unread/>
        <Table caption="Loans" columns=columns rows=body.collect()/>
    }
}

/// The loans of a customer, for the customer's page.
#[component]
pub fn CustomerLoans(
    /// The customer.
    customer: CustomerNumber,
    /// Whether the viewer applies for loans.
    applies: bool,
) -> impl IntoView {
    let new = applies.then(|| {
        let href = Place::Start(Operation::LoanApplication).href_with(&[("customer", customer.as_str())]);
        view! { <a class="lnk text-[.8125rem]" href=href>"Apply for a loan"</a> }
    });
    let list = Resource::new(move || customer.to_string(), loans_of);
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(rows) if rows.is_empty() => {
                view! { <p class="text-muted text-[.8125rem] py-2">"No loan at this branch."</p> }.into_any()
            }
            Ok(list) => view! { <LoanTable list=list named=false/> }.into_any(),
        })
    };
    view! {
        <section aria-labelledby="loans">
            <div class="sec"><h2 id="loans">"Loans"</h2>{new}</div>
            <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
        </section>
    }
}

/// A loan's page.
#[component]
pub fn LoanPage() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number").unwrap_or_default()));
    let here = here();
    // Not at every notice: each look at a loan is kept.
    let found = Resource::new(move || number.get(), loan);
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || found.get().map(|result| match result {
                Ok(view) => view! { <Whole view=view/> }.into_any(),
                Err(DoorError(error)) => view! {
                    <PageHeader title=here.title crumbs=here.crumbs()/>
                    <Problem error=Signal::derive(move || Some(error.clone()))/>
                }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn Whole(view: LoanView) -> impl IntoView {
    let seat = seat();
    let (row, state) = (view.row.clone(), view.state.clone());
    let (life, cost) = (life_of(&view), view.cost());
    let number = row.number.clone();
    let pays_out = row.status == LoanStatus::Approved && seat.may(Operation::Disbursement);
    let takes = row.status == LoanStatus::Active && seat.may(Operation::Repayment);
    let standing = row.clone();
    let facts = format!("{}, {}", row.name, row.product);
    let late = (row.days_past_due > 0).then(|| {
        let since = row.next_due.map(format_date).unwrap_or_default();
        let parts = parts_of(&state);
        view! {
            <div class="mb-5"><Note tone=Tone::Wrong icon="alarm-clock" head=format!("{} is overdue since {since}.", state.money(state.arrears))>
                {parts}
            </Note></div>
        }
    });
    let charges = state.due.fees + state.due.tax + state.due.penalties;
    let figs = match row.status {
        LoanStatus::Approved => view! {
            <div class="lead"><dt>"To be paid out"</dt><dd><span class="cur">"KES"</span>{row.principal.figures()}</dd></div>
            <div><dt>"Fee and excise"</dt><dd>{figures(view.fees.fee.amount() + view.fees.excise.amount())}</dd></div>
            <div><dt>"The customer gets"</dt><dd>{view.fees.net.figures()}</dd></div>
        }
        .into_any(),
        LoanStatus::Active | LoanStatus::Closed | LoanStatus::ChargedOff | LoanStatus::WrittenOff => view! {
            <div class="lead"><dt>"Pays it off today"</dt><dd><span class="cur">"KES"</span>{state.figures(state.pay_off)}</dd></div>
            <div><dt>"Principal"</dt><dd>{state.figures(state.owed.principal)}</dd><dd class="foot">{format!("of {}", row.principal.figures())}</dd></div>
            <div><dt>"Interest due"</dt><dd>{state.figures(state.due.interest)}</dd></div>
            {(charges > 0).then(|| view! { <div><dt>"Fees and penalties due"</dt><dd>{state.figures(charges)}</dd></div> })}
            {(state.overpaid > 0).then(|| view! { <div><dt>"Kept for the customer"</dt><dd>{state.figures(state.overpaid)}</dd><dd class="foot">"paid too much"</dd></div> })}
            <div><dt>{if row.days_past_due > 0 { "Oldest unpaid" } else { "Next instalment" }}</dt><dd>{state.next_due.map(|next| state.figures(next.amount)).unwrap_or_else(|| "None".to_owned())}</dd>
                <dd class="foot">{state.next_due.map(|next| format_date(next.on)).unwrap_or_default()}</dd></div>
        }
        .into_any(),
    };
    let charged = charges_told(&view.terms.charges);
    let changes = history(&view.events, &state).into_iter().filter(|told| told.agrees_anew && !told.undone);
    let agreed_anew = changes
        .map(|told| {
            let (since, what) = (
                format_date(told.on),
                if told.detail.is_empty() { told.title.to_owned() } else { told.detail },
            );
            view! { <KeyValue label=format!("Since {since}")>{what}</KeyValue> }
        })
        .collect_view();
    let acts = {
        let number = number.clone();
        move || {
            view! {
                {pays_out.then(|| view! { <a class="btn btn-primary" href=Place::PayOut(number.clone()).href()><Icon name="banknote"/>"Pay it out"</a> })}
                {takes.then(|| view! { <a class="btn btn-primary" href=Place::Repay(number.clone()).href()><Icon name="hand-coins"/>"Take a repayment"</a> })}
            }
        }
    };
    view! {
        <PageHeader
            title=row.number.to_string()
            crumbs=crumbs_of(&row)
            statuses=move || view! { <LoanStanding row=standing.clone() chip=true/> }
            facts=move || facts.clone()
            acts=acts
        />
        <dl class="figs py-4 border-b border-line">{figs}</dl>
        <div class="grid gap-x-8 gap-y-7 pt-5 xl:grid-cols-[minmax(0,1fr)_18.5rem]">
            <div class="min-w-0">
                {late}
                <div class="sec"><h2>"Schedule"</h2><span class="aside">{format!("as of {}", format_date(view.as_of))}</span></div>
                <Schedule life=life name=row.number.as_str().to_owned() day=Some(view.as_of)/>
                <History view=view.clone()/>
                <Charges view=view.clone()/>
            </div>
            <aside class="side side-xl grid gap-x-8 gap-y-6 content-start md:grid-cols-2 xl:grid-cols-1" aria-label="Curves, terms and history">
                <Curves state=state.clone() day=view.as_of/>
                <section>
                    <div class="sec"><h2>"Cost"</h2><span class="aside">"as agreed"</span></div>
                    <Cost state=state cost=cost/>
                </section>
                <section>
                    <div class="sec"><h2>"Terms"</h2></div>
                    <dl class="kv">
                        <KeyValue label="Customer"><a class="lnk" href=Place::Customer(row.customer.clone()).href()>{row.name.clone()}</a></KeyValue>
                        <KeyValue label="Account"><a class="lnk" href=Place::Account(view.account.clone()).href()>{view.account.to_string()}</a></KeyValue>
                        <KeyValue label="Rate">{format!("{} a year", view.terms.rate)}</KeyValue>
                        <KeyValue label="Interest">{view.terms.method.title()}</KeyValue>
                        <KeyValue label="Days">{view.terms.day_count.title()}</KeyValue>
                        <KeyValue label="Due">{view.terms.due_told()}</KeyValue>
                        <KeyValue label="Fees and penalties">{charged}</KeyValue>
                        {agreed_anew}
                        <KeyValue label="Product">{format!("{}, version {}", view.product.name, view.product.version)}</KeyValue>
                        <KeyValue label="Purpose">{view.purpose.clone()}</KeyValue>
                    </dl>
                </section>
                <Trail lines=view.trail/>
            </aside>
        </div>
    }
}

/// What is overdue, by its parts.
fn parts_of(state: &LoanState) -> String {
    let overdue = state.overdue_parts();
    let charges = overdue.fees + overdue.tax + overdue.penalties;
    let mut parts = format!(
        "Interest {}, principal {}",
        state.figures(overdue.interest),
        state.figures(overdue.principal)
    );
    if charges > 0 {
        parts.push_str(&format!(", fees and penalties {}", state.figures(charges)));
    }
    parts + "."
}

/// What the schedule is folded from; before the disbursement, as if it were today.
fn life_of(view: &LoanView) -> Life {
    let planned = vec![LoanEvent::disbursed(view.as_of)];
    let events = if view.events.is_empty() { planned } else { view.events.clone() };
    Life { terms: view.terms.clone(), events, state: view.state.clone() }
}
