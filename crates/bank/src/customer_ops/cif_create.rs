//! Registering a customer.

use crate::act::{Act, Effect, Facts};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::parameter;
use crate::shared::stored::stored;
use jiff_sqlx::ToSqlx;
use serde::Deserialize;
use sqlx::PgConnection;
use tawi_domain::customer_ops::cif_create::{
    CifForm, Duplicate, DuplicateSignal, NewCustomer, approval_reasons, duplicates_allow,
};
use tawi_domain::customer_ops::customer::{Pep, unusual_number};
use tawi_domain::customer_ops::risk::{RULE_SET, RiskBand, RiskFactor, RiskInput, RiskRating, rate};
use tawi_domain::language::{self, before};
use tawi_domain::shared::approval::{Before, Column, Panel, Review, Target, TargetKind};
use tawi_domain::shared::dates::{format_date, years_later};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::ids::{CustomerNumber, RequestKey, StaffId};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::Topic;
use uuid::Uuid;

impl Act for NewCustomer {
    type Form = CifForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::Start(Operation::CifCreate))
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let found = duplicates(ctx.conn(), self).await?;
        duplicates_allow(self, &found)?;
        let rating = rating_of(self, &found);
        let mut facts = self.file();
        let rated = Value::Rated { band: rating.band.code().to_owned(), points: rating.points };
        facts.push(Fact::new(Topic::Risk, rated));
        facts.extend(found.iter().map(alike));
        let rules = Target { kind: TargetKind::RiskRules, key: "risk".to_owned(), version: RULE_SET };
        let seen = found.iter().map(|duplicate| Target {
            kind: TargetKind::Customer,
            key: duplicate.number.as_str().to_owned(),
            version: duplicate.version,
        });
        Ok(Review {
            title: format!("Register {}", self.name()),
            why: approval_reasons(&rating),
            amount: None,
            ladder: None,
            subject: format!("{}:{}", self.id_kind.code(), self.id_number),
            targets: std::iter::once(rules).chain(seen).collect(),
            facts,
            before: Before::default(),
            panels: panels(self, rating, found),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, _: &StaffId) -> Result<Effect, OpError> {
        let found = duplicates(ctx.conn(), self).await?;
        duplicates_allow(self, &found)?;
        let rating = rating_of(self, &found);
        let today = ctx.business_date()?;
        let years: ReviewYears = parameter::on_date(ctx.conn(), "kyc_review_years", today).await?;
        let review_due = years_later(today, years.of(rating.band));
        let party = Uuid::now_v7();
        insert_party(ctx.conn(), party, self).await.map_err(taken)?;
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
            self.source_of_funds.code(),
            self.pep == Pep::Exposed,
            rating.band.code(),
            serde_json::to_value(&rating)?,
            self.duplicate_reason,
            review_due.to_sqlx() as _,
            today.to_sqlx() as _,
        )
        .execute(ctx.conn())
        .await?;
        tracing::debug!(review_due = %format_date(review_due), "customer registered");
        Ok(Effect {
            subject: format!("customer:{number}"),
            number: number.to_string(),
            title: self.name().to_string(),
            what: "Registered the customer".to_owned(),
            paper: None,
        })
    }
}

/// A customer that shares something.
fn alike(duplicate: &Duplicate) -> Fact {
    let topic = match duplicate.signal {
        DuplicateSignal::SameId => Topic::SameDocument,
        DuplicateSignal::SamePin => Topic::SamePin,
        DuplicateSignal::SamePhone => Topic::SamePhone,
        DuplicateSignal::SameNameAndBirth => Topic::SameNameAndBirth,
    };
    let value = Value::Alike {
        number: duplicate.number.clone(),
        name: duplicate.name.clone(),
        branch: duplicate.branch_code.clone(),
    };
    Fact::new(topic, value)
}

/// What the officer sees beside the answers: cautions, the rating, and who looks alike.
fn panels(customer: &NewCustomer, rating: RiskRating, alike: Vec<Duplicate>) -> Vec<Panel> {
    let caution = unusual_number(customer.id_kind, &customer.id_number);
    let told = |factor: RiskFactor| {
        let (what, seen_in) = language::risk_factor(&factor);
        (what, seen_in, factor.points)
    };
    let factors = rating.factors.into_iter().map(told);
    let rated = Panel::Rating {
        title: "Risk".to_owned(),
        band: rating.band.title().to_owned(),
        care: rating.band.care(),
        points: rating.points,
        factors: factors.collect(),
    };
    let row = |one: Duplicate| {
        let cells = vec![one.number.to_string(), one.name, one.signal.title().to_owned(), one.branch_code];
        (Place::Customer(one.number), cells)
    };
    let others = (!alike.is_empty()).then(|| Panel::Alike {
        title: "Customers that look alike".to_owned(),
        columns: vec![Column::Customer, Column::Name, Column::Same, Column::Branch],
        rows: alike.into_iter().map(row).collect(),
    });
    caution.into_iter().map(|words| Panel::Caution(words.to_owned())).chain([rated]).chain(others).collect()
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
    before::rating(rate(RiskInput {
        pep: customer.pep,
        source_of_funds: customer.source_of_funds,
        id_kind: customer.id_kind,
        others_with_phone: found
            .iter()
            .filter(|duplicate| duplicate.signal == DuplicateSignal::SamePhone)
            .count(),
    }))
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
        customer.id_kind.code(),
        customer.id_number,
        customer.kra_pin.as_str(),
        customer.phone.as_str(),
        customer.name().to_string(),
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
        customer.first_name,
        customer.other_names,
        customer.surname,
        customer.date_of_birth.to_sqlx() as _,
        customer.id_kind.code(),
        customer.id_number,
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
