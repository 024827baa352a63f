//! What the books say of a loan on a day: what stands on each account, and what has gone through it since the
//! first day. It follows from the terms and the events alone, so a journal is the difference of two of them, an
//! undone event leaves the books as if it had never been, and days add up to whatever they are looked at together.

use super::amount::Minor;
use serde::{Deserialize, Serialize};

/// A loan in the books, in minor units. Interest earned is what balances the rest: whatever an event does to a
/// loan, its journal balances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoanBooks {
    /// Principal that is owed.
    pub principal: Minor,
    /// Interest that fell due and is not paid.
    pub interest_due: Minor,
    /// Interest earned, not yet due and not paid.
    pub interest_accrued: Minor,
    /// Fees that are owed, and the tax on fees and penalties.
    pub fees_due: Minor,
    /// Penalties that are owed.
    pub penalties_due: Minor,
    /// Fees, and interest kept back, that were taken at the disbursement and are earned over the term.
    pub unearned: Minor,
    /// What was paid above everything that was owed.
    pub overpaid: Minor,
    /// Money that went to the borrower.
    pub paid_out: Minor,
    /// Money that came from the borrower, or from whoever pays for them.
    pub paid_in: Minor,
    /// Interest earned.
    pub interest_earned: Minor,
    /// Fees earned when they were charged.
    pub fees_earned: Minor,
    /// Fees earned over the term.
    pub fees_earned_over_term: Minor,
    /// Tax on fees and penalties.
    pub tax: Minor,
    /// Penalties earned.
    pub penalties_earned: Minor,
    /// What was charged or written off, without what had not been earned of it.
    pub lost: Minor,
    /// What came in after that.
    pub recovered: Minor,
    /// Small balances given up.
    pub given_up: Minor,
}

impl LoanBooks {
    /// Finds the interest earned from everything else.
    #[must_use]
    pub(crate) fn balanced(self) -> Self {
        let assets =
            self.principal + self.interest_due + self.interest_accrued + self.fees_due + self.penalties_due;
        let moved = self.paid_out - self.paid_in;
        let earned = self.fees_earned + self.fees_earned_over_term + self.tax + self.penalties_earned;
        let interest_earned = assets - self.unearned - self.overpaid - moved - earned + self.lost
            - self.recovered
            + self.given_up;
        Self { interest_earned, ..self }
    }

    /// What of it bears the risk of not being paid: interest and penalties that are owed or have run up.
    pub fn unpaid_income(&self) -> (Minor, Minor) {
        (self.interest_due + self.interest_accrued, self.penalties_due)
    }
}
