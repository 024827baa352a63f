//! What happened to a loan and what was charged on it, for its page and its paper.

use crate::shared::ui::{Cell, Table};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use tawi_domain::credit_ops::loan::LoanView;
use tawi_domain::credit_ops::schedule::{Told, history, history_csv};
use tawi_domain::shared::dates::format_date;

/// Every event, newest first.
#[component]
pub fn History(
    /// The loan.
    view: LoanView,
) -> impl IntoView {
    let told = history(&view.events, &view.state);
    if told.is_empty() {
        return ().into_any();
    }
    let figures = |units: Option<i64>| match units {
        Some(units) if units != 0 => view.state.figures(units).into_any(),
        _ => ().into_any(),
    };
    let line = |told: &Told| {
        let used = told.used;
        let undone = told.undone.then(|| view! { <span class="text-muted">" · taken back"</span> });
        let detail = (!told.detail.is_empty())
            .then(|| view! { <span class="block text-xs text-muted">{told.detail.clone()}</span> });
        vec![
            view! { <span class="nw">{format_date(told.on)}</span> }.into_any(),
            view! { <span>{format!("{}. {}", told.number, told.title)}{undone}{detail}</span> }.into_any(),
            figures(told.amount),
            figures(used.map(|used| used.principal)),
            figures(used.map(|used| used.interest)),
            figures(used.map(|used| used.fees + used.tax + used.penalties)),
        ]
    };
    let body = told.iter().rev().map(line).collect();
    let csv = StoredValue::new(history_csv(&view.events, &view.state));
    let file = format!("{}-history.csv", view.row.number.as_str());
    // The file is written when it is asked for: the page need not carry it.
    let fill = move |press: MouseEvent| {
        let text = csv.with_value(|csv| String::from(js_sys::encode_uri_component(csv)));
        let link = event_target::<leptos::web_sys::Element>(&press);
        if let Ok(Some(link)) = link.closest("a") {
            let _ = link.set_attribute("href", &format!("data:text/csv;charset=utf-8,{text}"));
        }
    };
    let columns = vec![
        Cell::Head("Date"),
        Cell::Text("What happened"),
        Cell::Figures("Amount"),
        Cell::Figures("Principal"),
        Cell::Figures("Interest"),
        Cell::Figures("Fees and penalties"),
    ];
    view! {
        <div class="sec mt-7"><h2>"What happened"</h2><a class="lnk aside no-print" href="#" download=file on:click=fill>"CSV"</a></div>
        <Table caption="What happened, newest first" columns=columns rows=body/>
    }
    .into_any()
}

/// Fees and penalties that have come.
#[component]
pub fn Charges(
    /// The loan.
    view: LoanView,
) -> impl IntoView {
    let state = &view.state;
    if state.charges.is_empty() {
        return ().into_any();
    }
    let line = |charge: &tawi_domain::credit_ops::schedule::ChargeTold| {
        let left = charge.amount + charge.tax - charge.paid;
        vec![
            view! { <span class="nw">{format_date(charge.due)}</span> }.into_any(),
            charge.name.clone().into_any(),
            charge.row.into_any(),
            state.figures(charge.amount).into_any(),
            state.figures(charge.tax).into_any(),
            state.figures(left).into_any(),
        ]
    };
    let body = state.charges.iter().rev().map(line).collect();
    let columns = vec![
        Cell::Head("Due"),
        Cell::Text("Charge"),
        Cell::Figures("Instalment"),
        Cell::Figures("Amount"),
        Cell::Figures("Tax"),
        Cell::Figures("Unpaid"),
    ];
    view! {
        <div class="sec mt-7"><h2>"Fees and penalties"</h2></div>
        <Table caption="Fees and penalties, newest first" columns=columns rows=body/>
    }
    .into_any()
}
