//! Paying a loan out to the customer's account.

use super::loan::read_loan_number;
use crate::shared::field::hidden;
use crate::shared::ids::AccountNumber;
use crate::shared::operation_form::form;

form! {
    /// What the page sends, as typed.
    pub struct DisbursementForm for Disbursement, Answers;
    /// A loan to be paid out, whole, to the account of its application.
    pub struct NewDisbursement {
        /// The loan.
        loan: AccountNumber = hidden("Loan") => read_loan_number;
    }
}
