use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::credit_ops::schedule::{
    DayCount, InterestMethod, LoanError, LoanEvent, LoanState, LoanTerms, fold,
};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::rate::Rate;

fn kes(cents: i64) -> Money {
    Money::new(Decimal::new(cents, 2), Currency::Kes).unwrap()
}

fn terms(
    cents: i64,
    percent: Decimal,
    method: InterestMethod,
    day_count: DayCount,
    instalments: u16,
) -> LoanTerms {
    LoanTerms {
        principal: kes(cents),
        rate: Rate::try_from(percent).unwrap(),
        method,
        day_count,
        instalments,
    }
}

const DISBURSED: Date = date(2026, 1, 31);

fn plan(terms: &LoanTerms) -> LoanState {
    fold(terms, &[LoanEvent::Disbursed { on: DISBURSED }], DISBURSED).unwrap()
}

/// The payments that settle a loan on its due dates.
fn on_time(state: &LoanState) -> Vec<LoanEvent> {
    let paid = state.rows.iter().map(|row| LoanEvent::Repaid {
        on: row.due,
        amount: Money::new(row.total(), Currency::Kes).unwrap(),
    });
    std::iter::once(LoanEvent::Disbursed { on: DISBURSED }).chain(paid).collect()
}

fn any_terms() -> impl Strategy<Value = LoanTerms> {
    (
        10_000_i64..500_000_000,
        0_i64..600_000,
        prop_oneof![Just(InterestMethod::DecliningEqualInstalment), Just(InterestMethod::Flat)],
        prop_oneof![Just(DayCount::Actual365Fixed), Just(DayCount::Thirty360)],
        1_u16..61,
    )
        .prop_map(|(cents, basis, method, day_count, instalments)| {
            terms(cents, Decimal::new(basis, 4), method, day_count, instalments)
        })
}

proptest! {
    #[test]
    fn principal_of_the_rows_is_what_was_lent(terms in any_terms()) {
        let state = plan(&terms);
        let principal: Decimal = state.rows.iter().map(|row| row.principal.amount()).sum();
        prop_assert_eq!(principal, terms.principal.amount());
        prop_assert_eq!(state.principal, terms.principal);
        let mut opening = terms.principal.amount();
        for row in &state.rows {
            prop_assert_eq!(row.opening.amount(), opening);
            opening -= row.principal.amount();
        }
        prop_assert!(opening.is_zero());
    }

    #[test]
    fn paying_each_row_when_it_is_due_ends_at_zero(terms in any_terms()) {
        let events = on_time(&plan(&terms));
        let last = match events.last() { Some(LoanEvent::Repaid { on, .. }) => *on, _ => DISBURSED };
        let state = fold(&terms, &events, last).unwrap();
        prop_assert!(state.principal.amount().is_zero());
        prop_assert!(state.pay_off.amount().is_zero());
        prop_assert_eq!(state.closed_on, Some(last));
        prop_assert_eq!(state.days_past_due, 0);
        prop_assert_eq!(state.total_interest, plan(&terms).total_interest);
    }

    /// Whatever is paid whenever: nothing is lost, nothing turns negative, and the pay-off pays off.
    #[test]
    fn any_life_keeps_every_cent(terms in any_terms(), gaps in prop::collection::vec((0_i64..70, 1_u32..100), 0..12)) {
        let mut events = vec![LoanEvent::Disbursed { on: DISBURSED }];
        let mut on = DISBURSED;
        let mut paid = Decimal::ZERO;
        for (days, hundredth) in gaps {
            on = on.checked_add(jiff::Span::new().days(days)).unwrap();
            let before = fold(&terms, &events, on).unwrap();
            if before.closed_on.is_some() { break; }
            let share = before.pay_off.amount() * Decimal::from(hundredth) / Decimal::ONE_HUNDRED;
            let amount = share.round_dp(2);
            if amount.is_zero() { continue; }
            let amount = Money::new(amount, Currency::Kes).unwrap();
            events.push(LoanEvent::Repaid { on, amount });
            paid += amount.amount();
            let after = fold(&terms, &events, on).unwrap();
            prop_assert_eq!(after.pay_off.amount(), before.pay_off.amount() - amount.amount());
            let used: Decimal = after.allocations.iter().map(|used| {
                used.interest.amount() + used.principal.amount() + used.in_advance.amount() + used.early_interest.amount()
            }).sum();
            prop_assert_eq!(used, paid);
            let repaid: Decimal =
                after.allocations.iter().map(|used| used.principal.amount() + used.in_advance.amount()).sum();
            prop_assert_eq!(after.principal.amount(), terms.principal.amount() - repaid);
        }
        let state = fold(&terms, &events, on).unwrap();
        if state.closed_on.is_none() {
            let too_much = Money::new(state.pay_off.amount() + Decimal::new(1, 2), Currency::Kes).unwrap();
            let mut over = events.clone();
            over.push(LoanEvent::Repaid { on, amount: too_much });
            prop_assert_eq!(fold(&terms, &over, on), Err(LoanError::AbovePayOff { pay_off: state.pay_off }));
            if !state.pay_off.amount().is_zero() {
                events.push(LoanEvent::Repaid { on, amount: state.pay_off });
                let closed = fold(&terms, &events, on).unwrap();
                prop_assert_eq!(closed.closed_on, Some(on));
                prop_assert!(closed.principal.amount().is_zero() && closed.pay_off.amount().is_zero());
                // What is in the books by then stays what it is: nothing falls due afterwards.
                let later = on.checked_add(jiff::Span::new().years(9)).unwrap();
                prop_assert_eq!(fold(&terms, &events, later).unwrap().interest_booked, closed.interest_booked);
            }
        }
    }

    #[test]
    fn interest_in_the_books_only_grows(terms in any_terms(), days in 1_i64..900) {
        let events = [LoanEvent::Disbursed { on: DISBURSED }];
        let earlier = DISBURSED.checked_add(jiff::Span::new().days(days)).unwrap();
        let later = earlier.checked_add(jiff::Span::new().days(17)).unwrap();
        let before = fold(&terms, &events, earlier).unwrap();
        let after = fold(&terms, &events, later).unwrap();
        prop_assert!(after.interest_booked.amount() >= before.interest_booked.amount());
        prop_assert_eq!(before.interest_due, before.interest_booked);
        prop_assert!(after.days_past_due == 0 || after.days_past_due >= before.days_past_due);
    }
}

