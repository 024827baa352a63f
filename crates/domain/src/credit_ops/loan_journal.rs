//! The entries of a loan: the difference between what the books said of it and what they say now. One table of
//! accounts for every event there is, and for the days between them. The entries are those that
//! docs/JOURNALS.md lists; who reverses an event posts the same lines with sides exchanged.

use super::schedule::{LoanBooks, LoanState, Minor, money};
use crate::shared::ids::{AccountNumber, Item};
use crate::shared::journal::{Journal, JournalError, Posting, Side};
use crate::shared::money::Currency;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Principal of loans: what is owed, behind it the loans.
pub const PRINCIPAL: &str = "1110";
/// Fees of loans that are not yet earned, behind them the products.
pub const FEES_UNEARNED: &str = "1195";
/// Interest that fell due and is not paid, behind it the loans.
pub const INTEREST_DUE: &str = "1210";
/// Interest that was earned and is not yet due, behind it the products.
pub const INTEREST_ACCRUED: &str = "1215";
/// Fees and their tax that are owed, behind them the loans.
pub const FEES_DUE: &str = "1220";
/// Penalties that are owed, behind them the loans.
pub const PENALTIES_DUE: &str = "1225";
/// Interest and penalties of loans that are not performing, behind them the products.
pub const SUSPENDED: &str = "1290";
/// What was paid too much, behind it the loans.
pub const OVERPAID: &str = "2310";
/// Excise duty that is owed to the revenue authority.
pub const EXCISE_PAYABLE: &str = "2510";
/// Interest earned.
pub const INTEREST_INCOME: &str = "4010";
/// Fees earned over the term of their loan.
pub const FEES_OVER_TERM: &str = "4020";
/// Fees earned.
pub const FEE_INCOME: &str = "4110";
/// Penalties earned.
pub const PENALTY_INCOME: &str = "4120";
/// What came in of loans that were written off.
pub const RECOVERIES: &str = "4210";
/// What was lost of loans.
pub const IMPAIRMENT: &str = "5110";
/// Small balances given up.
pub const GIVEN_UP: &str = "5250";

/// A loan as it stands in the books: its own figures, and what of its income is suspended because it does not
/// perform. Minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booked {
    /// The loan's own figures.
    pub books: LoanBooks,
    /// Interest in suspense.
    pub suspended_interest: Minor,
    /// Penalties in suspense.
    pub suspended_penalties: Minor,
}

impl Booked {
    /// What should stand in the books of a loan: once it does not perform, all interest and penalties that are
    /// not paid are in suspense.
    pub fn of(state: &LoanState, non_performing: bool) -> Self {
        let (interest, penalties) = if non_performing { state.books.unpaid_income() } else { (0, 0) };
        Self { books: state.books, suspended_interest: interest, suspended_penalties: penalties }
    }

    /// The same loan as it stood when a program of the version before had written it, which knew principal and
    /// interest due alone: these are as they are now, and nothing has gone in or out since.
    #[must_use]
    pub fn as_written_before(
        before: Option<Self>,
        principal: Minor,
        interest_due: Minor,
        now: &Self,
    ) -> Self {
        let known = before.unwrap_or_else(|| Self {
            books: LoanBooks {
                interest_accrued: 0,
                fees_due: 0,
                penalties_due: 0,
                unearned: 0,
                overpaid: 0,
                ..now.books
            },
            ..Self::default()
        });
        let (paid_out, paid_in) = (now.books.paid_out, now.books.paid_in);
        let books = LoanBooks { principal, interest_due, paid_out, paid_in, ..known.books };
        Self { books: books.balanced(), ..known }
    }
}

/// Lines of a journal to be: signed amounts by account, debits above zero, and the money that comes in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    lines: BTreeMap<&'static str, Minor>,
    money: Minor,
}

/// The entries that lead from one standing to another. They balance, whatever happened in between.
pub fn journal_between(before: &Booked, after: &Booked) -> Entries {
    let (was, is) = (&before.books, &after.books);
    let interest = after.suspended_interest - before.suspended_interest;
    let penalties = after.suspended_penalties - before.suspended_penalties;
    let lost = is.lost - was.lost;
    // What was in suspense is no loss when the loan leaves the books, nor a gain when it comes back.
    let of_loss = |suspended: Minor, lost: Minor| match (suspended < 0, lost > 0) {
        (true, true) => suspended.max(-lost),
        (false, false) => suspended.min(-lost),
        _ => 0,
    };
    let interest_of_loss = of_loss(interest, lost);
    let penalties_of_loss = of_loss(penalties, lost + interest_of_loss);
    let mut entries =
        Entries { money: (is.paid_in - was.paid_in) - (is.paid_out - was.paid_out), ..Entries::default() };
    for (code, debit) in [
        (PRINCIPAL, is.principal - was.principal),
        (INTEREST_DUE, is.interest_due - was.interest_due),
        (INTEREST_ACCRUED, is.interest_accrued - was.interest_accrued),
        (FEES_DUE, is.fees_due - was.fees_due),
        (PENALTIES_DUE, is.penalties_due - was.penalties_due),
        (FEES_UNEARNED, was.unearned - is.unearned),
        (OVERPAID, was.overpaid - is.overpaid),
        (SUSPENDED, -(interest + penalties)),
        (INTEREST_INCOME, was.interest_earned - is.interest_earned + interest - interest_of_loss),
        (FEE_INCOME, was.fees_earned - is.fees_earned),
        (FEES_OVER_TERM, was.fees_earned_over_term - is.fees_earned_over_term),
        (EXCISE_PAYABLE, was.tax - is.tax),
        (PENALTY_INCOME, was.penalties_earned - is.penalties_earned + penalties - penalties_of_loss),
        (IMPAIRMENT, lost + interest_of_loss + penalties_of_loss),
        (RECOVERIES, was.recovered - is.recovered),
        (GIVEN_UP, is.given_up - was.given_up),
    ] {
        entries.add(code, debit);
    }
    entries
}

