//! Double entry: a journal is two lines or more whose debits equal their credits in each currency.

use super::chart::{Control, gl_account};
use super::form::{FieldErrors, plain_text};
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
    #[error("Debits and credits differ by {difference} {}", .currency.code())]
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

/// A journal as a bookkeeper writes it: texts, not yet believed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JournalForm {
    /// What it is for.
    pub narrative: String,
    /// ISO code of the currency of every line.
    pub currency: String,
    /// The lines.
    pub lines: Vec<JournalLineForm>,
}

/// One line of a [`JournalForm`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JournalLineForm {
    /// Code of the general-ledger account.
    pub gl_code: String,
    /// The customer's account, empty where none is needed.
    pub account: String,
    /// The amount if it is a debit, else empty.
    pub debit: String,
    /// The amount if it is a credit, else empty.
    pub credit: String,
}

/// A general journal that may be posted: one currency, balanced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJournal {
    journal: Journal,
    total: Money,
}

impl NewJournal {
    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The sum of its debits.
    pub fn total(&self) -> Money {
        self.total
    }

    /// The form that parses to this journal: what a request for approval keeps.
    pub fn to_form(&self) -> JournalForm {
        let line = |posting: &Posting| {
            let figures = posting.money.amount().to_string();
            let (debit, credit) = match posting.side {
                Side::Debit => (figures, String::new()),
                Side::Credit => (String::new(), figures),
            };
            JournalLineForm {
                gl_code: posting.gl_code.clone(),
                account: posting.account.clone().map(String::from).unwrap_or_default(),
                debit,
                credit,
            }
        };
        JournalForm {
            narrative: self.journal.narrative.clone(),
            currency: self.total.currency().code().to_owned(),
            lines: self.journal.postings.iter().map(line).collect(),
        }
    }
}

impl JournalForm {
    /// Reads the whole form; every fault at once.
    pub fn parse(&self) -> Result<NewJournal, FieldErrors> {
        let mut faults = FieldErrors::default();
        let narrative = faults.note("narrative", plain_text(&self.narrative, "what the journal is for"));
        let currency = faults.note("currency", self.currency.parse::<Currency>());
        let mut postings = Vec::with_capacity(self.lines.len().min(MOST_LINES));
        if let Some(currency) = currency {
            for (at, line) in self.lines.iter().take(MOST_LINES + 1).enumerate() {
                if let Some(posting) = line.parse(at, currency, &mut faults) {
                    postings.push(posting);
                }
            }
        }
        let (Some(narrative), Some(currency)) = (narrative, currency) else {
            return Err(faults);
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let journal = Journal::new(narrative, postings)
            .map_err(|error| FieldErrors::one("lines", error.to_string()))?;
        let total = journal.total(currency).map_err(|error| FieldErrors::one("lines", error.to_string()))?;
        Ok(NewJournal { journal, total })
    }
}

impl JournalLineForm {
    fn parse(&self, at: usize, currency: Currency, faults: &mut FieldErrors) -> Option<Posting> {
        let (side, figures) = match (self.debit.trim(), self.credit.trim()) {
            (debit, "") => (Side::Debit, debit),
            ("", credit) => (Side::Credit, credit),
            _ => {
                faults.add(&format!("lines.{at}"), "A line is either a debit or a credit");
                return None;
            }
        };
        let money = faults.note(&format!("lines.{at}.amount"), Money::parse(figures, currency));
        let account = match self.account.trim() {
            "" => Some(None),
            number => faults.note(&format!("lines.{at}.account"), number.parse().map(Some)),
        };
        let gl_code = self.gl_code.trim();
        if gl_account(gl_code).is_some_and(|account| account.control == Control::Loans) {
            let words = format!("Account {gl_code} moves with loans alone: use the loan's own operation");
            faults.add(&format!("lines.{at}"), words);
        }
        Some(Posting { gl_code: gl_code.to_owned(), account: account?, side, money: money? })
    }
}
