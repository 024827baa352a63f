//! Cases that others published, or that a branch met, and on which the engine once went wrong: each stands for a
//! kind, and its figures can be checked by hand.

use crate::any::{kes, rate};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use tawi_domain::credit_ops::schedule::*;

fn terms(cents: i64, hundredths: i64, method: InterestMethod, instalments: u16) -> LoanTerms {
    LoanTerms::plain(kes(cents), rate(hundredths), method, DayCount::Twelfths, instalments)
}

fn level(cents: i64, hundredths: i64, instalments: u16) -> LoanTerms {
    terms(cents, hundredths, InterestMethod::DecliningEqualInstalment, instalments)
}

fn paid(on: Date, cents: i64) -> LoanEvent {
    LoanEvent::Repaid { on, amount: kes(cents) }
}

fn totals(state: &LoanState) -> Vec<Minor> {
    state.rows.iter().map(Row::total).collect()
}

/// 1,000.00 in one row due 1 October, a fee of 20.00 booked on 5 September and due on the 15th, 1,020.00 paid on
/// the 10th: a fee that is booked is owed, whenever it is due.
#[test]
fn an_early_payment_pays_a_booked_fee() {
    for future in [
        FutureRule::BeyondInstalment,
        FutureRule::Next,
        FutureRule::Last,
        FutureRule::Equal,
        FutureRule::CurrentInstalment,
    ] {
        for excess in [Excess::Kept, Excess::Refused] {
            let mut terms = level(100_000, 0, 1);
            terms.allocation = AllocationRules { future, excess, ..AllocationRules::default() };
            let mut events = vec![
                LoanEvent::disbursed(date(2026, 9, 1)),
                LoanEvent::Charged {
                    on: date(2026, 9, 5),
                    due: date(2026, 9, 15),
                    class: ChargeClass::Fee,
                    amount: kes(2_000),
                    tax: None,
                },
            ];
            let before = fold(&terms, &events, date(2026, 9, 10)).unwrap();
            assert_eq!(before.pay_off, 102_000, "{future:?}");
            events.push(paid(date(2026, 9, 10), 102_000));
            let after = fold(&terms, &events, date(2026, 9, 20)).unwrap();
            let used = after.allocations[0].parts();
            assert_eq!((used.principal, used.fees, after.overpaid), (100_000, 2_000, 0), "{future:?}");
            assert_eq!(after.closed_on, Some(date(2026, 9, 10)), "{future:?}");
            events.push(LoanEvent::Reversed { on: date(2026, 9, 25), event: 3 });
            events.push(paid(date(2026, 9, 26), 102_000));
            let again = fold(&terms, &events, date(2026, 10, 2)).unwrap();
            assert_eq!((again.closed_on, again.overpaid), (Some(date(2026, 9, 26)), 0), "{future:?}");
        }
    }
}

/// 6,452.27 at 5 % a year in instalments of 283.07 is gone with the twenty-fourth.
#[test]
fn no_row_follows_the_last_cent() {
    let mut terms = level(645_227, 500, 25);
    terms.day_count = DayCount::Thirty360;
    terms.instalment.given = GivenInstalments::Fixed(kes(28_307));
    for prepayment in [Prepayment::FewerInstalments, Prepayment::KeepInstalment] {
        terms.prepayment = prepayment;
        let state = fold(&terms, &[LoanEvent::disbursed(date(2026, 1, 1))], date(2026, 1, 1)).unwrap();
        assert_eq!(
            (state.rows.len(), state.rows.last().map(Row::total)),
            (24, Some(28_307)),
            "{prepayment:?}"
        );
    }
}

/// A fee with each instalment makes no row of its own: 40,000.00 paid in advance leave five rows of twelve, and no
/// fee is asked for after the last of them.
#[test]
fn no_fee_follows_the_last_cent() {
    let mut terms = level(6_000_000, 1_600, 12);
    terms.prepayment = Prepayment::FewerInstalments;
    let fee = ChargeAmount::Flat(kes(30_000));
    terms.charges.push(Charge::new("Insurance", ChargeClass::Fee, fee, ChargeTrigger::EachInstalment));
    let start = date(2026, 1, 1);
    let state =
        fold(&terms, &[LoanEvent::disbursed(start), paid(date(2026, 1, 20), 4_000_000)], start).unwrap();
    let state =
        fold(&terms, &[LoanEvent::disbursed(start), paid(date(2026, 1, 20), 4_000_000)], state.rows[0].due)
            .unwrap();
    let last = state.rows.last().unwrap();
    assert!(state.rows.len() < 12 && last.asked.principal > 0, "{:?}", state.rows);
    assert_eq!(state.totals.fees, 30_000 * Minor::try_from(state.rows.len()).unwrap());
}

