//! Posting to the ledger and reading its balances.

use super::error::OpError;
use crate::op::OpCtx;
use crate::shared::stored::stored;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use tawi_domain::shared::account::{AccountStatus, Movement, Restriction, takes};
use tawi_domain::shared::chart::{SubLedger, gl_account};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, Reference, ReferenceKind};
use tawi_domain::shared::journal::{Journal, JournalPair, Posting, Side};
use tawi_domain::shared::money::{Currency, Money};

/// A customer's account as the ledger needs it.
#[derive(Debug, Clone)]
pub struct AccountState {
    /// Its number.
    pub number: AccountNumber,
    /// The branch that keeps it.
    pub branch: BranchNumber,
    /// Its currency.
    pub currency: Currency,
    /// Code of its control account.
    pub control_code: String,
    /// Credits less debits.
    pub balance: Decimal,
    /// Where it stands.
    pub status: AccountStatus,
    /// What it may not do.
    pub restrictions: Vec<Restriction>,
    /// Counts its changes.
    pub version: i64,
}

/// The customers' accounts that a journal moves, as they are now; each takes its movement.
pub async fn accounts_in_op(ctx: &mut OpCtx, journal: &Journal) -> Result<Vec<AccountState>, OpError> {
    let accounts = accounts_of(journal);
    let states = read_accounts(ctx.conn(), &accounts).await?;
    check_accounts(ctx.branch()?, journal, &states)?;
    Ok(states)
}

/// Posts a journal in the operation's transaction and answers its number. Accounts are locked in the
/// order of their numbers and their balances moved; general-ledger accounts are not touched.
pub async fn post_in_op(ctx: &mut OpCtx, journal: &Journal) -> Result<i64, OpError> {
    let branch = ctx.branch()?;
    move_accounts(ctx, &[(branch, journal)]).await?;
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let heading = Heading { branch, business_date: ctx.business_date()?, reference, pair: None };
    insert_journal(ctx, heading, journal).await
}

