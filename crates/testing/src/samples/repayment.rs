//! Taking a repayment.

use crate::lending::{OFFICER, go_on, owed, repay, repayment, small_loan_paid_out};
use crate::sample::{Deed, Forms, MOST_OF_A_KIND, Posts, Sample, apart};
use jiff::ToSpan;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::Repayment,
    maker: OFFICER,
    checker: None,
    forms: |bank, nth| {
        Box::pin(async move {
            let (_, loan) = small_loan_paid_out(bank, apart(Operation::Repayment, nth)).await?;
            Forms::only_at_once(&repayment(&loan, "1000"))
        })
    },
    effect: "select count(*) from loan_event where kind = 'repaid'",
    posts: Some(Posts {
        debit: &[&["2010", "2020"]],
        credit: &[&["1210"], &["1110"], &["1215"], &["4010"]],
        when: "from the customer's account: interest due, principal due and in advance; interest of the running period, earned by the day or, of flat loans, with the pay-off, when the loan is paid off before its next due date",
        further: Some(|bank| {
            Box::pin(async move {
                let nth = apart(Operation::Repayment, MOST_OF_A_KIND);
                let (_, loan) = small_loan_paid_out(bank, nth).await?;
                // An instalment has fallen due, and the next one is on its way.
                go_on(bank, 1.month().days(10)).await?;
                let all = owed(bank, &loan).await?;
                repay(bank, &loan, &all, "paid off").await?;
                Ok(())
            })
        }),
    }),
    looks: None,
});