/// 200.00 in twelve fortnights for 20 % of the loan: 40.00 interest, 3.33 a row and 3.37 in the last. A year of
/// weeks at 14 % flat: 14,000.00.
#[test]
fn flat_interest_is_that_of_the_term() {
    let mut fortnights = terms(20_000, 2_000, InterestMethod::Flat, 12);
    fortnights.frequency = Frequency::FORTNIGHTLY;
    fortnights.rate_basis = RateBasis::WholeTerm;
    let start = LoanEvent::disbursed(date(2026, 1, 5));
    let state = fold(&fortnights, &[start], date(2026, 1, 5)).unwrap();
    let interest: Vec<Minor> = state.rows.iter().map(|row| row.asked.interest).collect();
    assert_eq!(interest, [333, 333, 333, 333, 333, 333, 333, 333, 333, 333, 333, 337]);
    let mut weeks = terms(10_000_000, 1_400, InterestMethod::Flat, 52);
    weeks.frequency = Frequency::WEEKLY;
    weeks.flat = FlatInterest::OfTerm;
    let state = fold(&weeks, &[start], date(2026, 1, 5)).unwrap();
    assert_eq!(state.totals.interest, 1_400_000);
    // On the declining balance a rate of the whole term is one of each period all the same.
    for (frequency, day_count) in [
        (Frequency::FORTNIGHTLY, DayCount::Twelfths),
        (Frequency::FORTNIGHTLY, DayCount::Actual365Fixed),
        (Frequency { every: 10, unit: Unit::Days }, DayCount::Actual360),
        (Frequency::MONTHLY, DayCount::Twelfths),
    ] {
        let mut terms = level(20_000, 2_400, 12);
        (terms.frequency, terms.day_count) = (frequency, day_count);
        terms.rate_basis = RateBasis::WholeTerm;
        let state = fold(&terms, &[start], date(2026, 1, 5)).unwrap();
        // 2 % of 200.00.
        assert_eq!(state.rows[0].asked.interest, 400, "{frequency:?} {day_count:?}");
    }
}

/// 300.00 in three rows of 105.00. 10.00 of interest are waived on 2 March; a payment of 15.00 dated 15 February
/// comes to the books on 5 March: it has paid 5.00 of what was waived, which is not waived twice.
#[test]
fn an_earlier_payment_leaves_less_to_waive() {
    let mut terms = level(30_000, 2_000, 3);
    terms.method = InterestMethod::Flat;
    terms.frequency = Frequency::MONTHLY;
    let events = [
        LoanEvent::disbursed(date(2026, 1, 1)),
        LoanEvent::Waived { on: date(2026, 3, 2), amount: kes(1_000) },
        paid(date(2026, 2, 15), 1_500),
    ];
    let state = fold(&terms, &events[..2], date(2026, 3, 2)).unwrap();
    assert_eq!((totals(&state), state.waived.interest), (vec![10_000, 10_000, 10_500], 1_000));
    let state = fold(&terms, &events, date(2026, 3, 5)).unwrap();
    assert_eq!((state.owed.principal, state.owed.interest, state.waived.interest), (29_000, 0, 500));
    // But nobody waives today what is not there today.
    let late = [events[0], events[2], events[1]];
    assert_eq!(fold(&terms, &late, date(2026, 3, 5)), Err(LoanError::NothingToWaive));
}

