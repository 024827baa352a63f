//! Posting a journal that no other operation makes.

use crate::sample::{Deed, Forms, Posts, Sample};
use tawi_domain::shared::general_journal::{JournalForm, JournalLineForm};
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::GeneralJournal,
    maker: "OS-001",
    checker: Some("BM-001"),
    forms: |_, nth| {
        Box::pin(async move {
            let line = |gl_code: &str, debit: &str, credit: &str| JournalLineForm {
                gl_code: gl_code.into(),
                account: String::new(),
                debit: debit.into(),
                credit: credit.into(),
            };
            Forms::only_asked(&JournalForm {
                narrative: format!("Cash to vault {nth}"),
                currency: "KES".into(),
                lines: vec![line("1020", "1000", ""), line("1010", "", "1000")],
            })
        })
    },
    effect: "select count(*) from journal where operation = 'general_journal'",
    posts: Some(Posts {
        debit: &[&[]],
        credit: &[&[]],
        when: "what no other operation posts, always with a second person; never 1110 and 1210, which move with loans alone, nor 1510, which moves with pairs",
        further: None,
    }),
    looks: None,
});
