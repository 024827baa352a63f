//! What happens to a loan, told one event at a time, with figures a person can check.

use crate::any::{kes, rate};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use tawi_domain::credit_ops::schedule::*;

const START: Date = date(2026, 1, 15);

/// 1,200.00 without interest in twelve months: every figure is a round one.
fn plain(percent: i64) -> LoanTerms {
    let level = InterestMethod::DecliningEqualInstalment;
    LoanTerms::plain(kes(120_000), rate(percent * 100), level, DayCount::Twelfths, 12)
}

fn paid(on: Date, cents: i64) -> LoanEvent {
    LoanEvent::Repaid { on, amount: kes(cents) }
}

fn life(terms: &LoanTerms, events: &[LoanEvent], as_of: Date) -> LoanState {
    let mut whole = vec![LoanEvent::disbursed(START)];
    whole.extend_from_slice(events);
    fold(terms, &whole, as_of).unwrap()
}

fn principals(state: &LoanState) -> Vec<Minor> {
    state.rows.iter().map(|row| row.asked.principal).collect()
}

/// 100,000 at 12 % over 12 months, a twelfth a month: the annuity every textbook prints is 8,884.88, and
/// the first month's interest is 1,000.
#[test]
fn equal_instalments_are_the_textbooks() {
    let mut terms = plain(12);
    terms.principal = kes(10_000_000);
    let state = life(&terms, &[], START);
    assert_eq!(state.instalment, 888_488);
    assert_eq!((state.rows[0].asked.interest, state.rows[0].asked.principal), (100_000, 788_488));
    assert_eq!(state.rows[1].asked.interest, 92_115);
}

#[test]
fn a_month_ends_where_the_calendar_says() {
    let due = |month_end, day| {
        let mut terms = plain(0);
        terms.instalments = 4;
        terms.dates.month_end = month_end;
        terms.dates.due_day = day;
        let state = fold(&terms, &[LoanEvent::disbursed(date(2026, 1, 31))], date(2026, 1, 31)).unwrap();
        state.rows.iter().map(|row| row.due).collect::<Vec<Date>>()
    };
    let clamped = [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)];
    assert_eq!(due(MonthEnd::LastDay, DueDay::AsStart), clamped);
    assert_eq!(due(MonthEnd::LastDay, DueDay::EndOfMonth), clamped);
    let rolled = [date(2026, 3, 1), date(2026, 3, 31), date(2026, 5, 1), date(2026, 5, 31)];
    assert_eq!(due(MonthEnd::FirstOfNext, DueDay::AsStart), rolled);
    let fifth = [date(2026, 2, 5), date(2026, 3, 5), date(2026, 4, 5), date(2026, 5, 5)];
    assert_eq!(due(MonthEnd::LastDay, DueDay::Fixed(5)), fifth);
}

/// ISDA 2006, section 4.16, and the differences everybody trips over: from 31 January 2007 to 28 February.
#[test]
fn the_thirty_day_conventions_differ_at_the_end_of_february() {
    let days = |convention: DayCount, a, b| convention.days(a, b, date(2030, 1, 1));
    let (january, february) = (date(2007, 1, 31), date(2007, 2, 28));
    assert_eq!(days(DayCount::Thirty360BondBasis, january, february), 28);
    assert_eq!(days(DayCount::Thirty360European, january, february), 28);
    assert_eq!(days(DayCount::Thirty360Isda, january, february), 30);
    assert_eq!(days(DayCount::Thirty360Us, january, february), 28);
    let march = date(2007, 3, 31);
    assert_eq!(days(DayCount::Thirty360BondBasis, february, march), 33);
    assert_eq!(days(DayCount::Thirty360European, february, march), 32);
    assert_eq!(days(DayCount::Thirty360Isda, february, march), 30);
    assert_eq!(days(DayCount::Thirty360Us, february, march), 30);
    // The last due date keeps its own day under ISDA.
    assert_eq!(DayCount::Thirty360Isda.days(january, february, february), 28);
    // From one end of February to another, a leap year between.
    let leap = date(2008, 2, 29);
    assert_eq!(days(DayCount::Thirty360Us, february, leap), 360);
    assert_eq!(days(DayCount::Thirty360BondBasis, february, leap), 361);
}