/// 9,000.00 owed; 200.00, then 9,100.00 paid; 300.00 go back; the 200.00 bounce: 200.00 are owed again.
#[test]
fn a_bounced_payment_before_a_refund_is_owed_again() {
    for future in [FutureRule::BeyondInstalment, FutureRule::Next, FutureRule::Last, FutureRule::Equal] {
        let mut terms = level(900_000, 0, 3);
        terms.allocation = AllocationRules { future, excess: Excess::Kept, ..AllocationRules::default() };
        let mut events = vec![
            LoanEvent::disbursed(date(2026, 1, 1)),
            paid(date(2026, 1, 10), 20_000),
            paid(date(2026, 1, 20), 910_000),
            LoanEvent::Refunded { on: date(2026, 1, 25), amount: kes(30_000) },
        ];
        let state = fold(&terms, &events, date(2026, 1, 30)).unwrap();
        assert_eq!((state.owed.total(), state.overpaid), (0, 0), "{future:?}");
        assert_eq!(state.closed_on, Some(date(2026, 1, 20)), "{future:?}");
        events.push(LoanEvent::Reversed { on: date(2026, 1, 30), event: 2 });
        for day in [date(2026, 1, 30), date(2026, 3, 15), date(2026, 6, 1)] {
            let state = fold(&terms, &events, day).unwrap();
            assert_eq!((state.owed.total(), state.closed_on), (20_000, None), "{future:?} {day}");
            assert_eq!(state.pay_off, 20_000, "{future:?}");
        }
        events.push(paid(date(2026, 6, 2), 20_000));
        let state = fold(&terms, &events, date(2026, 6, 2)).unwrap();
        assert_eq!((state.owed.total(), state.closed_on), (0, Some(date(2026, 6, 2))), "{future:?}");
    }
    // Nobody gives back today what was not paid too much.
    let events = [
        LoanEvent::disbursed(date(2026, 1, 1)),
        LoanEvent::Refunded { on: date(2026, 1, 25), amount: kes(1) },
    ];
    assert_eq!(fold(&level(900_000, 0, 3), &events, date(2026, 1, 25)), Err(LoanError::NothingToRefund));
}

/// 10,000.00 written off, 6,000.00 recovered: 4,000.00 are left to recover.
#[test]
fn no_more_is_recovered_than_was_lost() {
    let terms = level(1_000_000, 0, 10);
    let on = date(2026, 2, 10);
    let mut events = vec![
        LoanEvent::disbursed(date(2026, 1, 20)),
        LoanEvent::WrittenOff { on },
        LoanEvent::Recovered { on, amount: kes(600_000) },
        LoanEvent::Recovered { on, amount: kes(500_000) },
    ];
    let fault = fold(&terms, &events, on).unwrap_err();
    assert_eq!(fault, LoanError::AboveWrittenOff { left: kes(400_000) });
    assert!(fault.to_string().contains("4,000.00"), "{fault}");
    events[3] = LoanEvent::Recovered { on, amount: kes(400_000) };
    assert_eq!(fold(&terms, &events, on).unwrap().recovered, 1_000_000);
}

fn penalty(amount: ChargeAmount, trigger: ChargeTrigger) -> Charge {
    Charge::new("Late payment", ChargeClass::Penalty, amount, trigger)
}

/// 1,200.00 without interest in twelve rows of 100.00; 40.00 of the first are paid. Two percent of what is
/// unpaid, again every ten days.
#[test]
fn penalties_follow_what_is_unpaid() {
    let mut terms = level(120_000, 0, 12);
    let two_percent = |of| ChargeAmount::Percent { percent: Decimal::TWO, of, least: None, most: None };
    let overdue = ChargeTrigger::OverdueInstalment { grace_days: 4, every_days: 10 };
    terms.charges = vec![penalty(two_percent(ChargeBase::InstalmentUnpaid), overdue)];
    let mut events = vec![LoanEvent::disbursed(date(2026, 1, 1)), paid(date(2026, 2, 1), 4_000)];
    let penalties = |terms: &LoanTerms, events: &[LoanEvent], day| -> Minor {
        fold(terms, events, day).unwrap().due.penalties
    };
    // On 6, 16 and 26 February 1.20 of 60.00; from 6 March the second row too.
    assert_eq!(penalties(&terms, &events, date(2026, 2, 5)), 0);
    assert_eq!(penalties(&terms, &events, date(2026, 2, 6)), 120);
    assert_eq!(penalties(&terms, &events, date(2026, 2, 26)), 360);
    assert_eq!(penalties(&terms, &events, date(2026, 3, 8)), 480 + 200);
    // A cap over all of them, and a last day.
    let mut capped = terms.clone();
    capped.charges[0].most_in_all = Some(300);
    assert_eq!(penalties(&capped, &events, date(2026, 6, 1)), 300);
    let mut ended = terms.clone();
    ended.charges[0].until = Some(date(2026, 2, 16));
    assert_eq!(penalties(&ended, &events, date(2026, 6, 1)), 240);
    // Paid on the 20th: none after that.
    events.push(paid(date(2026, 2, 20), 6_240));
    assert_eq!(penalties(&terms, &events, date(2026, 3, 5)), 0);
    // After the last due date, of everything that is unpaid.
    let mut ripe = level(120_000, 0, 1);
    let matured = ChargeTrigger::AfterMaturity { grace_days: 0, every_days: 30 };
    ripe.charges = vec![penalty(two_percent(ChargeBase::LoanUnpaid), matured)];
    let lent = [LoanEvent::disbursed(date(2026, 1, 1)), paid(date(2026, 2, 10), 20_000)];
    assert_eq!(penalties(&ripe, &lent, date(2026, 2, 1)), 0);
    // 24.00 on the 2nd, of which the 200.00 of the 10th pay all; on 4 March and 3 April 2 % of 1,024.00.
    assert_eq!(penalties(&ripe, &lent, date(2026, 2, 11)), 0);
    assert_eq!(penalties(&ripe, &lent, date(2026, 4, 3)), 2 * 2_048);
}

