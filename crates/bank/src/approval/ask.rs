//! Asking: what was seen is stored with its hash, and everybody who may decide it is told.

use super::{deciders_in_op, payload_hash};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use tawi_domain::language::before;
use tawi_domain::shared::approval::{Receipt, Review};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{ReferenceKind, RequestId};
use tawi_domain::shared::notice::{Audience, NoticeBody};
use tawi_domain::shared::permissions::Role;
use uuid::Uuid;

/// Stores the command with its hash and the versions of what it touches; the receipt is a ticket.
pub(crate) async fn request(mut ctx: OpCtx, payload: Value, mut review: Review) -> Result<Receipt, OpError> {
    review.panels.clear();
    review.before = before::of(&review);
    let operation = ctx.operation();
    let reference = ctx.reference(ReferenceKind::Request).await?;
    let officer = ctx.officer()?.clone();
    let id = RequestId::from(Uuid::now_v7());
    let roles = deciders_in_op(&mut ctx, operation, review.ladder.or(review.amount)).await?;
    let inserted = insert(&mut ctx, id, reference.as_str(), &payload, &review, &roles).await;
    if let Err(error) = inserted {
        return Err(match error.constraint() {
            Some("approval_request_one_waiting") => AppError::Conflict(
                "The same request waits for approval already. It is in the list of what was started"
                    .to_owned(),
            )
            .into(),
            _ => error,
        });
    }
    let body = NoticeBody::RequestMade {
        request: id,
        reference: reference.clone(),
        title: review.title.clone(),
        by: officer.name.clone(),
        maker: Some(officer.staff_id.clone()),
    };
    // Whoever oversees every branch is told wherever they sit.
    let (everywhere, here): (Vec<Role>, Vec<Role>) = roles.iter().partition(|role| role.sees_all_branches());
    for (branch, roles) in [(Some(officer.branch), here), (None, everywhere)] {
        if !roles.is_empty() {
            ctx.notify(branch, Audience { staff: None, roles }, body.clone());
        }
    }
    let receipt = Receipt::Waiting {
        reference: reference.clone(),
        request: id,
        title: review.title.clone(),
        checker: roles,
        why: review.why.clone(),
        reasons: review.before.reasons.clone(),
    };
    let what = format!("Asked for approval: {}", review.title);
    ctx.commit(Outcome::Waiting, &format!("request:{reference}"), &what, json!({}), Some(&receipt)).await?;
    Ok(receipt)
}

// SQL

async fn insert(
    ctx: &mut OpCtx,
    id: RequestId,
    reference: &str,
    payload: &Value,
    review: &Review,
    deciders: &[Role],
) -> Result<(), OpError> {
    let officer = ctx.officer()?.clone();
    let business_date = ctx.business_date()?;
    let operation = ctx.operation();
    let hash = payload_hash(operation, payload);
    sqlx::query!(
        r#"
        insert into approval_request
            (id, reference, operation, branch, business_date, maker_id, maker_role, payload, payload_hash, review,
             subject, amount, currency, checkers)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        "#,
        id.get(),
        reference,
        operation.code(),
        officer.branch.get(),
        business_date.to_sqlx() as _,
        officer.staff_id.as_str(),
        officer.role.code(),
        payload,
        hash.as_slice(),
        serde_json::to_value(review)?,
        review.subject,
        review.amount.map(|money| money.amount()),
        review.amount.map(|money| money.currency().code()),
        &deciders.iter().map(|role| role.code().to_owned()).collect::<Vec<_>>(),
    )
    .execute(ctx.conn())
    .await?;
    Ok(())
}
