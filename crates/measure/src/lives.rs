//! The loan engine on its own, in the browser as on the server: the same lives told by both must be the
//! same to the last byte, and both are measured by the same loops.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use tawi_domain::credit_ops::schedule::{
    DayCount, EarlyInterest, FutureRule, InstalmentBasis, InterestMethod, Levelling, LoanEvent, LoanTerms,
    Minor, OverdueInterest, Recalculating, Recalculation, days_after, fold, money, plan,
};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::rate::Rate;
use wasm_bindgen::prelude::wasm_bindgen;

const START: Date = date(2026, 1, 31);

/// Numbers that look like chance and are the same everywhere: a linear congruential generator (Knuth, MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).map_or(0, |number| number % bound.max(1))
    }

    fn of<T: Copy>(&mut self, choices: &[T], otherwise: T) -> T {
        let at = self.below(u32::try_from(choices.len()).unwrap_or(1));
        usize::try_from(at).ok().and_then(|at| choices.get(at).copied()).unwrap_or(otherwise)
    }
}

fn kes(units: Minor) -> Money {
    money(units, Currency::Kes).unwrap_or(Money::zero(Currency::Kes))
}

fn terms(numbers: &mut Numbers) -> LoanTerms {
    let rate = Rate::try_from(Decimal::new(i64::from(numbers.below(4_000)), 2)).unwrap_or_default();
    let method = numbers.of(&InterestMethod::ALL, InterestMethod::Flat);
    let day_count = numbers.of(&DayCount::ALL, DayCount::Twelfths);
    let instalments = u16::try_from(1 + numbers.below(48)).unwrap_or(1);
    let amount = 10_000 + i64::from(numbers.below(100_000_000));
    let mut terms = LoanTerms::plain(kes(amount), rate, method, day_count, instalments);
    if method == InterestMethod::DecliningEqualInstalment {
        terms.instalment.basis = numbers.of(
            &[InstalmentBasis::ActualPeriodFactors, InstalmentBasis::FirstPeriodDays],
            InstalmentBasis::NominalPeriod,
        );
        terms.instalment.levelling = numbers.of(&[Levelling::OnePass, Levelling::None], Levelling::None);
    }
    if numbers.below(2) == 0 && method != InterestMethod::Flat {
        let overdue = numbers.of(&[OverdueInterest::Daily, OverdueInterest::None], OverdueInterest::None);
        let early = EarlyInterest::ToPaymentDate;
        terms.recalculation = Recalculation::On(Recalculating { overdue, early, ..Recalculating::default() });
        terms.allocation.future = numbers.of(&[FutureRule::Next, FutureRule::Last], FutureRule::Next);
    }
    terms
}

fn life(numbers: &mut Numbers, payments: u32) -> Vec<LoanEvent> {
    let mut events = vec![LoanEvent::disbursed(START)];
    let mut day = 0;
    for _ in 0..payments {
        day += i64::from(numbers.below(60));
        let on = days_after(START, day).unwrap_or(START);
        events.push(LoanEvent::Repaid { on, amount: kes(1 + i64::from(numbers.below(5_000_000))) });
    }
    events
}

/// So many lives, a line of JSON each: what the engine says of them, or why it refuses.
#[wasm_bindgen]
pub fn told(lives: u32) -> String {
    let mut numbers = Numbers(1);
    let mut lines = String::new();
    for _ in 0..lives {
        let terms = terms(&mut numbers);
        let payments = numbers.below(20);
        let events = life(&mut numbers, payments);
        let as_of = days_after(START, i64::from(numbers.below(1_200))).unwrap_or(START);
        let line = match fold(&terms, &events, as_of) {
            Ok(state) => serde_json::to_string(&state).unwrap_or_else(|fault| fault.to_string()),
            Err(fault) => fault.to_string(),
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    lines
}

/// Plain monthly schedules of so many rows; answers how many rows were made.
#[wasm_bindgen]
pub fn schedules(count: u32, rows: u16) -> u32 {
    let mut numbers = Numbers(2);
    let mut made = 0_u32;
    for _ in 0..count {
        let rate = Rate::try_from(Decimal::new(i64::from(400 + numbers.below(1_600)), 2)).unwrap_or_default();
        let amount = kes(5_000_000 + i64::from(numbers.below(50_000_000)));
        let level = InterestMethod::DecliningEqualInstalment;
        let terms = LoanTerms::plain(amount, rate, level, DayCount::Twelfths, rows);
        if let Ok(rows) = plan(&terms, START) {
            made = made.wrapping_add(u32::try_from(std::hint::black_box(rows).len()).unwrap_or(0));
        }
    }
    made
}

/// Loans of 72 rows with sixty payments, folded from the first to the last; answers how many rows there
/// were.
#[wasm_bindgen]
pub fn replays(count: u32) -> u32 {
    let mut numbers = Numbers(3);
    let level = InterestMethod::DecliningEqualInstalment;
    let rate = Rate::try_from(Decimal::from(14)).unwrap_or_default();
    let mut terms = LoanTerms::plain(kes(100_000_000), rate, level, DayCount::Actual365Fixed, 72);
    terms.allocation.excess = tawi_domain::credit_ops::schedule::Excess::Kept;
    let events: Vec<LoanEvent> = life(&mut numbers, 60)
        .into_iter()
        .map(|event| match event {
            LoanEvent::Repaid { on, .. } => LoanEvent::Repaid { on, amount: kes(1_500_000) },
            other => other,
        })
        .collect();
    let as_of = days_after(START, 2_400).unwrap_or(START);
    let mut made = 0_u32;
    for _ in 0..count {
        if let Ok(state) = fold(&terms, &events, as_of) {
            made = made.wrapping_add(u32::try_from(std::hint::black_box(state).rows.len()).unwrap_or(0));
        }
    }
    made
}