/// 1,000.00 at 10 %, twelve payments, lent on 1 September, first due 15 October: a first period of six weeks.
#[test]
fn the_level_is_found_over_the_true_periods() {
    let mut terms = level(100_000, 1_000, 12);
    terms.dates.first_due = FirstDue::On(date(2026, 10, 15));
    let rows = |terms: &LoanTerms| {
        let start = date(2026, 9, 1);
        totals(&fold(terms, &[LoanEvent::disbursed(start)], start).unwrap())
    };
    terms.day_count = DayCount::Actual365Fixed;
    let today = rows(&terms);
    assert_eq!((today[0], today[11]), (8_792, 9_193));
    terms.instalment.basis = InstalmentBasis::ActualPeriodFactors;
    for day_count in [DayCount::Twelfths, DayCount::Thirty360European, DayCount::Actual365Fixed] {
        terms.day_count = day_count;
        let true_periods = rows(&terms);
        assert!((8_824..=8_826).contains(&true_periods[0]), "{day_count:?} {true_periods:?}");
        assert!((true_periods[11] - true_periods[0]).abs() <= 12, "{day_count:?} {true_periods:?}");
    }
}

/// 60,000 at 18 % over twelve months asks for 5,500.80; three payments of 5,500.00 leave 2.40, which is less than
/// 10.00: nobody is late, and the next payment collects it.
#[test]
fn what_is_below_the_tolerance_is_no_arrears() {
    let mut terms = level(6_000_000, 1_800, 12);
    terms.tolerance = 1_000;
    let fifty = ChargeAmount::Flat(kes(5_000));
    terms.charges = vec![penalty(fifty, ChargeTrigger::OverdueInstalment { grace_days: 0, every_days: 0 })];
    let mut events = vec![LoanEvent::disbursed(date(2026, 1, 1))];
    for month in 2..=4 {
        events.push(paid(date(2026, month, 1), 550_000));
    }
    let state = fold(&terms, &events, date(2026, 4, 20)).unwrap();
    assert_eq!((state.due.total(), state.arrears, state.days_past_due), (240, 0, 0));
    assert_eq!((state.due.penalties, state.next_due.map(|next| next.on)), (0, Some(date(2026, 5, 1))));
    assert_eq!(state.next_due.map(|next| next.amount), Some(550_080 + 240));
    // Above it all of it is late, since the day it went above.
    let late = fold(&terms, &events, date(2026, 5, 4)).unwrap();
    assert_eq!((late.arrears, late.days_past_due), (550_080 + 240 + 5_000, 3));
    // At the end it is given up.
    for month in 5..=12 {
        events.push(paid(date(2026, month, 1), 550_080));
    }
    let last = fold(&terms, &events, date(2027, 1, 1)).unwrap().due.total();
    events.push(paid(date(2027, 1, 1), last - 240));
    let state = fold(&terms, &events, date(2027, 3, 1)).unwrap();
    assert_eq!((state.owed.total(), state.arrears, state.closed_on), (240, 0, None));
    events.push(LoanEvent::GivenUp { on: date(2027, 3, 1) });
    let state = fold(&terms, &events, date(2027, 3, 1)).unwrap();
    assert_eq!((state.owed.total(), state.given_up.total()), (0, 240));
    assert_eq!(state.closed_on, Some(date(2027, 3, 1)));
    // More than the tolerance is not given up so.
    let early = [LoanEvent::disbursed(date(2026, 1, 1)), LoanEvent::GivenUp { on: date(2027, 3, 1) }];
    assert!(matches!(fold(&terms, &early, date(2027, 3, 1)), Err(LoanError::AboveTolerance { .. })));
}

