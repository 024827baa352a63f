//! Coming in.

use crate::sample::{Knock, Looks, Open, Sample};
use tawi_bank::demo;

pub(super) const SAMPLE: Sample = Sample::Settle(Looks {
    by: "LO-001",
    knocks: |_, who, _| {
        Box::pin(async move {
            let branch = who.branch.get().to_string();
            let again = [
                ("form[staff_id]", who.staff_id.as_str()),
                ("form[password]", demo::PASSWORD),
                ("form[branch]", branch.as_str()),
                ("form[role]", who.role.code()),
            ];
            Ok(vec![
                Knock::at("entrance", &[]).open_to(Open::All),
                Knock::at("frame", &[]).open_to(Open::SignedIn),
                // Last: the session has another id afterwards.
                Knock::at("sign_in_again", &again).open_to(Open::All),
            ])
        })
    },
});
