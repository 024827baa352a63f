//! Home is a desk: what waits for me, what I started.

use crate::shared::api_client::PortalClient;
use crate::shared::approvals::inbox;
use crate::shared::error::DoorError;
use crate::shared::here::{Seat, seat};
use crate::shared::live::Live;
use crate::shared::requests::{StartedTable, started};
use crate::shared::ui::{Empty, Icon, PageHeader, Problem, RequestStatus, Skeleton, Status, Tone, Unread};
use leptos::prelude::*;
use rust_decimal::prelude::ToPrimitive;
use tawi_domain::credit_ops::repayment_tracking::{AGEING, LoanFilter, Portfolio};
use tawi_domain::shared::approval::{RequestRow, RequestState};
use tawi_domain::shared::dates::format_moment_short;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::money::Money;
use tawi_domain::shared::permissions::{Operation, can_perform_action};
use tawi_domain::shared::place::Place;

/// Requests shown on the desk of each kind.
const SHOWN: usize = 8;

/// The desk.
#[component]
pub fn Desk() -> impl IntoView {
    let Seat(data) = seat();
    let live = expect_context::<Live>();
    let officer = data.with_untracked(|data| data.officer.clone());
    let decides = can_perform_action(officer.role, Operation::Approvals);
    let asks = can_perform_action(officer.role, Operation::Requests);
    let registers = can_perform_action(officer.role, Operation::CifCreate);
    let lends = can_perform_action(officer.role, Operation::RepaymentTracking);
    let applies = can_perform_action(officer.role, Operation::LoanApplication);
    let looks = can_perform_action(officer.role, Operation::Enquiries);
    let waiting = Resource::new(
        move || live.tick.get(),
        move |_| async move { if decides { inbox(None).await } else { Ok(Listing::default()) } },
    );
    let mine = Resource::new(
        move || live.tick.get(),
        move |_| async move { if asks { started(None).await } else { Ok(Listing::default()) } },
    );
    let today = officer.business_date;
    let waits = move || {
        let (waiting, mine) = (waiting.get()?, mine.get()?);
        Some(match (waiting, mine) {
            (Ok(waiting), Ok(mine)) => {
                let back =
                    mine.into_iter().filter(|row| row.state == RequestState::SentBack && !row.asked_again);
                let rows: Vec<RequestRow> = waiting.rows.into_iter().chain(back).collect();
                let unread = waiting.unread;
                if rows.is_empty() && unread.is_empty() {
                    view! { <Empty icon="inbox" head="Nothing waits for you" words="What needs you appears here by itself."/> }.into_any()
                } else {
                    let rows =
                        rows.into_iter().take(SHOWN).map(|row| view! { <WaitingRow row=row today=today/> });
                    view! { <Unread names=unread/><ul class="border-t border-line-2">{rows.collect_view()}</ul> }.into_any()
                }
            }
            (Err(DoorError(error)), _) | (_, Err(DoorError(error))) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
        })
    };
    let began = move || {
        mine.get().and_then(Result::ok).map(|mut list| {
            list.rows.truncate(SHOWN);
            view! { <StartedTable list=list/> }
        })
    };
    let facts = move || match data.with(|data| data.waiting) {
        0 => "Nothing waits for your decision".to_owned(),
        1 => "One request waits for your decision".to_owned(),
        n => format!("{n} requests wait for your decision"),
    };
    view! {
        <PageHeader
            title=format!("Good day, {}", officer.first_name())
            facts=move || if decides { facts() } else { officer.role.title().to_owned() }
            acts=move || view! {
                {looks.then(|| view! { <a class="btn" href=Place::Start(Operation::Enquiries).href()><Icon name="search"/>"Find a customer"</a> })}
                {applies.then(|| view! { <a class="btn btn-primary" href=Place::Start(Operation::LoanApplication).href()><Icon name="plus"/>"New loan"</a> })}
                {registers.then(|| view! { <a class="btn btn-primary" href=Place::Start(Operation::CifCreate).href()><Icon name="plus"/>"New customer"</a> })}
            }
        />
        <div class="grid gap-7 max-w-5xl">
            <section aria-labelledby="waits">
                <div class="sec"><h2 id="waits">"Waits for me"</h2><span class="aside">"Oldest first"</span></div>
                <Transition fallback=|| view! { <Skeleton/> }>{waits}</Transition>
            </section>
            {lends.then(|| view! { <BranchNumbers/> })}
            {asks.then(|| view! {
                <section aria-labelledby="began">
                    <div class="sec"><h2 id="began">"What I started"</h2><a class="lnk text-[.8125rem]" href=Place::Start(Operation::Requests).href()>"All of them"</a></div>
                    <Transition fallback=|| view! { <Skeleton/> }>{began}</Transition>
                </section>
            })}
        </div>
    }
}

