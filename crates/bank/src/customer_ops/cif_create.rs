//! Registering a customer.

use crate::bank::Bank;
use crate::op::{Actor, Caller, OpCtx, settle, stored};
use crate::shared::approval::new_key;
use crate::shared::error::OpError;
use crate::shared::parameter;
use jiff_sqlx::ToSqlx;
use serde::Deserialize;
use sqlx::PgConnection;
use tawi_domain::customer_ops::cif_create::{
    CifCheck, CifForm, Duplicate, DuplicateSignal, NewCustomer, approval_reasons, duplicates_allow,
};
use tawi_domain::customer_ops::customer::Pep;
use tawi_domain::customer_ops::risk::{RULE_SET, RiskBand, RiskInput, RiskRating, rate};
use tawi_domain::shared::approval::{Review, SummaryLine, Target, TargetKind};
use tawi_domain::shared::dates::{format_date, years_later};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::CustomerNumber;
use tawi_domain::shared::permissions::Operation;
use uuid::Uuid;

/// Checks a form without doing anything: what it says, how it is rated, who looks alike, whether a second
/// person must agree; and the key under which exactly this will be done once.
pub async fn check(bank: &Bank, caller: &Caller, form: &CifForm) -> Result<CifCheck, AppError> {
    let result = try_check(bank, caller, form).await;
    settle(bank, &Actor::Officer(caller.clone()), Operation::CifCreate, result).await
}

async fn try_check(bank: &Bank, caller: &Caller, form: &CifForm) -> Result<CifCheck, OpError> {
    let mut ctx = OpCtx::begin_enquiry(bank, caller, Operation::CifCreate).await?;
    let customer = form.parse(ctx.business_date()?)?;
    let found = duplicates(ctx.conn(), &customer).await?;
    duplicates_allow(&customer, &found)?;
    let rating = rating_of(&customer, &found);
    Ok(CifCheck {
        lines: customer.summary(),
        reasons: approval_reasons(&rating),
        cautions: customer.id.unusual().into_iter().map(str::to_owned).collect(),
        duplicates: found,
        rating,
        key: new_key()?,
    })
}

/// What a checker sees, and whether one is needed.
pub(crate) async fn review_in_op(ctx: &mut OpCtx, customer: &NewCustomer) -> Result<Review, OpError> {
    let found = duplicates(ctx.conn(), customer).await?;
    duplicates_allow(customer, &found)?;
    let rating = rating_of(customer, &found);
    let mut lines = customer.summary();
    lines.push(SummaryLine::new("Risk", format!("{}, {} points", rating.band.title(), rating.points)));
    let alike = |duplicate: &Duplicate| {
        SummaryLine::new(
            duplicate.signal.title(),
            format!("{} {} ({})", duplicate.number, duplicate.name, duplicate.branch_code),
        )
    };
    lines.extend(found.iter().map(alike));
    let rules = Target { kind: TargetKind::RiskRules, key: "risk".to_owned(), version: RULE_SET };
    let seen = found.iter().map(|duplicate| Target {
        kind: TargetKind::Customer,
        key: duplicate.number.as_str().to_owned(),
        version: duplicate.version,
    });
    Ok(Review {
        title: format!("Register {}", customer.name),
        reasons: approval_reasons(&rating),
        amount: None,
        ladder: None,
        subject: format!("{}:{}", customer.id.kind().code(), customer.id.number()),
        targets: std::iter::once(rules).chain(seen).collect(),
        lines,
    })
}

