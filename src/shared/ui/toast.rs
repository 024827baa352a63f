//! Toasts: good and neutral news only. They leave by themselves; what matters stays in a list.

use super::Icon;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

/// How long a toast stays, in milliseconds.
const STAYS_MS: u32 = 6_000;

/// The toasts on the page.
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<(u32, String)>>,
    next: StoredValue<u32>,
}

impl Default for Toasts {
    fn default() -> Self {
        Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }
}

impl Toasts {
    /// Shows a piece of news.
    pub fn say(self, news: String) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.shown.update(|shown| shown.push((id, news)));
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(STAYS_MS).await;
            self.remove(id);
        });
    }

    fn remove(self, id: u32) {
        self.shown.update(|shown| shown.retain(|(other, _)| *other != id));
    }
}

/// Where the toasts appear.
#[component]
pub fn Toaster() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let toast = move |(id, news): (u32, String)| {
        view! {
            <div class="pop !static flex items-center gap-3 pl-3.5 pr-2 py-2 text-[.8125rem]">
                <span class="st inf"><Icon name="bell"/>{news}</span>
                <button class="iconb" type="button" aria-label="Close" on:click=move |_| toasts.remove(id)>
                    <Icon name="x"/>
                </button>
            </div>
        }
    };
    view! {
        <div class="fixed z-50 top-16 right-4 grid gap-2 no-print" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|(id, _)| *id children=toast/>
        </div>
    }
}
