//! What the ledger must know of a customer's account: whether it takes a movement.

use crate::shared::ids::AccountNumber;
use serde::{Deserialize, Serialize};

/// Where an account stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// In use.
    Open,
    /// Ended.
    Closed,
}

impl AccountStatus {
    /// The state of a stored word.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "open" => Some(Self::Open),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }
}

/// Something an account may not do for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// Nothing is taken from it.
    DebitBlock,
    /// Nothing is paid into it.
    CreditBlock,
    /// Neither.
    Freeze,
}

impl Restriction {
    /// The restriction of a stored word.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "debit_block" => Some(Self::DebitBlock),
            "credit_block" => Some(Self::CreditBlock),
            "freeze" => Some(Self::Freeze),
            _ => None,
        }
    }

    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::DebitBlock => "Blocked for debits",
            Self::CreditBlock => "Blocked for credits",
            Self::Freeze => "Frozen",
        }
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
