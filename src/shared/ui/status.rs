//! A status is an icon, a word and a colour, never a colour alone.

use super::Icon;
use leptos::prelude::*;
use tawi_domain::customer_ops::risk::RiskBand;
use tawi_domain::shared::approval::{Care, RequestState};

/// The colour of a status, by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Quiet,
    /// Good.
    Good,
    /// Watch.
    Watch,
    /// Wrong.
    Wrong,
    /// Waiting with somebody.
    Waiting,
    /// Asks for a person.
    Asks,
}

impl Tone {
    /// Its class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Quiet => "",
            Self::Good => "ok",
            Self::Watch => "warn",
            Self::Wrong => "err",
            Self::Waiting => "inf",
            Self::Asks => "acc",
        }
    }
}

/// A status.
#[component]
pub fn Status(
    /// Colour.
    tone: Tone,
    /// Icon.
    icon: &'static str,
    /// Word.
    #[prop(into)]
    word: String,
    /// Whether it stands in a page head.
    #[prop(optional)]
    chip: bool,
) -> impl IntoView {
    let class = format!("st {}{}", tone.class(), if chip { " chip" } else { "" });
    view! { <span class=class><Icon name=icon/>{word}</span> }
}

/// Where a request stands.
#[component]
pub fn RequestStatus(
    /// The state.
    state: RequestState,
    /// Whether it stands in a page head.
    #[prop(optional)]
    chip: bool,
) -> impl IntoView {
    let (tone, icon) = match state {
        RequestState::Waiting => (Tone::Waiting, "hourglass"),
        RequestState::Approved => (Tone::Good, "circle-check"),
        RequestState::Refused => (Tone::Wrong, "circle-alert"),
        RequestState::Rejected => (Tone::Wrong, "circle-x"),
        RequestState::SentBack => (Tone::Watch, "corner-up-left"),
        RequestState::Withdrawn => (Tone::Quiet, "undo-2"),
    };
    view! { <Status tone=tone icon=icon word=state.title() chip=chip/> }
}

/// How much care something needs, with the name of its band.
#[component]
pub fn CareStatus(
    /// The band, as people read it.
    #[prop(into)]
    word: String,
    /// How much care.
    care: Care,
    /// Whether it stands in a page head.
    #[prop(optional)]
    chip: bool,
) -> impl IntoView {
    let (tone, icon) = match care {
        Care::Low => (Tone::Good, "shield-check"),
        Care::Medium => (Tone::Watch, "scale"),
        Care::High => (Tone::Wrong, "shield-alert"),
    };
    view! { <Status tone=tone icon=icon word=word chip=chip/> }
}

/// A risk band.
#[component]
pub fn RiskStatus(
    /// The band.
    band: RiskBand,
    /// Whether it stands in a page head.
    #[prop(optional)]
    chip: bool,
) -> impl IntoView {
    view! { <CareStatus word=band.title() care=band.care() chip=chip/> }
}
