//! A loan in the books: whatever happens to it, entries balance, figures are those of its state, and what is undone
//! leaves nothing.

use crate::any::{START, any_life, config, days_on, kes, possible, sound_terms};
use jiff::civil::Date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use tawi_domain::credit_ops::loan_journal::*;
use tawi_domain::credit_ops::repayment::uses_of;
use tawi_domain::credit_ops::schedule::*;
use tawi_domain::shared::fact::Value;

/// The interest that the schedule tells, told without the books.
fn interest_told(state: &LoanState) -> Minor {
    state.interest_booked + state.books.interest_accrued + state.capitalised + state.given_up.interest
}

fn booked(state: &LoanState) -> Booked {
    Booked::of(state, state.days_past_due >= 90)
}

/// Sums of entries by account.
#[derive(Default)]
struct Ledger(std::collections::BTreeMap<&'static str, Minor>);

impl Ledger {
    fn post(&mut self, entries: &Entries) -> Result<(), TestCaseError> {
        prop_assert_eq!(entries.rest(), 0, "entries balance");
        for (code, debit) in entries.lines() {
            *self.0.entry(code).or_default() += debit;
        }
        Ok(())
    }

    fn on(&self, code: &str) -> Minor {
        self.0.get(code).copied().unwrap_or(0)
    }

    /// The control accounts say what the state does.
    fn says(&self, state: &LoanState) -> Result<(), TestCaseError> {
        let owed = if state.lost { Parts::default() } else { state.owed };
        prop_assert_eq!(self.on(PRINCIPAL), owed.principal);
        prop_assert_eq!(self.on(INTEREST_DUE), owed.interest);
        prop_assert_eq!(self.on(FEES_DUE), owed.fees + owed.tax);
        prop_assert_eq!(self.on(PENALTIES_DUE), owed.penalties);
        prop_assert_eq!(self.on(OVERPAID), -state.overpaid);
        let suspended = -self.on(SUSPENDED);
        prop_assert!(suspended == 0 || state.days_past_due >= 90);
        let unpaid = self.on(INTEREST_DUE) + self.on(INTEREST_ACCRUED) + self.on(PENALTIES_DUE);
        prop_assert!((0..=unpaid).contains(&suspended), "no more is suspended than is owed");
        Ok(())
    }
}

/// The day an event comes to the books: never before the one before it.
fn booked_on(today: &mut Date, event: &LoanEvent) -> Date {
    *today = (*today).max(event.on());
    *today
}

proptest! {
    #![proptest_config(config())]

    /// Every event, whenever it is dated, and the days between.
    #[test]
    fn sub_ledgers_are_the_states_after_every_event(
        terms in sound_terms(), life in any_life(), days in 0_i64..1_200,
    ) {
        let end = days_on(START, days);
        let life = possible(&terms, &life, end);
        let (mut ledger, mut before) = (Ledger::default(), Booked::default());
        let (mut today, mut known) = (START, Vec::new());
        for event in &life {
            let day = booked_on(&mut today, event);
            // The day first, then what happens on it.
            if let Ok(state) = fold(&terms, &known, day) {
                let caught_up = booked(&state);
                ledger.post(&journal_between(&before, &caught_up))?;
                before = caught_up;
                ledger.says(&state)?;
            }
            known.push(*event);
            let Ok(state) = fold(&terms, &known, day) else {
                known.pop();
                continue;
            };
            let after = booked(&state);
            ledger.post(&journal_between(&before, &after))?;
            ledger.says(&state)?;
            // Undone at once, it leaves nothing.
            let (mut there, back) = (Ledger::default(), journal_between(&after, &before));
            there.post(&journal_between(&before, &after))?;
            there.post(&back)?;
            prop_assert!(there.0.values().all(|sum| *sum == 0));
            before = after;
            if !state.lost && state.at_disbursement.interest == 0 {
                prop_assert_eq!(state.books.interest_earned, interest_told(&state));
            }
        }
    }

    /// What pages and papers tell of a payment, and of what is overdue, adds up to the last cent.
    #[test]
    fn what_is_told_in_parts_adds_up(terms in sound_terms(), life in any_life(), days in 0_i64..1_200) {
        let end = days_on(START, days);
        let life = possible(&terms, &life, end);
        let Ok(state) = fold(&terms, &life, end) else { return Ok(()) };
        prop_assert_eq!(state.overdue_parts().total(), state.arrears);
        for payment in &state.allocations {
            let told: Decimal = uses_of(&state, payment)
                .iter()
                .map(|fact| if let Value::Money(money) = &fact.value { money.amount() } else { Decimal::ZERO })
                .sum();
            prop_assert_eq!(told, state.money(payment.amount).amount());
        }
        let waivers = state.waivers.iter().fold(Parts::default(), |sum, (_, parts)| sum.plus(parts));
        prop_assert_eq!(waivers, state.waived);
        // And no row asks for fees alone after the last cent.
        let to_come = state.rows.iter().filter(|row| row.due > end && row.opening == 0 && row.kind == RowKind::Instalment);
        let of_nothing = to_come.filter(|row| row.asked.principal + row.asked.interest == 0);
        prop_assert_eq!(of_nothing.map(|row| row.asked.fees - row.paid.fees).sum::<Minor>(), 0);
    }

    /// An event and its reversal: the books are those of the life without both.
    #[test]
    fn what_is_reversed_never_was(terms in sound_terms(), life in any_life(), days in 0_i64..1_200) {
        let end = days_on(START, days);
        let life = possible(&terms, &life, end);
        let Some((_, without)) = life.split_last() else { return Ok(()) };
        let Ok(before) = fold(&terms, without, end) else { return Ok(()) };
        let mut undone = life.clone();
        undone.push(LoanEvent::Reversed { on: end, event: u32::try_from(life.len()).unwrap() });
        let after = fold(&terms, &undone, end).unwrap();
        prop_assert_eq!(after.books, before.books);
        prop_assert!(journal_between(&booked(&before), &booked(&after)).is_empty());
    }

    /// A payment that comes to the books late makes the books of the order of dates.
    #[test]
    fn a_payment_dated_earlier_makes_the_books_of_the_order_of_dates(
        terms in sound_terms(), payments in prop::collection::vec((0_i64..600, 1_i64..20_000_000), 1..8),
    ) {
        let mut life = vec![LoanEvent::disbursed(START)];
        life.extend(payments.iter().map(|(days, cents)| {
            LoanEvent::Repaid { on: days_on(START, *days), amount: kes(*cents) }
        }));
        let mut sorted = life.clone();
        sorted.sort_by_key(LoanEvent::on);
        let end = days_on(START, 700);
        let (booked, dated) = (fold(&terms, &life, end).unwrap(), fold(&terms, &sorted, end).unwrap());
        prop_assert_eq!(booked.books, dated.books);
        prop_assert_eq!(booked.rows, dated.rows);
    }

    /// A year of days brings what the due dates bring.
    #[test]
    fn days_add_up(terms in sound_terms(), step in 1_i64..40) {
        let life = [LoanEvent::disbursed(START)];
        let income = |ledger: &Ledger| -> Minor {
            [INTEREST_INCOME, FEES_OVER_TERM, FEE_INCOME, PENALTY_INCOME].iter().map(|code| ledger.on(code)).sum()
        };
        let until = |step: i64| -> Result<(Minor, Minor), TestCaseError> {
            let (mut ledger, mut before, mut day) = (Ledger::default(), Booked::default(), 0);
            while day <= 400 {
                let after = Booked::of(&fold(&terms, &life, days_on(START, day)).unwrap(), false);
                ledger.post(&journal_between(&before, &after))?;
                before = after;
                day = if day == 400 { 401 } else { (day + step).min(400) };
            }
            Ok((income(&ledger), ledger.on(INTEREST_ACCRUED)))
        };
        prop_assert_eq!(until(step)?, until(400)?);
    }
}

/// 100,000 at 18 % on twelve months from 31 January, a fee of 2 % with 20 % excise kept back and earned over the
/// term: half of the term earns half of the fee, the pay-off the rest.
#[test]
fn a_fee_is_earned_over_the_term() {
    let mut terms = LoanTerms::plain(
        kes(10_000_000),
        crate::any::rate(1_800),
        InterestMethod::DecliningEqualInstalment,
        DayCount::Actual365Fixed,
        12,
    );
    let two =
        ChargeAmount::Percent { percent: Decimal::TWO, of: ChargeBase::Disbursed, least: None, most: None };
    terms.charges = vec![Charge {
        tax: vec![DatedPercent { from: START, percent: Decimal::from(20) }],
        income: ChargeIncome::OverTerm,
        ..Charge::new("Processing fee", ChargeClass::Fee, two, ChargeTrigger::DeductedAtDisbursement)
    }];
    let on = |day: i64, events: &[LoanEvent]| fold(&terms, events, days_on(START, day)).unwrap().books;
    let lent = [LoanEvent::disbursed(START)];
    let first = on(0, &lent);
    assert_eq!((first.paid_out, first.unearned, first.tax), (9_760_000, 200_000, 40_000));
    assert_eq!((first.interest_earned, first.fees_earned), (0, 0));
    // 365 days: 73 of them are a fifth.
    let fifth = on(73, &lent);
    assert_eq!((fifth.fees_earned_over_term, fifth.unearned), (40_000, 160_000));
    let paid_off = on(73, &[lent[0], LoanEvent::paid_off(days_on(START, 73))]);
    assert_eq!((paid_off.fees_earned_over_term, paid_off.unearned, paid_off.principal), (200_000, 0, 0));
}
