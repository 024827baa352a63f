//! Nothing raw reaches a person: every page, review, receipt and notice of a demonstration is walked, and a
//! figure of five digits or more is an amount with its separators, or somebody's number.

use crate::support::{Fallible, Served, Story};
use std::collections::BTreeSet;
use tawi_domain::language::{Language, line, reasons, review_lines};
use tawi_domain::shared::approval::{Receipt, Review, SummaryLine};
use tawi_domain::shared::ids::{AccountNumber, CustomerNumber};
use tawi_domain::shared::notice::NoticeBody;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;
use tawi_testing::{bare_figures, before};

/// Who looks: between them they see every kind of page.
const LOOK: [&str; 6] = ["RO-001", "LO-001", "OS-001", "BM-001", "AD-001", "AU-001"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_review_receipt_or_notice_shows_a_bare_figure() -> Story {
    let served = Served::of(before().await?).await?;
    let owner = served.test.bank.owner();
    // Of customers, and of those who are asked for.
    let documents = "select id_number from party union select number from customer
                     union select payload ->> 'id_number' from approval_request where payload ? 'id_number'";
    let documents: Vec<String> = sqlx::query_scalar(documents).fetch_all(owner).await?;
    let known: BTreeSet<String> = documents.into_iter().collect();
    let mut found = Vec::new();
    let mut see = |at: &str, words: &str| {
        let bare = bare_figures(words, &known);
        if !bare.is_empty() {
            found.push(format!("{at}: {bare:?}"));
        }
    };
    for (reference, review) in values(owner, "select reference, review from approval_request").await? {
        let review: Review = serde_json::from_value(review)?;
        see(&reference, &review.title);
        for SummaryLine { label, value } in review_lines(&review) {
            see(&reference, &format!("{label}: {value}"));
        }
        reasons(&review).iter().for_each(|reason| see(&reference, reason));
    }
    for (reference, receipt) in values(owner, "select key, receipt from idempotency_key").await? {
        let receipt: Receipt = serde_json::from_value(receipt)?;
        match receipt {
            Receipt::Done { title, paper, lines, .. } => {
                see(&reference, &title);
                lines.iter().for_each(|line| see(&reference, &line.value));
                for fact in paper.iter().flat_map(|paper| &paper.facts) {
                    for language in Language::ALL {
                        see(&reference, &line(fact, language).value);
                    }
                }
            }
            Receipt::Waiting { title, reasons, .. } => {
                see(&reference, &title);
                reasons.iter().for_each(|reason| see(&reference, reason));
            }
            Receipt::Decided { .. } => {}
        }
    }
    for (position, body) in values(owner, "select id::text, body from outbox").await? {
        match serde_json::from_value(body)? {
            NoticeBody::RequestMade { title, .. } => see(&position, &title),
            NoticeBody::RequestDecided { title, note, .. } => {
                see(&position, &title);
                see(&position, &note.unwrap_or_default());
            }
            NoticeBody::LoanLate { arrears, .. } => see(&position, &arrears.to_string()),
            NoticeBody::LoanSetAside { .. } | NoticeBody::SessionEnded { .. } | NoticeBody::Later => {}
        }
    }
    let places = places(owner).await?;
    let mut drawn = BTreeSet::new();
    for staff_id in LOOK {
        let person = served.person(staff_id).await?;
        for href in &places {
            let answer = person.get(href).await?;
            if answer.status() == 200 {
                see(&format!("{staff_id} at {href}"), &words_of(&answer.text().await?));
                drawn.insert(href);
            }
        }
    }
    assert!(drawn.len() * 10 > places.len() * 9, "{} of {} places were drawn", drawn.len(), places.len());
    assert!(found.is_empty(), "{} places show bare figures:\n{}", found.len(), found.join("\n"));
    served.finish().await
}

/// Every page that has something to show.
async fn places(owner: &sqlx::PgPool) -> Fallible<Vec<String>> {
    let text = |query: &'static str| async move {
        Fallible::Ok(sqlx::query_scalar::<_, String>(query).fetch_all(owner).await?)
    };
    let mut places: Vec<String> = vec![Place::Desk.href()];
    places.extend(
        Operation::ALL
            .into_iter()
            .filter(|operation| operation.spec().start.is_some())
            .map(|operation| Place::Start(operation).href()),
    );
    for number in text("select number from customer").await? {
        places.push(Place::Customer(number.parse::<CustomerNumber>()?).href());
    }
    for number in text("select number from account").await? {
        places.push(Place::Account(number.parse::<AccountNumber>()?).href());
    }
    for number in text("select number from loan").await? {
        let number: AccountNumber = number.parse()?;
        places.extend([Place::Loan(number.clone()).href(), Place::Repay(number.clone()).href()]);
        places.push(Place::PayOut(number).href());
    }
    for reference in text("select reference from journal").await? {
        places.push(Place::Receipt(reference.parse()?).href());
    }
    for id in text("select id::text from approval_request").await? {
        places.extend([Place::Approval(id.parse()?).href(), Place::Request(id.parse()?).href()]);
    }
    Ok(places)
}

async fn values(owner: &sqlx::PgPool, query: &'static str) -> Fallible<Vec<(String, serde_json::Value)>> {
    Ok(sqlx::query_as(query).fetch_all(owner).await?)
}

/// What a person reads of a page: no tags, no scripts, no styles.
fn words_of(html: &str) -> String {
    let mut words = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        let hidden = ["script", "style"].into_iter().find(|tag| after.starts_with(tag));
        let end = hidden.map_or_else(|| ">".to_owned(), |tag| format!("</{tag}>"));
        rest = after.split_once(&end).map_or("", |(_, after)| after);
    }
    words.push_str(rest);
    words
}

#[test]
fn tells_an_amount_in_cents_from_numbers_with_a_meaning() {
    let known = BTreeSet::from(["23456789".to_owned(), "12345671".to_owned()]);
    let bare = |words: &str| bare_figures(words, &known);
    assert_eq!(bare("12 of 366720, the first"), ["366720"]);
    assert_eq!(bare("KES 1234567.89"), ["1234567"]);
    assert_eq!(bare("12345688"), ["12345688"]);
    for fine in [
        "12 of KES 3,667.20",
        "CIF 12345671",
        "001 50 0000012 34",
        "RC-0000572-4",
        "A012345678Z",
        "ID 23456789",
        "2026",
    ] {
        assert_eq!(bare(fine), Vec::<String>::new(), "{fine}");
    }
}
