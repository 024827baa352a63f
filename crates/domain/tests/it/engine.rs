//! What holds for every loan, whatever was agreed and whatever happened.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rust_decimal::Decimal;
use tawi_domain::credit_ops::schedule::*;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::rate::Rate;

pub const START: Date = date(2026, 1, 31);

pub fn kes(cents: i64) -> Money {
    Money::new(Decimal::new(cents, 2), Currency::Kes).unwrap()
}

pub fn rate(hundredths: i64) -> Rate {
    Rate::try_from(Decimal::new(hundredths, 2)).unwrap()
}

pub fn days_on(from: Date, days: i64) -> Date {
    days_after(from, days).unwrap()
}

/// A thousand cases of each, the same ones every time; for a night of others
/// `PROPTEST_CASES=100000 cargo test --release -p tawi-domain --test it engine`.
pub fn config() -> ProptestConfig {
    let more = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = more.unwrap_or(1_000);
    let rng_seed = if more.is_some() { RngSeed::Random } else { RngSeed::Fixed(2026) };
    ProptestConfig { cases, rng_seed, max_global_rejects: 10 * cases, ..ProptestConfig::default() }
}

fn any_method() -> impl Strategy<Value = InterestMethod> {
    prop::sample::select(InterestMethod::ALL.to_vec())
}

fn any_day_count() -> impl Strategy<Value = DayCount> {
    prop::sample::select(DayCount::ALL.to_vec())
}

fn any_frequency() -> impl Strategy<Value = Frequency> {
    prop_oneof![
        Just(Frequency::MONTHLY),
        Just(Frequency::QUARTERLY),
        Just(Frequency::WEEKLY),
        Just(Frequency::FORTNIGHTLY),
        (1_u16..60).prop_map(|every| Frequency { every, unit: Unit::Days }),
    ]
}

fn any_rounding() -> impl Strategy<Value = Rounding> {
    prop::sample::select(vec![
        Rounding::HalfEven,
        Rounding::HalfUp,
        Rounding::HalfDown,
        Rounding::Ceiling,
        Rounding::Floor,
        Rounding::AwayFromZero,
        Rounding::Down,
    ])
}

fn any_recalculation() -> impl Strategy<Value = Recalculation> {
    let on = (
        prop::sample::select(vec![
            OverdueInterest::None,
            OverdueInterest::Daily,
            OverdueInterest::CurrentPeriod,
        ]),
        any::<bool>(),
        prop::sample::select(vec![EarlyInterest::StaysDue, EarlyInterest::ToPaymentDate]),
        prop::sample::select(vec![PayoffInterest::ToPayoffDate, PayoffInterest::ToNextDueDate]),
    );
    prop_oneof![
        1 => Just(Recalculation::Off),
        4 => on.prop_map(|(overdue, compounding, early, payoff)| {
            Recalculation::On(Recalculating { overdue, compounding, early, payoff })
        }),
    ]
}

prop_compose! {
    fn any_dates()(
        month_end in prop::sample::select(vec![MonthEnd::LastDay, MonthEnd::FirstOfNext]),
        due_day in prop_oneof![Just(DueDay::AsStart), Just(DueDay::EndOfMonth), (1_i8..32).prop_map(DueDay::Fixed)],
        first_due in prop_oneof![
            3 => Just(FirstDue::OnePeriodOn),
            1 => (1_i64..90).prop_map(|days| FirstDue::On(days_on(START, days))),
            1 => (0_u16..60).prop_map(|days| FirstDue::NotBefore { days }),
        ],
        broken_period in prop::sample::select(vec![
            BrokenPeriod::InFirstPeriod, BrokenPeriod::DeductFromDisbursement, BrokenPeriod::SpreadOverTerm,
        ]),
        rule in prop::sample::select(vec![
            HolidayRule::Stay, HolidayRule::Next, HolidayRule::Previous, HolidayRule::NextInMonth,
        ]),
        sundays in any::<bool>(),
    ) -> DateRules {
        let closed = ClosedDays { rule, sundays, saturdays: false, holidays: vec![date(2026, 5, 1)] };
        DateRules { starts_on: None, month_end, due_day, first_due, broken_period, closed }
    }
}

prop_compose! {
    fn any_instalment()(
        basis in prop::sample::select(vec![
            InstalmentBasis::NominalPeriod, InstalmentBasis::FirstPeriodDays, InstalmentBasis::ActualPeriodFactors,
        ]),
        rounding in any_rounding(),
        multiple in prop::sample::select(vec![1_i64, 1, 5, 100]),
        levelling in prop::sample::select(vec![Levelling::None, Levelling::OnePass]),
    ) -> InstalmentRules {
        InstalmentRules { basis, rounding, multiple, levelling, ..InstalmentRules::default() }
    }
}

