//! docs/JOURNALS.md is what the books say, and the demonstration leaves them sound.

use crate::support::{Fallible, Story, count};
use jiff::civil::date;
use std::collections::BTreeSet;
use tawi_bank::credit_ops::repayment_tracking;
use tawi_bank::demo;
use tawi_testing::lending::{go_to, paid_out, repay};
use tawi_testing::{TestBank, caller};

/// Operation, side and code of every posting.
async fn posted(test: &TestBank) -> Fallible<BTreeSet<(String, String, String)>> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select distinct j.operation, case when p.debit > 0 then 'debit' else 'credit' end, p.gl_code
         from posting p join journal j on j.id = p.journal",
    )
    .fetch_all(test.bank.owner())
    .await?;
    Ok(rows.into_iter().collect())
}

#[tokio::test]
async fn every_journal_is_as_documented() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let (_, loan) = paid_out(bank, 1).await?;
    go_to(bank, date(2026, 4, 26)).await?;
    repay(bank, &loan, "15000", "part").await?;
    go_to(bank, date(2026, 5, 6)).await?;
    let rest = repayment_tracking::view(bank, &caller("LO-001")?, &loan).await?.state;
    repay(bank, &loan, &rest.figures(rest.pay_off), "rest").await?;
    let posted = posted(&test).await?;
    let document = include_str!("../../../../docs/JOURNALS.md");
    let mut documented = BTreeSet::new();
    for line in document.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [operation, debit, credit, _] = cells.as_slice() else { return Err(line.into()) };
        let operation = operation.trim_matches('`').to_owned();
        documented.insert(operation.clone());
        for (side, codes) in [("debit", debit), ("credit", credit)] {
            if *codes == "any" || operation == "general_journal" {
                continue;
            }
            let known: BTreeSet<&str> = codes.split([',', ' ']).filter(|word| word.len() == 4).collect();
            for (of, on, code) in &posted {
                if *of == operation && on == side {
                    assert!(known.contains(code.as_str()), "{operation} posts a {side} to {code}");
                }
            }
            for choice in codes.split(", ") {
                let seen = choice
                    .split(" or ")
                    .any(|code| posted.contains(&(operation.clone(), side.to_owned(), code.to_owned())));
                assert!(seen, "{operation} never posted a {side} to {choice}");
            }
        }
    }
    let operations: BTreeSet<String> = posted.into_iter().map(|(operation, ..)| operation).collect();
    assert!(operations.is_subset(&documented));
    test.finish().await
}

#[tokio::test]
async fn the_demonstration_is_full_of_life_and_its_books_are_sound() -> Story {
    let test = TestBank::beginning(demo::BEGINS).await?;
    let made = demo::live(&test.bank).await?;
    assert_eq!((made.customers, made.accounts, made.loans), (300, 400, 200));
    assert_eq!(demo::live(&test.bank).await?, demo::Made::default(), "once is enough");
    for (query, least) in [
        ("select count(*) from loan where status = 'closed'", 10),
        ("select count(*) from loan where status = 'approved'", 5),
        ("select count(*) from loan where status = 'active' and arrears = 0", 50),
        ("select count(*) from loan where status = 'active' and arrears > 0", 20),
        ("select count(*) from approval_request where state = 'waiting'", 5),
    ] {
        assert!(count(&test, query).await? >= least, "{query}");
    }
    test.finish().await
}
