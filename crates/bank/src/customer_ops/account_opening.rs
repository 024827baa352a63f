//! Opening an account.

use super::customer::{self, CustomerRecord};
use crate::act::{Act, Effect, Facts};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::{ledger, parameter, serial};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use tawi_domain::customer_ops::account::AccountKind;
use tawi_domain::customer_ops::account_opening::AccountOpeningForm;
use tawi_domain::customer_ops::account_opening::{Holder, NewAccount, OpeningRules};
use tawi_domain::customer_ops::risk::RiskBand;
use tawi_domain::shared::approval::{Before, Paper, Review};
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::journal::{Journal, Posting, Side};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{ChoiceList, Topic};
use uuid::Uuid;

impl Act for NewAccount {
    type Form = AccountOpeningForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::Start(Operation::AccountOpening))
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let customer = customer::hold_in_op(ctx, &self.customer).await?;
        let (rules, holder) = rules_and_holder(ctx, self, &customer).await?;
        rules.allow(self, &holder, ctx.business_date()?)?;
        Ok(Review {
            title: format!("Open a {} for {}", self.kind.title().to_lowercase(), customer.name),
            facts: vec![
                Fact::new(Topic::Customer, Value::customer(&customer.number, &customer.name)),
                Fact::new(Topic::AccountAskedFor, kind_of(self)),
                Fact::new(Topic::OpeningDeposit, self.deposit),
                Fact::new(Topic::Risk, Value::choice(ChoiceList::RiskBand, customer.risk.code())),
            ],
            why: rules.reasons(self, &holder),
            before: Before::default(),
            amount: Some(self.deposit),
            ladder: None,
            subject: format!("account of {}:{}", customer.number, self.kind.code()),
            targets: vec![customer.target()],
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, _: &StaffId) -> Result<Effect, OpError> {
        let customer = customer::hold_in_op(ctx, &self.customer).await?;
        let today = ctx.business_date()?;
        let (rules, holder) = rules_and_holder(ctx, self, &customer).await?;
        rules.allow(self, &holder, today)?;
        let branch = ctx.branch()?;
        let number = serial::next_number(ctx.conn(), branch, self.kind.number_code()).await?;
        sqlx::query!(
            r#"
            insert into account (number, branch, control_code, currency, customer_id, kind, opened_on)
            values ($1, $2, $3, $4, $5, $6, $7)
            "#,
            number.as_str(),
            branch.get(),
            self.kind.control_code(),
            self.deposit.currency().code(),
            customer.id,
            self.kind.code(),
            today.to_sqlx() as _,
        )
        .execute(ctx.conn())
        .await?;
        let line = |gl_code: &str, item, side| Posting {
            gl_code: gl_code.to_owned(),
            item,
            side,
            money: self.deposit,
        };
        let journal = Journal::new(
            "Opening deposit".to_owned(),
            vec![
                line("1010", None, Side::Debit),
                line(self.kind.control_code(), Some(number.clone().into()), Side::Credit),
            ],
        )
        .map_err(OpError::stored)?;
        ledger::post_in_op(ctx, &journal).await?;
        Ok(Effect {
            subject: format!("account:{}", number.as_str()),
            title: format!("{} opened", self.kind.title()),
            what: format!("Opened the {} {number} with {}", self.kind.title().to_lowercase(), self.deposit),
            paper: Some(Paper {
                heading: Fact::new(Topic::AccountOpened, kind_of(self)),
                facts: vec![
                    Fact::new(Topic::Account, number.clone()),
                    Fact::new(Topic::AccountKind, kind_of(self)),
                    Fact::new(Topic::Holder, Value::customer(&customer.number, &customer.name)),
                    Fact::new(Topic::OpeningDeposit, self.deposit),
                ],
            }),
            number: number.as_str().to_owned(),
        })
    }
}

fn kind_of(new: &NewAccount) -> Value {
    Value::choice(ChoiceList::AccountKind, new.kind.code())
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
