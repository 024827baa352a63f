//! Adopting books that were kept in another database cluster: what stood before is verified and sealed, the
//! transactions are counted on behind it, and the roll-up is summed anew.

use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::{audit, balances, cluster};
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::bounded;
use tawi_domain::shared::permissions::Operation;

/// Characters of a reason at most.
const LONGEST_REASON_CHARS: usize = 200;

/// What an adoption found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// Identifier of the cluster that the books were kept in; none where nobody can tell.
    pub from: Option<i64>,
    /// Identifier of this cluster.
    pub to: i64,
    /// What is added to this cluster's transaction numbers from now on.
    pub ahead: i64,
    /// Audit lines that stood before, all of them under a link of the chain now.
    pub lines: i64,
    /// Audit lines and links that did not verify.
    pub broken: usize,
}

/// Makes the books this cluster's. An audit that does not verify is only adopted for a reason, which is
/// recorded: what is broken stays broken and `tawi verify` goes on naming it.
///
/// # Errors
/// There is nothing to adopt, a portal serves them, or the audit does not verify and no reason was given.
pub async fn adopt(bank: &Bank, despite: Option<&str>) -> Result<Adopted, OpError> {
    let reason = "why books are adopted whose audit is broken";
    let despite = despite.map(|text| bounded(text, reason, LONGEST_REASON_CHARS)).transpose();
    let despite = despite.map_err(|fault| AppError::refused(fault.to_string()))?;
    let mut ctx = OpCtx::begin_program(bank, Operation::Adopt).await?;
    if !hold(ctx.conn()).await? {
        return Err(AppError::Conflict(
            "A portal serves these books at this moment: stop it, then adopt them".to_owned(),
        )
        .into());
    }
    let standing = cluster::standing(ctx.conn()).await?;
    if standing.is_at_home() {
        return Err(AppError::Conflict(
            "These books are kept in this cluster: there is nothing to adopt".to_owned(),
        )
        .into());
    }
    let key = bank.settings().audit_key;
    let broken = audit::verify(ctx.conn(), &key).await?;
    if let (Some((at, why)), None) = (broken.first(), &despite) {
        return Err(AppError::Conflict(format!(
            "The audit does not verify: {} faults, the first at {at}: {why}. Is TAWI_AUDIT_KEY the key of these \
             books, and the dump whole? `tawi verify` names them all. To adopt the books as they are, say why: \
             `tawi adopt --despite-broken-audit \"…\"`",
            broken.len()
        ))
        .into());
    }
    let ahead = count_on(ctx.conn()).await?;
    // From here on numbers are behind everything that was ever marked.
    audit::add_link_in_op(ctx.conn(), &key).await?;
    balances::sum_anew_in_op(ctx.conn()).await?;
    let lines = lines(ctx.conn()).await?;
    let number = enter(ctx.conn(), standing.here, ahead).await?;
    let detail = json!({
        "from": standing.kept_in.map(|identifier| identifier.to_string()),
        "to": standing.here.to_string(),
        "ahead": ahead,
        "audit_lines": lines,
        "audit_faults": broken.len(),
        "despite": despite,
    });
    let what = "Adopted the books, which were kept in another database cluster";
    ctx.commit(Outcome::Done, &format!("cluster:{number}"), what, detail, None).await?;
    Ok(Adopted { from: standing.kept_in, to: standing.here, ahead, lines, broken: broken.len() })
}

// SQL

/// Keeps every leader, and with it every portal, away, and whoever else might write into the books. Answers
/// whether no leader was there.
async fn hold(tx: &mut PgConnection) -> Result<bool, OpError> {
    let alone = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(7260) as "alone!""#)
        .fetch_one(&mut *tx)
        .await?;
    if alone {
        sqlx::query!("set local lock_timeout = '5s'").execute(&mut *tx).await?;
        sqlx::query!("lock table journal, posting, audit_event in share row exclusive mode")
            .execute(tx)
            .await?;
    }
    Ok(alone)
}

/// Numbers transactions behind everything that carries the number of one, and answers how far ahead of the
/// cluster's own numbers that is. A table that begins to carry such numbers belongs in here.
async fn count_on(tx: &mut PgConnection) -> Result<i64, OpError> {
    let ahead = sqlx::query_scalar!(
        r#"
        select greatest(0, 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint + greatest(
            (select until_transaction from gl_rollup_mark),
            (select until_transaction from audit_chain order by number desc limit 1),
            (select max(transaction) from audit_event),
            (select max(transaction) from journal),
            (select max(transaction) from posting))) as "ahead!"
        "#
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query!("select number_transactions_ahead($1)", ahead).execute(tx).await?;
    Ok(ahead)
}

async fn lines(tx: &mut PgConnection) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "lines!" from audit_event"#).fetch_one(tx).await?)
}

/// Enters the cluster as the newest that the books live in; its number.
async fn enter(tx: &mut PgConnection, identifier: i64, ahead: i64) -> Result<i16, OpError> {
    Ok(sqlx::query_scalar!(
        r#"
        insert into cluster (number, identifier, ahead)
        select (max(number) + 1)::smallint, $1, $2 from cluster
        returning number
        "#,
        identifier,
        ahead,
    )
    .fetch_one(tx)
    .await?)
}
