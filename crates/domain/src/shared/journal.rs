//! Double entry: a journal is two lines or more whose debits equal their credits in each currency.

use super::chart::{Control, gl_account};
use super::ids::AccountNumber;
use super::money::{Currency, Money, MoneyError};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The most lines one journal takes.
pub const MOST_LINES: usize = 500;

/// The side of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Left: more assets and expenses, less liabilities and income.
    Debit,
    /// Right: the opposite.
    Credit,
}

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Code of the general-ledger account.
    pub gl_code: String,
    /// The customer's account or the loan behind a control account.
    pub account: Option<AccountNumber>,
    /// The side.
    pub side: Side,
    /// More than zero.
    pub money: Money,
}

/// Why lines are not a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Fewer than two lines.
    #[error("A journal has two lines or more")]
    TooFew,
    /// More than [`MOST_LINES`].
    #[error("A journal has {MOST_LINES} lines at most")]
    TooMany,
    /// A line of nothing.
    #[error("Every line of a journal has an amount")]
    EmptyLine,
    /// A code that is not in the chart.
    #[error("There is no account {0} in the chart of accounts")]
    UnknownAccount(String),
    /// A control account without a customer's account, or the reverse.
    #[error("Account {0} is posted through a customer's account, the others directly")]
    WrongLedger(String),
    /// Debits and credits differ in a currency.
    #[error("Debits and credits differ by {}", shown(*.currency, *.difference))]
    Unbalanced {
        /// The currency.
        currency: Currency,
        /// Debits less credits.
        difference: Decimal,
    },
    /// The sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A difference as people read an amount, whichever side is larger.
fn shown(currency: Currency, difference: Decimal) -> String {
    Money::new(difference.abs(), currency).map_or_else(|_| difference.to_string(), |money| money.to_string())
}

/// A balanced set of postings: the only thing the ledger takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    narrative: String,
    postings: Vec<Posting>,
}

impl Journal {
    /// Checks the lines against each other and the chart of accounts.
    pub fn new(narrative: String, postings: Vec<Posting>) -> Result<Self, JournalError> {
        match postings.len() {
            0 | 1 => return Err(JournalError::TooFew),
            lines if lines > MOST_LINES => return Err(JournalError::TooMany),
            _ => {}
        }
        let mut sums: Vec<(Currency, Decimal)> = Vec::new();
        for posting in &postings {
            if posting.money.amount().is_zero() {
                return Err(JournalError::EmptyLine);
            }
            let account = gl_account(&posting.gl_code)
                .ok_or_else(|| JournalError::UnknownAccount(posting.gl_code.clone()))?;
            if (account.control == Control::Direct) == posting.account.is_some() {
                return Err(JournalError::WrongLedger(posting.gl_code.clone()));
            }
            let signed = match posting.side {
                Side::Debit => posting.money.amount(),
                Side::Credit => -posting.money.amount(),
            };
            let currency = posting.money.currency();
            match sums.iter_mut().find(|(of, _)| *of == currency) {
                Some((_, sum)) => *sum = sum.checked_add(signed).ok_or(MoneyError::TooLarge)?,
                None => sums.push((currency, signed)),
            }
        }
        match sums.into_iter().find(|(_, sum)| !sum.is_zero()) {
            Some((currency, difference)) => Err(JournalError::Unbalanced { currency, difference }),
            None => Ok(Self { narrative, postings }),
        }
    }

    /// What the journal is for.
    pub fn narrative(&self) -> &str {
        &self.narrative
    }

    /// Its lines, in the order of the books.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// The sum of one side in a currency.
    pub fn total(&self, currency: Currency) -> Result<Money, MoneyError> {
        self.postings
            .iter()
            .filter(|posting| posting.side == Side::Debit && posting.money.currency() == currency)
            .try_fold(Money::zero(currency), |sum, posting| sum.plus(posting.money))
    }
}
