//! `tawi verify`: every invariant of the books, on any database.

use super::audit;
use super::error::OpError;
use sqlx::{AssertSqlSafe, PgConnection};

/// The invariants, one query each.
const INVARIANTS: &str = include_str!("verify.sql");
/// Offending rows shown of one invariant at most.
pub(crate) const MOST_SHOWN: usize = 20;

/// An invariant with the rows that break it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The invariant as a sentence.
    pub invariant: String,
    /// What breaks it; empty when it holds.
    pub rows: Vec<String>,
}

/// What is verified by the audit's own code and not by a query.
const OF_THE_AUDIT: &str = "audit verifies";

/// The queries, each with the name of its invariant.
fn queries() -> impl Iterator<Item = (&'static str, &'static str)> {
    INVARIANTS.split("-- name: ").skip(1).map(|section| section.split_once('\n').unwrap_or((section, "")))
}

/// The name of every invariant that is checked.
pub fn invariants() -> impl Iterator<Item = &'static str> {
    queries().map(|(name, _)| name).chain([OF_THE_AUDIT])
}

/// Checks everything; reads as owner, changes nothing.
pub async fn verify(owner: &mut PgConnection, audit_key: &[u8; 32]) -> Result<Vec<Finding>, OpError> {
    let mut findings = Vec::new();
    for (name, query) in queries() {
        // The text is a file of this program, nothing of it comes from outside.
        let asked = sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut *owner).await;
        let rows: Vec<String> = match asked.map_err(OpError::from) {
            Ok(rows) => rows,
            // What stands there is no figure or no date: that breaks it, and the others are asked all the same.
            Err(error) if error.is_of_a_row() => vec![format!("it cannot be asked: {error}")],
            Err(error) => return Err(error),
        };
        findings
            .push(Finding { invariant: name.to_owned(), rows: rows.into_iter().take(MOST_SHOWN).collect() });
    }
    let broken = audit::verify(owner, audit_key).await?;
    findings.push(Finding {
        invariant: OF_THE_AUDIT.to_owned(),
        rows: broken.into_iter().take(MOST_SHOWN).map(|(id, why)| format!("{id}: {why}")).collect(),
    });
    Ok(findings)
}
