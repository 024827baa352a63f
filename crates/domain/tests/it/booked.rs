//! Loans booked under the house rules fold to the figures they were booked with: sixty lives, told by the
//! program that booked them.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use tawi_domain::credit_ops::schedule::{LoanEvent, LoanState, LoanTerms, Minor, fold};
use tawi_domain::shared::dates::parse_date;
use tawi_domain::shared::money::Money;

#[derive(Deserialize)]
struct Booked {
    terms: LoanTerms,
    events: Vec<LoanEvent>,
    as_of: Date,
    state: Figures,
}

#[derive(Deserialize)]
struct Figures {
    rows: Vec<BookedRow>,
    allocations: Vec<BookedAllocation>,
    instalment: Money,
    principal: Money,
    interest_due: Money,
    principal_due: Money,
    accrued: Money,
    interest_booked: Money,
    pay_off: Money,
    next_due: Option<BookedNext>,
    days_past_due: u32,
    arrears: Money,
    total_interest: Money,
    closed_on: Option<String>,
}

#[derive(Deserialize)]
struct BookedRow {
    number: u16,
    from: String,
    due: String,
    opening: Money,
    principal: Money,
    interest: Money,
    paid_principal: Money,
    paid_interest: Money,
    settled_on: Option<String>,
}

#[derive(Deserialize)]
struct BookedAllocation {
    on: String,
    amount: Money,
    interest: Money,
    principal: Money,
    in_advance: Money,
    early_interest: Money,
}

#[derive(Deserialize)]
struct BookedNext {
    on: String,
    amount: Money,
}

fn date(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn same(what: &str, booked: Money, folded: Minor) {
    assert_eq!(Decimal::new(folded, 2), booked.amount(), "{what}");
}

fn compare(booked: &Figures, folded: &LoanState, which: usize) {
    let of = |what: &str| format!("loan {which}: {what}");
    same(&of("instalment"), booked.instalment, folded.instalment);
    same(&of("principal"), booked.principal, folded.owed.principal);
    same(&of("interest due"), booked.interest_due, folded.due.interest);
    same(&of("principal due"), booked.principal_due, folded.due.principal);
    same(&of("accrued"), booked.accrued, folded.accrued);
    same(&of("interest booked"), booked.interest_booked, folded.interest_booked);
    same(&of("pay-off"), booked.pay_off, folded.pay_off);
    same(&of("arrears"), booked.arrears, folded.arrears);
    same(&of("total interest"), booked.total_interest, folded.totals.interest);
    assert_eq!(folded.days_past_due, booked.days_past_due, "{}", of("days past due"));
    assert_eq!(folded.closed_on, booked.closed_on.as_deref().map(date), "{}", of("closed on"));
    assert_eq!(
        folded.next_due.map(|next| (next.on, Decimal::new(next.amount, 2))),
        booked.next_due.as_ref().map(|next| (date(&next.on), next.amount.amount())),
        "{}",
        of("next due")
    );
    assert_eq!(folded.allocations.len(), booked.allocations.len(), "{}", of("allocations"));
    for (used, booked) in folded.allocations.iter().zip(&booked.allocations) {
        assert_eq!(used.on, date(&booked.on));
        same(&of("payment"), booked.amount, used.amount);
        same(&of("interest paid"), booked.interest, used.due.interest);
        same(&of("principal paid"), booked.principal, used.due.principal);
        same(&of("paid in advance"), booked.in_advance, used.in_advance.principal);
        same(&of("early interest"), booked.early_interest, used.in_advance.interest);
    }
    // A row shows what was repaid in advance in its period; the booked rows showed it nowhere.
    let rows: Vec<_> = folded.rows.iter().filter(|row| row.total() > row.prepaid).collect();
    assert_eq!(rows.len(), booked.rows.len(), "{}", of("rows"));
    for (row, booked) in rows.into_iter().zip(&booked.rows) {
        assert_eq!((row.number, row.from, row.due), (booked.number, date(&booked.from), date(&booked.due)));
        same(&of("opening"), booked.opening, row.opening);
        same(&of("row's principal"), booked.principal, row.asked.principal - row.prepaid);
        same(&of("row's interest"), booked.interest, row.asked.interest);
        same(&of("row's paid principal"), booked.paid_principal, row.paid.principal - row.prepaid);
        same(&of("row's paid interest"), booked.paid_interest, row.paid.interest);
        assert_eq!(row.settled_on, booked.settled_on.as_deref().map(date), "{}", of("settled on"));
    }
}

#[test]
fn loans_booked_under_the_house_rules_keep_their_figures() {
    let loans: Vec<Booked> = serde_json::from_str(include_str!("booked/loans.json")).unwrap();
    assert_eq!(loans.len(), 60);
    for (which, loan) in loans.iter().enumerate() {
        let folded = fold(&loan.terms, &loan.events, loan.as_of).unwrap();
        compare(&loan.state, &folded, which);
    }
}
