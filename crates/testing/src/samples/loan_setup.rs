//! Reading what is lent.

use crate::sample::{Knock, Looks, Sample};

pub(super) const SAMPLE: Sample = Sample::Look(Looks {
    by: "LO-001",
    knocks: |_, _, _| Box::pin(async { Ok(vec![Knock::at("loan_products", &[])]) }),
});