#[test]
fn closed_days_move_due_dates() {
    let due = |rule| {
        let mut terms = plain(0);
        terms.instalments = 2;
        // 15 February 2026 is a Sunday, 31 March a Tuesday and declared a holiday.
        terms.dates.closed =
            ClosedDays { rule, saturdays: true, sundays: true, holidays: vec![date(2026, 3, 31)] };
        let state = fold(&terms, &[LoanEvent::disbursed(date(2025, 12, 31))], date(2025, 12, 31)).unwrap();
        let first = life(&terms, &[], START).rows[0].due;
        (first, state.rows[0].due)
    };
    assert_eq!(due(HolidayRule::Stay).0, date(2026, 2, 15));
    // 31 January 2026 is a Saturday: the next open day lies in February.
    assert_eq!(due(HolidayRule::Next), (date(2026, 2, 16), date(2026, 2, 2)));
    assert_eq!(due(HolidayRule::Previous), (date(2026, 2, 13), date(2026, 1, 30)));
    assert_eq!(due(HolidayRule::NextInMonth), (date(2026, 2, 16), date(2026, 1, 30)));
}

/// Paid off between two due dates: the balance, and the interest of the days since.
#[test]
fn pay_off_takes_interest_to_the_day_or_of_the_period() {
    let mut terms = plain(18);
    terms.principal = kes(10_000_000);
    terms.day_count = DayCount::Actual365Fixed;
    // Ten days: 100,000 x 18 % x 10 / 365 = 493.15.
    let on = date(2026, 1, 25);
    let state = life(&terms, &[], on);
    assert_eq!((state.accrued, state.pay_off, state.accrues_a_day), (49_315, 10_049_315, 4_932));
    let closed = life(&terms, &[LoanEvent::paid_off(on)], date(2027, 6, 1));
    assert_eq!((closed.closed_on, closed.interest_booked, closed.pay_off), (Some(on), 49_315, 0));
    let whole = Recalculating { payoff: PayoffInterest::ToNextDueDate, ..Recalculating::default() };
    terms.recalculation = Recalculation::On(whole);
    // The whole month of 31 days: 1,528.77.
    assert_eq!(life(&terms, &[], on).pay_off, 10_152_877);
}

/// A promise for some days is what each of them will bear out.
#[test]
fn a_quote_holds_for_its_days() {
    let mut terms = plain(18);
    terms.day_count = DayCount::Actual365Fixed;
    let events = [LoanEvent::disbursed(START)];
    let quote = pay_off_quote(&terms, &events, date(2026, 2, 1), date(2026, 2, 20)).unwrap();
    assert_eq!((quote.days.len(), quote.valid_until()), (20, Some(date(2026, 2, 20))));
    for quoted in &quote.days {
        let mut life = events.to_vec();
        life.push(LoanEvent::Repaid { on: quoted.on, amount: kes(quoted.amount) });
        assert_eq!(fold(&terms, &life, quoted.on).unwrap().closed_on, Some(quoted.on));
    }
    assert_eq!(quote.on(date(2026, 2, 21)), None);
    let long = pay_off_quote(&terms, &events, date(2026, 2, 1), date(2026, 6, 1));
    assert_eq!(long, Err(LoanError::QuoteTooLong));
}

#[test]
fn lateness_counts_from_the_oldest_unpaid_row() {
    let terms = plain(0);
    let late = |on, events: &[LoanEvent]| {
        let state = life(&terms, events, on);
        (state.days_past_due, state.arrears)
    };
    assert_eq!(late(date(2026, 2, 15), &[]), (0, 0), "on the day nobody is late");
    assert_eq!(late(date(2026, 2, 16), &[]), (1, 10_000));
    assert_eq!(late(date(2026, 3, 16), &[]), (29, 20_000));
    assert_eq!(late(date(2026, 3, 16), &[paid(date(2026, 3, 16), 15_000)]), (1, 5_000));
}

