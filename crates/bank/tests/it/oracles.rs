//! Published figures through the database: every public case that a product can say is lent by a product, its events
//! are booked on the days they came to the books, all of them in one bank whose date moves from the first to the
//! last, and on its day each loan tells what the engine tells of the case, to the last member.

use crate::support::{Fallible, Story};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tawi_bank::Bank;
use tawi_bank::credit_ops::{loan_seeding, loan_setup, repayment_tracking};
use tawi_domain::credit_ops::loan_application::NewLoanApplication;
use tawi_domain::credit_ops::loan_journal::{FEES_DUE, INTEREST_DUE, OVERPAID, PENALTIES_DUE, PRINCIPAL};
use tawi_domain::credit_ops::loan_product::{LoanProduct, RepaymentFrequency};
use tawi_domain::credit_ops::schedule::{
    Charge, ChargeAmount, ChargeClass, ChargeTrigger, DatedPercent, LoanEvent, LoanState, LoanTerms, Minor,
    Parts, days_after, fold,
};
use tawi_domain::shared::ids::{AccountNumber, BranchNumber};
use tawi_domain::shared::money::Money;
use tawi_testing::lending::{OFFICER, go_to};
use tawi_testing::{TestBank, caller, key, opened, registered};

mod inputs;

#[derive(Deserialize)]
struct File {
    cases: Vec<Published>,
}

#[derive(Deserialize)]
struct Published {
    id: String,
    kind: String,
    inputs: Value,
}

/// A case as a bank lives it.
struct Case {
    id: String,
    terms: LoanTerms,
    /// The day each event came to the books.
    booked: Vec<(Date, LoanEvent)>,
    as_of: Date,
    product: LoanProduct,
    months: u16,
    frequency: RepaymentFrequency,
}

/// The cases, and those that no product says, with the reason.
fn cases() -> Fallible<(Vec<Case>, BTreeMap<String, String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/tests/oracles");
    let (mut cases, mut unsaid) = (Vec::new(), BTreeMap::new());
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    paths.sort_by_key(std::fs::DirEntry::path);
    for entry in paths {
        let file: File = serde_json::from_str(&std::fs::read_to_string(entry.path())?)?;
        for published in file.cases {
            let of_a_loan = ["schedule.", "event.", "charge", "allocation"]
                .iter()
                .any(|kind| published.kind.starts_with(kind));
            let simple = ["schedule.monthly", "schedule.quote", "schedule.fixed_amount"]
                .contains(&published.kind.as_str());
            if !of_a_loan || simple {
                continue;
            }
            let id = published.id.clone();
            match case(published, cases.len()) {
                Ok(case) => cases.push(case),
                Err(why) => {
                    unsaid.insert(id, why);
                }
            }
        }
    }
    Ok((cases, unsaid))
}

fn case(published: Published, nth: usize) -> Result<Case, String> {
    let inputs: inputs::terms::Inputs =
        serde_json::from_value(published.inputs).map_err(|fault| fault.to_string())?;
    let said = |fault: inputs::Fault| format!("{fault:?}");
    let terms = inputs.terms().map_err(said)?;
    let booked = inputs.events().map_err(said)?;
    let as_of = inputs.as_of(&booked);
    let frequency = RepaymentFrequency::of(terms.frequency).ok_or("no product is paid so often")?;
    let months = (1..=1_200).find(|months| frequency.instalments(*months) == terms.instalments);
    let months = months.ok_or("no number of months has so many instalments")?;
    let first = booked.first().map(|(_, event)| event.on()).ok_or("nothing happens")?;
    if !matches!(booked.first(), Some((_, LoanEvent::Disbursed { .. }))) {
        return Err("something happens before the loan is paid out".to_owned());
    }
    if booked.iter().any(|(_, event)| event.on() < first) {
        return Err("an event is dated before the first disbursement".to_owned());
    }
    let mut template = terms.clone();
    for charge in template.charges.iter_mut().filter(|charge| charge.class == ChargeClass::Fee) {
        // Without the bank's excise duty.
        charge.tax = vec![DatedPercent { from: first, percent: rust_decimal::Decimal::ZERO }];
    }
    for class in [ChargeClass::Fee, ChargeClass::Penalty] {
        template.charges.push(known(class, first, terms.principal));
    }
    let product = LoanProduct {
        code: format!("ORACLE{nth:03}"),
        version: 1,
        name: published.id.clone(),
        number_code: 90,
        method: terms.method,
        day_count: terms.day_count,
        rate: terms.rate,
        lowest_rate: None,
        highest_rate: None,
        frequencies: vec![frequency],
        least: terms.principal,
        most: terms.principal,
        shortest_months: months,
        longest_months: months,
        fee_percent: rust_decimal::Decimal::ZERO,
        oldest_at_end_years: 99,
        most_exposure: terms.principal,
        least_repayment: None,
        offered: true,
        template: Some(template),
    };
    Ok(Case { id: published.id, terms, booked, as_of, product, months, frequency })
}

/// A charge of nothing, so that the product knows charges of its class.
fn known(class: ChargeClass, from: Date, of: Money) -> Charge {
    Charge {
        tax: vec![DatedPercent { from, percent: rust_decimal::Decimal::ZERO }],
        ..Charge::new(
            "Known",
            class,
            ChargeAmount::Flat(Money::zero(of.currency())),
            ChargeTrigger::PaidAtDisbursement,
        )
    }
}

/// What no product of the bank says, with the reason.
const UNSAID: [(&str, &str); 4] = [
    ("FIN-P-008", "no number of months has so many instalments"),
    ("FIN-U-004", "no number of months has so many instalments"),
    ("FLAT-001", "no number of months has so many instalments"),
    ("MORE-007", "no product is paid so often"),
];

