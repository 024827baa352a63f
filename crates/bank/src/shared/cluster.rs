//! Of which database cluster the books are. The roll-up's mark and the audit's chain rest on transaction
//! numbers, and these are the cluster's: in another one they begin anew. A physical copy and a restore to a
//! point in time keep both identifier and numbers; a dump that is restored elsewhere, and an upgrade of the
//! server, keep neither or one of them. docs/decisions/0004 goes through them.

use super::error::OpError;
use sqlx::PgConnection;
use tawi_domain::shared::error::AppError;

/// Where the books are, and where their marks were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Identifier of the cluster that made the marks; none where nobody can tell.
    pub kept_in: Option<i64>,
    /// Identifier of this cluster.
    pub here: i64,
    /// Whether a mark stands further on than this cluster has counted.
    pub ahead: bool,
}

impl Standing {
    /// Whether what is written here comes behind the marks.
    pub fn is_at_home(self) -> bool {
        self.kept_in == Some(self.here) && !self.ahead
    }
}

/// Refuses to write into books that are not of this cluster.
///
/// # Errors
/// They are not: the way out is in the words.
pub async fn must_be_at_home(connection: &mut PgConnection) -> Result<(), OpError> {
    if standing(connection).await?.is_at_home() {
        return Ok(());
    }
    Err(AppError::Conflict(
        "These books were kept in another database cluster: a dump was restored, or the server was upgraded. \
         Roll-up and audit rest on that cluster's transaction numbers, so that nothing can be written here yet. \
         Make sure that no portal serves another copy of them, then run `tawi adopt`, which is recorded in the \
         audit"
            .to_owned(),
    )
    .into())
}

// SQL

/// Where the books are.
pub async fn standing(connection: &mut PgConnection) -> Result<Standing, OpError> {
    Ok(sqlx::query_as!(
        Standing,
        r#"select kept_in, here as "here!", ahead as "ahead!" from where_books_are()"#
    )
    .fetch_one(connection)
    .await?)
}
