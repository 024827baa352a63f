//! Deciding what others ask for.

use crate::sample::{Knock, Looks, Open, Sample, apart};
use crate::{caller, command, customer_form, decision, submit, ticket};
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::approval::Verdict;
use tawi_domain::shared::permissions::Operation;

const DECIDES: &str = "OS-001";

pub(super) const SAMPLE: Sample = Sample::Settle(Looks {
    by: DECIDES,
    knocks: |bank, _, nth| {
        Box::pin(async move {
            let number = apart(Operation::Approvals, nth);
            let exposed = CifForm { pep: "yes".into(), ..customer_form(number) };
            let (officer, name) = (caller("RO-001")?, format!("ask-{number}"));
            let request = ticket(submit(bank, &officer, &command(&exposed)?, &name).await?)?;
            let seen = decision(bank, &caller(DECIDES)?, request, Verdict::Approve).await?;
            let (id, key) = (request.to_string(), format!("yes-{number}"));
            let yes = [
                ("form[request]", id.as_str()),
                ("form[payload_hash]", seen.payload_hash.as_str()),
                ("form[verdict]", seen.verdict.code()),
                ("form[key]", key.as_str()),
            ];
            Ok(vec![
                Knock::at("inbox", &[]),
                Knock::at("request", &[("id", id.as_str())]).open_to(Open::SignedIn),
                Knock::at("handed_out", &[("id", id.as_str())]).open_to(Open::SignedIn),
                Knock::at("decide", &yes),
            ])
        })
    },
});
