//! A loan as its pages draw it: standing, cost, schedule, curves, and why each number is what it is.

use crate::shared::ui::{BalanceCurve, Cell, Dialog, Icon, InstalmentBars, Status, Summary, Table, Tone};
use jiff::civil::Date;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::credit_ops::loan::{LoanRow, LoanStatus, RowStanding};
use tawi_domain::credit_ops::schedule::{
    CostOfLoan, Explanation, LoanEvent, LoanState, LoanTerms, Row, explain,
};
use tawi_domain::shared::approval::SummaryLine;
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::money::{Currency, Money};

/// How a loan stands, in icon, word and colour.
#[component]
pub fn LoanStanding(
    /// The loan.
    row: LoanRow,
    /// As a chip.
    #[prop(optional)]
    chip: bool,
) -> impl IntoView {
    let (tone, icon, word) = match (row.status, row.days_past_due) {
        (LoanStatus::Approved, _) => (Tone::Waiting, "hourglass", "To pay out".to_owned()),
        (LoanStatus::Closed, _) => (Tone::Quiet, "circle-check", "Paid back".to_owned()),
        (LoanStatus::ChargedOff, _) => (Tone::Wrong, "circle-x", "Charged off".to_owned()),
        (LoanStatus::WrittenOff, _) => (Tone::Wrong, "circle-x", "Written off".to_owned()),
        (LoanStatus::Active, 0) => (Tone::Good, "circle-check", "In time".to_owned()),
        (LoanStatus::Active, 1) => (Tone::Wrong, "alarm-clock", "1 day late".to_owned()),
        (LoanStatus::Active, days) => (Tone::Wrong, "alarm-clock", format!("{days} days late")),
    };
    view! { <Status tone=tone icon=icon word=word chip=chip/> }
}

/// What a schedule is folded from, to fold it again for an explanation.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// The terms.
    pub terms: LoanTerms,
    /// What happened.
    pub events: Vec<LoanEvent>,
    /// What follows from both.
    pub state: LoanState,
}

/// The schedule with what is paid and due on a day. Pressing a row opens why its numbers are what they are.
#[component]
pub fn Schedule(
    /// The loan on the day.
    life: Life,
    /// Whose it is, for the name of the file.
    name: String,
    /// The day; none for a loan that is only planned.
    #[prop(optional_no_strip)]
    day: Option<Date>,
) -> impl IntoView {
    let planned = day.is_none();
    let asked = RwSignal::new(None::<u16>);
    let charged = life.state.totals.fees + life.state.totals.tax + life.state.totals.penalties > 0;
    let mut columns =
        vec![Cell::Head("No"), Cell::Text("Due"), Cell::Figures("Principal"), Cell::Figures("Interest")];
    if charged {
        // Nobody plans a penalty.
        columns.push(Cell::Figures(if planned { "Fees" } else { "Fees and penalties" }));
    }
    columns.push(Cell::Figures("Instalment"));
    if planned {
        columns.push(Cell::Figures("Balance"));
    } else {
        columns.extend([Cell::Figures("Paid"), Cell::Text("Standing")]);
    }
    let state = &life.state;
    let rows = state.rows.iter().map(|row| cells(state, row, day, charged, asked)).collect::<Vec<_>>();
    let foot = sums(state, planned, charged);
    let caption = if planned { "Planned schedule" } else { "Schedule" };
    let csv = StoredValue::new(state.csv());
    let life = StoredValue::new(life);
    let file = format!("{name}-schedule.csv");
    // The file is written when it is asked for: the page need not carry it.
    let fill = move |press: MouseEvent| {
        let text = csv.with_value(|csv| String::from(js_sys::encode_uri_component(csv)));
        let link = event_target::<leptos::web_sys::Element>(&press);
        if let Ok(Some(link)) = link.closest("a") {
            let _ = link.set_attribute("href", &format!("data:text/csv;charset=utf-8,{text}"));
        }
    };
    let print = move |_| {
        let _ = window().print();
    };
    view! {
        <Table caption=caption columns=columns rows=rows foot=foot tight=planned/>
        <p class="flex flex-wrap gap-x-4 gap-y-1 items-baseline text-xs text-muted mt-2 no-print">
            <span>"Press a row to see why its numbers are what they are."</span>
            <a class="lnk" href="#" download=file on:click=fill>"CSV"</a>
            <button class="lnk" type="button" on:click=print>"Print"</button>
        </p>
        <Why life=life asked=asked/>
    }
}