#[test]
fn a_month_ends_where_the_calendar_says() {
    let state = plan(&terms(
        10_000_000,
        Decimal::from(12),
        InterestMethod::DecliningEqualInstalment,
        DayCount::Actual365Fixed,
        4,
    ));
    let due: Vec<Date> = state.rows.iter().map(|row| row.due).collect();
    assert_eq!(due, [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]);
    let days: Vec<i64> = state.rows.iter().map(|row| row.days).collect();
    assert_eq!(days, [28, 31, 30, 31]);
}

/// 100,000 at 12 % over 12 months, a twelfth a month: the annuity every textbook prints is 8,884.88, and
/// the first month's interest is 1,000.
#[test]
fn equal_instalments_are_the_textbooks() {
    let state = plan(&terms(
        10_000_000,
        Decimal::from(12),
        InterestMethod::DecliningEqualInstalment,
        DayCount::Thirty360,
        12,
    ));
    assert_eq!(state.instalment, kes(888_488));
    let first_due = fold(
        &terms(
            10_000_000,
            Decimal::from(12),
            InterestMethod::DecliningEqualInstalment,
            DayCount::Thirty360,
            12,
        ),
        &[LoanEvent::Disbursed { on: date(2026, 1, 15) }],
        date(2026, 1, 15),
    )
    .unwrap();
    assert_eq!(first_due.rows[0].interest, kes(100_000));
    assert_eq!(first_due.rows[0].principal, kes(788_488));
    assert_eq!(first_due.rows[1].interest, kes(92_115));
    let last = first_due.rows.last().unwrap();
    assert!((last.total() - Decimal::new(888_488, 2)).abs() < Decimal::new(10, 2), "{}", last.total());
}

/// Flat: the same interest each month, on the amount lent.
#[test]
fn flat_interest_is_taken_on_the_amount_lent() {
    let state = plan(&terms(12_000_000, Decimal::from(10), InterestMethod::Flat, DayCount::Thirty360, 12));
    assert!(state.rows.iter().all(|row| row.interest == kes(100_000) && row.principal == kes(1_000_000)));
    assert_eq!(state.total_interest, kes(1_200_000));
}

