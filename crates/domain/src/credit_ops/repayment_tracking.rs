//! Following loans: who is late, and the branch's loans in numbers.

use crate::shared::money::Money;
use crate::shared::words::words;
use serde::{Deserialize, Serialize};

/// The branch's loans on its business date, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portfolio {
    /// Loans paid out and owed.
    pub loans: i64,
    /// Principal owed on them.
    pub outstanding: Money,
    /// Loans with an instalment unpaid after its due date.
    pub late: i64,
    /// What is unpaid of those instalments.
    pub arrears: Money,
    /// Principal owed by days past due: none, 1 to 30, 31 to 90, more.
    pub ageing: [Money; 4],
    /// Approved loans that wait for their disbursement.
    pub to_pay_out: i64,
    /// What was repaid today.
    pub repaid_today: Money,
    /// What was lent today.
    pub lent_today: Money,
}

/// The ageing's bands, as people read them.
pub const AGEING: [&str; 4] = ["In time", "1 to 30 days", "31 to 90 days", "Over 90 days"];

words! {
    /// Which loans the worklist shows.
    #[derive(Default)]
    pub enum LoanFilter {
        /// Instalments due before the business date are unpaid.
        #[default]
        Late = "late", "Late";
        /// An instalment falls due within a week.
        DueSoon = "due", "Due this week";
        /// Approved, not yet paid out.
        ToPayOut = "approved", "To pay out";
        /// Every loan that is not closed.
        Open = "open", "All open";
        /// Paid back.
        Closed = "closed", "Closed";
    }
}
