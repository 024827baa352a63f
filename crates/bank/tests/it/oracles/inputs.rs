//! The reading of the files' words, as the runner has it.
#![expect(dead_code, reason = "the runner writes results as well")]

#[path = "../../../../domain/examples/oracle/figures.rs"]
pub mod figures;
#[path = "../../../../domain/examples/oracle/terms.rs"]
pub mod terms;
#[path = "../../../../domain/examples/oracle/words.rs"]
pub mod words;

use tawi_domain::credit_ops::schedule::LoanError;

/// Why a case cannot be read.
#[derive(Debug)]
pub enum Fault {
    /// It says what the runner does not know.
    Unsupported(String),
    /// The engine refuses it.
    Error(String),
}

impl From<LoanError> for Fault {
    fn from(fault: LoanError) -> Self {
        Self::Error(fault.to_string())
    }
}