/// Paid off between two due dates: what is due, the balance, and the interest of the days since.
#[test]
fn pay_off_takes_interest_to_the_day() {
    let terms = terms(
        10_000_000,
        Decimal::from(18),
        InterestMethod::DecliningEqualInstalment,
        DayCount::Actual365Fixed,
        12,
    );
    let disbursed = LoanEvent::Disbursed { on: date(2026, 3, 1) };
    // Ten days: 100,000 x 18 % x 10 / 365 = 493.15.
    let state = fold(&terms, &[disbursed], date(2026, 3, 11)).unwrap();
    assert_eq!(state.accrued, kes(49_315));
    assert_eq!(state.pay_off, kes(10_049_315));
    let paid = LoanEvent::Repaid { on: date(2026, 3, 11), amount: state.pay_off };
    let closed = fold(&terms, &[disbursed, paid], date(2026, 3, 11)).unwrap();
    assert_eq!(closed.allocations[0].early_interest, kes(49_315));
    assert_eq!(closed.closed_on, Some(date(2026, 3, 11)));
    assert_eq!(closed.interest_booked, kes(49_315));
    // Paid back on the day it was paid out, nothing is earned.
    let at_once = LoanEvent::Repaid { on: date(2026, 3, 1), amount: kes(10_000_000) };
    assert_eq!(fold(&terms, &[disbursed, at_once], date(2026, 3, 1)).unwrap().total_interest, kes(0));
}

#[test]
fn lateness_counts_from_the_oldest_unpaid_row() {
    let terms = terms(1_200_000, Decimal::ZERO, InterestMethod::Flat, DayCount::Thirty360, 12);
    let disbursed = LoanEvent::Disbursed { on: date(2026, 1, 10) };
    let late = |on, events: &[LoanEvent]| {
        let state = fold(&terms, events, on).unwrap();
        (state.days_past_due, state.arrears)
    };
    assert_eq!(late(date(2026, 2, 10), &[disbursed]), (0, kes(0)), "on the day nobody is late");
    assert_eq!(late(date(2026, 2, 11), &[disbursed]), (1, kes(100_000)));
    assert_eq!(late(date(2026, 3, 11), &[disbursed]), (29, kes(200_000)));
    let part = LoanEvent::Repaid { on: date(2026, 3, 11), amount: kes(150_000) };
    assert_eq!(late(date(2026, 3, 11), &[disbursed, part]), (1, kes(50_000)));
}

#[test]
fn what_cannot_be_is_refused() {
    let terms = terms(1_200_000, Decimal::ZERO, InterestMethod::Flat, DayCount::Thirty360, 12);
    let repaid = LoanEvent::Repaid { on: date(2026, 1, 10), amount: kes(1) };
    let disbursed = LoanEvent::Disbursed { on: date(2026, 1, 10) };
    assert_eq!(fold(&terms, &[], DISBURSED), Err(LoanError::Order));
    assert_eq!(fold(&terms, &[repaid], DISBURSED), Err(LoanError::Order));
    assert_eq!(fold(&terms, &[disbursed, disbursed], DISBURSED), Err(LoanError::Order));
    let before = LoanEvent::Repaid { on: date(2026, 1, 9), amount: kes(1) };
    assert_eq!(fold(&terms, &[disbursed, before], DISBURSED), Err(LoanError::Order));
    let none = LoanTerms { instalments: 0, ..terms };
    assert_eq!(fold(&none, &[disbursed], DISBURSED), Err(LoanError::Instalments));
}

/// Under 30/360 a period is a twelfth of a year, whatever a small payment or a short month cuts out of it.
#[test]
fn thirty_days_make_a_month_however_it_is_cut() {
    let terms = terms(
        10_000_000,
        Decimal::from(12),
        InterestMethod::DecliningEqualInstalment,
        DayCount::Thirty360,
        12,
    );
    let first = |on, events: &[LoanEvent]| fold(&terms, events, on).unwrap().rows[0].interest;
    let disbursed = LoanEvent::Disbursed { on: date(2026, 1, 15) };
    let cent = LoanEvent::Repaid { on: date(2026, 1, 31), amount: kes(1) };
    assert_eq!(first(date(2026, 1, 31), &[disbursed, cent]), kes(100_000));
    let at_the_end = fold(&terms, &[LoanEvent::Disbursed { on: DISBURSED }], DISBURSED).unwrap();
    assert_eq!(at_the_end.rows[0].interest, kes(100_000));
    assert!(at_the_end.rows.iter().all(|row| row.days == 30));
}
