//! Following loans.

use crate::sample::{Knock, Looks, Sample};

pub(super) const SAMPLE: Sample = Sample::Look(Looks {
    by: "LO-001",
    knocks: |_, _, _| {
        Box::pin(async { Ok(vec![Knock::at("portfolio", &[]), Knock::at("loans", &[("filter", "late")])]) })
    },
});
