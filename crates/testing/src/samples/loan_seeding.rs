//! Making up what happens to loans of a demonstration.

use crate::lending::go_on;
use crate::sample::{Posts, Run, Sample, apart};
use crate::seeding::{a_loan_for_every_event, every_event};
use jiff::ToSpan;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::CommandLine(Run {
    prepare: |bank, nth| {
        Box::pin(async move {
            a_loan_for_every_event(bank, apart(Operation::LoanSeeding, nth)).await?;
            go_on(bank, 66.days()).await
        })
    },
    run: |bank| Box::pin(every_event(bank)),
    effect: "select count(*) from loan_event where kind = 'given_up'",
    posts: Some(Posts {
        debit: &[&[]],
        credit: &[&[]],
        when: "what happens to a demonstration's loans, by the table of events",
        further: None,
    }),
});
