//! What an event does stays what it did: whatever comes to the books before or after it takes nothing from anybody
//! unasked, loses nothing, and what would is refused by name.

use crate::any::{kes, rate};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use tawi_domain::credit_ops::schedule::*;

const LENT: Date = date(2026, 1, 1);

fn level(cents: i64, hundredths: i64, instalments: u16) -> LoanTerms {
    let method = InterestMethod::DecliningEqualInstalment;
    LoanTerms::plain(kes(cents), rate(hundredths), method, DayCount::Twelfths, instalments)
}

fn paid(on: Date, cents: i64) -> LoanEvent {
    LoanEvent::Repaid { on, amount: kes(cents) }
}

fn charged(on: Date, class: ChargeClass, cents: i64) -> LoanEvent {
    LoanEvent::Charged { on, due: on, class, amount: kes(cents), tax: None }
}

/// 1,200.00 without interest, 200.00 paid, 1,000.00 taken to pay it off. What is reversed, paid or charged before that
/// day, and known later, changes what is owed and not what was taken.
#[test]
fn a_pay_off_keeps_what_it_took() {
    let terms = level(120_000, 0, 12);
    let on = date(2026, 1, 20);
    let mut life = vec![LoanEvent::disbursed(LENT), paid(date(2026, 1, 15), 20_000), LoanEvent::paid_off(on)];
    let state = fold(&terms, &life, on).unwrap();
    life[2] = as_booked(life[2], &state).unwrap();
    assert_eq!(life[2], LoanEvent::PaidOff { on, amount: Some(kes(100_000)) });
    assert_eq!(fold(&terms, &life, on).unwrap(), state);
    let later = date(2026, 1, 25);
    let after = |event| fold(&terms, &[life.clone(), vec![event]].concat(), later).unwrap();
    let bounced = after(LoanEvent::Reversed { on: later, event: 2 });
    assert_eq!((bounced.owed.principal, bounced.closed_on, bounced.books.paid_in), (20_000, None, 100_000));
    let fee = after(charged(date(2026, 1, 18), ChargeClass::Fee, 5_000));
    assert_eq!((fee.owed.total(), fee.closed_on, fee.books.paid_in), (5_000, None, 120_000));
    // More than the loan asks for is refused under terms that keep nothing, and kept by those that do.
    let mut kept = terms.clone();
    kept.allocation.excess = Excess::Kept;
    let events = [life.clone(), vec![paid(date(2026, 1, 10), 10_000)]].concat();
    let early = fold(&kept, &events, later).unwrap();
    assert_eq!((early.books.paid_in, early.overpaid), (130_000, 10_000));
}

/// Fewer instalments after a payment in advance: five shillings missing of the last of them are given up the day after
/// it, not when the twelfth would have been.
#[test]
fn what_is_left_of_a_shorter_plan_is_given_up() {
    let mut terms = level(5_000_000, 1_600, 12);
    terms.prepayment = Prepayment::FewerInstalments;
    terms.tolerance = 1_000;
    let mut life = vec![LoanEvent::disbursed(LENT), paid(date(2026, 1, 20), 3_000_000)];
    let plan = fold(&terms, &life, date(2026, 1, 20)).unwrap();
    let rows: Vec<(Date, Minor)> =
        plan.rows.iter().filter(|row| row.unpaid() > 0).map(|row| (row.due, row.unpaid())).collect();
    assert!(rows.len() < 8, "{rows:?}");
    for (nth, (due, asked)) in rows.iter().enumerate() {
        life.push(paid(*due, if nth + 1 == rows.len() { asked - 500 } else { *asked }));
    }
    let day = days_after(rows.last().unwrap().0, 1).unwrap();
    assert_eq!(fold(&terms, &life, day).unwrap().owed.total(), 500);
    life.push(LoanEvent::GivenUp { on: day });
    let state = fold(&terms, &life, day).unwrap();
    assert_eq!((state.given_up.total(), state.closed_on), (500, Some(day)));
    // While an instalment is to come, nothing is.
    life.truncate(3);
    life.push(LoanEvent::GivenUp { on: date(2026, 2, 10) });
    let early = fold(&terms, &life, date(2026, 2, 10)).unwrap_err();
    assert!(matches!(early, LoanError::AboveTolerance { .. }), "{early}");
}

