//! Paying a loan out to the customer's account.

use crate::shared::form::FieldErrors;
use crate::shared::ids::AccountNumber;
use serde::{Deserialize, Serialize};

/// What the page sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DisbursementForm {
    /// The loan's number.
    pub loan: String,
}

/// A loan to be paid out, whole, to the account of its application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDisbursement {
    /// The loan.
    pub loan: AccountNumber,
}

impl DisbursementForm {
    /// Reads the form.
    pub fn parse(&self) -> Result<NewDisbursement, FieldErrors> {
        let loan = self.loan.parse().map_err(|fault: crate::shared::ids::IdError| {
            FieldErrors::form(fault.to_string().replace("account number", "loan number"))
        })?;
        Ok(NewDisbursement { loan })
    }
}

impl NewDisbursement {
    /// The canonical form.
    pub fn to_form(&self) -> DisbursementForm {
        DisbursementForm { loan: self.loan.as_str().to_owned() }
    }
}
