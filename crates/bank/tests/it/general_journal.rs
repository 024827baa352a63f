//! Journals that no other operation makes.

use crate::support::{Story, count};
use jiff::civil::date;
use tawi_bank::dispatch;
use tawi_domain::shared::approval::{Receipt, Verdict};
use tawi_domain::shared::general_journal::{JournalForm, JournalLineForm};
use tawi_testing::lending::go_to;
use tawi_testing::{TestBank, caller, command, decide, submit, ticket};

fn cash_to_vault(amount: &str, narrative: &str) -> JournalForm {
    let line = |gl_code: &str, debit: &str, credit: &str| JournalLineForm {
        gl_code: gl_code.into(),
        account: String::new(),
        debit: debit.into(),
        credit: credit.into(),
    };
    JournalForm {
        narrative: narrative.into(),
        currency: "KES".into(),
        lines: vec![line("1020", amount, ""), line("1010", "", amount)],
    }
}

#[tokio::test]
async fn what_is_posted_is_to_the_cent_what_was_shown() -> Story {
    let test = TestBank::new().await?;
    let (maker, manager) = (caller("OS-001")?, caller("BM-001")?);
    let odd = command(&cash_to_vault("1,234.50", "odd"))?;
    let check = dispatch::check(&test.bank, &maker, &odd).await?;
    assert_eq!(check.review.title, "Post a general journal of KES 1,234.50");
    let request = ticket(submit(&test.bank, &maker, &odd, "odd").await?)?;
    assert_eq!(count(&test, "select count(*) from journal").await?, 0, "it waits");
    decide(&test.bank, &manager, request, Verdict::Approve, "yes").await?;
    let cents = "select (sum(debit) * 100)::bigint from posting where gl_code = '1020'";
    assert_eq!(count(&test, cents).await?, 123_450);
    for text in ["10.005", "1e3", "0x10"] {
        assert!(command(&cash_to_vault(text, "x")).is_err(), "{text} is refused, not rounded");
    }
    test.finish().await
}

#[tokio::test]
async fn a_journal_approved_on_the_next_day_is_dated_the_next_day() -> Story {
    let test = TestBank::new().await?;
    let form = command(&cash_to_vault("1000", "over night"))?;
    let request = ticket(submit(&test.bank, &caller("OS-001")?, &form, "ask").await?)?;
    go_to(&test.bank, date(2026, 3, 27)).await?;
    let done = decide(&test.bank, &caller("BM-001")?, request, Verdict::Approve, "next").await?;
    assert!(matches!(done, Receipt::Decided { .. }));
    assert_eq!(count(&test, "select count(*) from journal where business_date = '2026-03-27'").await?, 1);
    assert_eq!(count(&test, "select count(*) from journal where business_date <> '2026-03-27'").await?, 0);
    test.finish().await
}
