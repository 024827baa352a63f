//! Accounts: the list on a customer's page, and an account's own page.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::here;
use crate::shared::trail::Trail;
use crate::shared::ui::{
    Cell, Empty, Icon, KeyValue, PageHeader, Problem, Skeleton, Status, Table, Tone, Unread,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use rust_decimal::Decimal;
use tawi_domain::customer_ops::account::{AccountBalance, AccountRow, AccountView, StatementLine};
use tawi_domain::shared::account::AccountStatus;
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::CustomerNumber;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// The accounts of a customer at this branch, without their money.
#[server(prefix = "/api", endpoint = "accounts", client = PortalClient)]
pub async fn accounts(customer: String) -> Result<Listing<AccountRow>, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = customer.parse().map_err(|fault| crate::shared::error::no_such(&fault));
        let number = bank.heard(&caller, Operation::Enquiries, number).await?;
        Ok(tawi_bank::customer_ops::account::of_customer(&bank, &caller, &number).await?)
    })
    .await
}

/// An account, without its money.
#[server(prefix = "/api", endpoint = "account", client = PortalClient)]
pub async fn account(number: String) -> Result<AccountView, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = number.parse().map_err(|fault| crate::shared::error::no_such(&fault));
        let number = bank.heard(&caller, Operation::Enquiries, number).await?;
        Ok(tawi_bank::customer_ops::account::view(&bank, &caller, &number).await?)
    })
    .await
}

/// What an account holds, and its newest lines. The look is recorded.
#[server(prefix = "/api", endpoint = "account_balance", client = PortalClient)]
pub async fn balance(number: String) -> Result<AccountBalance, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        let number = number.parse().map_err(|fault| crate::shared::error::no_such(&fault));
        let number = bank.heard(&caller, Operation::Enquiries, number).await?;
        Ok(tawi_bank::customer_ops::account::balance(&bank, &caller, &number).await?)
    })
    .await
}

/// How an account stands, in icon, word and colour.
fn standing(row: &AccountRow) -> AnyView {
    match (row.status, row.restrictions.first()) {
        (AccountStatus::Closed, _) => {
            view! { <Status tone=Tone::Quiet icon="circle-x" word="Closed"/> }.into_any()
        }
        (AccountStatus::Open, Some(restriction)) => {
            view! { <Status tone=Tone::Watch icon="lock" word=restriction.title()/> }.into_any()
        }
        (AccountStatus::Open, None) => {
            view! { <Status tone=Tone::Good icon="circle-check" word="Open"/> }.into_any()
        }
    }
}

/// The accounts of a customer, each balance behind a button.
#[component]
pub fn CustomerAccounts(
    /// The customer.
    customer: CustomerNumber,
    /// Whether the viewer opens accounts.
    opens: bool,
) -> impl IntoView {
    let new = opens.then(|| {
        let href = Place::Start(Operation::AccountOpening).href_with(&[("customer", customer.as_str())]);
        view! { <a class="lnk text-[.8125rem]" href=href>"Open an account"</a> }
    });
    let list = Resource::new(move || customer.to_string(), accounts);
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(rows) if rows.is_empty() => {
                view! { <p class="text-muted text-[.8125rem] py-2">"No account at this branch."</p> }.into_any()
            }
            Ok(list) => {
                let body = list.rows.into_iter().map(|row| {
                    let number = row.number.as_str().to_owned();
                    vec![
                        view! { <a class="lnk whitespace-nowrap" href=Place::Account(row.number.clone()).href()>{row.number.to_string()}</a> }.into_any(),
                        row.kind.title().into_any(),
                        standing(&row),
                        format_date(row.opened_on).into_any(),
                        view! { <Hidden number=number/> }.into_any(),
                    ]
                });
                view! {
                    <Unread names=list.unread/>
                    <Table caption="Accounts" columns=vec![Cell::Head("Account"), Cell::Text("Kind"), Cell::Text("Status"), Cell::Text("Since"), Cell::Figures("Balance")] rows=body.collect()/>
                }.into_any()
            }
        })
    };
    view! {
        <section aria-labelledby="accounts">
            <div class="sec"><h2 id="accounts">"Accounts"</h2>{new}</div>
            <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
        </section>
    }
}

/// A balance that shows when pressed.
#[component]
fn Hidden(number: String) -> impl IntoView {
    let number = StoredValue::new(number);
    let shown = RwSignal::new(None::<String>);
    let press = move |_| {
        if shown.get_untracked().is_some() {
            shown.set(None);
            return;
        }
        leptos::task::spawn_local(async move {
            shown.set(Some(match balance(number.get_value()).await {
                Ok(held) => held.ledger.figures(),
                Err(error) => error.to_string(),
            }));
        });
    };
    let label = move || if shown.get().is_some() { "Hide the balance" } else { "Show the balance" };
    view! {
        <span class="tabular-nums" aria-live="polite">{move || shown.get().unwrap_or_else(|| "•••••".to_owned())}</span>
        <button class="iconb !w-6 !h-6 -my-1.5 ml-1 align-middle" type="button" aria-label=label on:click=press>
            {move || if shown.get().is_some() { view! { <Icon name="eye-off" class="ic-s"/> } } else { view! { <Icon name="eye" class="ic-s"/> } }}
        </button>
    }
}

