//! Taking a repayment from the account of the loan.

use super::loan::read_loan_number;
use crate::shared::field::{decimal, hidden};
use crate::shared::ids::AccountNumber;
use crate::shared::money::Money;
use crate::shared::operation_form::form;

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
