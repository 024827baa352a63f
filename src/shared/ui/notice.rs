//! Notices inside the page. Errors stand here, never in a toast.

use super::{Icon, Tone};
use leptos::prelude::*;
use tawi_domain::shared::error::AppError;

/// A notice: a bold sentence, the rest, at most one act.
#[component]
pub fn Note(
    /// Colour.
    tone: Tone,
    /// Icon.
    icon: &'static str,
    /// The bold sentence.
    #[prop(into)]
    head: String,
    /// Announced at once by screen readers.
    #[prop(optional)]
    alert: bool,
    /// The rest.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=format!("note {}", tone.class()) role=if alert { "alert" } else { "status" }>
            <Icon name=icon/>
            <div><b>{head}</b>" "{children.map(|children| children())}</div>
        </div>
    }
}

/// What of a list could not be read; nothing when all of it could.
#[component]
pub fn Unread(
    /// The names of what could not.
    names: Vec<String>,
) -> impl IntoView {
    (!names.is_empty()).then(|| {
        let head = match names.len() {
            1 => "One entry cannot be shown.".to_owned(),
            n => format!("{n} entries cannot be shown."),
        };
        let words = format!("What is stored of them cannot be read: {}. Tell whoever runs the portal.", names.join(", "));
        view! { <div class="mb-4"><Note tone=Tone::Watch icon="triangle-alert" head=head>{words}</Note></div> }
    })
}

/// An error that is not the fault of a field, in the bank's words; nothing when there is none.
#[component]
pub fn Problem(
    /// The error.
    #[prop(into)]
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    move || {
        error.get().map(|error| {
            let (tone, icon, head) = match &error {
                AppError::Unavailable { .. } => (Tone::Watch, "plug", "The bank's system does not answer."),
                AppError::Conflict(_) => (Tone::Watch, "git-compare", "Somebody was faster."),
                AppError::OtherSeat => (Tone::Watch, "git-compare", "This is another seat's page by now."),
                AppError::Busy | AppError::TooMuch => (Tone::Watch, "hourglass", "One moment."),
                AppError::NotAllowed(_) => (Tone::Wrong, "lock", "This is not yours to do."),
                AppError::NotFound(_) => (Tone::Wrong, "search-x", "Not found."),
                AppError::Invalid(_) | AppError::NotSignedIn | AppError::TooMany => {
                    (Tone::Wrong, "circle-alert", "This did not go through.")
                }
            };
            let words = if let AppError::Unavailable { reference } = &error {
                format!("Nothing was lost and what you typed is kept. Try again in a moment. Reference {reference}.")
            } else {
                format!("{error}.")
            };
            view! { <div class="mb-5"><Note tone=tone icon=icon head=head alert=true>{words}</Note></div> }
        })
    }
}