/// Registers the customer; everything is checked again, against the state of this moment.
pub(crate) async fn perform_in_op(
    ctx: &mut OpCtx,
    customer: &NewCustomer,
) -> Result<CustomerNumber, OpError> {
    let found = duplicates(ctx.conn(), customer).await?;
    duplicates_allow(customer, &found)?;
    let rating = rating_of(customer, &found);
    let today = ctx.business_date()?;
    let years: ReviewYears = parameter::on_date(ctx.conn(), "kyc_review_years", today).await?;
    let review_due = years_later(today, years.of(rating.band));
    let party = Uuid::now_v7();
    insert_party(ctx.conn(), party, customer).await.map_err(taken)?;
    let number = next_number(ctx.conn()).await?;
    let branch = ctx.officer()?.branch;
    sqlx::query!(
        r#"
        insert into customer (id, number, party_id, kind, branch, source_of_funds, pep, risk_band, risk,
                              duplicate_reason, review_due, since)
        values ($1, $2, $3, 'individual', $4, $5, $6, $7, $8, $9, $10, $11)
        "#,
        Uuid::now_v7(),
        number.as_str(),
        party,
        branch.get(),
        customer.source_of_funds.code(),
        customer.pep == Pep::Exposed,
        rating.band.code(),
        serde_json::to_value(&rating)?,
        customer.duplicate_reason,
        review_due.to_sqlx() as _,
        today.to_sqlx() as _,
    )
    .execute(ctx.conn())
    .await?;
    tracing::debug!(review_due = %format_date(review_due), "customer registered");
    Ok(number)
}

/// Years until a file is reviewed, by risk.
#[derive(Debug, Deserialize)]
struct ReviewYears {
    low: i16,
    medium: i16,
    high: i16,
}

impl ReviewYears {
    fn of(&self, band: RiskBand) -> i16 {
        match band {
            RiskBand::Low => self.low,
            RiskBand::Medium => self.medium,
            RiskBand::High => self.high,
        }
    }
}

fn rating_of(customer: &NewCustomer, found: &[Duplicate]) -> RiskRating {
    rate(RiskInput {
        pep: customer.pep,
        source_of_funds: customer.source_of_funds,
        id_kind: customer.id.kind(),
        others_with_phone: found
            .iter()
            .filter(|duplicate| duplicate.signal == DuplicateSignal::SamePhone)
            .count(),
    })
}

/// Two officers registered the same person at once: the constraint says which paper it was.
fn taken(error: OpError) -> OpError {
    match error.constraint() {
        Some("party_id_document") => AppError::field(
            "id_number",
            "This document was registered by somebody else a moment ago: search for the customer",
        )
        .into(),
        Some("party_kra_pin") => AppError::field(
            "kra_pin",
            "This PIN was registered by somebody else a moment ago: search for the customer",
        )
        .into(),
        _ => error,
    }
}

// SQL

async fn duplicates(tx: &mut PgConnection, customer: &NewCustomer) -> Result<Vec<Duplicate>, OpError> {
    let rows = sqlx::query!(
        r#"
        select signal as "signal!", number as "number!", name_shown as "name!", branch_code as "branch_code!",
               version as "version!"
        from customer_duplicates($1, $2, $3, $4, $5, $6)
        "#,
        customer.id.kind().code(),
        customer.id.number(),
        customer.kra_pin.as_str(),
        customer.phone.as_str(),
        customer.name.to_string(),
        customer.date_of_birth.to_sqlx() as _,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Duplicate {
                signal: DuplicateSignal::from_code(&row.signal)
                    .ok_or_else(|| OpError::stored(&row.signal))?,
                number: stored(&row.number)?,
                name: row.name,
                branch_code: row.branch_code,
                version: row.version,
            })
        })
        .collect()
}

async fn insert_party(tx: &mut PgConnection, id: Uuid, customer: &NewCustomer) -> Result<(), OpError> {
    sqlx::query!(
        r#"
        insert into party (id, first_name, other_names, surname, date_of_birth, id_kind, id_number, kra_pin,
                           phone, email, address, occupation)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        "#,
        id,
        customer.name.first,
        customer.name.other,
        customer.name.surname,
        customer.date_of_birth.to_sqlx() as _,
        customer.id.kind().code(),
        customer.id.number(),
        customer.kra_pin.as_str(),
        customer.phone.as_str(),
        customer.email.as_ref().map(|email| email.as_str()),
        customer.address,
        customer.occupation,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn next_number(tx: &mut PgConnection) -> Result<CustomerNumber, OpError> {
    let serial =
        sqlx::query_scalar!(r#"select nextval('customer_serial') as "serial!""#).fetch_one(tx).await?;
    u32::try_from(serial)
        .ok()
        .and_then(CustomerNumber::from_serial)
        .ok_or_else(|| OpError::stored("customer numbers have run out"))
}