/// Interest that was due and was spread over new rows is owed whatever becomes of those rows.
#[test]
fn interest_that_was_spread_is_not_forgiven() {
    let terms = level(100_000, 3_000, 12);
    let day = date(2027, 2, 1);
    let re_aged = |interest| LoanEvent::ReAged {
        on: day,
        first_due: date(2027, 3, 1),
        frequency: Frequency::MONTHLY,
        instalments: 10,
        interest,
    };
    for handling in [DueInterest::EqualPayable, DueInterest::EqualSplit] {
        let life = [LoanEvent::disbursed(LENT), re_aged(handling)];
        let next = date(2027, 2, 2);
        let before = fold(&terms, &life, next).unwrap();
        // 1,000.00 and 169.80 of interest; an equal split agrees on interest to come besides, which is owed to whoever
        // pays it off and ends with the rows.
        let owed = if handling == DueInterest::EqualPayable { before.pay_off } else { 116_980 };
        assert!(owed >= 116_980 && before.pay_off >= owed, "{}", before.pay_off);
        let anew = LoanEvent::Restructured {
            on: next,
            first_due: date(2027, 3, 2),
            frequency: Frequency::MONTHLY,
            instalments: 6,
            rate: rate(3_000),
            penalty: None,
        };
        let once_more = LoanEvent::ReAged {
            on: next,
            first_due: date(2027, 3, 5),
            frequency: Frequency::MONTHLY,
            instalments: 4,
            interest: DueInterest::EqualPayable,
        };
        let spread = LoanEvent::ReAmortised { on: next, interest: DueInterest::EqualPayable };
        for event in [LoanEvent::Accelerated { on: next }, anew, once_more, spread] {
            let after = fold(&terms, &[life.to_vec(), vec![event]].concat(), next).unwrap();
            assert_eq!(after.pay_off, owed, "{handling:?} {event:?}");
        }
        let lost =
            fold(&terms, &[life.to_vec(), vec![LoanEvent::WrittenOff { on: next }]].concat(), next).unwrap();
        assert_eq!(lost.written_off.total(), owed, "{handling:?}");
    }
}

/// No more comes back than was lost, and nothing is lost of what is owed no more.
#[test]
fn what_is_lost_bounds_what_is_recovered() {
    let mut terms = level(5_000_000, 1_600, 12);
    let mut fee = Charge::new(
        "Fee",
        ChargeClass::Fee,
        ChargeAmount::Flat(kes(75_000)),
        ChargeTrigger::PaidAtDisbursement,
    );
    fee.income = ChargeIncome::OverTerm;
    terms.charges.push(fee);
    let day = date(2026, 3, 2);
    let mut life = vec![LoanEvent::disbursed(LENT), LoanEvent::WrittenOff { on: day }];
    let lost = fold(&terms, &life, day).unwrap();
    life.push(LoanEvent::Recovered { on: day, amount: lost.money(lost.written_off.total()) });
    let back = fold(&terms, &life, day).unwrap();
    assert_eq!(back.recovered, lost.written_off.total());
    let twice = [life[..2].to_vec(), vec![LoanEvent::WrittenOff { on: day }]].concat();
    assert_eq!(fold(&terms, &twice, day).unwrap_err(), LoanError::WrittenOffAlready);
    let closed = [LoanEvent::disbursed(LENT), LoanEvent::paid_off(day)];
    for event in [LoanEvent::ChargedOff { on: day }, LoanEvent::WrittenOff { on: day }] {
        let events = [closed.to_vec(), vec![event]].concat();
        assert_eq!(fold(&terms, &events, day).unwrap_err(), LoanError::NothingOwed, "{event:?}");
    }
}