/// An account's page.
#[component]
pub fn AccountPage() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number").unwrap_or_default()));
    let found = Resource::new(move || number.get(), account);
    let here = here();
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || found.get().map(|result| match result {
                Ok(view) => view! { <Page view=view/> }.into_any(),
                Err(DoorError(error)) => view! {
                    <PageHeader title=here.title crumbs=here.crumbs()/>
                    <Problem error=Signal::derive(move || Some(error.clone()))/>
                }.into_any(),
            })}
        </Transition>
    }
}

#[component]
fn Page(view: AccountView) -> impl IntoView {
    let number = StoredValue::new(view.row.number.as_str().to_owned());
    let held = RwSignal::new(None::<AccountBalance>);
    let problem = RwSignal::new(None::<AppError>);
    let press = move |_| {
        leptos::task::spawn_local(async move {
            match balance(number.get_value()).await {
                Ok(found) => {
                    problem.set(None);
                    held.set(Some(found));
                }
                Err(DoorError(error)) => problem.set(Some(error)),
            }
        });
    };
    let status = StoredValue::new(view.row.clone());
    let facts = format!("{}, {}", view.row.kind.title(), view.name);
    let money = move || match held.get() {
        None => view! {
            <Empty icon="eye-off" head="Balance and last lines are hidden" words="Showing them is recorded.">
                <button class="btn" type="button" on:click=press><Icon name="eye"/>"Show them"</button>
            </Empty>
        }
        .into_any(),
        Some(found) => view! { <Money_ found=found/> }.into_any(),
    };
    view! {
        <PageHeader
            title=view.row.number.to_string()
            crumbs=here().crumbs()
            statuses=move || standing(&status.get_value())
            facts=move || facts.clone()
        />
        <div class="grid gap-x-8 gap-y-7 lg:grid-cols-[minmax(0,1fr)_19.5rem] max-w-6xl">
            <div class="min-w-0 grid gap-7 content-start">
                <section aria-labelledby="money">
                    <div class="sec"><h2 id="money">"Balance and last lines"</h2></div>
                    <Problem error=problem/>
                    {money}
                </section>
                <section>
                    <div class="sec"><h2>"Account"</h2></div>
                    <dl class="kv">
                        <KeyValue label="Holder"><a class="lnk" href=Place::Customer(view.customer.clone()).href()>{view.name.clone()}</a></KeyValue>
                        <KeyValue label="Kind">{view.row.kind.title()}</KeyValue>
                        <KeyValue label="Currency">{view.row.currency.clone()}</KeyValue>
                        <KeyValue label="Opened">{format_date(view.row.opened_on)}</KeyValue>
                    </dl>
                </section>
            </div>
            <aside class="side" aria-label="History"><Trail lines=view.trail/></aside>
        </div>
    }
}

#[component]
fn Money_(found: AccountBalance) -> impl IntoView {
    let body = found.lines.into_iter().map(|line| {
        let StatementLine { on, narrative, reference, change, balance } = line;
        let (debit, credit) = if change.is_sign_negative() { (-change, Decimal::ZERO) } else { (Decimal::ZERO, change) };
        vec![
            format_date(on).into_any(),
            narrative.into_any(),
            view! { <a class="lnk whitespace-nowrap" href=Place::Receipt(reference.clone()).href()>{reference.to_string()}</a> }.into_any(),
            figures(debit).into_any(),
            figures(credit).into_any(),
            figures_or_zero(balance).into_any(),
        ]
    });
    view! {
        <dl class="figs mb-4">
            <div class="lead"><dt>"Available"</dt><dd><span class="cur">"KES"</span>{found.available.figures()}</dd></div>
            <div><dt>"Ledger balance"</dt><dd>{found.ledger.figures()}</dd></div>
        </dl>
        <Table
            caption="The last lines, newest first"
            columns=vec![Cell::Head("Date"), Cell::Text("What"), Cell::Text("Receipt"), Cell::Figures("Out"), Cell::Figures("In"), Cell::Figures("Balance")]
            rows=body.collect()
        />
    }
}

/// Figures, empty for nothing.
fn figures(amount: Decimal) -> String {
    if amount.is_zero() { String::new() } else { figures_or_zero(amount) }
}

/// Figures with separators; what cannot be money is shown as it is.
fn figures_or_zero(amount: Decimal) -> String {
    Money::new(amount, Currency::Kes).map_or_else(|_| amount.to_string(), Money::figures)
}
