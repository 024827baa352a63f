//! Journals straight into the ledger: through the gate, under an operation that somebody may do anyway, with
//! audit line and key. Stories of the ledger need no operation of their own for that.

use crate::Fallible;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use tawi_bank::op::{Begun, OpCtx};
use tawi_bank::shared::error::OpError;
use tawi_bank::shared::ledger;
use tawi_bank::{Bank, Caller};
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, Item, ReferenceKind, RequestKey};
use tawi_domain::shared::journal::{Journal, JournalPair, Posting, Side};
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::{AuditClass, Operation, may_make};

/// Posts a journal as somebody who moves money; its receipt.
///
/// # Errors
/// They move none, the key was used for something else, or the ledger refuses.
pub async fn posted(
    bank: &Bank,
    who: &Caller,
    journal: &Journal,
    key: RequestKey,
) -> Result<Receipt, OpError> {
    let content = (journal.narrative(), journal.postings());
    post(bank, who, &content, key, async |ctx| ledger::post_in_op(ctx, journal).await).await
}

/// Posts a pair of journals as somebody of the branch that it begins at; its receipt.
///
/// # Errors
/// As [`posted`], of either branch.
pub async fn posted_pair(
    bank: &Bank,
    who: &Caller,
    pair: &JournalPair,
    key: RequestKey,
) -> Result<Receipt, OpError> {
    let content = (pair.here().1.postings(), pair.there().1.postings());
    post(bank, who, &content, key, async |ctx| Ok(ledger::post_pair_in_op(ctx, pair).await?.0)).await
}

async fn post<T: Serialize + Sync>(
    bank: &Bank,
    who: &Caller,
    content: &T,
    key: RequestKey,
    deed: impl AsyncFnOnce(&mut OpCtx) -> Result<i64, OpError>,
) -> Result<Receipt, OpError> {
    let operation = Operation::acts()
        .find(|operation| {
            operation.spec().audit == AuditClass::Money && may_make(who.role, *operation).is_ok()
        })
        .ok_or_else(|| OpError::stored(format!("a {} moves no money", who.role.title().to_lowercase())))?;
    let mut ctx = match OpCtx::begin(bank, who, operation, key, content).await? {
        Begun::Already(receipt) => return Ok(*receipt),
        Begun::Fresh(ctx) => ctx,
    };
    let number = deed(&mut ctx).await?;
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let effect = number.to_string();
    let receipt =
        Receipt::Done { reference, title: "Posted".to_owned(), effect, paper: None, lines: Vec::new() };
    ctx.commit(Outcome::Done, &format!("journal:{number}"), "Posted", json!({}), Some(&receipt)).await?;
    Ok(receipt)
}

/// Cash paid in at one branch into an account of another.
pub fn paid_in_elsewhere(
    here: BranchNumber,
    there: BranchNumber,
    account: &AccountNumber,
    shillings: u32,
) -> Fallible<JournalPair> {
    let taken = vec![line("1010", None, Side::Debit, shillings)?];
    let paid = vec![line("2010", Some(account), Side::Credit, shillings)?];
    Ok(JournalPair::new("Paid in at another branch", (here, taken), (there, paid))?)
}

/// Cash from the tills to the vault.
pub fn cash_to_vault(shillings: u32, narrative: &str) -> Fallible<Journal> {
    let lines =
        vec![line("1020", None, Side::Debit, shillings)?, line("1010", None, Side::Credit, shillings)?];
    Ok(Journal::new(narrative.to_owned(), lines)?)
}

/// Cash into a customer's savings account, less a fee of ten shillings: three lines.
pub fn paid_in(account: &AccountNumber, shillings: u32, narrative: &str) -> Fallible<Journal> {
    const FEE: u32 = 10;
    let lines = vec![
        line("1010", None, Side::Debit, shillings)?,
        line("2010", Some(account), Side::Credit, shillings - FEE)?,
        line("4110", None, Side::Credit, FEE)?,
    ];
    Ok(Journal::new(narrative.to_owned(), lines)?)
}

/// The same in a currency that few accounts are kept in.
pub fn paid_in_dollars(account: &AccountNumber, dollars: u32) -> Fallible<Journal> {
    let money = Money::new(Decimal::from(dollars), Currency::Usd)?;
    let side = |gl_code: &str, account: Option<&AccountNumber>, side| Posting {
        gl_code: gl_code.to_owned(),
        item: account.cloned().map(Item::from),
        side,
        money,
    };
    let lines = vec![side("1010", None, Side::Debit), side("2010", Some(account), Side::Credit)];
    Ok(Journal::new("Paid in".to_owned(), lines)?)
}

/// Everything that the work of a business date may change, at head office and in the books of all: two banks of
/// the same life tell the same.
pub async fn state(bank: &Bank) -> Fallible<Value> {
    let told = r#"
        select jsonb_build_object(
            'loans', (select jsonb_agg(to_jsonb(l) - 'version' - 'customer_id' order by number) from loan l),
            'events', (select jsonb_agg(to_jsonb(e) - 'journal' - 'reference' order by loan, nth) from loan_event e),
            'accounts', (select jsonb_agg(jsonb_build_array(number, balance) order by number) from account),
            'books', (select jsonb_agg(jsonb_build_array(branch, code, currency, debit - credit) order by branch, code)
                      from gl_balance),
            'late', (select jsonb_agg(body ->> 'loan' order by body ->> 'loan') from outbox
                     where body ->> 'kind' = 'loan_late'),
            'date', (select business_date from branch where number = 1))
    "#;
    Ok(sqlx::query_scalar(told).fetch_one(bank.owner()).await?)
}

fn line(gl_code: &str, account: Option<&AccountNumber>, side: Side, shillings: u32) -> Fallible<Posting> {
    let money = Money::new(Decimal::from(shillings), Currency::Kes)?;
    Ok(Posting { gl_code: gl_code.to_owned(), item: account.cloned().map(Item::from), side, money })
}
