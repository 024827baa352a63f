//! Registering a customer.

use crate::customer_form;
use crate::sample::{Deed, Forms, Sample, apart};
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::CifCreate,
    maker: "RO-001",
    checker: Some("OS-001"),
    forms: |_, nth| {
        Box::pin(async move {
            let plain = customer_form(apart(Operation::CifCreate, nth));
            let exposed = CifForm { pep: "yes".into(), ..plain.clone() };
            Forms::either(&plain, &exposed)
        })
    },
    effect: "select count(*) from customer",
    posts: None,
    looks: None,
});
