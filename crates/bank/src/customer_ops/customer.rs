//! A customer as other operations need one.

use crate::op::OpCtx;
use crate::shared::error::OpError;
use sqlx::PgConnection;
use tawi_domain::customer_ops::risk::RiskBand;
use tawi_domain::shared::approval::{Target, TargetKind};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::CustomerNumber;
use uuid::Uuid;

/// What operations ask of a customer of their own branch.
#[derive(Debug, Clone)]
pub(crate) struct CustomerRecord {
    pub id: Uuid,
    pub number: CustomerNumber,
    pub name: String,
    pub born: jiff::civil::Date,
    pub review_due: jiff::civil::Date,
    pub blocked: bool,
    pub risk: RiskBand,
    pub version: i64,
}

impl CustomerRecord {
    /// What a request about the customer relies on.
    pub fn target(&self) -> Target {
        Target { kind: TargetKind::Customer, key: self.number.as_str().to_owned(), version: self.version }
    }
}

/// A customer of the operation's branch. An operation that will write keeps the row until it ends, so that
/// nobody blocks the customer in between and two decisions on one customer take turns.
pub(crate) async fn hold_in_op(ctx: &mut OpCtx, number: &CustomerNumber) -> Result<CustomerRecord, OpError> {
    let branch = ctx.branch()?;
    if ctx.will_write() {
        sqlx::query!(
            "select from customer where number = $1 and branch = $2 for no key update",
            number.as_str(),
            branch.get()
        )
        .fetch_optional(ctx.conn())
        .await?;
    }
    read(ctx.conn(), number, branch.get()).await?.ok_or_else(|| {
        AppError::field("customer", format!("No customer of this branch has the number {number}")).into()
    })
}

// SQL

async fn read(
    tx: &mut PgConnection,
    number: &CustomerNumber,
    branch: i16,
) -> Result<Option<CustomerRecord>, OpError> {
    let row = sqlx::query!(
        r#"
        select c.id, p.full_name as "name!", p.date_of_birth, c.review_due, 'block' = any (c.restrictions) as "blocked!",
               c.risk_band, c.version
        from customer c
        join party p on p.id = c.party_id
        where c.number = $1 and c.branch = $2
        "#,
        number.as_str(),
        branch,
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(CustomerRecord {
            id: row.id,
            number: number.clone(),
            name: row.name,
            born: row.date_of_birth.to_jiff(),
            review_due: row.review_due.to_jiff(),
            blocked: row.blocked,
            risk: RiskBand::from_code(&row.risk_band).ok_or_else(|| OpError::stored(&row.risk_band))?,
            version: row.version,
        })
    })
    .transpose()
}

/// The current version of a customer.
pub(crate) async fn version_in_op(tx: &mut PgConnection, number: &str) -> Result<Option<i64>, OpError> {
    Ok(sqlx::query_scalar!("select version from customer where number = $1", number)
        .fetch_optional(tx)
        .await?)
}