fn cells(
    state: &LoanState,
    row: &Row,
    day: Option<Date>,
    charged: bool,
    asked: RwSignal<Option<u16>>,
) -> Vec<AnyView> {
    let number = row.number;
    let label = format!("Why instalment {number} is {}", state.figures(row.total()));
    let mut cells = vec![
        view! { <button class="press" type="button" aria-label=label on:click=move |_| asked.set(Some(number))>{number}</button> }.into_any(),
        view! { <span class="nw">{format_date(row.due)}</span> }.into_any(),
        state.figures(row.asked.principal).into_any(),
        state.figures(row.asked.interest).into_any(),
    ];
    if charged {
        cells.push(state.figures(row.asked.fees + row.asked.tax + row.asked.penalties).into_any());
    }
    cells.push(state.figures(row.total()).into_any());
    match day {
        None => cells.push(state.figures(row.balance).into_any()),
        Some(day) => {
            cells.push(state.figures(row.paid.total()).into_any());
            let (tone, icon, word) = match row.standing(day) {
                RowStanding::Paid => (Tone::Good, "circle-check", "Paid"),
                RowStanding::Late => (Tone::Wrong, "alarm-clock", "Late"),
                RowStanding::Due => (Tone::Asks, "circle-dot", "Due today"),
                RowStanding::ToCome => (Tone::Quiet, "circle-dashed", "To come"),
            };
            cells.push(view! { <Status tone=tone icon=icon word=word/> }.into_any());
        }
    }
    cells
}

fn sums(state: &LoanState, planned: bool, charged: bool) -> Vec<String> {
    let totals = state.totals;
    let mut foot = vec![
        "Total".to_owned(),
        String::new(),
        state.figures(totals.principal),
        state.figures(totals.interest),
    ];
    if charged {
        foot.push(state.figures(totals.fees + totals.tax + totals.penalties));
    }
    foot.push(state.figures(totals.total()));
    if planned {
        foot.push(String::new());
    } else {
        foot.push(state.figures(state.rows.iter().map(|row| row.paid.total()).sum()));
        foot.push(String::new());
    }
    foot
}

/// Why the numbers of a row are what they are: the same fold once more, with its workings kept.
#[component]
fn Why(life: StoredValue<Life>, asked: RwSignal<Option<u16>>) -> impl IntoView {
    let open = RwSignal::new(false);
    // Each tells the other only what it does not know: they would go round in circles.
    Effect::new(move |_| {
        let some = asked.get().is_some();
        if open.get_untracked() != some {
            open.set(some);
        }
    });
    Effect::new(move |_| {
        if !open.get() && asked.get_untracked().is_some() {
            asked.set(None);
        }
    });
    let content = move || {
        let number = asked.get()?;
        let explained = life.with_value(|life| {
            explain(&life.terms, &life.events, life.state.as_of, number).map_err(|fault| fault.to_string())
        });
        Some(match explained {
            Ok(Some(explanation)) => view! { <Because explanation=explanation/> }.into_any(),
            Ok(None) => view! { <p>"This row is not part of the schedule any more."</p> }.into_any(),
            Err(fault) => view! { <p>{fault}</p> }.into_any(),
        })
    };
    view! {
        <Dialog open=open labelled_by="why-this-number">
            <div class="flex items-start justify-between gap-4">
                <h2 id="why-this-number" class="!text-base !leading-6">"Why this number"</h2>
                <button class="btn btn-quiet" type="button" aria-label="Close" on:click=move |_| open.set(false)><Icon name="x"/></button>
            </div>
            {content}
        </Dialog>
    }
}

