//! Work over many rows that a new business date brings a branch.

use crate::shared::words::words;

words! {
    /// A step of a job; they are done in this order.
    pub enum JobStep {
        /// Interest that falls due is booked, and whoever looks after late loans hears of those that became late.
        LoansDue = "loans_due", "Interest due and late loans";
    }
}
