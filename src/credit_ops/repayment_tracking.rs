//! Loans: the worklist, a loan's page, repayments.

use super::loan::{Cost, Curves, Life, LoanStanding, Schedule, figures};
use crate::customer_ops::enquiries::Trail;
use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::frame::FrameData;
use crate::shared::live::Live;
use crate::shared::ui::{
    Answer, Cell, Crumb, Deed, Empty, FormState, Icon, KeyValue, Note, PageHeader, Problem, Skeleton,
    Summary, Table, TextField, Tone, read_form,
};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use tawi_domain::credit_ops::loan::{LoanRow, LoanStatus, LoanView};
use tawi_domain::credit_ops::repayment_tracking::{LoanFilter, RepaymentForm};
use tawi_domain::credit_ops::schedule::{LoanEvent, fold};
use tawi_domain::shared::approval::{Check, Receipt, SummaryLine};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::{Operation, can_perform_action};

/// The worklist.
#[server(prefix = "/api", endpoint = "loans", client = PortalClient)]
pub async fn worklist(filter: LoanFilter) -> Result<Vec<LoanRow>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        Ok(tawi_bank::credit_ops::repayment_tracking::worklist(&bank, &caller, filter).await?)
    })
    .await
}

/// The loans of a customer at this branch.
#[server(prefix = "/api", endpoint = "customer_loans", client = PortalClient)]
pub async fn loans_of(customer: String) -> Result<Vec<LoanRow>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = customer.parse().map_err(|fault| crate::shared::error::no_such_loan(&fault))?;
        Ok(tawi_bank::credit_ops::repayment_tracking::of_customer(&bank, &caller, &number).await?)
    })
    .await
}

/// A loan, whole.
#[server(prefix = "/api", endpoint = "loan", client = PortalClient)]
pub async fn loan(number: String) -> Result<LoanView, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = number.parse().map_err(|fault| crate::shared::error::no_such_loan(&fault))?;
        Ok(tawi_bank::credit_ops::repayment_tracking::view(&bank, &caller, &number).await?)
    })
    .await
}

/// Says how a repayment would be used. Changes nothing.
#[server(prefix = "/api", endpoint = "repayment_check", client = PortalClient)]
pub async fn check_repayment(form: RepaymentForm) -> Result<Check, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::answer(async |bank, caller| {
        let command = Command::Repayment(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::check(&bank, &caller, &command).await?)
    })
    .await
}

/// Takes the repayment from the customer's account.
#[server(prefix = "/api", endpoint = "repayment", client = PortalClient)]
pub async fn repay(form: RepaymentForm, key: String) -> Result<Receipt, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::command(key, async |bank, caller, key| {
        let command = Command::Repayment(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::submit(&bank, &caller, &command, key).await?)
    })
    .await
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("/loans", "Loans")]
}

/// The way to a loan's page leads through its customer.
fn crumbs_of(row: &LoanRow) -> Vec<Crumb> {
    let mut crumbs = crumbs();
    crumbs.push(Crumb::new(format!("/customers/{}", row.customer), row.name.clone()));
    crumbs
}

/// The worklist's page. The filter stands in the address.
#[component]
pub fn LoansPage(
    /// Who looks.
    data: Signal<FrameData>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let query = use_query_map();
    let filter =
        Memo::new(move |_| query.with(|query| LoanFilter::from_code(&query.get("show").unwrap_or_default())));
    let list = Resource::new(move || (filter.get(), live.tick.get()), |(filter, _)| worklist(filter));
    let applies =
        can_perform_action(data.with_untracked(|data| data.officer.role), Operation::LoanApplication);
    let tabs = LoanFilter::ALL.map(|one| {
        view! {
            <a class="tab" href=format!("/loans?show={}", one.code()) aria-current=move || (filter.get() == one).then_some("page")>{one.title()}</a>
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
            Ok(rows) => view! { <LoanTable rows=rows named=true/> }.into_any(),
        })
    };
    view! {
        <PageHeader
            title="Loans"
            facts=|| "The longest late first."
            acts=move || applies.then(|| view! { <a class="btn btn-primary" href="/loans/new"><Icon name="plus"/>"New loan"</a> })
        />
        <nav class="tabs mb-4" aria-label="Which loans">{tabs.collect_view()}</nav>
        <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
    }
}