#[test]
fn what_is_paid_ahead_follows_the_strategy() {
    let mut terms = plain(0);
    terms.allocation.future = FutureRule::CurrentInstalment;
    let early = [paid(date(2026, 2, 15), 40_000)];
    let rest = |prepayment| {
        let mut terms = terms.clone();
        terms.prepayment = prepayment;
        principals(&life(&terms, &early, date(2026, 2, 15)))
    };
    assert_eq!(rest(Prepayment::FewerInstalments), [vec![40_000], vec![10_000; 8]].concat());
    assert_eq!(
        rest(Prepayment::SmallerInstalment),
        [vec![40_000], vec![7_273; 10], vec![7_270]].concat(),
        "800.00 over eleven"
    );
    assert_eq!(
        rest(Prepayment::NextInstalments),
        [vec![40_000], vec![0; 3], vec![10_000; 8]].concat(),
        "the three after it are paid"
    );
}

#[test]
fn a_payment_is_used_in_the_order_agreed() {
    let mut terms = plain(12);
    terms.allocation.due = [Part::Principal, Part::Interest, Part::Fee, Part::Penalty];
    let fee = LoanEvent::Charged {
        on: date(2026, 2, 1),
        due: date(2026, 2, 10),
        class: ChargeClass::Fee,
        amount: kes(500),
        tax: Some(kes(100)),
    };
    let state = life(&terms, &[fee, paid(date(2026, 3, 15), 10_000)], date(2026, 3, 15));
    assert_eq!(state.allocations[0].due, Parts { principal: 9_462, interest: 538, ..Parts::default() });
    // Down instead of across: principal of both rows before any interest.
    terms.allocation.direction = Direction::Vertical;
    let state = life(&terms, &[fee, paid(date(2026, 3, 15), 10_000)], date(2026, 3, 15));
    assert_eq!(state.allocations[0].due, Parts { principal: 10_000, ..Parts::default() });
    assert_eq!(state.due.fees + state.due.tax, 600);
}

#[test]
fn fees_at_disbursement_are_kept_back_paid_or_lent() {
    let charge = |trigger| Charge {
        tax: vec![
            DatedPercent { from: date(2020, 1, 1), percent: Decimal::from(10) },
            DatedPercent { from: date(2026, 1, 1), percent: Decimal::from(20) },
        ],
        ..Charge::new(
            "Processing fee",
            ChargeClass::Fee,
            ChargeAmount::Percent {
                percent: Decimal::from(2),
                of: ChargeBase::Disbursed,
                least: Some(3_000),
                most: None,
            },
            trigger,
        )
    };
    let costs = |trigger| {
        let mut terms = plain(0);
        terms.charges = vec![charge(trigger)];
        life(&terms, &[], START)
    };
    // 2 % of 1,200.00 is 24.00, but 30.00 at least; the tax is that of the day, 20 %.
    assert_eq!(costs(ChargeTrigger::DeductedAtDisbursement).at_disbursement.deducted, 3_600);
    assert_eq!(costs(ChargeTrigger::PaidAtDisbursement).at_disbursement.paid, 3_600);
    let lent = costs(ChargeTrigger::CapitalisedAtDisbursement);
    assert_eq!((lent.lent, lent.at_disbursement.capitalised, lent.total_cost()), (123_600, 3_600, 3_600));
    assert_eq!(lent.rows[0].asked.principal, 10_300);
}

#[test]
fn a_penalty_comes_once_after_its_grace() {
    let mut terms = plain(0);
    terms.charges = vec![Charge::new(
        "Late payment",
        ChargeClass::Penalty,
        ChargeAmount::Flat(kes(250)),
        ChargeTrigger::OverdueInstalment { grace_days: 3, every_days: 0 },
    )];
    let penalties = |on| life(&terms, &[], on).due.penalties;
    assert_eq!(penalties(date(2026, 2, 18)), 0);
    assert_eq!(penalties(date(2026, 2, 19)), 250);
    assert_eq!(penalties(date(2026, 3, 18)), 250);
    assert_eq!(penalties(date(2026, 3, 19)), 500);
    let in_time = life(&terms, &[paid(date(2026, 2, 18), 10_000)], date(2026, 2, 28));
    assert_eq!(in_time.due.penalties, 0);
}

