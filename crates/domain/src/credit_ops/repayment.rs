//! Taking a repayment from the account of the loan.

use super::loan::read_loan_number;
use super::schedule::{Allocation, LoanState};
use crate::shared::fact::Fact;
use crate::shared::field::{decimal, hidden};
use crate::shared::ids::AccountNumber;
use crate::shared::money::Money;
use crate::shared::operation_form::form;
use crate::shared::topic::Topic;

/// How a payment is used, part by part: what there is nothing of is not told. The parts add up to the payment.
pub fn uses_of(after: &LoanState, payment: &Allocation) -> Vec<Fact> {
    let whole = payment.parts();
    let parts = [
        (Topic::PenaltiesPaid, whole.penalties),
        (Topic::FeesPaid, whole.fees),
        (Topic::TaxPaid, whole.tax),
        (Topic::InterestDue, payment.due.interest),
        (Topic::PrincipalDue, payment.due.principal),
        (Topic::PrincipalInAdvance, payment.in_advance.principal),
        (Topic::InterestUpToToday, payment.in_advance.interest),
        (Topic::PaidTooMuch, payment.excess),
    ];
    let used = parts.into_iter().filter(|(_, units)| *units != 0);
    used.map(|(topic, units)| Fact::new(topic, after.money(units))).collect()
}

form! {
    /// What the page sends, as typed.
    pub struct RepaymentForm for Repayment, Answers;
    /// A payment to be taken from the account of the loan.
    pub struct NewRepayment {
        /// The loan.
        loan: AccountNumber = hidden("Loan") => read_loan_number;
        /// The amount taken from the customer's account.
        amount: Money = decimal("Amount").hint("KES");
    }
}
