//! docs/JOURNALS.md is what the samples say, what they say is what the books say, and the demonstration leaves
//! the books sound. `TAWI_RENEW=1` writes the table of the document anew.

use crate::support::{Fallible, Story, count};
use jiff::ToSpan;
use std::collections::BTreeSet;
use std::path::PathBuf;
use tawi_bank::demo;
use tawi_domain::credit_ops::schedule::LoanEvent;
use tawi_domain::shared::chart::gl_account;
use tawi_domain::shared::journal::Side;
use tawi_domain::shared::permissions::Operation;
use tawi_testing::TestBank;
use tawi_testing::lending::go_on;
use tawi_testing::sample::{Codes, Posts, Sample};
use tawi_testing::samples::sample;
use tawi_testing::seeding::{a_loan_for_every_event, every_event};

/// Between these lines stands the table.
const BEGINS: &str = "<!-- From the samples: TAWI_RENEW=1 writes it anew. -->";
const ENDS: &str = "<!-- End of the table. -->";

fn posting_operations() -> impl Iterator<Item = (Operation, Posts)> {
    Operation::ALL
        .into_iter()
        .filter_map(|operation| sample(operation).posts().map(|posts| (operation, posts)))
}

fn side(posts: &Posts, side: Side) -> &'static [Codes] {
    match side {
        Side::Debit => posts.debit,
        Side::Credit => posts.credit,
    }
}

/// A side as the table has it: `2010 or 2020, 4110`.
fn cell(codes: &[Codes]) -> String {
    let choices = codes.iter().map(|codes| match codes {
        [] => "any".to_owned(),
        codes => codes.join(" or "),
    });
    choices.collect::<Vec<_>>().join(", ")
}

fn table() -> String {
    let row = |(operation, posts): (Operation, Posts)| {
        let (debit, credit) = (cell(posts.debit), cell(posts.credit));
        format!("| `{}` | {debit} | {credit} | {} |\n", operation.code(), posts.when)
    };
    let rows: String = posting_operations().map(row).collect();
    format!("| operation | debit | credit | when |\n|---|---|---|---|\n{rows}")
}

#[test]
fn the_document_says_what_the_samples_say() -> Story {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/JOURNALS.md");
    let document = std::fs::read_to_string(&path)?;
    let (before, rest) = document.split_once(BEGINS).ok_or("the table has no beginning")?;
    let (_, after) = rest.split_once(ENDS).ok_or("the table has no end")?;
    let renewed = format!("{before}{BEGINS}\n\n{}\n{ENDS}{after}", table());
    if std::env::var_os("TAWI_RENEW").is_some() {
        std::fs::write(&path, &renewed)?;
    } else {
        assert_eq!(document, renewed, "docs/JOURNALS.md is old: TAWI_RENEW=1 writes its table anew");
    }
    Ok(())
}

#[test]
fn every_account_that_a_sample_names_is_in_the_chart() {
    for (operation, posts) in posting_operations() {
        for codes in posts.debit.iter().chain(posts.credit) {
            for code in *codes {
                assert!(gl_account(code).is_some(), "{}: {code}", operation.code());
            }
        }
    }
}

/// Operation, side and code of every posting.
async fn posted(test: &TestBank) -> Fallible<BTreeSet<(Operation, bool, String)>> {
    let rows: Vec<(String, bool, String)> = sqlx::query_as(
        "select distinct j.operation, p.debit > 0, p.gl_code
         from posting p join journal j on j.id = p.journal",
    )
    .fetch_all(test.bank.owner())
    .await?;
    rows.into_iter()
        .map(|(code, debit, gl_code)| {
            let operation = Operation::from_code(&code).ok_or("posted by no operation")?;
            Ok((operation, debit, gl_code))
        })
        .collect()
}