#[test]
fn what_is_waived_is_asked_for_no_more() {
    let terms = plain(12);
    let on = date(2026, 3, 20);
    let penalty =
        LoanEvent::Charged { on, due: on, class: ChargeClass::Penalty, amount: kes(1_000), tax: None };
    let before = life(&terms, &[penalty], on);
    let waived = LoanEvent::Waived { on, amount: kes(1_500) };
    let after = life(&terms, &[penalty, waived], on);
    assert_eq!(after.waived, Parts { penalties: 1_000, interest: 500, ..Parts::default() });
    assert_eq!(before.pay_off - after.pay_off, 1_500);
    let most = before.due.interest + before.due.penalties;
    let mut events = vec![LoanEvent::disbursed(START), penalty];
    events.push(LoanEvent::Waived { on, amount: kes(most + 1) });
    assert_eq!(fold(&terms, &events, on), Err(LoanError::NothingToWaive));
}

#[test]
fn a_pause_and_a_new_rate_change_interest_from_their_day() {
    let mut terms = plain(12);
    terms.day_count = DayCount::Actual365Fixed;
    let interest = |events: &[LoanEvent]| life(&terms, events, START).rows[0].asked.interest;
    // 31 days on 1,200.00 at 12 %: 12.23. Ten of them paused: 21 days, 8.28.
    assert_eq!(interest(&[]), 1_223);
    let pause = LoanEvent::InterestPaused { on: START, from: date(2026, 1, 21), to: date(2026, 1, 30) };
    assert_eq!(interest(&[pause]), 828);
    // From the sixth day 6 %: five days at 12 and 26 at 6, 1.97 + 5.13.
    let change = LoanEvent::RateChanged { on: START, from: date(2026, 1, 21), rate: rate(600) };
    assert_eq!(interest(&[change]), 710);
    terms.grace.interest_free_days = 31;
    assert_eq!(life(&terms, &[], START).rows[0].asked.interest, 0);
}

#[test]
fn more_time_makes_smaller_instalments() {
    let terms = plain(0);
    let extended = |further, without_principal| LoanEvent::Extended {
        on: date(2026, 2, 20),
        due: date(2026, 3, 15),
        further,
        without_principal,
        without_interest: 0,
    };
    let state = life(&terms, &[extended(11, 0)], date(2026, 2, 20));
    assert_eq!(principals(&state), [vec![10_000], vec![5_000; 22]].concat());
    let state = life(&terms, &[extended(0, 2)], date(2026, 2, 20));
    assert_eq!(principals(&state), [vec![10_000], vec![0; 2], vec![10_000; 11]].concat());
    assert_eq!(state.rows.last().map(|row| row.due), Some(date(2027, 3, 15)));
}

#[test]
fn late_interest_can_become_principal() {
    let terms = plain(12);
    let on = date(2026, 3, 15);
    let before = life(&terms, &[], on);
    assert_eq!(before.due.interest, 2_305);
    let after = life(&terms, &[LoanEvent::Capitalised { on }], on);
    assert_eq!((after.due.interest, after.owed.principal, after.lent), (0, 122_305, 122_305));
    assert_eq!(after.pay_off, before.pay_off);
    assert!(after.instalment > before.instalment);
}

#[test]
fn a_loan_agreed_anew_has_new_rows_and_keeps_what_is_due() {
    let terms = plain(12);
    let on = date(2026, 2, 25);
    let anew = LoanEvent::Restructured {
        on,
        first_due: date(2026, 3, 25),
        rate: rate(600),
        frequency: Frequency::MONTHLY,
        instalments: 24,
        penalty: None,
    };
    let before = life(&terms, &[], on);
    let after = life(&terms, &[anew], on);
    assert_eq!(after.due, before.due);
    assert_eq!(after.rows.iter().filter(|row| row.kind == RowKind::Instalment).count(), 25);
    // What had run up in ten days falls due with the first new row, and half a per cent of a month on it.
    let first = after.rows.iter().find(|row| row.due == date(2026, 3, 25)).unwrap();
    assert_eq!(first.asked.interest, before.accrued + 553);
    let disbursed = [(START, 120_000)];
    let changed = compare(&before, &after, &disbursed);
    assert!(changed.after.instalment < changed.before.instalment);
    assert_eq!(changed.after.ends_on, Some(date(2028, 2, 25)));
    assert!(changed.flows.iter().all(|flow| flow.before != flow.after) && !changed.flows.is_empty());
}

