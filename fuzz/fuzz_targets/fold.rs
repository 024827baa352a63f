//! Terms and events as JSON, whatever they say, folded, planned, explained, and booked.
//!
//! `cargo install cargo-fuzz`, then `RUSTC_BOOTSTRAP=1 cargo fuzz run fold -- -max_total_time=60`; without
//! the fuzzer's compiler `cargo fuzz run --sanitizer none fold` does. `corpus/fold` holds where it begins.
#![no_main]

use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use tawi_domain::credit_ops::loan_journal::{Booked, journal_between};
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanTerms, TermsForm, explain, fold, history_csv, plan};

#[derive(Deserialize)]
struct Life {
    terms: LoanTerms,
    events: Vec<LoanEvent>,
    /// Days after the first event.
    days: i32,
}

fuzz_target!(|text: &str| {
    if let Ok(form) = serde_json::from_str::<TermsForm>(text)
        && let Ok(terms) = form.parse()
    {
        let _ = plan(&terms, jiff::civil::date(2026, 1, 31));
    }
    let Ok(life) = serde_json::from_str::<Life>(text) else { return };
    let first = life.events.first().map_or(jiff::civil::date(2026, 1, 31), LoanEvent::on);
    let as_of =
        first.checked_add(jiff::Span::new().days(life.days.clamp(-10_000, 100_000))).unwrap_or(Date::MAX);
    let _ = plan(&life.terms, first);
    let Ok(state) = fold(&life.terms, &life.events, as_of) else { return };
    let _ = explain(&life.terms, &life.events, as_of, 1);
    let _ = history_csv(&life.events, &state);
    // Whatever happened last, its journal balances, and its reversal takes it back.
    let Some((_, before)) = life.events.split_last() else { return };
    let Ok(before) = fold(&life.terms, before, as_of) else { return };
    let [before, after] = [&before, &state].map(|state| Booked::of(state, state.days_past_due >= 90));
    assert_eq!(journal_between(&before, &after).rest(), 0);
    assert_eq!(journal_between(&after, &before).rest(), 0);
});
