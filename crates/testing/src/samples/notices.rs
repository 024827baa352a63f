//! Being told of what concerns one.

use crate::sample::{Knock, Looks, Sample};
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Look(Looks {
    by: "OS-001",
    knocks: |_, _, _| Box::pin(async { Ok(vec![Knock::at(Operation::Notices.code(), &[])]) }),
});