#[test]
fn what_would_change_another_events_meaning_is_refused() {
    let mut terms = level(5_000_000, 1_600, 12);
    let flat = ChargeAmount::Flat(kes(100));
    terms.charges.push(Charge::new("Fee", ChargeClass::Fee, flat, ChargeTrigger::EachInstalment));
    let day = date(2026, 2, 10);
    let life = [
        LoanEvent::disbursed(LENT),
        charged(day, ChargeClass::Fee, 2_000),
        LoanEvent::Waived { on: day, amount: kes(2_000) },
    ];
    let may = |events: &[LoanEvent], event| may_be_booked(&terms, events, &event, day);
    let undo = |event| LoanEvent::Reversed { on: day, event };
    assert_eq!(may(&life, undo(2)), Err(LoanError::StoodOn));
    assert_eq!(may(&life, undo(3)), Ok(()));
    assert_eq!(may(&[life.to_vec(), vec![undo(3)]].concat(), undo(2)), Ok(()));
    assert_eq!(may(&life, undo(1)), Err(LoanError::OnlyDisbursement));
    for nothing in
        [paid(day, 0), charged(day, ChargeClass::Fee, 0), LoanEvent::Waived { on: day, amount: kes(0) }]
    {
        assert_eq!(may(&life, nothing), Err(LoanError::NoAmount));
    }
    let early = LoanEvent::Charged {
        on: day,
        due: date(2025, 12, 31),
        class: ChargeClass::Fee,
        amount: kes(1),
        tax: None,
    };
    assert_eq!(may(&life, early), Err(LoanError::BeforeTheLoan));
    assert_eq!(may(&life, LoanEvent::HolidayDeclared { on: day, holiday: day }), Err(LoanError::PastHoliday));
    for fault in
        [LoanError::StoodOn, LoanError::OnlyDisbursement, LoanError::NothingOwed, LoanError::NearlyFull]
    {
        assert!(fault.to_string().len() > 20);
    }
}

/// A pay-out and a top-up are told each by what it was, and a field that nobody knows is refused wherever it stands.
#[test]
fn history_tells_each_amount_and_charges_hide_nothing() {
    let terms = level(100_000, 1_200, 12);
    let day = date(2026, 1, 10);
    let life = [LoanEvent::disbursed(LENT), LoanEvent::ToppedUp { on: day, amount: kes(50_000) }];
    let state = fold(&terms, &life, day).unwrap();
    let told: Vec<Option<Minor>> = history(&life, &state).into_iter().map(|told| told.amount).collect();
    assert_eq!(told, [Some(100_000), Some(50_000)]);
    let mut terms = terms;
    let percent = Decimal::from(5);
    let amount = ChargeAmount::Percent { percent, of: ChargeBase::InstalmentUnpaid, least: None, most: None };
    let trigger = ChargeTrigger::OverdueInstalment { grace_days: 7, every_days: 30 };
    terms.charges.push(Charge::new("Late", ChargeClass::Penalty, amount, trigger));
    terms.charges[0].tax = vec![DatedPercent { from: LENT, percent }];
    let stored = terms_to_store(&terms);
    assert_eq!(stored_terms(stored.clone()).unwrap(), terms);
    for place in ["/charges/0/trigger/overdue_instalment", "/charges/0/amount/percent", "/charges/0/tax/0"] {
        let mut later = stored.clone();
        let object = later.pointer_mut(place).and_then(|found| found.as_object_mut());
        object
            .unwrap_or_else(|| panic!("nothing at {place}"))
            .insert("only_weekdays".to_owned(), true.into());
        assert!(stored_terms(later).unwrap_err().to_string().contains("only_weekdays"), "{place}");
    }
}
