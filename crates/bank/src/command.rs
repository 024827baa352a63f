//! Commands: what a door hands to the bank. A command is kept, while it waits for a second person, as
//! the canonical form it parses from, and is parsed again when it is decided.

use crate::shared::error::OpError;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tawi_domain::administration::branch_setup::{BranchForm, NewBranch};
use tawi_domain::administration::holidays::{HolidayForm, NewHoliday};
use tawi_domain::administration::parameters::{NewParameter, ParameterForm};
use tawi_domain::administration::staff_administration::{NewStaffChange, StaffChangeForm};
use tawi_domain::credit_ops::disbursement::{DisbursementForm, NewDisbursement};
use tawi_domain::credit_ops::loan_application::{LoanApplicationForm, NewLoanApplication};
use tawi_domain::credit_ops::repayment_tracking::{NewRepayment, RepaymentForm};
use tawi_domain::customer_ops::account_opening::{AccountOpeningForm, NewAccount};
use tawi_domain::customer_ops::cif_create::{CifForm, NewCustomer};
use tawi_domain::shared::ids::StaffId;
use tawi_domain::shared::journal::{JournalForm, NewJournal};
use tawi_domain::shared::permissions::Operation;

/// Something to be done, typed.
#[derive(Debug, Clone)]
pub enum Command {
    /// Register a customer.
    CifCreate(Box<NewCustomer>),
    /// Open an account.
    AccountOpening(NewAccount),
    /// Apply for a loan.
    LoanApplication(NewLoanApplication),
    /// Pay a loan out.
    Disbursement(NewDisbursement),
    /// Take a repayment.
    Repayment(NewRepayment),
    /// Post a general journal.
    GeneralJournal(NewJournal),
    /// Change a person, their roles or password.
    StaffChange(NewStaffChange),
    /// Open a branch.
    BranchSetup(NewBranch),
    /// Change the calendar.
    Holiday(NewHoliday),
    /// Set what the bank may set.
    Parameter(NewParameter),
}

impl Command {
    /// The operation it belongs to.
    pub fn operation(&self) -> Operation {
        match self {
            Self::CifCreate(_) => Operation::CifCreate,
            Self::AccountOpening(_) => Operation::AccountOpening,
            Self::LoanApplication(_) => Operation::LoanApplication,
            Self::Disbursement(_) => Operation::Disbursement,
            Self::Repayment(_) => Operation::Repayment,
            Self::GeneralJournal(_) => Operation::GeneralJournal,
            Self::StaffChange(_) => Operation::StaffAdministration,
            Self::BranchSetup(_) => Operation::BranchSetup,
            Self::Holiday(_) => Operation::Holidays,
            Self::Parameter(_) => Operation::Parameters,
        }
    }

    /// The person it is about, who must not decide it.
    pub fn about(&self) -> Option<&StaffId> {
        match self {
            Self::StaffChange(new) => Some(&new.staff_id),
            _ => None,
        }
    }

    /// The canonical form of its content.
    pub fn payload(&self) -> Result<Value, OpError> {
        Ok(match self {
            Self::CifCreate(customer) => serde_json::to_value(customer.to_form())?,
            Self::AccountOpening(new) => serde_json::to_value(new.to_form())?,
            Self::LoanApplication(new) => serde_json::to_value(new.to_form())?,
            Self::Disbursement(new) => serde_json::to_value(new.to_form())?,
            Self::Repayment(new) => serde_json::to_value(new.to_form())?,
            Self::GeneralJournal(journal) => serde_json::to_value(journal.to_form())?,
            Self::StaffChange(new) => serde_json::to_value(new.to_form())?,
            Self::BranchSetup(new) => serde_json::to_value(new.to_form())?,
            Self::Holiday(new) => serde_json::to_value(new.to_form())?,
            Self::Parameter(new) => serde_json::to_value(new.to_form())?,
        })
    }

    /// The command of a stored payload, parsed as if it were typed today. `None` for operations that
    /// no payload can start.
    pub fn parse(operation: Operation, payload: Value, today: Date) -> Result<Option<Self>, OpError> {
        Ok(match operation {
            Operation::CifCreate => {
                let form: CifForm = serde_json::from_value(payload)?;
                Some(Self::CifCreate(Box::new(form.parse(today)?)))
            }
            Operation::AccountOpening => {
                let form: AccountOpeningForm = serde_json::from_value(payload)?;
                Some(Self::AccountOpening(form.parse()?))
            }
            Operation::LoanApplication => {
                let form: LoanApplicationForm = serde_json::from_value(payload)?;
                Some(Self::LoanApplication(form.parse()?))
            }
            Operation::Disbursement => {
                let form: DisbursementForm = serde_json::from_value(payload)?;
                Some(Self::Disbursement(form.parse()?))
            }
            Operation::Repayment => {
                let form: RepaymentForm = serde_json::from_value(payload)?;
                Some(Self::Repayment(form.parse()?))
            }
            Operation::GeneralJournal => {
                let form: JournalForm = serde_json::from_value(payload)?;
                Some(Self::GeneralJournal(form.parse()?))
            }
            Operation::StaffAdministration => {
                let form: StaffChangeForm = serde_json::from_value(payload)?;
                Some(Self::StaffChange(form.parse()?))
            }
            Operation::BranchSetup => {
                let form: BranchForm = serde_json::from_value(payload)?;
                Some(Self::BranchSetup(form.parse()?))
            }
            Operation::Holidays => {
                let form: HolidayForm = serde_json::from_value(payload)?;
                Some(Self::Holiday(form.parse()?))
            }
            Operation::Parameters => {
                let form: ParameterForm = serde_json::from_value(payload)?;
                Some(Self::Parameter(form.parse()?))
            }
            Operation::SignIn
            | Operation::Sessions
            | Operation::Approvals
            | Operation::Requests
            | Operation::Enquiries
            | Operation::LoanSetup
            | Operation::RepaymentTracking
            | Operation::BusinessDate => None,
        })
    }
}

/// A value as text with the keys of every object in order: equal content, equal text.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let inner: Vec<String> = keys
                .into_iter()
                .filter_map(|key| Some(format!("{}:{}", Value::from(key.as_str()), canonical(map.get(key)?))))
                .collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// SHA-256 of the parts, each with its length before it so that no two lists run together.
pub fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The canonical text of anything that can be written as JSON.
pub fn canonical_of<T: Serialize>(value: &T) -> Result<String, OpError> {
    Ok(canonical(&serde_json::to_value(value)?))
}