#[test]
fn a_loan_can_be_called_in_written_off_and_recovered() {
    let terms = plain(12);
    let on = date(2026, 2, 25);
    let called = life(&terms, &[LoanEvent::Accelerated { on }], on);
    assert_eq!(called.rows.last().map(|row| (row.kind, row.due)), Some((RowKind::Acceleration, on)));
    assert_eq!(called.due.total(), called.pay_off);
    let lost = life(&terms, &[LoanEvent::WrittenOff { on }], date(2026, 6, 1));
    assert_eq!(lost.written_off.total(), called.pay_off);
    assert_eq!((lost.owed.total(), lost.pay_off, lost.closed_on), (0, 0, None));
    let recovery = LoanEvent::Recovered { on: date(2026, 5, 1), amount: kes(30_000) };
    let lost = life(&terms, &[LoanEvent::WrittenOff { on }, recovery], date(2026, 6, 1));
    assert_eq!(lost.recovered, 30_000);
    let off = life(&terms, &[LoanEvent::ChargedOff { on }], date(2026, 9, 1));
    assert_eq!(off.interest_booked, life(&terms, &[], on).interest_booked + 395, "ten days and no more");
}

#[test]
fn too_much_is_kept_for_the_borrower_or_refused() {
    let mut terms = plain(0);
    let on = date(2026, 2, 1);
    let events = [LoanEvent::disbursed(START), paid(on, 130_000)];
    assert_eq!(fold(&terms, &events, on), Err(LoanError::AbovePayOff { pay_off: kes(120_000) }));
    terms.allocation.excess = Excess::Kept;
    let refund = LoanEvent::Refunded { on, amount: kes(4_000) };
    let state = life(&terms, &[paid(on, 130_000), refund], on);
    assert_eq!((state.overpaid, state.pay_off), (6_000, 0));
}

#[test]
fn what_cannot_be_is_refused() {
    let terms = plain(0);
    let on = date(2026, 1, 10);
    let disbursed = LoanEvent::disbursed(START);
    let refused = |events: &[LoanEvent]| fold(&terms, events, date(2026, 6, 1)).unwrap_err();
    assert_eq!(refused(&[]), LoanError::Order);
    assert_eq!(refused(&[paid(START, 1)]), LoanError::Order);
    assert_eq!(refused(&[disbursed, paid(on, 1)]), LoanError::Order);
    assert_eq!(refused(&[disbursed, disbursed]), LoanError::AboveApproved);
    assert_eq!(
        refused(&[disbursed, LoanEvent::Reversed { on: START, event: 7 }]),
        LoanError::NothingToReverse
    );
    let moved = LoanEvent::DueDateMoved { on: START, from: date(2026, 2, 16), to: date(2026, 2, 20) };
    assert_eq!(refused(&[disbursed, moved]), LoanError::NoInstalmentOn { due: date(2026, 2, 16) });
    let none = LoanTerms { instalments: 0, ..terms.clone() };
    assert_eq!(fold(&none, &[disbursed], START), Err(LoanError::Instalments));
    let huge = LoanTerms { instalments: 1_201, ..terms.clone() };
    assert_eq!(fold(&huge, &[disbursed], START), Err(LoanError::Instalments));
}

/// Under 30/360 a period is a twelfth of a year, whatever a small payment or a short month cuts out of it.
#[test]
fn thirty_days_make_a_month_however_it_is_cut() {
    let mut terms = plain(12);
    terms.principal = kes(10_000_000);
    terms.day_count = DayCount::Thirty360;
    let cut = life(&terms, &[paid(date(2026, 1, 31), 1)], date(2026, 1, 31));
    assert_eq!(cut.rows[0].asked.interest, 100_000);
    let at_the_end = fold(&terms, &[LoanEvent::disbursed(date(2026, 1, 31))], date(2026, 1, 31)).unwrap();
    assert_eq!(at_the_end.rows[0].asked.interest, 100_000);
}