#[tokio::test]
async fn every_sample_posts_what_it_says_and_nothing_else_is_posted() -> Story {
    for (operation, posts) in posting_operations() {
        let test = TestBank::new().await?;
        match sample(operation) {
            Sample::Command(deed) => deed.carry_out(&test.bank, 0).await?,
            Sample::CommandLine(run) => {
                (run.prepare)(&test.bank, 0).await?;
                (run.run)(&test.bank).await?;
            }
            Sample::Look(_) | Sample::Settle(_) => return Err("whoever looks posts nothing".into()),
        }
        if let Some(further) = posts.further {
            further(&test.bank).await?;
        }
        let posted = posted(&test).await?;
        for (on, debit) in [(Side::Debit, true), (Side::Credit, false)] {
            for codes in side(&posts, on) {
                let choice = |code: &&str| posted.contains(&(operation, debit, (*code).to_owned()));
                let any = posted.iter().any(|(of, on, _)| (*of, *on) == (operation, debit));
                let met = if codes.is_empty() { any } else { codes.iter().any(choice) };
                assert!(met, "{} never posted a {on:?} to {codes:?}", operation.code());
            }
        }
        // What the sample relies on has posted as well, each under its own operation.
        for (operation, debit, gl_code) in posted {
            let code = operation.code();
            let posts =
                sample(operation).posts().ok_or_else(|| format!("{code} posts and does not say so"))?;
            let on = if debit { Side::Debit } else { Side::Credit };
            let known =
                side(&posts, on).iter().any(|codes| codes.is_empty() || codes.contains(&gl_code.as_str()));
            assert!(known, "{code} posts a {on:?} to {gl_code}");
        }
        test.finish().await?;
    }
    Ok(())
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
        // What is there for the screens to meet: each kind of event and charge.
        ("select count(*) from loan_event where kind = 'waived'", 1),
        ("select count(*) from loan_event where kind = 'reversed'", 1),
        ("select count(*) from loan_event where kind = 'restructured'", 1),
        ("select count(*) from loan where terms -> 'charges' @> '[{\"trigger\": \"each_instalment\"}]'", 5),
        ("select count(*) from loan where (booked #>> '{books,penalties_earned}')::bigint > 0", 2),
        ("select count(*) from loan where extract(day from next_due) <> 25 and product = 'KILIMO'", 1),
        ("select count(*) from loan where interest_accrued > 0", 50),
    ] {
        assert!(count(&test, query).await? >= least, "{query}");
    }
    test.finish().await
}

const EVENTS_BEGIN: &str = "<!-- From the events: TAWI_RENEW=1 writes it anew. -->";
const EVENTS_END: &str = "<!-- End of the events. -->";

/// Every event of a loan, booked once on a loan with an instalment that is late; the table is what was posted.
#[tokio::test]
async fn every_event_posts_what_the_document_says() -> Story {
    let test = TestBank::new().await?;
    a_loan_for_every_event(&test.bank, 1).await?;
    go_on(&test.bank, 66.days()).await?;
    every_event(&test.bank).await?;
    let rows: Vec<(String, Option<String>, Option<String>)> = sqlx::query_as(
        "select e.kind, string_agg(distinct p.gl_code, ', ') filter (where p.debit > 0),
                string_agg(distinct p.gl_code, ', ') filter (where p.credit > 0)
         from loan_event e left join posting p on p.journal = e.journal
         group by e.kind",
    )
    .fetch_all(test.bank.owner())
    .await?;
    let mut table = "| event | debit | credit |\n|---|---|---|\n".to_owned();
    for kind in LoanEvent::KINDS {
        let (_, debit, credit) =
            rows.iter().find(|(of, ..)| of == kind).ok_or_else(|| format!("no {kind}"))?;
        let cell = |codes: &Option<String>| codes.clone().unwrap_or_else(|| "none".to_owned());
        table.push_str(&format!("| `{kind}` | {} | {} |\n", cell(debit), cell(credit)));
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/JOURNALS.md");
    let document = std::fs::read_to_string(&path)?;
    let (before, rest) = document.split_once(EVENTS_BEGIN).ok_or("the events have no beginning")?;
    let (_, after) = rest.split_once(EVENTS_END).ok_or("the events have no end")?;
    let renewed = format!("{before}{EVENTS_BEGIN}\n\n{table}\n{EVENTS_END}{after}");
    if std::env::var_os("TAWI_RENEW").is_some() {
        std::fs::write(&path, &renewed)?;
    } else {
        assert_eq!(document, renewed, "docs/JOURNALS.md is old: TAWI_RENEW=1 writes its events anew");
    }
    test.finish().await
}
