//! Opening an account for one holder.

use super::account::AccountKind;
use super::risk::RiskBand;
use crate::shared::dates::format_date;
use crate::shared::fact::{Fact, Value};
use crate::shared::field::{decimal, figures, radio};
use crate::shared::form::FieldErrors;
use crate::shared::ids::CustomerNumber;
use crate::shared::money::Money;
use crate::shared::operation_form::form;
use crate::shared::topic::{ChoiceList, Topic};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

form! {
    /// What the page sends, as typed.
    pub struct AccountOpeningForm for AccountOpening, Answers;
    /// An account that may be opened.
    pub struct NewAccount {
        /// The holder.
        customer: CustomerNumber = figures("Customer").hint("CIF number, eight figures");
        /// What is paid in at the counter.
        deposit: Money = decimal("Opening deposit").hint("KES, paid in at the counter");
        /// The kind.
        kind: AccountKind = radio::<AccountKind>("Account").wanted("Choose the kind of account");
    }
}

/// The bank's rules for openings: the dated parameter `account_opening`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningRules {
    /// The least opening deposit of a savings account.
    pub savings_least: Decimal,
    /// The least opening deposit of a current account.
    pub current_least: Decimal,
    /// Deposits above this need a second person.
    pub approval_above: Decimal,
}

/// What the bank knows of the holder when the rules are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// When the file is due for review.
    pub review_due: Date,
    /// Whether the customer is blocked.
    pub blocked: bool,
    /// Whether the customer's risk is high.
    pub high_risk: bool,
    /// Accounts of the same kind that are open.
    pub same_kind: usize,
}

impl OpeningRules {
    /// The least opening deposit of a kind.
    pub fn least(&self, kind: AccountKind) -> Decimal {
        match kind {
            AccountKind::Savings => self.savings_least,
            AccountKind::Current => self.current_least,
        }
    }

    /// Whether the account may be opened at all.
    pub fn allow(&self, new: &NewAccount, holder: &Holder, today: Date) -> Result<(), FieldErrors> {
        let mut faults = FieldErrors::default();
        if holder.blocked {
            faults.add("customer", "This customer is blocked: no account can be opened");
        } else if holder.review_due < today {
            let due = format_date(holder.review_due);
            faults
                .add("customer", format!("The customer's file was due for review on {due}: review it first"));
        }
        let least = self.least(new.kind);
        if new.deposit.amount() < least {
            let least = Money::new(least, new.deposit.currency()).map(|money| money.to_string());
            let least = least.unwrap_or_default();
            faults.add(
                "deposit",
                format!("A {} is opened with {least} at least", new.kind.title().to_lowercase()),
            );
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Why a second person must look; empty when nobody must.
    pub fn reasons(&self, new: &NewAccount, holder: &Holder) -> Vec<Fact> {
        let mut reasons = Vec::new();
        if holder.high_risk {
            let band = Value::choice(ChoiceList::RiskBand, RiskBand::High.code());
            reasons.push(Fact::new(Topic::RiskIsHigh, band));
        }
        if new.deposit.amount() > self.approval_above {
            reasons.push(Fact::new(Topic::DepositIsHigh, new.deposit));
        }
        if holder.same_kind > 0 {
            let kind = Value::choice(ChoiceList::AccountKind, new.kind.code());
            reasons.push(Fact::new(Topic::HasOneAlready, kind));
        }
        reasons
    }
}