#[component]
fn LoanTable(rows: Vec<LoanRow>, named: bool) -> impl IntoView {
    let body = rows.into_iter().map(|row| {
        let href = format!("/loans/{}", row.number.as_str());
        let mut cells = vec![
            view! { <a class="lnk whitespace-nowrap" href=href>{row.number.to_string()}</a> }.into_any(),
        ];
        if named {
            cells.push(
                view! { <a href=format!("/customers/{}", row.customer)>{row.name.clone()}</a> }.into_any(),
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
    view! { <Table caption="Loans" columns=columns rows=body.collect()/> }
}

/// The loans of a customer, for the customer's page.
#[component]
pub fn CustomerLoans(
    /// CIF number.
    customer: String,
    /// Whether the viewer applies for loans.
    applies: bool,
) -> impl IntoView {
    let new = applies.then(|| {
        view! { <a class="lnk text-[.8125rem]" href=format!("/loans/new?customer={customer}")>"Apply for a loan"</a> }
    });
    let list = Resource::new(move || customer.clone(), loans_of);
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(rows) if rows.is_empty() => {
                view! { <p class="text-muted text-[.8125rem] py-2">"No loan at this branch."</p> }.into_any()
            }
            Ok(rows) => view! { <LoanTable rows=rows named=false/> }.into_any(),
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
pub fn LoanPage(
    /// Who looks.
    data: Signal<FrameData>,
) -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number").unwrap_or_default()));
    // Not at every notice: each look at a loan is kept.
    let found = Resource::new(move || number.get(), loan);
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || found.get().map(|result| match result {
                Ok(view) => view! { <Whole view=view data=data/> }.into_any(),
                Err(DoorError(error)) => view! {
                    <PageHeader title="Loan" crumbs=crumbs()/>
                    <Problem error=Signal::derive(move || Some(error.clone()))/>
                }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn Whole(view: LoanView, data: Signal<FrameData>) -> impl IntoView {
    let role = data.with_untracked(|data| data.officer.role);
    let (row, state) = (view.row.clone(), view.state.clone());
    let (life, cost) = (life_of(&view), view.cost());
    let number = row.number.as_str().to_owned();
    let pays_out = row.status == LoanStatus::Approved && can_perform_action(role, Operation::Disbursement);
    let takes = row.status == LoanStatus::Active && can_perform_action(role, Operation::Repayment);
    let standing = row.clone();
    let facts = format!("{}, {}", row.name, row.product);
    let late = (row.days_past_due > 0).then(|| {
        let since = row.next_due.map(format_date).unwrap_or_default();
        view! {
            <div class="mb-5"><Note tone=Tone::Wrong icon="alarm-clock" head=format!("{} is overdue since {since}.", state.money(state.arrears))>
                {format!("Interest {}, principal {}.", state.figures(state.due.interest), state.figures(state.due.principal))}
            </Note></div>
        }
    });
    let figs = match row.status {
        LoanStatus::Approved => view! {
            <div class="lead"><dt>"To be paid out"</dt><dd><span class="cur">"KES"</span>{row.principal.figures()}</dd></div>
            <div><dt>"Fee and excise"</dt><dd>{figures(view.fees.fee.amount() + view.fees.excise.amount())}</dd></div>
            <div><dt>"The customer gets"</dt><dd>{view.fees.net.figures()}</dd></div>
        }
        .into_any(),
        LoanStatus::Active | LoanStatus::Closed => view! {
            <div class="lead"><dt>"Pays it off today"</dt><dd><span class="cur">"KES"</span>{state.figures(state.pay_off)}</dd></div>
            <div><dt>"Principal"</dt><dd>{state.figures(state.owed.principal)}</dd><dd class="foot">{format!("of {}", row.principal.figures())}</dd></div>
            <div><dt>"Interest due"</dt><dd>{state.figures(state.due.interest)}</dd></div>
            <div><dt>{if row.days_past_due > 0 { "Oldest unpaid" } else { "Next instalment" }}</dt><dd>{state.next_due.map(|next| state.figures(next.amount)).unwrap_or_else(|| "None".to_owned())}</dd>
                <dd class="foot">{state.next_due.map(|next| format_date(next.on)).unwrap_or_default()}</dd></div>
        }
        .into_any(),
    };
    let acts = {
        let number = number.clone();
        move || {
            view! {
                {pays_out.then(|| view! { <a class="btn btn-primary" href=format!("/loans/{number}/pay-out")><Icon name="banknote"/>"Pay it out"</a> })}
                {takes.then(|| view! { <a class="btn btn-primary" href=format!("/loans/{number}/repay")><Icon name="hand-coins"/>"Take a repayment"</a> })}
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
                <Payments view=view.clone()/>
            </div>
            <aside class="side side-xl grid gap-x-8 gap-y-6 content-start md:grid-cols-2 xl:grid-cols-1" aria-label="Curves, terms and history">
                <Curves state=state.clone() day=view.as_of/>
                <section>
                    <div class="sec"><h2>"Cost"</h2></div>
                    <Cost state=state cost=cost/>
                </section>
                <section>
                    <div class="sec"><h2>"Terms"</h2></div>
                    <dl class="kv">
                        <KeyValue label="Customer"><a class="lnk" href=format!("/customers/{}", row.customer)>{row.name.clone()}</a></KeyValue>
                        <KeyValue label="Account"><a class="lnk" href=format!("/accounts/{}", view.account.as_str())>{view.account.to_string()}</a></KeyValue>
                        <KeyValue label="Rate">{format!("{} a year", view.terms.rate)}</KeyValue>
                        <KeyValue label="Interest">{view.terms.method.title()}</KeyValue>
                        <KeyValue label="Days">{view.terms.day_count.title()}</KeyValue>
                        <KeyValue label="Product">{format!("{}, version {}", view.product.name, view.product.version)}</KeyValue>
                        <KeyValue label="Purpose">{view.purpose.clone()}</KeyValue>
                    </dl>
                </section>
                <Trail lines=view.trail/>
            </aside>
        </div>
    }
}

/// What the schedule is folded from; before the disbursement, as if it were today.
fn life_of(view: &LoanView) -> Life {
    let planned = vec![LoanEvent::disbursed(view.as_of)];
    let events = if view.events.is_empty() { planned } else { view.events.clone() };
    Life { terms: view.terms.clone(), events, state: view.state.clone() }
}

#[component]
fn Payments(view: LoanView) -> impl IntoView {
    if view.state.allocations.is_empty() {
        return ().into_any();
    }
    let body = view.state.allocations.iter().rev().map(|used| {
        let of = |units| view.state.figures(units).into_any();
        vec![
            format_date(used.on).into_any(),
            of(used.amount),
            of(used.parts().interest),
            of(used.due.principal),
            of(used.in_advance.principal),
        ]
    });
    let body = body.collect();
    view! {
        <div class="sec mt-7"><h2>"Payments"</h2></div>
        <Table caption="Payments, newest first" columns=vec![Cell::Head("Date"), Cell::Figures("Amount"), Cell::Figures("Interest"), Cell::Figures("Principal due"), Cell::Figures("In advance")] rows=body/>
    }
    .into_any()
}

/// Taking a repayment: how it would be used shows while the amount is typed.
#[component]
pub fn RepaymentPage() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number").unwrap_or_default()));
    let found = Resource::new(move || number.get(), loan);
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || found.get().map(|result| match result {
                Ok(view) => view! { <Repayment view=view/> }.into_any(),
                Err(DoorError(error)) => view! {
                    <PageHeader title="Repay a loan" crumbs=crumbs()/>
                    <Problem error=Signal::derive(move || Some(error.clone()))/>
                }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn Repayment(view: LoanView) -> impl IntoView {
    let number = StoredValue::new(view.row.number.as_str().to_owned());
    let form = NodeRef::<html::Form>::new();
    let read = move || RepaymentForm {
        loan: number.get_value(),
        ..read_form::<RepaymentForm>(form, &[("amount", "Amount")])
    };
    let state = FormState::new(form, Callback::new(move |()| read().parse().err().unwrap_or_default()));
    let amount = RwSignal::new(String::new());
    let check = Callback::new(move |()| -> Answer<Check> { Box::pin(check_repayment(read())) });
    let send =
        Callback::new(move |key: RequestKey| -> Answer<Receipt> { Box::pin(repay(read(), key.into())) });
    let next = Callback::new(move |_| {
        view! { <a class="btn btn-primary" href=format!("/loans/{}", number.get_value())>"Back to the loan"</a> }.into_any()
    });
    let facts = format!("{}, {}", view.row.name, view.row.number);
    let mut trail = crumbs_of(&view.row);
    trail.push(Crumb::new(format!("/loans/{}", number.get_value()), view.row.number.to_string()));
    let owed = view.state.clone();
    let account = view.account.to_string();
    let due = owed.due.total();
    let view = StoredValue::new(view);
    view! {
        <Deed
            page="Repay a loan"
            crumbs=trail
            act="Take the repayment"
            facts=move || facts.clone()
            state=state
            check=check
            send=send
            next=next
            aside=move || view! { <Used view=view amount=amount/> }
        >
            <dl class="figs mb-6">
                <div class="lead"><dt>"Due today"</dt><dd><span class="cur">"KES"</span>{owed.figures(due)}</dd></div>
                <div><dt>"Next instalment"</dt><dd>{owed.next_due.map(|next| owed.figures(next.amount)).unwrap_or_default()}</dd></div>
                <div><dt>"Pays it off"</dt><dd>{owed.figures(owed.pay_off)}</dd></div>
            </dl>
            <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end" on:input=move |_| amount.set(read().amount)>
                <TextField state=state name="amount" label="Amount" hint="KES" inputmode="decimal"/>
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
            return view! { <Empty icon="calculator" head="How it is used appears here" words="Interest first, then principal, the oldest instalment before the younger."/> }.into_any();
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
                let used = after.allocations.last().cloned();
                let line = |label: &str, value: String| SummaryLine::new(label, value);
                let mut lines = used.map_or_else(Vec::new, |used| {
                    vec![
                        line("Interest due", after.figures(used.due.interest)),
                        line("Principal due", after.figures(used.due.principal)),
                        line("Principal in advance", after.figures(used.in_advance.principal)),
                        line("Interest up to today", after.figures(used.in_advance.interest)),
                    ]
                });
                let next = after.next_due.map_or_else(
                    || "None: the loan is paid off".to_owned(),
                    |next| format!("{} on {}", after.figures(next.amount), format_date(next.on)),
                );
                lines.push(line("Principal owed then", after.figures(after.owed.principal)));
                lines.push(line("Next instalment", next));
                view! {
                    <div class="sec"><h2>"How it is used"</h2></div>
                    <Summary lines=lines/>
                }
                .into_any()
            }
        }
    };
    view! { <aside class="min-w-0" aria-label="How it is used">{content}</aside> }
}