/// Whether what stands behind an account is the loan, its product, or nothing.
fn behind(code: &str, loan: &AccountNumber, product: &Item) -> Option<Item> {
    match code {
        PRINCIPAL | INTEREST_DUE | FEES_DUE | PENALTIES_DUE | OVERPAID => Some(loan.clone().into()),
        FEES_UNEARNED | INTEREST_ACCRUED | SUSPENDED => Some(product.clone()),
        _ => None,
    }
}

/// Where the money of an entry comes from or goes to: the code, and the item behind it.
#[derive(Debug, Clone)]
pub struct MoneyAt<'a> {
    /// The general-ledger account.
    pub code: &'a str,
    /// What stands behind it: an account, a till.
    pub item: Option<Item>,
}

impl Entries {
    fn add(&mut self, code: &'static str, debit: Minor) {
        let sum = self.lines.entry(code).or_default();
        *sum += debit;
        if *sum == 0 {
            self.lines.remove(code);
        }
    }

    /// Whether nothing has to be posted.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.money == 0
    }

    /// Money that comes in; below zero it goes out.
    pub fn money(&self) -> Minor {
        self.money
    }

    /// Debits less credits on an account.
    pub fn on(&self, code: &str) -> Minor {
        self.lines.get(code).copied().unwrap_or(0)
    }

    /// Debits less credits of all lines, money included: nothing.
    pub fn rest(&self) -> Minor {
        self.lines.values().sum::<Minor>() + self.money
    }

    /// The accounts that are posted to, with debits less credits.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, Minor)> + '_ {
        self.lines.iter().map(|(code, debit)| (*code, *debit))
    }

    /// The postings of one loan.
    ///
    /// # Errors
    /// Money comes in or goes out and nobody said where.
    pub fn postings(
        &self,
        loan: &AccountNumber,
        product: &Item,
        currency: Currency,
        at: Option<&MoneyAt<'_>>,
    ) -> Result<Vec<Posting>, JournalError> {
        let mut postings = Vec::with_capacity(self.lines.len() + 1);
        if self.money != 0 {
            let at = at.ok_or(JournalError::TooFew)?;
            postings.push(posting(at.code, at.item.clone(), self.money, currency)?);
        }
        for (code, debit) in self.lines() {
            postings.push(posting(code, behind(code, loan, product), debit, currency)?);
        }
        Ok(postings)
    }

    /// The journal of one loan.
    ///
    /// # Errors
    /// As for its postings.
    pub fn journal(
        &self,
        narrative: String,
        (loan, product): (&AccountNumber, &Item),
        currency: Currency,
        at: Option<&MoneyAt<'_>>,
    ) -> Result<Journal, JournalError> {
        Journal::new(narrative, self.postings(loan, product, currency, at)?)
    }
}

fn posting(
    code: &str,
    item: Option<Item>,
    debit: Minor,
    currency: Currency,
) -> Result<Posting, JournalError> {
    let side = if debit > 0 { Side::Debit } else { Side::Credit };
    let money = money(debit.checked_abs().unwrap_or(0), currency)?;
    Ok(Posting { gl_code: code.to_owned(), item, side, money })
}

/// Lines of one journal for a chunk of loans to which days have brought something: summed by product where the
/// product stands behind an account or nothing does, a line for each loan where the loan does.
#[derive(Debug, Default)]
pub struct ChunkEntries {
    lines: BTreeMap<(String, &'static str, Option<String>), (Currency, Minor)>,
}

impl ChunkEntries {
    /// Adds the entries of a loan. They move no money.
    pub fn add(&mut self, entries: &Entries, loan: &AccountNumber, product: &Item, currency: Currency) {
        for (code, debit) in entries.lines() {
            let item = behind(code, loan, product).map(String::from);
            let key = (product.as_str().to_owned(), code, item);
            let line = self.lines.entry(key).or_insert((currency, 0));
            line.1 += debit;
        }
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The journal; none where everything cancels out.
    ///
    /// # Errors
    /// More lines than a journal has.
    pub fn journal(self, narrative: String) -> Result<Option<Journal>, JournalError> {
        let mut postings = Vec::with_capacity(self.lines.len());
        for ((_, code, item), (currency, debit)) in self.lines {
            if debit != 0 {
                let item = item.and_then(|item| item.parse().ok());
                postings.push(posting(code, item, debit, currency)?);
            }
        }
        if postings.is_empty() { Ok(None) } else { Journal::new(narrative, postings).map(Some) }
    }
}