#[component]
fn Because(explanation: Explanation) -> impl IntoView {
    let row = explanation.row;
    let steps = explanation.steps.into_iter().map(|step| {
        view! {
            <tr>
                <th scope="row">{step.what}{(!step.how.is_empty()).then(|| view! { <small>{step.how}</small> })}</th>
                <td class="num">{step.figure}</td>
            </tr>
        }
    });
    let events =
        explanation.events.into_iter().map(|(day, what)| view! { <li>{format!("{day}: {what}")}</li> });
    let events = events.collect_view();
    let rules = explanation.rules.into_iter().map(|rule| view! { <li>{rule}</li> }).collect_view();
    view! {
        <p class="text-[.8125rem] text-muted mb-2">{format!("Instalment {}, {} to {}, {} days", row.number, format_date(row.from), format_date(row.due), row.days)}</p>
        <table class="ledger keep">
            <caption class="sr-only hide">"Steps, in order"</caption>
            <tbody>{steps.collect_view()}</tbody>
        </table>
        <ul class="text-xs text-muted mt-3 grid gap-1">{rules}{events}</ul>
    }
}

/// What a loan costs: instalment, totals, charges with tax, the effective yearly rate.
#[component]
pub fn Cost(
    /// The loan.
    state: LoanState,
    /// Its cost.
    cost: CostOfLoan,
) -> impl IntoView {
    let rate = cost.annual_rate_percent.map_or_else(|| "\u{2014}".to_owned(), |rate| format!("{rate} %"));
    let lines = [
        ("Instalments", cost.instalments.to_string()),
        ("Interest in all", state.figures(cost.interest)),
        ("Fees and tax", state.figures(cost.charges)),
        ("Total cost", state.figures(cost.total_cost)),
        ("Effective rate a year", rate),
        ("Last instalment", cost.ends_on.map(format_date).unwrap_or_default()),
    ];
    view! { <Summary lines=lines.map(|(label, value)| SummaryLine::new(label, value)).to_vec()/> }
}

/// The balance over the term, and principal and interest of each instalment.
#[component]
pub fn Curves(
    /// The loan on the day.
    state: LoanState,
    /// The day.
    day: Date,
) -> impl IntoView {
    let (Some(first), Some(last)) = (state.rows.first(), state.rows.last()) else { return ().into_any() };
    // The drawing knows no cents.
    let whole = |units: i64| u64::try_from(units / 100).unwrap_or(0);
    let mut planned = vec![whole(first.opening)];
    planned.extend(state.rows.iter().map(|row| whole(row.balance)));
    let past = state.rows.iter().filter(|row| row.due <= day).count();
    let parts =
        state.rows.iter().map(|row| (whole(row.asked.principal), whole(row.asked.interest))).collect();
    let (from, until) = (format_date(first.from), format_date(last.due));
    let opening = state.money(first.opening);
    let label = format!("Balance over the term: {opening} falling to nil on {until}");
    let count = state.rows.len();
    view! {
        <section>
            <div class="sec"><h2>"Balance"</h2><span class="aside">"as planned"</span></div>
            <BalanceCurve label=label planned=planned past=past from=from until=until/>
        </section>
        <section>
            <div class="sec"><h2>"Each instalment"</h2></div>
            <InstalmentBars label=format!("Principal and interest of each of {count} instalments") parts=parts/>
        </section>
    }
    .into_any()
}

/// Figures with separators; what cannot be money is shown as it is.
pub fn figures(amount: Decimal) -> String {
    Money::new(amount, Currency::Kes).map_or_else(|_| amount.to_string(), Money::figures)
}
