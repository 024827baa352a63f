//! Moving a branch's business date.

use crate::lending::{go_on, small_loan_paid_out};
use crate::sample::{MOST_OF_A_KIND, Posts, Run, Sample, apart};
use crate::seeding::paid_out;
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
        debit: &[&["1215"], &["1210"], &["1195"], &["1220"], &["1225"], &["4010"], &["4120"]],
        credit: &[&["4010"], &["1215"], &["4020"], &["4110"], &["2510"], &["4120"], &["1290"]],
        when: "a new business date: interest and fees of the days gone by are earned, a line a product; what fell due is owed, with what its lateness costs, a line a loan; of who does not pay any more nothing is earned",
        further: Some(|bank| {
            Box::pin(async move {
                paid_out(bank, apart(Operation::BusinessDate, MOST_OF_A_KIND)).await?;
                go_on(bank, 66.days()).await?;
                go_on(bank, 100.days()).await
            })
        }),
    }),
});
