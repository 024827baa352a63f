//! Moving a branch's business date.

use crate::lending::{go_on, small_loan_paid_out};
use crate::sample::{Posts, Run, Sample, apart};
use jiff::ToSpan;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::CommandLine(Run {
    prepare: |bank, nth| {
        Box::pin(async move {
            small_loan_paid_out(bank, apart(Operation::BusinessDate, nth)).await?;
            Ok(())
        })
    },
    run: |bank| Box::pin(go_on(bank, 1.month())),
    effect: "select count(*) from business_day where branch = 1",
    posts: Some(Posts {
        debit: &[&["1210"]],
        credit: &[&["4010"]],
        when: "a new business date on or after a due date: the interest of the instalment has been earned and is owed",
        further: None,
    }),
});