/// The branch's loans in numbers.
#[server(prefix = "/api", endpoint = "portfolio", client = PortalClient)]
pub async fn portfolio_numbers() -> Result<Portfolio, DoorError> {
    use crate::server::door;
    door::answer(async |bank, caller| {
        Ok(tawi_bank::credit_ops::repayment_tracking::portfolio(&bank, &caller).await?)
    })
    .await
}

fn on_loans(count: i64) -> String {
    if count == 1 { "on one loan".to_owned() } else { format!("on {count} loans") }
}

/// Today's numbers of the branch's loans, and how late they are.
#[component]
fn BranchNumbers() -> impl IntoView {
    let live = expect_context::<Live>();
    let numbers = Resource::new(move || live.tick.get(), |_| portfolio_numbers());
    let content = move || {
        numbers.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(numbers) => {
                let whole = |money: Money| money.amount().trunc().to_u64().unwrap_or(0);
                let most = numbers.ageing.iter().copied().map(whole).max().unwrap_or(0).max(1);
                let bars = AGEING.iter().zip(numbers.ageing).map(|(band, money)| {
                    let width = whole(money).saturating_mul(100) / most;
                    let late = *band != AGEING[0];
                    let fill = if late { "var(--color-error)" } else { "var(--color-primary)" };
                    view! {
                        <div class="!grid-cols-[7.5rem_minmax(0,1fr)_7rem] items-center">
                            <dt>{*band}</dt>
                            <dd><svg class="block w-full h-3" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width=width height="10" fill=fill/></svg></dd>
                            <dd class="num">{money.figures()}</dd>
                        </div>
                    }
                });
                let bars = bars.collect_view();
                view! {
                    <dl class="figs mb-4">
                        <div class="lead"><dt>"Owed to the branch"</dt><dd><span class="cur">"KES"</span>{numbers.outstanding.figures()}</dd><dd class="foot">{on_loans(numbers.loans)}</dd></div>
                        <div><dt>"Overdue"</dt><dd><a class="lnk" href=Place::Start(Operation::RepaymentTracking).href_with(&[("show", LoanFilter::Late.code())])>{numbers.arrears.figures()}</a></dd><dd class="foot">{on_loans(numbers.late)}</dd></div>
                        <div><dt>"Repaid today"</dt><dd>{numbers.repaid_today.figures()}</dd></div>
                        <div><dt>"Lent today"</dt><dd>{numbers.lent_today.figures()}</dd><dd class="foot">{format!("{} to pay out", numbers.to_pay_out)}</dd></div>
                    </dl>
                    <dl class="kv">{bars}</dl>
                }
                .into_any()
            }
        })
    };
    view! {
        <section aria-labelledby="numbers">
            <div class="sec"><h2 id="numbers">"The branch's loans"</h2><span class="aside">"Principal owed, by days past due"</span></div>
            <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
        </section>
    }
}

#[component]
fn WaitingRow(row: RequestRow, today: jiff::civil::Date) -> impl IntoView {
    let back = row.state == RequestState::SentBack;
    let href = if back { Place::Request(row.id) } else { Place::Approval(row.id) }.href();
    let words = match (&row.note, back) {
        (Some(note), true) => note.clone(),
        _ => format!("Asked by {}", row.maker_name),
    };
    let status = if back {
        view! { <RequestStatus state=row.state/> }.into_any()
    } else {
        view! { <Status tone=Tone::Asks icon="circle-dot" word="To decide"/> }.into_any()
    };
    view! {
        <li class="grid grid-cols-[1fr_auto] md:grid-cols-[7.5rem_minmax(0,1fr)_auto_4.5rem] gap-x-4 py-2 border-b border-line items-baseline bleed relative">
            <span class="col-span-2 md:col-span-1">{status}</span>
            <span class="min-w-0">
                <a class="font-medium after:absolute after:inset-0" href=href>{row.title}</a>
                <br/>
                <span class="text-muted text-[.8125rem]">{words}</span>
            </span>
            <span class="num">{row.amount.map(|amount| amount.figures())}</span>
            <span class="num text-[.8125rem] text-muted hidden md:block">{format_moment_short(row.made_at, today)}</span>
        </li>
    }
}
