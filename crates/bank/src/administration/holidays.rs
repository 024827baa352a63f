//! The calendar of days without work.

use super::branch_setup;
use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::error::OpError;
use crate::shared::staff;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use tawi_domain::administration::holidays::HolidayForm;
use tawi_domain::administration::holidays::{Holiday, HolidayAct, NewHoliday};
use tawi_domain::shared::approval::{Before, Review};
use tawi_domain::shared::dates::format_date_with_weekday;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{Saying, Topic};

/// Holidays from the branch's business date on.
pub async fn calendar(bank: &Bank, caller: &Caller) -> Result<Vec<Holiday>, AppError> {
    bank.look(caller, Operation::Holidays, async |ctx| {
        let today = ctx.business_date()?;
        let holidays = read_from(ctx.conn(), today).await?;
        Ok((holidays, Look::at("holidays", "Looked at the calendar")))
    })
    .await
}

/// The days without work of a branch, its own and the bank's, from a day on.
pub(crate) async fn of_branch(tx: &mut PgConnection, code: &str, from: Date) -> Result<Vec<Date>, OpError> {
    let holidays = read_from(tx, from).await?.into_iter();
    let own = holidays.filter(|holiday| holiday.branch_code.as_deref().is_none_or(|branch| branch == code));
    Ok(own.map(|holiday| holiday.day).collect())
}

impl Act for NewHoliday {
    type Form = HolidayForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::HolidayChange)
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let today = match &self.branch {
            None => branch_setup::latest_date(ctx.conn()).await?,
            Some(code) => staff::business_date(ctx.conn(), code)
                .await?
                .ok_or_else(|| AppError::field("branch", format!("There is no branch {code}")))?,
        };
        self.allow(&read_from(ctx.conn(), today).await?, today)?;
        let day = format_date_with_weekday(self.day);
        let whom = self.branch.as_deref().map_or(Saying::WholeBank.into(), Value::from);
        let (title, becomes) = match self.act {
            HolidayAct::Set => (format!("{day} is {}", self.name), self.name.as_str().into()),
            HolidayAct::TakeBack => (format!("{day} is a working day"), Saying::WorkingDay.into()),
        };
        Ok(Review {
            title,
            facts: vec![
                Fact::new(Topic::Day, self.day),
                Fact { topic: Topic::Becomes, value: becomes },
                Fact { topic: Topic::AppliesTo, value: whom },
            ],
            why: Vec::new(),
            before: Before::default(),
            amount: None,
            ladder: None,
            subject: format!("holiday:{}", self.day),
            targets: Vec::new(),
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, _: &StaffId) -> Result<Effect, OpError> {
        let review = self.review_in_op(ctx).await?;
        match self.act {
            HolidayAct::Set => insert(ctx.conn(), self).await?,
            HolidayAct::TakeBack => delete(ctx.conn(), self).await?,
        }
        Ok(Effect {
            subject: format!("holiday:{}", self.day),
            number: self.day.to_string(),
            what: review.title.clone(),
            title: review.title,
            paper: None,
        })
    }
}

// SQL

async fn read_from(tx: &mut PgConnection, day: Date) -> Result<Vec<Holiday>, OpError> {
    let rows = sqlx::query!(
        r#"
        select h.day, h.name, b.code as "branch_code?" from holiday h left join branch b on b.number = h.branch
        where h.day >= $1 order by h.day, b.number nulls first
        "#,
        day.to_sqlx() as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Holiday { day: row.day.to_jiff(), name: row.name, branch_code: row.branch_code })
        .collect())
}

async fn insert(tx: &mut PgConnection, new: &NewHoliday) -> Result<(), OpError> {
    sqlx::query!(
        r#"
        insert into holiday (day, name, branch) values ($1, $2, (select number from branch where code = $3))
        on conflict do nothing
        "#,
        new.day.to_sqlx() as _,
        new.name,
        new.branch.as_deref(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn delete(tx: &mut PgConnection, new: &NewHoliday) -> Result<(), OpError> {
    sqlx::query!(
        r#"
        delete from holiday
        where day = $1 and branch is not distinct from (select number from branch where code = $2)
        "#,
        new.day.to_sqlx() as _,
        new.branch.as_deref(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
