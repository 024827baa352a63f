//! Posting a journal that no other operation makes: one currency, as many lines as it takes, balanced.

use crate::shared::chart::{CHART, GlAccount, SubLedger, gl_account};
use crate::shared::field::{Field, hidden, line};
use crate::shared::form::{FieldErrors, plain_text};
use crate::shared::ids::{AccountNumber, Item};
use crate::shared::journal::{Journal, MOST_LINES, Posting, Side};
use crate::shared::money::{Currency, Money, MoneyError};
use crate::shared::operation_form::Form;
use crate::shared::permissions::Operation;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

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
}

impl Form for JournalForm {
    const OPERATION: Operation = Operation::GeneralJournal;
    const FIELDS: &'static [Field] = &[
        line("What it is for").hint("Stands on every statement it touches").wide().named("narrative"),
        hidden("Currency").named("currency"),
    ];
    type Parsed = NewJournal;

    fn parse(&self, _: Date) -> Result<NewJournal, FieldErrors> {
        let mut faults = FieldErrors::default();
        let narrative = faults.note("narrative", plain_text(&self.narrative, "what the journal is for"));
        let currency = faults.note("", self.currency.parse::<Currency>());
        let mut postings = Vec::with_capacity(self.lines.len().min(MOST_LINES));
        if let Some(currency) = currency {
            // A line that nobody wrote into is none.
            let written = self.lines.iter().enumerate().filter(|(_, line)| !line.is_blank());
            for (at, line) in written.take(MOST_LINES + 1) {
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

    fn of(parsed: &NewJournal) -> Self {
        let line = |posting: &Posting| {
            let figures = posting.money.amount().to_string();
            let (debit, credit) = match posting.side {
                Side::Debit => (figures, String::new()),
                Side::Credit => (String::new(), figures),
            };
            JournalLineForm {
                gl_code: posting.gl_code.clone(),
                account: posting.item.clone().map(String::from).unwrap_or_default(),
                debit,
                credit,
            }
        };
        Self {
            narrative: parsed.journal.narrative().to_owned(),
            currency: parsed.total.currency().code().to_owned(),
            lines: parsed.journal.postings().iter().map(line).collect(),
        }
    }
}

impl JournalLineForm {
    /// Whether nothing was typed into the line.
    fn is_blank(&self) -> bool {
        [&self.gl_code, &self.account, &self.debit, &self.credit].iter().all(|text| text.trim().is_empty())
    }

    fn parse(&self, at: usize, currency: Currency, faults: &mut FieldErrors) -> Option<Posting> {
        let mut fault = |words: String| faults.add(&line_name(at), format!("Line {}: {words}", at + 1));
        let gl_code = self.gl_code.trim();
        let account = match self.account.trim() {
            "" => Ok(None),
            number => number.parse::<AccountNumber>().map(Some),
        };
        let account = match (gl_account(gl_code), account) {
            (None, _) if gl_code.is_empty() => Err("choose the account of the chart".to_owned()),
            (None, _) => Err(format!("there is no account {gl_code} in the chart of accounts")),
            (Some(account), _) if !is_postable(account) => {
                let behind = account.sub_ledger.map_or("", |behind| behind.title);
                Err(format!("{gl_code} moves with {behind} alone: use their own operations"))
            }
            (Some(GlAccount { sub_ledger: Some(_), .. }), Ok(None)) => {
                Err(format!("behind {gl_code} stand customers' accounts: say which"))
            }
            (Some(GlAccount { sub_ledger: None, .. }), Ok(Some(_))) => {
                Err(format!("no customer's account stands behind {gl_code}: leave it empty"))
            }
            (Some(_), Err(slip)) => Err(slip.to_string()),
            (Some(_), Ok(account)) => Ok(account),
        };
        let (side, money) = match (self.debit.trim(), self.credit.trim()) {
            ("", "") => (Side::Debit, Err("enter a debit or a credit".to_owned())),
            (debit, "") => (Side::Debit, Money::parse(debit, currency).map_err(|slip| slip.to_string())),
            ("", credit) => (Side::Credit, Money::parse(credit, currency).map_err(|slip| slip.to_string())),
            (_, _) => (Side::Debit, Err("it is either a debit or a credit: leave one empty".to_owned())),
        };
        match (account, money) {
            (Ok(account), Ok(money)) => {
                return Some(Posting {
                    gl_code: gl_code.to_owned(),
                    item: account.map(Item::from),
                    side,
                    money,
                });
            }
            (Err(words), Ok(_)) | (Ok(_), Err(words)) => fault(words),
            (Err(one), Err(other)) => fault(format!("{one}; {other}")),
        }
        None
    }
}

/// The name under which a line's faults are told.
pub fn line_name(at: usize) -> String {
    format!("lines.{at}")
}

/// Whether a general journal may post an account: what no sub-ledger stands behind, and customers' accounts.
/// Everything else moves by operations that keep its items.
fn is_postable(account: &GlAccount) -> bool {
    account.sub_ledger.is_none_or(|behind| behind == SubLedger::ACCOUNTS)
}

/// The accounts of the chart that a general journal may post.
pub fn postable() -> impl Iterator<Item = &'static GlAccount> {
    CHART.iter().filter(|account| is_postable(account))
}

/// Debits and credits of what has been typed so far; lines that are no amount yet count as nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// The sum of the debits.
    pub debit: Money,
    /// The sum of the credits.
    pub credit: Money,
}

impl Balance {
    /// Of a form as it stands, in the currency it names; shillings while it names none.
    ///
    /// # Errors
    /// The sum is larger than the books hold.
    pub fn of(form: &JournalForm) -> Result<Self, MoneyError> {
        let currency = form.currency.parse().unwrap_or(Currency::Kes);
        let sum = |texts: &mut dyn Iterator<Item = &String>| {
            texts
                .filter_map(|text| Money::parse(text, currency).ok())
                .try_fold(Money::zero(currency), |sum, money| sum.plus(money))
        };
        Ok(Self {
            debit: sum(&mut form.lines.iter().map(|line| &line.debit))?,
            credit: sum(&mut form.lines.iter().map(|line| &line.credit))?,
        })
    }

    /// Debits less credits.
    pub fn difference(&self) -> Decimal {
        self.debit.amount() - self.credit.amount()
    }

    /// What the other side lacks, in words; none when both are equal.
    pub fn lacks(&self) -> Option<(Side, Money)> {
        let difference = self.difference();
        let side = if difference.is_sign_negative() { Side::Debit } else { Side::Credit };
        let money = Money::new(difference.abs(), self.debit.currency()).ok()?;
        (!difference.is_zero()).then_some((side, money))
    }
}
