//! Opening an account.

use super::customer::{self, CustomerRecord};
use crate::dispatch::Effect;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::{ledger, parameter, serial};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use tawi_domain::customer_ops::account::AccountKind;
use tawi_domain::customer_ops::account_opening::{Holder, NewAccount, OpeningRules};
use tawi_domain::customer_ops::risk::RiskBand;
use tawi_domain::shared::approval::{Review, SummaryLine};
use tawi_domain::shared::journal::{Journal, Posting, Side};
use uuid::Uuid;

/// What a checker sees, and whether one is needed.
pub(crate) async fn review_in_op(ctx: &mut OpCtx, new: &NewAccount) -> Result<Review, OpError> {
    let customer = customer::hold_in_op(ctx, &new.customer).await?;
    let (rules, holder) = rules_and_holder(ctx, new, &customer).await?;
    rules.allow(new, &holder, ctx.business_date()?)?;
    Ok(Review {
        title: format!("Open a {} for {}", new.kind.title().to_lowercase(), customer.name),
        lines: vec![
            SummaryLine::new("Customer", format!("{} {}", customer.number, customer.name)),
            SummaryLine::new("Account", new.kind.title()),
            SummaryLine::new("Opening deposit", new.deposit.to_string()),
            SummaryLine::new("Risk", customer.risk.title()),
        ],
        reasons: rules.reasons(new, &holder),
        amount: Some(new.deposit),
        ladder: None,
        subject: format!("account of {}:{}", customer.number, new.kind.code()),
        targets: vec![customer.target()],
    })
}

/// Opens the account and books what was paid in.
pub(crate) async fn perform_in_op(ctx: &mut OpCtx, new: &NewAccount) -> Result<Effect, OpError> {
    let customer = customer::hold_in_op(ctx, &new.customer).await?;
    let today = ctx.business_date()?;
    let (rules, holder) = rules_and_holder(ctx, new, &customer).await?;
    rules.allow(new, &holder, today)?;
    let branch = ctx.branch()?;
    let number = serial::next_number(ctx.conn(), branch, new.kind.number_code()).await?;
    sqlx::query!(
        r#"
        insert into account (number, branch, control_code, currency, customer_id, kind, opened_on)
        values ($1, $2, $3, $4, $5, $6, $7)
        "#,
        number.as_str(),
        branch.get(),
        new.kind.control_code(),
        new.deposit.currency().code(),
        customer.id,
        new.kind.code(),
        today.to_sqlx() as _,
    )
    .execute(ctx.conn())
    .await?;
    let line = |gl_code: &str, account, side| Posting {
        gl_code: gl_code.to_owned(),
        account,
        side,
        money: new.deposit,
    };
    let journal = Journal::new(
        "Opening deposit".to_owned(),
        vec![
            line("1010", None, Side::Debit),
            line(new.kind.control_code(), Some(number.clone()), Side::Credit),
        ],
    )
    .map_err(OpError::stored)?;
    ledger::post_in_op(ctx, &journal).await?;
    Ok(Effect {
        subject: format!("account:{}", number.as_str()),
        title: format!("{} opened", new.kind.title()),
        what: format!("Opened the {} {number} with {}", new.kind.title().to_lowercase(), new.deposit),
        lines: vec![
            SummaryLine::new("Account", number.to_string()),
            SummaryLine::new("Kind", new.kind.title()),
            SummaryLine::new("Holder", format!("{}, CIF {}", customer.name, customer.number)),
            SummaryLine::new("Opening deposit", new.deposit.to_string()),
        ],
        number: number.as_str().to_owned(),
    })
}

async fn rules_and_holder(
    ctx: &mut OpCtx,
    new: &NewAccount,
    customer: &CustomerRecord,
) -> Result<(OpeningRules, Holder), OpError> {
    let today = ctx.business_date()?;
    let rules = parameter::on_date(ctx.conn(), "account_opening", today).await?;
    let same_kind = open_accounts(ctx.conn(), customer.id, new.kind).await?;
    Ok((
        rules,
        Holder {
            review_due: customer.review_due,
            blocked: customer.blocked,
            high_risk: customer.risk == RiskBand::High,
            same_kind: usize::try_from(same_kind).map_err(OpError::stored)?,
        },
    ))
}

// SQL

async fn open_accounts(tx: &mut PgConnection, customer: Uuid, kind: AccountKind) -> Result<i64, OpError> {
    Ok(sqlx::query_scalar!(
        r#"
        select count(*) as "count!" from account where customer_id = $1 and kind = $2 and status = 'open'
        "#,
        customer,
        kind.code(),
    )
    .fetch_one(tx)
    .await?)
}
