//! What the ledger must know of a customer's account: whether it takes a movement.

use crate::shared::ids::AccountNumber;
use crate::shared::words::words;

words! {
    /// Where an account stands in its life.
    pub enum AccountStatus {
        /// In use.
        Open = "open";
        /// Ended.
        Closed = "closed";
    }
}

words! {
    /// Something an account may not do for a while.
    pub enum Restriction {
        /// Nothing is taken from it.
        DebitBlock = "debit_block", "Blocked for debits";
        /// Nothing is paid into it.
        CreditBlock = "credit_block", "Blocked for credits";
        /// Neither.
        Freeze = "freeze", "Frozen";
    }
}

/// Which way money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Out of the account.
    Debit,
    /// Into the account.
    Credit,
}

/// Whether an account takes a movement; the refusal is a sentence.
pub fn takes(
    number: &AccountNumber,
    status: AccountStatus,
    restrictions: &[Restriction],
    movement: Movement,
) -> Result<(), String> {
    if status == AccountStatus::Closed {
        return Err(format!("Account {number} is closed"));
    }
    let barrier = restrictions.iter().find(|restriction| {
        matches!(
            (restriction, movement),
            (Restriction::Freeze, _)
                | (Restriction::DebitBlock, Movement::Debit)
                | (Restriction::CreditBlock, Movement::Credit)
        )
    });
    match barrier {
        Some(restriction) => Err(format!("Account {number}: {}", restriction.title().to_lowercase())),
        None => Ok(()),
    }
}
