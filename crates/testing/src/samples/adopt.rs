//! Adopting books that were kept in another cluster.

use crate::clusters::{as_in_an_older_cluster, as_restored_into_a_younger_one};
use crate::lending::small_loan_paid_out;
use crate::sample::{Run, Sample, apart};
use tawi_bank::adopt::adopt;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::CommandLine(Run {
    prepare: |bank, nth| {
        Box::pin(async move {
            as_in_an_older_cluster(bank).await?;
            small_loan_paid_out(bank, apart(Operation::Adopt, nth)).await?;
            as_restored_into_a_younger_one(bank).await
        })
    },
    run: |bank| {
        Box::pin(async move {
            adopt(bank, None).await?;
            Ok(())
        })
    },
    effect: "select count(*) from cluster",
    posts: None,
});