/// Posts what concerns the operation's branch and another: a journal of each on its own business date, under
/// one pair number. Answers the numbers of both, the operation's own first. The accounts of both are locked
/// together, so that two pairs in opposite directions wait for each other and never for ever.
///
/// # Errors
/// As for one journal, of either branch.
pub async fn post_pair_in_op(ctx: &mut OpCtx, pair: &JournalPair) -> Result<(i64, i64), OpError> {
    let (here, there) = (pair.here(), pair.there());
    if ctx.branch()? != here.0 {
        return Err(OpError::stored("a pair of journals that begins at another branch"));
    }
    let date_there = ctx.reach(there.0).await?;
    move_accounts(ctx, &[here, there]).await?;
    let number = sqlx::query_scalar!(r#"select nextval('pair_serial') as "number!""#);
    let number = Some(number.fetch_one(ctx.conn()).await?);
    let reference = ctx.reference(ReferenceKind::Receipt).await?;
    let heading = Heading { branch: here.0, business_date: ctx.business_date()?, reference, pair: number };
    let own = insert_journal(ctx, heading, here.1).await?;
    let reference = ctx.draw(ReferenceKind::Receipt).await?;
    let heading = Heading { branch: there.0, business_date: date_there, reference, pair: number };
    Ok((own, insert_journal(ctx, heading, there.1).await?))
}

/// Posts journals of the operation's branch that move no customer's account, each under a reference of its own:
/// three statements for all of them. Answers how many.
///
/// # Errors
/// One of them names a customer's account.
pub(crate) async fn post_many_in_op(ctx: &mut OpCtx, journals: &[Journal]) -> Result<usize, OpError> {
    if journals.is_empty() {
        return Ok(0);
    }
    if journals.iter().any(|journal| account_lines(journal).next().is_some()) {
        return Err(OpError::stored("a journal of many that moves a customer's account"));
    }
    let (branch, business_date) = (ctx.branch()?, ctx.business_date()?);
    let references = ctx.draw_many(ReferenceKind::Receipt, journals.len()).await?;
    insert_journals(ctx, branch, business_date, &references, journals).await?;
    Ok(journals.len())
}

/// What the operation has posted so far, line by line, as the seal of its audit line covers it.
pub(crate) async fn digest_in_op(ctx: &mut OpCtx) -> Result<String, OpError> {
    Ok(sqlx::query_scalar!(r#"select journals_digest(current_transaction()) as "digest!""#)
        .fetch_one(ctx.conn())
        .await?)
}

/// What a journal says of itself.
struct Heading {
    branch: BranchNumber,
    business_date: Date,
    reference: Reference,
    pair: Option<i64>,
}

/// Locks and moves the customers' accounts that journals of some branches name, all at once.
async fn move_accounts(ctx: &mut OpCtx, journals: &[(BranchNumber, &Journal)]) -> Result<(), OpError> {
    let changes = changes_of(journals)?;
    if changes.is_empty() {
        return Ok(());
    }
    let draws = ctx.drawn_reference().is_none();
    let moved = move_balances(ctx.conn(), &changes, draws).await?;
    for (branch, journal) in journals {
        check_accounts(*branch, journal, &moved.accounts)?;
    }
    check_balances(&changes, &moved.accounts)?;
    if let Some(serial) = moved.serial {
        ctx.set_reference(ReferenceKind::Receipt, serial)?;
    }
    Ok(())
}

/// The lines that name a customer's account; what other items stand at is their own operations' affair.
fn account_lines(journal: &Journal) -> impl Iterator<Item = (AccountNumber, &Posting)> {
    journal.postings().iter().filter_map(|posting| {
        let behind = gl_account(&posting.gl_code)?.sub_ledger;
        let number = posting.item.as_ref()?.account()?;
        (behind == Some(SubLedger::ACCOUNTS)).then_some((number, posting))
    })
}

fn accounts_of(journal: &Journal) -> Vec<String> {
    let mut numbers: Vec<String> =
        account_lines(journal).map(|(number, _)| number.as_str().to_owned()).collect();
    numbers.sort();
    numbers.dedup();
    numbers
}

/// What journals change of each customer account: a credit raises its balance, a debit lowers it.
fn changes_of(journals: &[(BranchNumber, &Journal)]) -> Result<BTreeMap<String, Decimal>, OpError> {
    let mut changes = BTreeMap::new();
    for (number, posting) in journals.iter().flat_map(|(_, journal)| account_lines(journal)) {
        let signed = match posting.side {
            Side::Credit => posting.money.amount(),
            Side::Debit => -posting.money.amount(),
        };
        let change: &mut Decimal = changes.entry(number.as_str().to_owned()).or_default();
        *change = change.checked_add(signed).ok_or_else(|| OpError::stored("a sum out of range"))?;
    }
    Ok(changes)
}

/// Every account named exists, in this branch, in this currency, under this control account.
fn check_accounts(branch: BranchNumber, journal: &Journal, states: &[AccountState]) -> Result<(), OpError> {
    for (number, posting) in account_lines(journal) {
        let state = states
            .iter()
            .find(|state| state.number == number && state.branch == branch)
            .ok_or_else(|| AppError::NotFound(format!("There is no account {number} at this branch")))?;
        if state.currency != posting.money.currency() {
            return Err(AppError::refused(format!(
                "Account {number} is kept in {}, not in {}",
                state.currency.code(),
                posting.money.currency().code()
            ))
            .into());
        }
        if state.control_code != posting.gl_code {
            return Err(
                AppError::refused(format!("Account {number} stands behind {}", state.control_code)).into()
            );
        }
        let movement = match posting.side {
            Side::Debit => Movement::Debit,
            Side::Credit => Movement::Credit,
        };
        takes(&number, state.status, &state.restrictions, movement).map_err(AppError::refused)?;
    }
    Ok(())
}

/// No account that something is taken from ends below zero.
fn check_balances(changes: &BTreeMap<String, Decimal>, after: &[AccountState]) -> Result<(), OpError> {
    for state in after {
        let change = changes.get(state.number.as_str()).copied().unwrap_or_default();
        if change.is_sign_negative() && state.balance.is_sign_negative() {
            let before = Money::new((state.balance - change).max(Decimal::ZERO), state.currency);
            let before = before.map_err(OpError::stored)?;
            return Err(AppError::refused(format!(
                "Account {} holds {before}: that is not enough",
                state.number
            ))
            .into());
        }
    }
    Ok(())
}

// SQL

struct AccountRow {
    number: String,
    branch: i16,
    currency: String,
    control_code: String,
    balance: Decimal,
    status: String,
    restrictions: Vec<String>,
    version: i64,
}

impl TryFrom<AccountRow> for AccountState {
    type Error = OpError;

    fn try_from(row: AccountRow) -> Result<Self, OpError> {
        Ok(Self {
            number: stored(&row.number)?,
            branch: BranchNumber::try_from(row.branch).map_err(OpError::stored)?,
            currency: stored(&row.currency)?,
            control_code: row.control_code,
            balance: row.balance,
            status: AccountStatus::from_code(&row.status).ok_or_else(|| OpError::stored(&row.status))?,
            restrictions: restrictions_of(&row.restrictions)?,
            version: row.version,
        })
    }
}

/// Reads stored restrictions back.
pub(crate) fn restrictions_of(codes: &[String]) -> Result<Vec<Restriction>, OpError> {
    codes.iter().map(|code| Restriction::from_code(code).ok_or_else(|| OpError::stored(code))).collect()
}

async fn read_accounts(tx: &mut PgConnection, numbers: &[String]) -> Result<Vec<AccountState>, OpError> {
    sqlx::query_as!(
        AccountRow,
        r#"
        select number, branch, currency, control_code, balance, status, restrictions, version
        from account where number = any ($1) order by number
        "#,
        numbers
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(AccountState::try_from)
    .collect()
}

/// Accounts as a posting left them, and the serial number drawn for its receipt.
struct Moved {
    accounts: Vec<AccountState>,
    serial: Option<i64>,
}

/// Locks accounts in the order of their numbers and moves their balances, in one statement: each round
/// trip a lock is held through is paid for by whoever waits for it. An account this transaction cannot
/// see is simply not among those answered.
async fn move_balances(
    tx: &mut PgConnection,
    changes: &BTreeMap<String, Decimal>,
    draws_serial: bool,
) -> Result<Moved, OpError> {
    let (numbers, amounts): (Vec<String>, Vec<Decimal>) = changes.clone().into_iter().unzip();
    let rows = sqlx::query!(
        r#"
        with drawn as materialized (
            select case when $3 then nextval('receipt_serial') end as serial
        ), locked as materialized (
            select number from account where number = any ((select $1::text[])::text[]) order by number for update
        )
        update account a set balance = a.balance + c.change, version = a.version + 1
        from unnest((select $1::text[]), (select $2::numeric[])) as c (number, change), locked l, drawn
        where l.number = c.number and a.number = c.number
        returning a.number, a.branch, a.currency, a.control_code, a.balance, a.status, a.restrictions, a.version,
                  drawn.serial
        "#,
        &numbers,
        &amounts,
        draws_serial,
    )
    .fetch_all(tx)
    .await?;
    let serial = rows.first().and_then(|row| row.serial);
    let accounts = rows
        .into_iter()
        .map(|row| {
            AccountState::try_from(AccountRow {
                number: row.number,
                branch: row.branch,
                currency: row.currency,
                control_code: row.control_code,
                balance: row.balance,
                status: row.status,
                restrictions: row.restrictions,
                version: row.version,
            })
        })
        .collect::<Result<_, OpError>>()?;
    Ok(Moved { accounts, serial })
}

/// One statement: the journal and all its lines.
async fn insert_journal(ctx: &mut OpCtx, heading: Heading, journal: &Journal) -> Result<i64, OpError> {
    let staff = ctx.officer().ok().map(|officer| officer.staff_id.as_str().to_owned());
    let operation = ctx.operation();
    let postings = journal.postings();
    let of_side = |side: Side| -> Vec<Decimal> {
        postings
            .iter()
            .map(|posting| if posting.side == side { posting.money.amount() } else { Decimal::ZERO })
            .collect()
    };
    let gl_codes: Vec<String> = postings.iter().map(|posting| posting.gl_code.clone()).collect();
    let items: Vec<Option<String>> =
        postings.iter().map(|posting| posting.item.clone().map(String::from)).collect();
    let currencies: Vec<String> =
        postings.iter().map(|posting| posting.money.currency().code().to_owned()).collect();
    Ok(sqlx::query_scalar!(
        r#"
        with journal as (
            insert into journal (branch, business_date, operation, reference, narrative, staff_id, pair)
            values ($1, $2, $3, $4, $5, $6, $12)
            returning id
        ), lines as (
            insert into posting (journal, line, branch, gl_code, account, currency, debit, credit)
            select journal.id, l.line, $1, l.gl_code, l.account, l.currency, l.debit, l.credit
            from journal,
                 unnest($7::text[], $8::text[], $9::text[], $10::numeric[], $11::numeric[])
                     with ordinality as l (gl_code, account, currency, debit, credit, line)
        )
        select id from journal
        "#,
        heading.branch.get(),
        heading.business_date.to_sqlx() as _,
        operation.code(),
        heading.reference.as_str(),
        journal.narrative(),
        staff,
        &gl_codes,
        &items as _,
        &currencies,
        &of_side(Side::Debit),
        &of_side(Side::Credit),
        heading.pair,
    )
    .fetch_one(ctx.conn())
    .await?)
}

/// The journals in one statement, their lines in another.
async fn insert_journals(
    ctx: &mut OpCtx,
    branch: BranchNumber,
    business_date: Date,
    references: &[Reference],
    journals: &[Journal],
) -> Result<(), OpError> {
    let operation = ctx.operation();
    let references: Vec<String> = references.iter().map(|reference| reference.as_str().to_owned()).collect();
    let narratives: Vec<String> = journals.iter().map(|journal| journal.narrative().to_owned()).collect();
    sqlx::query!(
        r#"
        insert into journal (branch, business_date, operation, reference, narrative)
        select $1, $2, $3, j.reference, j.narrative
        from unnest($4::text[], $5::text[]) with ordinality as j (reference, narrative, nth)
        order by j.nth
        "#,
        branch.get(),
        business_date.to_sqlx() as _,
        operation.code(),
        &references,
        &narratives,
    )
    .execute(ctx.conn())
    .await?;
    let lines: Vec<(&String, usize, &Posting)> = references
        .iter()
        .zip(journals)
        .flat_map(|(reference, journal)| {
            journal.postings().iter().enumerate().map(move |(at, posting)| (reference, at + 1, posting))
        })
        .collect();
    let of_side = |side: Side| -> Vec<Decimal> {
        let amount =
            |posting: &Posting| if posting.side == side { posting.money.amount() } else { Decimal::ZERO };
        lines.iter().map(|(_, _, posting)| amount(posting)).collect()
    };
    sqlx::query!(
        r#"
        insert into posting (journal, line, branch, gl_code, account, currency, debit, credit)
        select j.id, l.line, $1, l.gl_code, l.item, l.currency, l.debit, l.credit
        from unnest($2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::numeric[])
            as l (reference, line, gl_code, item, currency, debit, credit)
        join journal j on j.reference = l.reference
        "#,
        branch.get(),
        &lines.iter().map(|(reference, ..)| (*reference).clone()).collect::<Vec<_>>(),
        &lines.iter().map(|(_, at, _)| i16::try_from(*at)).collect::<Result<Vec<_>, _>>().map_err(OpError::stored)?,
        &lines.iter().map(|(.., posting)| posting.gl_code.clone()).collect::<Vec<_>>(),
        &lines.iter().map(|(.., posting)| posting.item.clone().map(String::from)).collect::<Vec<_>>() as _,
        &lines.iter().map(|(.., posting)| posting.money.currency().code().to_owned()).collect::<Vec<_>>(),
        &of_side(Side::Debit),
        &of_side(Side::Credit),
    )
    .execute(ctx.conn())
    .await?;
    Ok(())
}

/// The current version of an account the transaction may see.
pub async fn version_in_op(tx: &mut PgConnection, number: &str) -> Result<Option<i64>, OpError> {
    Ok(sqlx::query_scalar!("select version from account where number = $1", number)
        .fetch_optional(tx)
        .await?)
}
