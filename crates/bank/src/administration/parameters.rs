//! What a bank may set: read with its history, changed by a new dated row.

use super::branch_setup;
use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::error::OpError;
use crate::shared::stored::listing;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use tawi_domain::administration::parameters::ParameterForm;
use tawi_domain::administration::parameters::{Dated, NewParameter, Parameter, ParameterView, Values};
use tawi_domain::customer_ops::account_opening::OpeningRules;
use tawi_domain::shared::approval::{Before, Review, Rung, roles_on_ladder};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::{self, Fact};
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::ids::StaffId;
use tawi_domain::shared::permissions::{Operation, Role, checkers};
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{Saying, Topic};

/// Every parameter with its history.
pub async fn parameters(bank: &Bank, caller: &Caller) -> Result<Vec<ParameterView>, AppError> {
    bank.look(caller, Operation::Parameters, async |ctx| {
        let mut views = Vec::new();
        for parameter in Parameter::all() {
            views.push(view(ctx.conn(), parameter).await?);
        }
        Ok((views, Look::at("parameters", "Looked at the parameters")))
    })
    .await
}

impl Act for NewParameter {
    type Form = ParameterForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::Parameter(self.parameter.code()))
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        if ctx.will_write() {
            // What is judged here is what is written: changes of one parameter take turns.
            let turn = format!("parameter:{}", self.parameter.code());
            sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 7264))", turn)
                .execute(ctx.conn())
                .await?;
        }
        let today = branch_setup::latest_date(ctx.conn()).await?;
        let view = view(ctx.conn(), self.parameter).await?;
        let why = self.reasons(&view, today)?;
        let before = view.on(self.valid_from.unwrap_or(today));
        let from = self.valid_from.map_or_else(|| "the day it is done".to_owned(), format_date);
        let begins = self.valid_from.map_or(Saying::WhenDone.into(), fact::Value::from);
        let mut facts = vec![Fact { topic: Topic::CountsFrom, value: begins }];
        for field in self.parameter.fields() {
            facts.push(Fact::new(Topic::Setting, self.setting(&field, &before)));
        }
        Ok(Review {
            title: format!("{} from {from}", self.parameter.title()),
            facts,
            why,
            before: Before::default(),
            amount: None,
            ladder: None,
            subject: format!("parameter:{}", self.parameter.code()),
            targets: Vec::new(),
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, maker: &StaffId) -> Result<Effect, OpError> {
        let review = self.review_in_op(ctx).await?;
        let valid_from = match self.valid_from {
            Some(day) => day,
            None => branch_setup::latest_date(ctx.conn()).await?,
        };
        insert(ctx.conn(), self, valid_from, &format!("set by {maker}")).await?;
        Ok(Effect {
            subject: format!("parameter:{}", self.parameter.code()),
            number: self.parameter.code(),
            what: review.title.clone(),
            title: review.title,
            paper: None,
        })
    }
}

/// A stored value, field by field.
fn values_of(parameter: Parameter, stored: Value) -> Result<Values, OpError> {
    let one = |name: &str, value: Decimal| Values::from([(name.to_owned(), Some(value))]);
    Ok(match parameter {
        Parameter::KycReviewYears => {
            let years: std::collections::BTreeMap<String, i64> = serde_json::from_value(stored)?;
            years.into_iter().map(|(risk, years)| (risk, Some(Decimal::from(years)))).collect()
        }
        Parameter::AccountOpening => {
            let rules: OpeningRules = serde_json::from_value(stored)?;
            Values::from([
                ("savings_least".to_owned(), Some(rules.savings_least)),
                ("current_least".to_owned(), Some(rules.current_least)),
                ("approval_above".to_owned(), Some(rules.approval_above)),
            ])
        }
        Parameter::ExciseOnFees => one("percent", serde_json::from_value(stored)?),
        Parameter::LoanApprovalDays | Parameter::NonPerformingDays | Parameter::BusinessDateDays => {
            one("days", Decimal::from(serde_json::from_value::<i64>(stored)?))
        }
        Parameter::Ladder(operation) => {
            let ladder: Vec<Rung> = serde_json::from_value(stored)?;
            checkers(operation).iter().map(|role| (role.code().to_owned(), up_to(&ladder, *role))).collect()
        }
    })
}

/// The amount up to which a role decides on a ladder: the first rung that leaves it out, or any amount.
fn up_to(ladder: &[Rung], role: Role) -> Option<Decimal> {
    let mut above: Vec<Decimal> = ladder.iter().map(|rung| rung.above).collect();
    above.sort();
    let smallest_step = Decimal::new(1, 2);
    above.into_iter().find(|above| !roles_on_ladder(ladder, above + smallest_step).contains(&role))
}

/// The stored form of values.
fn stored_of(new: &NewParameter) -> Result<Value, OpError> {
    let value = |name: &str| new.values.get(name).copied().flatten().unwrap_or_default();
    let whole = |name: &str| i64::try_from(value(name)).map_err(OpError::stored);
    Ok(match new.parameter {
        Parameter::KycReviewYears => {
            json!({ "low": whole("low")?, "medium": whole("medium")?, "high": whole("high")? })
        }
        Parameter::AccountOpening => serde_json::to_value(OpeningRules {
            savings_least: value("savings_least"),
            current_least: value("current_least"),
            approval_above: value("approval_above"),
        })?,
        Parameter::ExciseOnFees => serde_json::to_value(value("percent"))?,
        Parameter::LoanApprovalDays | Parameter::NonPerformingDays | Parameter::BusinessDateDays => {
            Value::from(whole("days")?)
        }
        Parameter::Ladder(operation) => serde_json::to_value(ladder_of(operation, &new.values))?,
    })
}

/// A rung at zero and one above each bound, with the roles that decide there.
fn ladder_of(operation: Operation, values: &Values) -> Vec<Rung> {
    let bound = |role: &Role| values.get(role.code()).copied().flatten();
    let mut above: BTreeSet<Decimal> = checkers(operation).iter().filter_map(bound).collect();
    above.insert(Decimal::ZERO);
    above
        .into_iter()
        .map(|above| Rung {
            above,
            roles: checkers(operation)
                .iter()
                .copied()
                .filter(|role| bound(role).is_none_or(|bound| bound > above))
                .collect(),
        })
        .collect()
}

// SQL

async fn view(tx: &mut PgConnection, parameter: Parameter) -> Result<ParameterView, OpError> {
    let rows = sqlx::query!(
        "select valid_from, value, source from parameter where code = $1 order by valid_from desc",
        parameter.code(),
    )
    .fetch_all(tx)
    .await?;
    let history = listing(
        rows,
        |row| format!("the change from {}", format_date(row.valid_from.to_jiff())),
        |row| {
            Ok(Dated {
                valid_from: row.valid_from.to_jiff(),
                values: values_of(parameter, row.value)?,
                source: row.source,
            })
        },
    );
    Ok(ParameterView { parameter, history })
}

async fn insert(
    tx: &mut PgConnection,
    new: &NewParameter,
    valid_from: Date,
    source: &str,
) -> Result<(), OpError> {
    sqlx::query!(
        "insert into parameter (code, valid_from, value, source) values ($1, $2, $3, $4)",
        new.parameter.code(),
        valid_from.to_sqlx() as _,
        stored_of(new)?,
        source,
    )
    .execute(tx)
    .await?;
    Ok(())
}
