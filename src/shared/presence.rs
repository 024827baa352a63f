//! Whether the person is there, and for whom the page was drawn. Every call tells both: a session lives by what its
//! person does and not by what pages do by themselves, and nothing is done in another seat than the one on the screen.

use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::fmt;
use tawi_domain::shared::ids::{BranchNumber, StaffId};
use tawi_domain::shared::permissions::Role;
use tawi_domain::shared::staff::Officer;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// Header with the seconds since the person did something.
pub const IDLE: &str = "x-tawi-idle";
/// Header with the seat for which the page was drawn.
pub const SEAT: &str = "x-tawi-seat";

thread_local! {
    static LAST_ACT: Cell<i64> = const { Cell::new(0) };
    static LAST_CALL: Cell<i64> = const { Cell::new(0) };
    static DRAWN_FOR: RefCell<Option<SeatMark>> = const { RefCell::new(None) };
}

/// A person, a branch and a role in one word: `LO-001:1:loan_officer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatMark(String);

impl SeatMark {
    /// Of a seat.
    pub fn of(staff_id: &StaffId, branch: BranchNumber, role: Role) -> Self {
        Self(format!("{staff_id}:{}:{}", branch.get(), role.code()))
    }

    /// As it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SeatMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How long a person may do things on a page that calls nobody, before the server is told that they are there, in
/// milliseconds. It is less than a third of what a session lives without.
const QUIET_MS: i64 = 240_000;

/// Between the tabs of a browser: each says for whom it was drawn.
const TABS: &str = "tawi-seat";

/// Notes for whom the page was drawn, and from now on when its person does something. Who types for long into a form
/// is told of by `tell`.
pub fn attend(officer: &Officer, tell: impl Fn() + Clone + 'static) {
    let mark = SeatMark::of(&officer.staff_id, officer.branch, officer.role);
    DRAWN_FOR.set(Some(mark));
    LAST_CALL.set(now());
    note();
    for name in ["pointerdown", "keydown", "wheel", "touchmove"] {
        let tell = tell.clone();
        let heard = window_event_listener_untyped(name, move |_| {
            note();
            if now() - LAST_CALL.get() > QUIET_MS {
                LAST_CALL.set(now());
                tell();
            }
        });
        on_cleanup(move || heard.remove());
    }
}

/// Tells the other tabs of this browser for whom this one was drawn, and hears it of those that are drawn from now on:
/// whether it is the same seat.
pub fn hear_other_tabs(heard: impl Fn(bool) + 'static) {
    let Some(own) = drawn_for() else { return };
    // A browser that has no such channel asks the server, as a page does by itself after a while.
    let Ok(tabs) = web_sys::BroadcastChannel::new(TABS) else { return };
    let _ = tabs.post_message(&own.as_str().into());
    let on_message = Closure::<dyn Fn(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
        if let Some(theirs) = event.data().as_string() {
            heard(theirs == own.as_str());
        }
    });
    tabs.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // They live as long as the page.
    on_message.forget();
    std::mem::forget(tabs);
}

fn note() {
    LAST_ACT.set(now());
}

/// Milliseconds of Unix time, as the browser counts them: a whole number in a float.
fn now() -> i64 {
    format!("{:.0}", js_sys::Date::now()).parse().unwrap_or_default()
}

/// For whom the page was drawn; none before anybody is signed in.
pub fn drawn_for() -> Option<SeatMark> {
    DRAWN_FOR.with_borrow(Clone::clone)
}

/// Whole seconds since the person did something, for a call that is about to go out.
pub fn idle_seconds() -> String {
    LAST_CALL.set(now());
    ((now() - LAST_ACT.get()) / 1_000).max(0).to_string()
}
