//! A loan as its pages draw it: standing, schedule, curves.

use crate::shared::ui::{BalanceCurve, Cell, InstalmentBars, Status, Table, Tone};
use jiff::civil::Date;
use leptos::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tawi_domain::credit_ops::loan::{LoanRow, LoanStatus, RowStanding};
use tawi_domain::credit_ops::schedule::{LoanState, Row};
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
        (LoanStatus::Active, 0) => (Tone::Good, "circle-check", "In time".to_owned()),
        (LoanStatus::Active, 1) => (Tone::Wrong, "alarm-clock", "1 day late".to_owned()),
        (LoanStatus::Active, days) => (Tone::Wrong, "alarm-clock", format!("{days} days late")),
    };
    view! { <Status tone=tone icon=icon word=word chip=chip/> }
}

/// The schedule with what is paid and due on a day.
#[component]
pub fn Schedule(
    /// The loan on the day.
    state: LoanState,
    /// The day; none for a loan that is only planned.
    #[prop(optional_no_strip)]
    day: Option<Date>,
) -> impl IntoView {
    let planned = day.is_none();
    let rows = state.rows.iter().map(|row| cells(row, day)).collect::<Vec<_>>();
    let mut columns = vec![
        Cell::Head("No"),
        Cell::Text("Due"),
        Cell::Figures("Principal"),
        Cell::Figures("Interest"),
        Cell::Figures("Instalment"),
    ];
    if planned {
        columns.push(Cell::Figures("Balance"));
    } else {
        columns.extend([Cell::Figures("Paid"), Cell::Text("Standing")]);
    }
    let caption = if planned { "Planned schedule" } else { "Schedule" };
    view! { <Table caption=caption columns=columns rows=rows/> }
}

fn cells(row: &Row, day: Option<Date>) -> Vec<AnyView> {
    let mut cells = vec![
        row.number.into_any(),
        view! { <span class="nw">{format_date(row.due)}</span> }.into_any(),
        row.principal.figures().into_any(),
        row.interest.figures().into_any(),
        figures(row.total()).into_any(),
    ];
    match day {
        None => cells.push(figures(row.opening.amount() - row.principal.amount()).into_any()),
        Some(day) => {
            cells.push(figures(row.total() - row.unpaid()).into_any());
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

/// The balance over the term, and principal and interest of each instalment.
#[component]
pub fn Curves(
    /// The loan on the day.
    state: LoanState,
    /// The day.
    day: Date,
) -> impl IntoView {
    let (Some(first), Some(last)) = (state.rows.first(), state.rows.last()) else { return ().into_any() };
    let whole = |amount: Decimal| amount.trunc().to_u64().unwrap_or(0);
    let mut planned = vec![whole(first.opening.amount())];
    planned.extend(state.rows.iter().map(|row| whole(row.opening.amount() - row.principal.amount())));
    let past = state.rows.iter().filter(|row| row.due <= day).count();
    let parts =
        state.rows.iter().map(|row| (whole(row.principal.amount()), whole(row.interest.amount()))).collect();
    let (from, until) = (format_date(first.from), format_date(last.due));
    let label = format!("Balance over the term: {} falling to nil on {until}", first.opening);
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
