//! Looking customers up. Every look at a file is audited, and so is every detail that is unmasked.

use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::audit;
use crate::shared::error::OpError;
use crate::shared::stored::{listing, stored};
use serde_json::json;
use sqlx::PgConnection;
use tawi_domain::customer_ops::customer::{
    IdKind, SourceOfFunds, format_phone, masked_email, masked_number, masked_phone,
};
use tawi_domain::customer_ops::enquiries::{CustomerRow, CustomerView, MaskedDetail, Query, understand};
use tawi_domain::customer_ops::risk::{RiskBand, RiskRating};
use tawi_domain::shared::constants::PAGE_ROWS;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{BranchNumber, CustomerNumber};
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::permissions::Operation;

/// Lines of the trail that a customer's page shows.
const TRAIL_LINES: i64 = 50;

/// Finds customers by what an officer typed: number, document, PIN, phone or name.
pub async fn search(bank: &Bank, caller: &Caller, typed: &str) -> Result<Listing<CustomerRow>, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let query = understand(typed).map_err(|error| AppError::field("q", error.to_string()))?;
        let (by, found) = match &query {
            Query::Number(number) => ("number", find(ctx.conn(), "number", number.as_str()).await?),
            Query::Pin(pin) => ("pin", find(ctx.conn(), "pin", pin).await?),
            Query::Id(id) => ("id", find(ctx.conn(), "id", id).await?),
            Query::Name(name) => ("name", find(ctx.conn(), "name", name).await?),
            Query::PhoneOrId { phone, id } => {
                let mut found = find(ctx.conn(), "phone", phone).await?;
                found.extend(find(ctx.conn(), "id", id).await?);
                ("phone", found)
            }
        };
        // What was searched for is somebody's data: the kind of it is kept, not the text.
        let detail = json!({ "by": by, "found": found.len() });
        Ok((found, Look::with("customers", "Searched for a customer", detail)))
    })
    .await
}

/// A customer's file, its sensitive details masked.
pub async fn view(bank: &Bank, caller: &Caller, number: &CustomerNumber) -> Result<CustomerView, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| view_in_op(ctx, number).await).await
}

async fn view_in_op(ctx: &mut OpCtx, number: &CustomerNumber) -> Result<(CustomerView, Look), OpError> {
    let row = read(ctx.conn(), number).await?.ok_or_else(nobody)?;
    let subject = format!("customer:{number}");
    let trail = audit::trail_in_op(ctx.conn(), &subject, TRAIL_LINES).await?;
    let view = CustomerView {
        number: number.clone(),
        name: row.name,
        date_of_birth: row.date_of_birth.to_jiff(),
        id_kind: IdKind::from_code(&row.id_kind).map_or("Document", IdKind::title).to_owned(),
        id_number: masked_number(&row.id_number),
        kra_pin: masked_number(&row.kra_pin),
        phone: masked_phone(&row.phone),
        email: row.email.as_deref().map(masked_email),
        address: row.address,
        occupation: row.occupation,
        source_of_funds: SourceOfFunds::from_code(&row.source_of_funds)
            .map_or("Unknown", SourceOfFunds::title)
            .to_owned(),
        pep: row.pep,
        rating: serde_json::from_value::<RiskRating>(row.risk)?,
        review_due: row.review_due.to_jiff(),
        branch: BranchNumber::try_from(row.branch).map_err(OpError::stored)?,
        branch_code: row.branch_code,
        since: row.since.to_jiff(),
        created_at: row.created_at.to_jiff(),
        trail,
    };
    let look = Look::at(subject, "Looked at the customer");
    Ok((view, look))
}

/// One sensitive detail in full; the look is kept.
pub async fn reveal(
    bank: &Bank,
    caller: &Caller,
    number: &CustomerNumber,
    detail: MaskedDetail,
) -> Result<String, AppError> {
    bank.look(caller, Operation::Enquiries, async |ctx| {
        let row = read(ctx.conn(), number).await?.ok_or_else(nobody)?;
        let shown = match detail {
            MaskedDetail::IdNumber => row.id_number,
            MaskedDetail::KraPin => row.kra_pin,
            MaskedDetail::Phone => format_phone(&row.phone),
            MaskedDetail::Email => row.email.unwrap_or_default(),
        };
        let what = format!("Was shown the {}", detail.title());
        let look = Look::at(format!("customer:{number}"), what);
        Ok((shown, look))
    })
    .await
}

fn nobody() -> OpError {
    AppError::NotFound("There is no customer with this number".to_owned()).into()
}

// SQL

async fn find(tx: &mut PgConnection, by: &str, typed: &str) -> Result<Listing<CustomerRow>, OpError> {
    let rows = sqlx::query_as!(
        FoundRow,
        r#"
        select number as "number!", name as "name!", branch_code as "branch_code!", risk_band as "risk_band!",
               since as "since!"
        from customer_search($1, $2, $3)
        "#,
        by,
        typed,
        i32::from(PAGE_ROWS),
    )
    .fetch_all(tx)
    .await?;
    let name = |row: &FoundRow| format!("customer {}", row.number);
    Ok(listing(rows, name, |row| {
        Ok(CustomerRow {
            number: stored(&row.number)?,
            name: row.name,
            branch_code: row.branch_code,
            risk: RiskBand::from_code(&row.risk_band).ok_or_else(|| OpError::stored(&row.risk_band))?,
            since: row.since.to_jiff(),
        })
    }))
}

struct FoundRow {
    number: String,
    name: String,
    branch_code: String,
    risk_band: String,
    since: jiff_sqlx::Date,
}

struct FileRow {
    name: String,
    date_of_birth: jiff_sqlx::Date,
    id_kind: String,
    id_number: String,
    kra_pin: String,
    phone: String,
    email: Option<String>,
    address: String,
    occupation: String,
    source_of_funds: String,
    pep: bool,
    risk: serde_json::Value,
    review_due: jiff_sqlx::Date,
    branch: i16,
    branch_code: String,
    since: jiff_sqlx::Date,
    created_at: jiff_sqlx::Timestamp,
}

async fn read(tx: &mut PgConnection, number: &CustomerNumber) -> Result<Option<FileRow>, OpError> {
    Ok(sqlx::query_as!(
        FileRow,
        r#"
        select p.full_name as "name!", p.date_of_birth, p.id_kind, p.id_number, p.kra_pin, p.phone, p.email,
               p.address, p.occupation, c.source_of_funds, c.pep, c.risk, c.review_due, c.branch,
               b.code as branch_code, c.since, c.created_at
        from customer c
        join party p on p.id = c.party_id
        join branch b on b.number = c.branch
        where c.number = $1
        "#,
        number.as_str(),
    )
    .fetch_optional(tx)
    .await?)
}
