//! Loans of any kind: terms and lives as properties try them.

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
            ChargeTrigger::OverdueInstalment { grace_days: 0, every_days: 20 },
            ChargeTrigger::AfterMaturity { grace_days: 5, every_days: 45 },
        ]),
        prop::sample::select(vec![
            ChargeBase::Disbursed,
            ChargeBase::InstalmentPrincipal,
            ChargeBase::InstalmentInterest,
            ChargeBase::InstalmentPrincipalAndInterest,
            ChargeBase::InstalmentUnpaid,
            ChargeBase::LoanUnpaid,
        ]),
        1_i64..500,
    )
        .prop_map(|(class, trigger, of, hundredths)| Charge {
            tax: vec![DatedPercent { from: date(1, 1, 1), percent: Decimal::from(20) }],
            ..Charge::new(
                "Charge",
                class,
                ChargeAmount::Percent {
                    percent: Decimal::new(hundredths, 2),
                    of,
                    least: None,
                    most: Some(100_000),
                },
                trigger,
            )
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
        (down, tolerance) in (prop::option::weighted(0.1, 1_i64..50), prop_oneof![Just(0_i64), 1_i64..2_000]),
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
        (terms.charges, terms.tolerance) = (charges, tolerance);
        if tolerance % 2 == 1 {
            terms.flat = FlatInterest::OfTerm;
        }
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
        for charge in &mut terms.charges {
            let of_unpaid = |amount: &ChargeAmount| {
                matches!(
                    amount,
                    ChargeAmount::Percent { of: ChargeBase::InstalmentUnpaid | ChargeBase::LoanUnpaid, .. }
                )
            };
            if of_unpaid(&charge.amount) {
                charge.trigger = ChargeTrigger::OverdueInstalment { grace_days: 1, every_days: 30 };
            }
        }
        let mut faults = tawi_domain::shared::form::FieldErrors::default();
        terms.contradictions(&mut faults);
        assert!(faults.is_empty(), "{faults}");
        terms
    })
}

pub fn any_event() -> impl Strategy<Value = LoanEvent> {
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
        1 => day().prop_map(LoanEvent::paid_off),
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
                penalty: (hundredths % 3 == 0).then_some(PenaltyTerms {
                    amount: ChargeAmount::Flat(kes(hundredths)), grace_days: 2, every_days: instalments,
                }),
            }),
        1 => (day(), any::<bool>()).prop_map(|(on, first)| LoanEvent::HolidayDeclared {
            on, holiday: if first { date(2026, 3, 31) } else { date(2026, 4, 30) },
        }),
        1 => day().prop_map(|on| LoanEvent::GivenUp { on }),
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
