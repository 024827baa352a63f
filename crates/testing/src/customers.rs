//! Customers and their accounts, as many as a story needs.

use crate::{Fallible, caller, command, submit};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use tawi_bank::Bank;
use tawi_domain::customer_ops::account_opening::AccountOpeningForm;
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::dates::typed_date;
use tawi_domain::shared::ids::{AccountNumber, CustomerNumber};

/// The first day on which somebody of these stories was born, and how many days later the last was.
const BORN: Date = date(1970, 1, 1);
const BORN_WITHIN_DAYS: u32 = 10_950;
/// Without a factor in common with the days, so that a name and birth come again only after all of them.
const STEP_DAYS: u32 = 7_919;

/// A form of a customer; `nth` makes papers, phone and birth its own.
pub fn customer_form(nth: u32) -> CifForm {
    let days = nth % BORN_WITHIN_DAYS * STEP_DAYS % BORN_WITHIN_DAYS;
    CifForm {
        first_name: "Amina".into(),
        other_names: "Njeri".into(),
        surname: "Kariuki".into(),
        date_of_birth: typed_date(BORN.saturating_add(i64::from(days).days())),
        id_kind: "national_id".into(),
        id_number: format!("{}", 20_000_000 + nth),
        kra_pin: format!("A{nth:09}K"),
        phone: format!("0722{nth:06}"),
        email: String::new(),
        address: "Milimani, Nakuru".into(),
        occupation: "Trader".into(),
        source_of_funds: "salary".into(),
        pep: "no".into(),
        duplicate_reason: String::new(),
    }
}

/// Registers a customer at the officer's branch; `nth` makes them somebody of their own.
pub async fn registered(bank: &Bank, officer: &str, nth: u32) -> Fallible<CustomerNumber> {
    let sent = command(&customer_form(nth))?;
    match submit(bank, &caller(officer)?, &sent, &format!("customer-{nth}")).await? {
        Receipt::Done { effect, .. } => Ok(effect.parse()?),
        other @ (Receipt::Waiting { .. } | Receipt::Decided { .. }) => {
            Err(format!("expected a customer, got {other:?}").into())
        }
    }
}

/// Opens a savings account for a customer of the officer's branch.
pub async fn opened(
    bank: &Bank,
    officer: &str,
    customer: &CustomerNumber,
    deposit: &str,
) -> Fallible<AccountNumber> {
    let form = AccountOpeningForm {
        customer: customer.to_string(),
        kind: "savings".into(),
        deposit: deposit.into(),
    };
    match submit(bank, &caller(officer)?, &command(&form)?, &format!("account-{customer}")).await? {
        Receipt::Done { effect, .. } => Ok(effect.parse()?),
        other @ (Receipt::Waiting { .. } | Receipt::Decided { .. }) => {
            Err(format!("expected an account, got {other:?}").into())
        }
    }
}
