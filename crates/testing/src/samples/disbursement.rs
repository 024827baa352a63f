//! Paying a loan out.

use crate::lending::{OFFICER, SUPERVISOR, disbursement, small_loan};
use crate::sample::{Deed, Forms, Posts, Sample, apart};
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::Disbursement,
    maker: OFFICER,
    checker: Some(SUPERVISOR),
    forms: |bank, nth| {
        Box::pin(async move {
            let (_, loan) = small_loan(bank, apart(Operation::Disbursement, nth)).await?;
            Forms::only_asked(&disbursement(&loan))
        })
    },
    effect: "select count(*) from loan_event where kind = 'disbursed'",
    posts: Some(Posts {
        debit: &[&["1110"]],
        credit: &[&["2010", "2020"], &["4110", "1195"], &["2510"]],
        when: "the loan is paid out: the customer's account gets the amount less processing fee and excise duty on it; a fee that is part of the price of the loan is not yet earned",
        further: None,
    }),
    looks: None,
});
