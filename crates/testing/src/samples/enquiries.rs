//! Finding and looking at customers.

use crate::lending::small_loan_paid_out;
use crate::sample::{Knock, Looks, Open, Sample, apart};
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Look(Looks {
    by: "RO-001",
    knocks: |bank, _, nth| {
        Box::pin(async move {
            let (who, loan) = small_loan_paid_out(bank, apart(Operation::Enquiries, nth)).await?;
            let (customer, account) = (who.customer.as_str(), who.account.as_str());
            let receipt: String = sqlx::query_scalar(
                "select j.reference from journal j join posting p on p.journal = j.id
                 where p.account = $1 order by j.id limit 1",
            )
            .bind(account)
            .fetch_one(bank.owner())
            .await?;
            Ok(vec![
                Knock::at("customer_search", &[("q", "amina")]),
                Knock::at("customer", &[("number", customer)]),
                Knock::at("customer_reveal", &[("number", customer), ("detail", "kra_pin")]),
                Knock::at("accounts", &[("customer", customer)]),
                Knock::at("account", &[("number", account)]),
                Knock::at("account_balance", &[("number", account)]),
                Knock::at("customer_loans", &[("customer", customer)]),
                Knock::at("loan", &[("number", loan.as_str())]),
                Knock::at("receipt", &[("reference", receipt.as_str())]),
                Knock::at("command", &[("q", "amina")]).open_to(Open::SignedIn),
            ])
        })
    },
});
