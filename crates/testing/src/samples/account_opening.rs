//! Opening an account.

use crate::sample::{Deed, Forms, Posts, Sample, apart};
use crate::{opened, registered};
use tawi_domain::customer_ops::account_opening::AccountOpeningForm;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::AccountOpening,
    maker: "RO-001",
    checker: Some("OS-001"),
    forms: |bank, nth| {
        Box::pin(async move {
            let holder = registered(bank, "RO-001", apart(Operation::AccountOpening, nth)).await?;
            opened(bank, "RO-001", &holder, "500").await?;
            let form = |kind: &str| AccountOpeningForm {
                customer: holder.to_string(),
                kind: kind.into(),
                deposit: "2000".into(),
            };
            // It is the second of its kind that a second person looks at.
            Forms::either(&form("current"), &form("savings"))
        })
    },
    effect: "select count(*) from account",
    posts: Some(Posts {
        debit: &[&["1010"]],
        credit: &[&["2010", "2020"]],
        when: "the opening deposit is paid in at the counter",
        further: None,
    }),
    looks: None,
});
