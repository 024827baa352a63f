//! Icons: Lucide, one sprite for the whole portal. `style/icons.txt` names those that are built in.

use leptos::prelude::*;

/// An icon of the sprite; it says nothing by itself, so it always stands beside a word or a label.
#[component]
pub fn Icon(
    /// Name in Lucide.
    name: &'static str,
    /// Further classes.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("ic {class}") aria-hidden="true" focusable="false">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}
