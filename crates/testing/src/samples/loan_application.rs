//! Applying for a loan.

use crate::lending::{OFFICER, SUPERVISOR, borrower, small_application};
use crate::sample::{Deed, Forms, Knock, Looks, Sample, apart};
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::LoanApplication,
    maker: OFFICER,
    checker: Some(SUPERVISOR),
    forms: |bank, nth| {
        Box::pin(async move {
            let who = borrower(bank, apart(Operation::LoanApplication, nth)).await?;
            Forms::only_asked(&small_application(&who))
        })
    },
    effect: "select count(*) from loan",
    posts: None,
    looks: Some(Looks {
        by: OFFICER,
        knocks: |bank, _, nth| {
            Box::pin(async move {
                let who = borrower(bank, apart(Operation::LoanApplication, nth)).await?;
                Ok(vec![
                    Knock::at("loan_applicant", &[("customer", who.customer.as_str())]),
                    Knock::with("loan_findings", "form", &small_application(&who))?,
                ])
            })
        },
    }),
});
