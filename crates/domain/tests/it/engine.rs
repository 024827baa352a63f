//! What holds for every loan, whatever was agreed and whatever happened.

use crate::any::*;
use proptest::prelude::*;
use tawi_domain::credit_ops::schedule::*;

/// First rows that may ask for nothing, since that was agreed.
fn spared_rows(terms: &LoanTerms) -> usize {
    let first = usize::from(terms.down_payment.is_some());
    let graces = terms.grace.principal.max(terms.grace.interest_payment);
    if terms.method == InterestMethod::InterestOnly { usize::MAX } else { first + usize::from(graces) }
}

fn plan(terms: &LoanTerms) -> LoanState {
    fold(terms, &[LoanEvent::disbursed(START)], START).unwrap()
}

fn total(rows: &[Row], part: impl Fn(&Row) -> Minor) -> Minor {
    rows.iter().map(part).sum()
}

/// What every state has to satisfy.
fn is_sound(state: &LoanState) -> Result<(), TestCaseError> {
    let principal = total(&state.rows, |row| row.asked.principal);
    prop_assert_eq!(principal + state.written_off.principal, state.lent, "rows ask for what was lent");
    prop_assert!(state.owed.principal >= 0 && state.owed.interest >= 0, "{:?}", state.owed);
    prop_assert!(state.pay_off >= state.owed.principal && state.accrued >= 0);
    let paid = total(&state.rows, |row| row.paid.principal);
    prop_assert_eq!(state.lent - state.written_off.principal - paid, state.owed.principal);
    for row in &state.rows {
        prop_assert!(row.asked.interest >= 0 && row.asked.principal >= 0, "{:?}", row);
        prop_assert!(row.unpaid() >= 0 && row.paid.total() >= 0, "{:?}", row);
        prop_assert!(row.in_advance + row.late <= row.paid.total(), "{:?}", row);
    }
    let used: Minor = state.allocations.iter().map(|used| used.parts().total() + used.excess).sum();
    let amounts: Minor = state.allocations.iter().map(|used| used.amount).sum();
    prop_assert_eq!(used, amounts, "every cent of a payment goes somewhere");
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    /// Anything may be typed and anything may have happened: there is a result or an error.
    #[test]
    fn nothing_panics(terms in any_terms(), life in any_life(), days in -10_i64..1_200) {
        let as_of = days_on(START, days);
        let _ = fold(&terms, &life, as_of);
        let _ = explain(&terms, &life, as_of, 1);
    }

    #[test]
    fn rows_ask_for_what_was_lent(terms in sound_terms()) {
        let state = plan(&terms);
        is_sound(&state)?;
        prop_assert_eq!(state.rows.last().map(|row| row.balance), Some(0));
        prop_assert!(state.rows.iter().all(|row| row.balance >= 0));
        for pair in state.rows.windows(2) {
            prop_assert!(pair[0].due <= pair[1].from && pair[1].from <= pair[1].due);
        }
    }

    /// Down to loans of a cent a row: who agrees to pay each time is asked for something each time.
    #[test]
    fn no_row_of_zero_but_by_grace(terms in sound_terms(), cents in 1_i64..500) {
        for terms in [LoanTerms { principal: kes(cents), ..terms.clone() }, terms] {
            let spared = spared_rows(&terms);
            let Ok(state) = fold(&terms, &[LoanEvent::disbursed(START)], START) else { continue };
            for (nth, row) in state.rows.iter().enumerate() {
                prop_assert!(row.total() > 0 || nth < spared, "row {} of zero", row.number);
            }
        }
    }

    #[test]
    fn whatever_happens_every_cent_is_accounted_for(
        terms in sound_terms(), life in any_life(), days in 0_i64..1_200,
    ) {
        let as_of = days_on(START, days);
        let life = possible(&terms, &life, as_of);
        prop_assume!(!life.is_empty());
        is_sound(&fold(&terms, &life, as_of).unwrap())?;
    }

    #[test]
    fn paying_each_row_when_it_is_due_ends_at_zero(terms in sound_terms()) {
        let mut life = vec![LoanEvent::disbursed(START)];
        let planned = plan(&terms);
        for row in planned.rows.iter().filter(|row| row.total() > 0) {
            life.push(LoanEvent::Repaid { on: row.due, amount: kes(row.total()) });
        }
        let last = planned.rows.iter().map(|row| row.due).max().unwrap();
        let state = fold(&terms, &life, last).unwrap();
        prop_assert_eq!(state.pay_off, 0);
        prop_assert_eq!(state.owed.total(), 0);
        prop_assert_eq!(state.overpaid, 0);
        prop_assert_eq!(state.totals, planned.totals);
        prop_assert_eq!(state.days_past_due, 0);
        prop_assert!(state.rows.iter().all(|row| row.late == 0 && row.unpaid() == 0));
    }

    /// A pay-off on any day settles the loan: nothing is owed then or later.
    #[test]
    fn the_pay_off_pays_off(terms in sound_terms(), days in 0_i64..900, payments in prop::collection::vec((0_i64..900, 1_i64..20_000_000), 0..5)) {
        let mut life = vec![LoanEvent::disbursed(START)];
        life.extend(payments.into_iter().map(|(days, cents)| LoanEvent::Repaid { on: days_on(START, days), amount: kes(cents) }));
        let on = days_on(START, days);
        life.retain(|event| event.on() <= on);
        let before = fold(&terms, &life, on).unwrap();
        life.push(LoanEvent::paid_off(on));
        // Interest "of the running period" is gone when the next one begins: the rule's own doing.
        let today_only = matches!(terms.recalculation, Recalculation::On(rules) if rules.overdue == OverdueInterest::CurrentPeriod);
        for later in if today_only { vec![0] } else { vec![0, 1, 40, 2_000] } {
            let after = fold(&terms, &life, days_on(on, later)).unwrap();
            prop_assert_eq!(after.owed.total(), 0, "{:?}", after);
            prop_assert_eq!(after.pay_off, 0);
            prop_assert_eq!(after.overpaid, before.overpaid);
        }
    }

    /// An event and its reversal are nothing at all, but for their place in the list.
    #[test]
    fn an_event_and_its_reversal_are_nothing(terms in sound_terms(), life in any_life(), extra in any_event(), days in 900_i64..1_200) {
        let as_of = days_on(START, days);
        let mut life = possible(&terms, &life, as_of);
        prop_assume!(!matches!(extra, LoanEvent::Reversed { .. }));
        let before = fold(&terms, &life, as_of);
        let event = u32::try_from(life.len() + 1).unwrap();
        life.push(extra);
        life.push(LoanEvent::Reversed { on: as_of, event });
        prop_assert_eq!(fold(&terms, &life, as_of), before);
    }

    /// Events of different days may be booked in any order.
    #[test]
    fn the_order_of_booking_does_not_matter_where_days_differ(terms in sound_terms(), mut payments in prop::collection::btree_map(1_i64..900, 1_i64..20_000_000, 0..6), seed in any::<u64>()) {
        let late: Vec<(i64, i64)> = payments.split_off(&0).into_iter().collect();
        let event = |(days, cents): &(i64, i64)| LoanEvent::Repaid { on: days_on(START, *days), amount: kes(*cents) };
        let mut life = vec![LoanEvent::disbursed(START)];
        life.extend(late.iter().map(event));
        let as_of = days_on(START, 900);
        let in_order = fold(&terms, &life, as_of).unwrap();
        let turn = usize::try_from(seed % 97).unwrap() % life.len();
        life.rotate_left(turn);
        let mut turned = fold(&terms, &life, as_of).unwrap();
        for (used, first) in turned.allocations.iter_mut().zip(&in_order.allocations) {
            used.event = first.event;
        }
        for ((event, _), (first, _)) in turned.waivers.iter_mut().zip(&in_order.waivers) {
            *event = *first;
        }
        prop_assert_eq!(turned, in_order);
    }

    /// A day's state does not depend on what is booked for later days.
    #[test]
    fn later_events_do_not_change_an_earlier_day(terms in sound_terms(), life in any_life(), days in 0_i64..900) {
        let as_of = days_on(START, days);
        let whole = possible(&terms, &life, days_on(START, 900));
        prop_assume!(!whole.iter().any(|event| matches!(event, LoanEvent::Reversed { .. })));
        let known: Vec<LoanEvent> = whole.iter().copied().filter(|event| event.on() <= as_of).collect();
        prop_assume!(!known.is_empty());
        let strip = |state: Result<LoanState, LoanError>| state.map(|mut state| {
            state.allocations.iter_mut().for_each(|used| used.event = 0);
            state.waivers.iter_mut().for_each(|(event, _)| *event = 0);
            state
        });
        prop_assert_eq!(strip(fold(&terms, &whole, as_of)), strip(fold(&terms, &known, as_of)));
    }

    /// The short way to a plan is the long way's.
    #[test]
    fn the_plan_is_the_folds(terms in sound_terms(), plain in any::<bool>(), months in 1_u16..13) {
        let mut terms = terms;
        if plain {
            let level = InterestMethod::DecliningEqualInstalment;
            let by_period = if months % 2 == 0 { DayCount::Twelfths } else { DayCount::Thirty360 };
            let mut short = LoanTerms::plain(terms.principal, terms.rate, level, by_period, terms.instalments);
            short.rounding = terms.rounding;
            short.instalment.rounding = terms.instalment.rounding;
            short.frequency = Frequency { every: months, unit: Unit::Months };
            terms = short;
        }
        let folded = super::engine::plan(&terms);
        let folded = folded.rows.iter().filter(|row| row.kind == RowKind::Instalment);
        let folded: Vec<PlanRow> = folded.map(|row| PlanRow {
            due: row.due, principal: row.asked.principal, interest: row.asked.interest, balance: row.balance,
        }).collect();
        prop_assert_eq!(tawi_domain::credit_ops::schedule::plan(&terms, START).unwrap(), folded);
    }

    /// A state goes through JSON unchanged, and so do terms and events.
    #[test]
    fn everything_travels(terms in sound_terms(), life in any_life()) {
        let as_of = days_on(START, 400);
        let life = possible(&terms, &life, as_of);
        let told = serde_json::to_string(&(&terms, &life)).unwrap();
        let (heard_terms, heard_life): (LoanTerms, Vec<LoanEvent>) = serde_json::from_str(&told).unwrap();
        prop_assert_eq!(&heard_terms, &terms);
        prop_assert_eq!(&heard_life, &life);
        prop_assume!(!life.is_empty());
        let state = fold(&terms, &life, as_of).unwrap();
        let told = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<LoanState>(&told).unwrap(), state);
    }
}