prop_compose! {
    fn any_allocation()(
        due in Just([Part::Penalty, Part::Fee, Part::Interest, Part::Principal]).prop_shuffle(),
        in_advance in Just([Part::Penalty, Part::Fee, Part::Interest, Part::Principal]).prop_shuffle(),
        direction in prop::sample::select(vec![Direction::Horizontal, Direction::Vertical]),
        future in prop::sample::select(vec![
            FutureRule::BeyondInstalment, FutureRule::Next, FutureRule::Last, FutureRule::Equal,
            FutureRule::CurrentInstalment,
        ]),
    ) -> AllocationRules {
        AllocationRules { due, in_advance, direction, future, excess: Excess::Kept }
    }
}

fn any_charges() -> impl Strategy<Value = Vec<Charge>> {
    let charge = (
        prop::sample::select(vec![ChargeClass::Fee, ChargeClass::Penalty]),
        prop::sample::select(vec![
            ChargeTrigger::DeductedAtDisbursement,
            ChargeTrigger::PaidAtDisbursement,
            ChargeTrigger::CapitalisedAtDisbursement,
            ChargeTrigger::EachInstalment,
            ChargeTrigger::OverdueInstalment { grace_days: 3, every_days: 0 },
        ]),
        prop::sample::select(vec![
            ChargeBase::Disbursed,
            ChargeBase::InstalmentPrincipal,
            ChargeBase::InstalmentInterest,
            ChargeBase::InstalmentPrincipalAndInterest,
        ]),
        1_i64..500,
    )
        .prop_map(|(class, trigger, of, hundredths)| Charge {
            name: "Charge".into(),
            class,
            amount: ChargeAmount::Percent {
                percent: Decimal::new(hundredths, 2),
                of,
                least: None,
                most: Some(100_000),
            },
            trigger,
            tax: vec![DatedPercent { from: date(1, 1, 1), percent: Decimal::from(20) }],
            income: ChargeIncome::default(),
            most_in_all: None,
            until: None,
        });
    prop::collection::vec(charge, 0..3)
}

prop_compose! {
    /// Terms of every kind, contradictory ones included.
    pub fn any_terms()(
        cents in 10_000_i64..500_000_000,
        hundredths in 0_i64..6_000,
        method in any_method(),
        day_count in any_day_count(),
        instalments in 1_u16..40,
        frequency in any_frequency(),
        dates in any_dates(),
        instalment in any_instalment(),
        (rounding, each) in (any_rounding(), any::<bool>()),
        (principal, interest_payment, interest_free_days) in (0_u16..5, 0_u16..4, 0_u16..20),
        recalculation in any_recalculation(),
        prepayment in prop::sample::select(vec![
            Prepayment::FewerInstalments, Prepayment::SmallerInstalment, Prepayment::NextInstalments,
            Prepayment::KeepInstalment,
        ]),
        (allocation, charges) in (any_allocation(), any_charges()),
        down in prop::option::weighted(0.1, 1_i64..50),
    ) -> LoanTerms {
        let mut terms = LoanTerms::plain(kes(cents), rate(hundredths), method, day_count, instalments);
        terms.frequency = frequency;
        terms.dates = dates;
        terms.instalment = instalment;
        terms.rounding = rounding;
        terms.segments = if each { SegmentRounding::Each } else { SegmentRounding::Once };
        terms.grace = Grace { principal, interest_payment, interest_free_days };
        terms.recalculation = recalculation;
        terms.prepayment = prepayment;
        terms.allocation = allocation;
        terms.charges = charges;
        terms.down_payment = down.map(|percent| DownPayment { percent: Decimal::from(percent), paid_at_once: false });
        terms
    }
}

/// Terms that a product may have: nothing in them contradicts anything else.
pub fn sound_terms() -> impl Strategy<Value = LoanTerms> {
    any_terms().prop_map(|mut terms| {
        terms.grace.principal = terms.grace.principal.min(terms.instalments - 1);
        terms.grace.interest_payment = terms.grace.interest_payment.min(terms.instalments - 1);
        if terms.frequency.unit != Unit::Months {
            terms.dates.due_day = DueDay::AsStart;
        }
        if terms.day_count == DayCount::ActualActualIcma && terms.frequency.unit != Unit::Months {
            terms.frequency = Frequency::MONTHLY;
        }
        if terms.method != InterestMethod::DecliningEqualInstalment {
            terms.instalment.levelling = Levelling::None;
        }
        if terms.method == InterestMethod::Flat {
            terms.recalculation = Recalculation::default();
        }
        if let Recalculation::On(rules) = &mut terms.recalculation {
            rules.compounding &= rules.overdue != OverdueInterest::None;
            let by_row =
                matches!(terms.allocation.future, FutureRule::Next | FutureRule::Last | FutureRule::Equal);
            if !by_row || terms.prepayment == Prepayment::NextInstalments {
                rules.early = EarlyInterest::StaysDue;
            }
        } else {
            terms.prepayment = Prepayment::KeepInstalment;
        }
        let mut faults = tawi_domain::shared::form::FieldErrors::default();
        terms.contradictions(&mut faults);
        assert!(faults.is_empty(), "{faults}");
        terms
    })
}