/// A late loan is agreed anew: what was charged stays, rows that are late from then on cost what was agreed.
#[test]
fn penalties_are_agreed_anew() {
    let mut terms = level(120_000, 0, 12);
    let five_hundred = ChargeAmount::Flat(kes(50_000));
    terms.charges =
        vec![penalty(five_hundred, ChargeTrigger::OverdueInstalment { grace_days: 0, every_days: 0 })];
    let on = date(2026, 2, 20);
    let revised = PenaltyTerms { amount: ChargeAmount::Flat(kes(2_000)), grace_days: 5, every_days: 0 };
    let anew = |penalty| LoanEvent::Restructured {
        on,
        first_due: date(2026, 3, 20),
        rate: rate(0),
        frequency: Frequency::MONTHLY,
        instalments: 10,
        penalty,
    };
    let penalties = |penalty: Option<PenaltyTerms>, day| -> Vec<Minor> {
        let events = [LoanEvent::disbursed(date(2026, 1, 1)), anew(penalty)];
        fold(&terms, &events, day).unwrap().charges.iter().map(|charge| charge.amount).collect()
    };
    assert_eq!(penalties(Some(revised), date(2026, 3, 25)), [50_000]);
    assert_eq!(penalties(Some(revised), date(2026, 3, 26)), [50_000, 2_000]);
    assert_eq!(penalties(None, date(2026, 3, 26)), [50_000, 50_000]);
}

/// As large as it gets: a result or a sentence.
#[test]
fn the_largest_loans_are_reckoned_or_refused() {
    let start = date(2026, 1, 1);
    let mut whole = 0;
    for cents in [1, 100, 100_000_000_000, LARGEST_AMOUNT] {
        for percent in [0, 1, 100_000] {
            for rows in [1, 12, 1_200] {
                for method in InterestMethod::ALL {
                    let terms = terms(cents, percent, method, rows);
                    let events = [LoanEvent::disbursed(start), LoanEvent::paid_off(date(2026, 6, 15))];
                    match fold(&terms, &events, date(2027, 1, 1)) {
                        Ok(state) => {
                            assert_eq!(state.owed.total(), 0);
                            whole += 1;
                        }
                        Err(fault) => assert!(fault.to_string().len() > 20, "{fault}"),
                    }
                }
            }
        }
    }
    assert!(whole > 100, "{whole} of 180 are reckoned");
}

/// A penalty of a hundred trillion percent, found by the fuzzer: the sum of such charges is no number any more.
#[test]
fn charges_beyond_all_reckoning_are_refused() {
    let mut terms = level(63_534_900, 138, 14);
    let percent = Decimal::new(1_355_440_000_000_005, 1);
    let of = ChargeBase::InstalmentPrincipal;
    let amount = ChargeAmount::Percent { percent, of, least: None, most: None };
    let trigger = ChargeTrigger::OverdueInstalment { grace_days: 0, every_days: 0 };
    terms.charges.push(Charge::new("x", ChargeClass::Penalty, amount, trigger));
    let life = [LoanEvent::disbursed(date(2026, 1, 24)), LoanEvent::paid_off(date(2027, 2, 1))];
    assert_eq!(fold(&terms, &life, date(2027, 3, 1)).unwrap_err(), LoanError::Overflow);
    // And so are more charges than anybody can read.
    let fee = Charge::new("x", ChargeClass::Fee, ChargeAmount::Flat(kes(100)), ChargeTrigger::EachInstalment);
    for (charges, rows, held) in [(100, 199, true), (101, 12, false), (100, 1_000, false)] {
        let mut terms = level(63_534_900, 138, rows);
        terms.charges = vec![fee.clone(); charges];
        let state = fold(&terms, &life[..1], date(2026, 1, 24));
        assert_eq!(state.is_ok(), held, "{charges} on {rows} rows");
    }
}
