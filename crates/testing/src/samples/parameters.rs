//! Changing what the bank may set.

use crate::TODAY;
use crate::sample::{Deed, Forms, Knock, Looks, Sample};
use jiff::ToSpan;
use tawi_domain::administration::parameters::ParameterForm;
use tawi_domain::shared::dates::typed_date;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::Parameters,
    maker: "AD-001",
    checker: Some("HB-001"),
    forms: |_, nth| {
        Box::pin(async move {
            // Two of them in turn, because one parameter has one change waiting; each on a day of its own.
            let day = TODAY.checked_add((10 + i64::from(nth)).days())?;
            let form = |amount: u32| {
                let (code, values) = if nth.is_multiple_of(2) {
                    let least = [("savings_least", "500".to_owned()), ("current_least", "2000".to_owned())];
                    (
                        "account_opening",
                        [least.as_slice(), &[("approval_above", amount.to_string())]].concat(),
                    )
                } else {
                    let bounds =
                        [("credit_supervisor", amount.to_string()), ("branch_manager", String::new())];
                    ("approval_ladder.loan_application", bounds.to_vec())
                };
                ParameterForm {
                    code: code.into(),
                    valid_from: typed_date(day),
                    values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                }
            };
            // Below what stands, whatever was set for earlier days; and above it.
            Forms::either(&form(400_000 - nth), &form(2_000_000 + nth))
        })
    },
    effect: "select count(*) from parameter",
    posts: None,
    looks: Some(Looks {
        by: "AD-001",
        knocks: |_, _, _| Box::pin(async { Ok(vec![Knock::at("parameters", &[])]) }),
    }),
});
