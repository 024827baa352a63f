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
            // Each on a day of its own: below what stands at once, above it by two. Of one parameter only one
            // change waits, so those are three in turn.
            let day = typed_date(TODAY.checked_add((10 + i64::from(nth)).days())?);
            let opening = |above: u32| {
                form(
                    "account_opening",
                    &day,
                    &[
                        ("savings_least", "500".to_owned()),
                        ("current_least", "2000".to_owned()),
                        ("approval_above", above.to_string()),
                    ],
                )
            };
            let looser = match nth % 3 {
                0 => opening(2_000_000 + nth),
                1 => form(
                    "approval_ladder.loan_application",
                    &day,
                    &[
                        ("credit_supervisor", (2_000_000 + nth).to_string()),
                        ("branch_manager", String::new()),
                    ],
                ),
                _ => form("excise_on_fees_percent", &day, &[("percent", format!("21.{:02}", nth % 100))]),
            };
            Forms::either(&opening(400_000 - nth), &looser)
        })
    },
    effect: "select count(*) from parameter",
    posts: None,
    looks: Some(Looks {
        by: "AD-001",
        knocks: |_, _, _| Box::pin(async { Ok(vec![Knock::at("parameters", &[])]) }),
    }),
});

fn form(code: &str, valid_from: &str, values: &[(&str, String)]) -> ParameterForm {
    ParameterForm {
        code: code.to_owned(),
        valid_from: valid_from.to_owned(),
        values: values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }
}