fn any_event() -> impl Strategy<Value = LoanEvent> {
    let day = || (0_i64..900).prop_map(|days| days_on(START, days));
    let amount = || (1_i64..60_000_000).prop_map(kes);
    let interest = || {
        prop::sample::select(vec![
            DueInterest::NextInstalment,
            DueInterest::EqualSplit,
            DueInterest::EqualPayable,
        ])
    };
    let class = || prop::sample::select(vec![ChargeClass::Fee, ChargeClass::Penalty]);
    prop_oneof![
        6 => (day(), amount()).prop_map(|(on, amount)| LoanEvent::Repaid { on, amount }),
        1 => day().prop_map(|on| LoanEvent::PaidOff { on }),
        1 => (day(), amount()).prop_map(|(on, amount)| LoanEvent::Refunded { on, amount }),
        1 => (day(), 1_u32..8).prop_map(|(on, event)| LoanEvent::Reversed { on, event }),
        1 => (day(), day(), class(), amount())
            .prop_map(|(on, due, class, amount)| LoanEvent::Charged { on, due, class, amount, tax: None }),
        1 => (day(), amount()).prop_map(|(on, amount)| LoanEvent::Waived { on, amount }),
        1 => (day(), day(), 0_i64..6_000)
            .prop_map(|(on, from, hundredths)| LoanEvent::RateChanged { on, from, rate: rate(hundredths) }),
        1 => (day(), day(), 0_i64..40)
            .prop_map(|(on, from, days)| LoanEvent::InterestPaused { on, from, to: days_on(from, days) }),
        1 => (day(), 1_i64..40).prop_map(|(on, days)| LoanEvent::DueDateMoved {
            on, from: date(2026, 3, 31), to: days_on(date(2026, 3, 31), days),
        }),
        1 => (day(), 0_u16..5, 0_u16..3, 0_u16..3).prop_map(|(on, further, without_principal, without_interest)| {
            LoanEvent::Extended { on, due: date(2026, 3, 31), further, without_principal, without_interest }
        }),
        1 => day().prop_map(|on| LoanEvent::Capitalised { on }),
        1 => (day(), interest()).prop_map(|(on, interest)| LoanEvent::ReAmortised { on, interest }),
        1 => (day(), 1_i64..60, any_frequency(), 1_u16..20, interest())
            .prop_map(|(on, days, frequency, instalments, interest)| LoanEvent::ReAged {
                on, first_due: days_on(on, days), frequency, instalments, interest,
            }),
        1 => (day(), 1_i64..60, any_frequency(), 1_u16..20, 0_i64..6_000)
            .prop_map(|(on, days, frequency, instalments, hundredths)| LoanEvent::Restructured {
                on, first_due: days_on(on, days), frequency, instalments, rate: rate(hundredths),
            }),
        1 => (day(), amount()).prop_map(|(on, amount)| LoanEvent::ToppedUp { on, amount }),
        1 => day().prop_map(|on| LoanEvent::Accelerated { on }),
        1 => day().prop_map(|on| LoanEvent::ChargedOff { on }),
        1 => day().prop_map(|on| LoanEvent::WrittenOff { on }),
        1 => (day(), amount()).prop_map(|(on, amount)| LoanEvent::Recovered { on, amount }),
    ]
}

pub fn any_life() -> impl Strategy<Value = Vec<LoanEvent>> {
    prop::collection::vec(any_event(), 0..12).prop_map(|mut events| {
        events.insert(0, LoanEvent::disbursed(START));
        events
    })
}

/// The events of a life that can happen one after the other: what is refused is left out.
pub fn possible(terms: &LoanTerms, events: &[LoanEvent], as_of: Date) -> Vec<LoanEvent> {
    let mut life = Vec::new();
    for event in events {
        life.push(*event);
        if fold(terms, &life, as_of).is_err() {
            life.pop();
        }
    }
    life
}

/// First rows that may ask for nothing, since that was agreed.
fn spared_rows(terms: &LoanTerms) -> usize {
    let first = usize::from(terms.down_payment.is_some());
    let graces = terms.grace.principal.max(terms.grace.interest_payment);
    match terms.method {
        InterestMethod::InterestOnly => usize::MAX,
        _ => first + usize::from(graces),
    }
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
        life.push(LoanEvent::PaidOff { on });
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
