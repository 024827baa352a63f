//! The live stream in the browser: one EventSource a tab, catching up after every break.

use super::error::DoorError;
use super::frame_door::fetch_frame;
use super::presence::drawn_for;
use super::ui::{Icon, Toasts};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use tawi_domain::shared::approval::RequestState;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::notice::{Notice, NoticeBody};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// How long to wait before a closed stream is opened anew, in milliseconds.
const REOPEN_MS: u32 = 1_000;

/// The longest wait before it is tried again, in milliseconds.
const LONGEST_WAIT_MS: u32 = 15_000;
/// How long what happens is let settle before lists are fetched once more, in milliseconds.
const SETTLES_MS: u32 = 400;

/// How the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveStatus {
    /// Not yet open.
    Connecting,
    /// Open.
    On,
    /// Broken; the browser tries again.
    Reconnecting,
    /// Closed.
    Off,
}

/// The stream, for every page: what it last said, and how often it spoke.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    status: RwSignal<LiveStatus>,
    /// Counts what changed: a resource that depends on it is fetched again.
    pub tick: RwSignal<u32>,
    /// Whether another person or seat is signed in in this browser than the page was drawn for.
    pub elsewhere: RwSignal<bool>,
    position: StoredValue<i64>,
    started: StoredValue<bool>,
    wait: StoredValue<u32>,
    settling: StoredValue<bool>,
    again: StoredValue<bool>,
    toasts: Toasts,
}

impl Live {
    /// A stream that is not yet open.
    pub fn new(toasts: Toasts) -> Self {
        Self {
            status: RwSignal::new(LiveStatus::Connecting),
            tick: RwSignal::new(0),
            elsewhere: RwSignal::new(false),
            position: StoredValue::new(0),
            started: StoredValue::new(false),
            wait: StoredValue::new(REOPEN_MS),
            settling: StoredValue::new(false),
            again: StoredValue::new(false),
            toasts,
        }
    }

    /// Opens the stream after a position, once.
    pub fn start(self, position: i64) {
        if !self.started.get_value() {
            self.started.set_value(true);
            self.position.set_value(position);
            self.open();
        }
    }

    /// Lets every list be fetched again: at once, and when much happens at a time once more when it has settled.
    pub fn refresh(self) {
        if self.settling.get_value() {
            self.again.set_value(true);
            return;
        }
        self.settling.set_value(true);
        self.tick.update(|tick| *tick = tick.wrapping_add(1));
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(SETTLES_MS).await;
            self.settling.set_value(false);
            if self.again.get_value() {
                self.again.set_value(false);
                self.refresh();
            }
        });
    }

    fn open(self) {
        let seat = drawn_for().map(|seat| format!("&seat={seat}")).unwrap_or_default();
        let url = format!("/live?after={}{seat}", self.position.get_value());
        let Ok(source) = web_sys::EventSource::new(&url) else { return };
        let opened = Closure::<dyn Fn()>::new(move || {
            // What happened while the line was down has been replayed by the server; lists follow it.
            if self.status.get_untracked() != LiveStatus::Connecting {
                self.refresh();
            }
            self.status.set(LiveStatus::On);
            self.wait.set_value(REOPEN_MS);
        });
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        opened.forget();
        let heard = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            if let Ok(notice) = serde_json::from_str::<Notice>(&text) {
                self.hear(&notice);
            }
        });
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
        let line = source.clone();
        let ended = Closure::<dyn Fn()>::new(move || {
            line.close();
            self.status.set(LiveStatus::Off);
            leptos::task::spawn_local(self.reopen_at_once());
        });
        // Adding a listener to an object that was just made does not fail.
        let _ = source.add_event_listener_with_callback("ended", ended.as_ref().unchecked_ref());
        ended.forget();
        let behind = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
            // More happened than is told one by one: every list is fetched again.
            if let Some(position) = event.data().as_string().and_then(|text| text.parse().ok()) {
                self.position.set_value(position);
            }
            self.refresh();
        });
        // Nor does this.
        let _ = source.add_event_listener_with_callback("behind", behind.as_ref().unchecked_ref());
        behind.forget();
        let line = source.clone();
        let broken = Closure::<dyn Fn()>::new(move || {
            if line.ready_state() == web_sys::EventSource::CLOSED {
                self.status.set(LiveStatus::Off);
                leptos::task::spawn_local(self.reopen());
            } else {
                self.status.set(LiveStatus::Reconnecting);
            }
        });
        source.set_onerror(Some(broken.as_ref().unchecked_ref()));
        broken.forget();
    }

    /// Asks the server how things are, which signs in again where that is needed, and opens anew. Whoever is turned
    /// away again and again asks ever less often.
    async fn reopen(self) {
        loop {
            let wait = self.wait.get_value();
            self.wait.set_value((wait * 2).min(LONGEST_WAIT_MS));
            TimeoutFuture::new(wait).await;
            if self.asked_and_opened().await {
                return;
            }
        }
    }

    /// The same at once: the server has said that the session has ended.
    async fn reopen_at_once(self) {
        if !self.asked_and_opened().await {
            self.reopen().await;
        }
    }

    /// Whether nothing is left to be tried: the stream is open again, or never will be for this page.
    async fn asked_and_opened(self) -> bool {
        match fetch_frame().await {
            Ok(_) => {
                self.refresh();
                self.open();
                true
            }
            Err(DoorError(AppError::OtherSeat)) => {
                self.elsewhere.set(true);
                true
            }
            // The role has ended: nothing will open for this page any more, and each try would be recorded.
            Err(DoorError(AppError::NotAllowed(_))) => true,
            Err(_) => false,
        }
    }

    fn hear(self, notice: &Notice) {
        self.position.set_value(notice.position);
        match &notice.body {
            NoticeBody::RequestMade { title, by, .. } => {
                self.toasts.say(format!("{title}: {by} asks for approval"))
            }
            // Rejections and refusals are not good news: they stand in the lists, not in a toast.
            NoticeBody::RequestDecided { title, state: RequestState::Approved, by, .. } => {
                self.toasts.say(format!("{title}: approved by {by}"));
            }
            NoticeBody::RequestDecided { .. }
            | NoticeBody::LoanLate { .. }
            | NoticeBody::LoanSetAside { .. }
            | NoticeBody::SessionEnded { .. }
            | NoticeBody::Later => {}
        }
        self.refresh();
    }
}

/// Live, reconnecting or offline, in icon, word and colour.
#[component]
pub fn LivePill() -> impl IntoView {
    let live = expect_context::<Live>();
    let part = move || match live.status.get() {
        LiveStatus::On => ("on", "radio", "Live"),
        LiveStatus::Connecting => ("re", "refresh-cw", "Connecting"),
        LiveStatus::Reconnecting => ("re", "refresh-cw", "Reconnecting"),
        LiveStatus::Off => ("off", "wifi-off", "Offline"),
    };
    view! {
        <span class=move || format!("live {}", part().0) role="status">
            {move || view! { <Icon name=part().1/> }}
            <span class="w">{move || part().2}</span>
        </span>
    }
}