/// Every fault of typed terms at once, and what contradicts something else with its reason.
#[test]
fn terms_are_read_whole() {
    let form = TermsForm {
        principal: "1,200".into(),
        rate: "12".into(),
        method: "declining_equal_instalment".into(),
        day_count: "twelfths".into(),
        instalments: "12".into(),
        ..TermsForm::default()
    };
    assert_eq!(form.parse().unwrap(), plain(12));
    let wrong = TermsForm {
        principal: "-3".into(),
        rate: "1001".into(),
        day_count: "lunar".into(),
        overdue: "sometimes".into(),
        down_payment: "140".into(),
        due_order: vec!["fee".into()],
        ..form.clone()
    };
    let faults = wrong.parse().unwrap_err();
    for field in ["principal", "rate", "day_count", "overdue", "down_payment", "due_order"] {
        assert!(faults.of(field).is_some(), "{field} in {faults}");
    }
    let odd = TermsForm {
        grace_principal: "12".into(),
        compounding: "yes".into(),
        levelling: "one_pass".into(),
        method: "declining_equal_principal".into(),
        unit: "weeks".into(),
        due_day: "5".into(),
        early: "to_payment_date".into(),
        ..form
    };
    let faults = odd.parse().unwrap_err();
    for field in ["grace_principal", "compounding", "levelling", "due_day", "early"] {
        assert!(faults.of(field).is_some(), "{field} in {faults}");
    }
}

/// A person with a calculator gets the same: 1,200.00 x 3/25 x 31/365 = 12.230137.
#[test]
fn a_row_says_why() {
    let mut terms = plain(12);
    terms.day_count = DayCount::Actual365Fixed;
    let events = [LoanEvent::disbursed(START), paid(date(2026, 1, 25), 10_000)];
    let why = explain(&terms, &events, date(2026, 1, 25), 1).unwrap().unwrap();
    assert_eq!(why.segments.len(), 2, "before and after the payment");
    assert_eq!((why.segments[0].days, why.segments[0].balance), (10, 120_000));
    assert_eq!((why.segments[1].days, why.segments[1].balance), (21, 110_000));
    assert_eq!((why.segments[0].rate.as_str(), why.segments[0].part.as_str()), ("3/25", "10/365"));
    let said: Vec<&str> = why.steps.iter().map(|step| step.figure.as_str()).collect();
    assert!(said.contains(&"3.945205") && said.contains(&"7.594521") && said.contains(&"11.54"), "{said:?}");
    assert_eq!(why.events, [("25 Jan 2026".to_owned(), "Repayment".to_owned())]);
    assert_eq!(explain(&terms, &events, START, 99).unwrap(), None);
}

/// What is lent and paid back in a year at 12 % a month by month costs 12.68 % a year.
#[test]
fn the_effective_rate_is_the_directives() {
    let terms = plain(12);
    let cost = cost_of(&life(&terms, &[], START), &[(START, 120_000)]);
    assert_eq!(cost.annual_rate_percent.as_deref(), Some("12.68"));
    assert_eq!((cost.instalments, cost.to_pay - cost.total_cost), (12, 120_000));
    let mut charged = terms;
    charged.charges = vec![Charge {
        tax: vec![DatedPercent { from: date(2020, 1, 1), percent: Decimal::from(20) }],
        ..Charge::new(
            "Fee",
            ChargeClass::Fee,
            ChargeAmount::Flat(kes(2_000)),
            ChargeTrigger::DeductedAtDisbursement,
        )
    }];
    let dearer = cost_of(&life(&charged, &[], START), &[(START, 120_000)]);
    assert_eq!(dearer.charges, 2_400);
    assert!(dearer.annual_rate_percent > cost.annual_rate_percent);
}

/// The first row filled on the first day, the loan paid off weeks later: what ran up meanwhile is paid, too.
#[test]
fn a_loan_is_paid_off_after_its_first_row_was_filled_at_once() {
    let level = InterestMethod::DecliningEqualInstalment;
    let mut terms = LoanTerms::plain(kes(20_671_950), rate(311), level, DayCount::Actual360, 14);
    let early = EarlyInterest::ToPaymentDate;
    terms.recalculation = Recalculation::On(Recalculating { early, ..Recalculating::default() });
    terms.allocation.future = FutureRule::Next;
    let on = date(2026, 2, 10);
    let events = [paid(START, 1_505_430), LoanEvent::paid_off(on)];
    let state = life(&terms, &events, on);
    println!(
        "{:#?}",
        state
            .rows
            .iter()
            .map(|r| (r.number, r.asked.principal, r.asked.interest, r.paid.total(), r.settled_on))
            .collect::<Vec<_>>()
    );
    assert_eq!((state.pay_off, state.owed.total(), state.closed_on), (0, 0, Some(on)));
}