#[tokio::test]
async fn every_published_loan_is_lent_and_tells_the_published_figures() -> Story {
    let (cases, unsaid) = cases()?;
    assert_eq!(unsaid, UNSAID.into_iter().map(|(id, why)| (id.to_owned(), why.to_owned())).collect());
    let mut days: BTreeSet<Date> = cases.iter().map(|case| case.as_of).collect();
    days.extend(cases.iter().flat_map(|case| case.booked.iter().map(|(day, _)| *day)));
    let first = days_after(*days.first().ok_or("no day")?, -1).ok_or("no day before")?;
    let test = TestBank::beginning(first).await?;
    let bank = &test.bank;
    let customer = registered(bank, "RO-001", 1).await?;
    let account = opened(bank, "RO-001", &customer, "900000").await?;
    let (branch, officer) = (BranchNumber::try_from(1)?, OFFICER.parse()?);
    let mut loans: BTreeMap<&str, AccountNumber> = BTreeMap::new();
    for case in &cases {
        loan_setup::publish(bank, &case.product).await?;
    }
    for day in days {
        go_to(bank, day).await?;
        for case in cases.iter().filter(|case| day <= case.as_of) {
            for (nth, (_, event)) in case.booked.iter().enumerate().filter(|(_, (on, _))| *on == day) {
                if !loans.contains_key(case.id.as_str()) {
                    let new = NewLoanApplication {
                        customer: customer.clone(),
                        product: case.product.code.clone(),
                        amount: case.terms.principal,
                        months: case.months,
                        rate: None,
                        frequency: case.frequency,
                        account: account.clone(),
                        purpose: "A published case".to_owned(),
                    };
                    let name = key(&format!("{}-loan", case.product.code))?;
                    loans.insert(&case.id, loan_seeding::approve(bank, branch, &new, &officer, name).await?);
                }
                let loan = &loans[case.id.as_str()];
                let name = key(&format!("{}-{nth}", case.product.code))?;
                loan_seeding::seed(bank, branch, loan, *event, name)
                    .await
                    .map_err(|fault| format!("{}, event {}: {fault}", case.id, nth + 1))?;
            }
        }
        for case in cases.iter().filter(|case| case.as_of == day) {
            let seen = repayment_tracking::view(bank, &caller(OFFICER)?, &loans[case.id.as_str()]).await?;
            let events: Vec<LoanEvent> = case.booked.iter().map(|(_, event)| *event).collect();
            let told = fold(&case.terms, &events, day).map_err(|fault| format!("{}: {fault}", case.id))?;
            assert_eq!(without_names(seen.state), without_names(told), "{}", case.id);
            let loan = &loans[case.id.as_str()];
            assert_eq!(
                balances(bank, loan).await?,
                of_state(&fold(&case.terms, &events, day)?),
                "{}",
                case.id
            );
            transactions(bank, loan, &case.id).await?;
        }
    }
    test.finish().await
}

/// What the ledger says of a loan: debits less credits by account, in minor units.
async fn balances(bank: &Bank, loan: &AccountNumber) -> Fallible<BTreeMap<String, Minor>> {
    let rows: Vec<(String, rust_decimal::Decimal)> = sqlx::query_as(
        "select gl_code, sum(debit - credit) from posting where account = $1
         group by gl_code having sum(debit - credit) <> 0",
    )
    .bind(loan.as_str())
    .fetch_all(bank.owner())
    .await?;
    let units = |amount: rust_decimal::Decimal| Minor::try_from(amount * rust_decimal::Decimal::ONE_HUNDRED);
    rows.into_iter().map(|(code, amount)| Ok((code, units(amount)?))).collect()
}

/// The same as the engine tells it.
fn of_state(state: &LoanState) -> BTreeMap<String, Minor> {
    let (owed, over) = (if state.lost { Parts::default() } else { state.owed }, state.overpaid);
    let told = [
        (PRINCIPAL, owed.principal),
        (INTEREST_DUE, owed.interest),
        (FEES_DUE, owed.fees + owed.tax),
        (PENALTIES_DUE, owed.penalties),
        (OVERPAID, -over),
    ];
    told.into_iter().filter(|(_, units)| *units != 0).map(|(code, units)| (code.to_owned(), units)).collect()
}

/// What each event moved stands on the customer's account, in a journal of its own.
async fn transactions(bank: &Bank, loan: &AccountNumber, case: &str) -> Story {
    let rows: Vec<(i32, String, rust_decimal::Decimal, rust_decimal::Decimal)> = sqlx::query_as(
        "select e.nth, e.kind, e.amount, coalesce(sum(p.credit - p.debit), 0)
         from loan_event e
         join loan l on l.number = e.loan
         left join posting p on p.journal = e.journal and p.account = l.account
         where e.loan = $1 and e.kind in ('topped_up', 'repaid', 'paid_off', 'refunded', 'recovered')
         group by e.nth, e.kind, e.amount order by e.nth",
    )
    .bind(loan.as_str())
    .fetch_all(bank.owner())
    .await?;
    for (nth, kind, amount, moved) in rows {
        let to_customer = matches!(kind.as_str(), "topped_up" | "refunded");
        let expected = if to_customer { amount } else { -amount };
        assert_eq!(moved, expected, "{case}, event {nth}: {kind}");
    }
    Ok(())
}

/// Charges of the product have names; those of the files have none.
fn without_names(mut state: LoanState) -> LoanState {
    for charge in &mut state.charges {
        charge.name.clear();
    }
    state
}
