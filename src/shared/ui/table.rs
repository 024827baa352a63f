//! A ledger: hairline rows that become cards on a phone.

use leptos::prelude::*;

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// The name of the row: its first cell.
    Head(&'static str),
    /// Text.
    Text(&'static str),
    /// Figures, right-aligned.
    Figures(&'static str),
}

impl Cell {
    fn title(self) -> &'static str {
        match self {
            Self::Head(title) | Self::Text(title) | Self::Figures(title) => title,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Figures(_) => "num",
            Self::Head(_) | Self::Text(_) => "",
        }
    }
}

/// A table with a caption for screen readers.
#[component]
pub fn Table(
    /// What the table lists.
    #[prop(into)]
    caption: String,
    /// Its columns.
    columns: Vec<Cell>,
    /// Its rows: a view for each column.
    rows: Vec<Vec<AnyView>>,
    /// Whether it has to do with little width.
    #[prop(optional)]
    tight: bool,
    /// Words or figures under each column, for sums.
    #[prop(optional)]
    foot: Vec<String>,
) -> impl IntoView {
    let heads = columns.iter().map(|column| {
        view! { <th scope="col" role="columnheader" class=column.class()>{column.title()}</th> }
    });
    let heads = heads.collect_view();
    let body = rows.into_iter().map(|row| {
        let cells = row.into_iter().zip(columns.clone()).map(|(content, column)| match column {
            Cell::Head(_) => view! {
                <th scope="row" role="rowheader"><span class="v">{content}</span></th>
            }
            .into_any(),
            other @ (Cell::Text(_) | Cell::Figures(_)) => view! {
                <td role="cell" class=other.class() data-th=other.title()><span class="v">{content}</span></td>
            }
            .into_any(),
        });
        view! { <tr role="row">{cells.collect_view()}</tr> }
    });
    let body = body.collect_view();
    let foot = (!foot.is_empty()).then(|| {
        let cells = foot.into_iter().zip(columns.clone()).map(|(content, column)| match column {
            Cell::Head(_) => view! { <th scope="row" role="rowheader"><span class="v">{content}</span></th> }.into_any(),
            other @ (Cell::Text(_) | Cell::Figures(_)) => view! { <td role="cell" class=other.class() data-th=other.title()><span class="v">{content}</span></td> }.into_any(),
        });
        view! { <tfoot role="rowgroup"><tr role="row">{cells.collect_view()}</tr></tfoot> }
    });
    view! {
        <table class=if tight { "ledger tight" } else { "ledger" } role="table">
            <caption class="sr-only hide">{caption}</caption>
            <thead role="rowgroup"><tr role="row">{heads}</tr></thead>
            <tbody role="rowgroup">{body}</tbody>
            {foot}
        </table>
    }
}
