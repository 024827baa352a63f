//! Double entry: a journal is two lines or more whose debits equal their credits in each currency.

use super::chart::{INTER_BRANCH, gl_account};
use super::ids::{BranchNumber, Item};
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
    /// What stands behind it, where its account has a sub-ledger: an account, a loan, another branch.
    pub item: Option<Item>,
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
    /// An account with a sub-ledger whose item is not named, or the reverse.
    #[error("Account {0} is posted through what stands behind it, the others directly")]
    WrongLedger(String),
    /// Both journals of a pair are of one branch.
    #[error("A pair of journals is of two branches")]
    OneBranch,
    /// A pair in several currencies.
    #[error("A pair of journals is of one currency")]
    TwoCurrencies,
    /// Nothing goes from one branch of a pair to the other.
    #[error("Nothing goes from one branch to the other: each posts its own journal")]
    NothingBetween,
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
            if account.sub_ledger.is_none() == posting.item.is_some() {
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

/// What concerns two branches: a journal of each, of one currency, which the inter-branch account balances.
/// What it shows of the other branch in one is what it shows of this one in the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalPair {
    here: (BranchNumber, Journal),
    there: (BranchNumber, Journal),
}

impl JournalPair {
    /// Of the lines of both branches without those between them, which are added.
    ///
    /// # Errors
    /// Both are one branch, the lines are of several currencies, do not balance over both branches or move
    /// nothing between them, or are no journal.
    pub fn new(
        narrative: &str,
        here: (BranchNumber, Vec<Posting>),
        there: (BranchNumber, Vec<Posting>),
    ) -> Result<Self, JournalError> {
        if here.0 == there.0 {
            return Err(JournalError::OneBranch);
        }
        let mut lines = here.1.iter().chain(&there.1);
        let currency = lines.next().ok_or(JournalError::TooFew)?.money.currency();
        if lines.any(|posting| posting.money.currency() != currency) {
            return Err(JournalError::TwoCurrencies);
        }
        let (left_here, left_there) = (debits_less_credits(&here.1)?, debits_less_credits(&there.1)?);
        let difference = left_here.checked_add(left_there).ok_or(MoneyError::TooLarge)?;
        if !difference.is_zero() {
            return Err(JournalError::Unbalanced { currency, difference });
        }
        if left_here.is_zero() {
            return Err(JournalError::NothingBetween);
        }
        let whole =
            |(branch, mut lines): (BranchNumber, Vec<Posting>), left: Decimal, other: BranchNumber| {
                lines.push(Posting {
                    gl_code: INTER_BRANCH.to_owned(),
                    item: Some(other.into()),
                    side: if left.is_sign_positive() { Side::Credit } else { Side::Debit },
                    money: Money::new(left.abs(), currency)?,
                });
                Ok::<_, JournalError>((branch, Journal::new(narrative.to_owned(), lines)?))
            };
        let (of_here, of_there) = (here.0, there.0);
        Ok(Self { here: whole(here, left_here, of_there)?, there: whole(there, left_there, of_here)? })
    }

    /// The branch that posts the pair, with its journal.
    pub fn here(&self) -> (BranchNumber, &Journal) {
        (self.here.0, &self.here.1)
    }

    /// The other branch, with its journal.
    pub fn there(&self) -> (BranchNumber, &Journal) {
        (self.there.0, &self.there.1)
    }
}

fn debits_less_credits(lines: &[Posting]) -> Result<Decimal, MoneyError> {
    lines.iter().try_fold(Decimal::ZERO, |sum, posting| {
        let signed = match posting.side {
            Side::Debit => posting.money.amount(),
            Side::Credit => -posting.money.amount(),
        };
        sum.checked_add(signed).ok_or(MoneyError::TooLarge)
    })
}
