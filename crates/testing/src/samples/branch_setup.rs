//! Opening a branch.

use crate::sample::{Deed, Forms, Knock, Looks, Sample};
use tawi_domain::administration::branch_setup::BranchForm;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::BranchSetup,
    maker: "AD-001",
    checker: Some("HB-001"),
    forms: |_, nth| {
        Box::pin(async move {
            let number = 100 + nth;
            Forms::only_asked(&BranchForm {
                number: number.to_string(),
                code: format!("BR-{number}"),
                name: "Nakuru".into(),
            })
        })
    },
    effect: "select count(*) from branch",
    posts: None,
    looks: Some(Looks {
        by: "AD-001",
        knocks: |_, _, _| Box::pin(async { Ok(vec![Knock::at("branches", &[])]) }),
    }),
});
