//! Opening a branch from the portal.

use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::branch;
use crate::shared::error::OpError;
use jiff::civil::Date;
use sqlx::PgConnection;
use tawi_domain::administration::branch_setup::BranchForm;
use tawi_domain::administration::branch_setup::{BranchRow, NewBranch};
use tawi_domain::shared::approval::{Before, Review};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::Fact;
use tawi_domain::shared::ids::BranchNumber;
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{Saying, Topic};

/// The branches there are.
pub async fn branches(bank: &Bank, caller: &Caller) -> Result<Vec<BranchRow>, AppError> {
    bank.look(caller, Operation::BranchSetup, async |ctx| {
        let branches = read_branches(ctx.conn()).await?;
        Ok((branches, Look::at("branches", "Looked at the branches")))
    })
    .await
}

impl Act for NewBranch {
    type Form = BranchForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::NewBranch)
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        self.allow(&read_branches(ctx.conn()).await?)?;
        Ok(Review {
            title: format!("Open the branch {} {}", self.code, self.name),
            facts: vec![
                Fact::new(Topic::BranchNumber, self.number.to_string()),
                Fact::new(Topic::BranchCode, self.code.as_str()),
                Fact::new(Topic::BranchName, self.name.as_str()),
                Fact::new(Topic::Opens, Saying::BusinessDateWhenApproved),
                Fact::new(Topic::Books, Saying::EmptyBooks),
            ],
            why: vec![Fact::new(Topic::AlwaysTwo, Saying::ABranch)],
            before: Before::default(),
            amount: None,
            ladder: None,
            subject: format!("branch:{}", self.number),
            targets: Vec::new(),
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, _: &StaffId) -> Result<Effect, OpError> {
        self.allow(&read_branches(ctx.conn()).await?)?;
        let opened = branch::NewBranch {
            number: self.number,
            code: self.code.clone(),
            name: self.name.clone(),
            business_date: ctx.business_date()?,
        };
        if !branch::open_in_op(ctx.conn(), &opened).await? {
            let words = "A branch of this number or code was opened at this moment. Look again";
            return Err(AppError::Conflict(words.to_owned()).into());
        }
        Ok(Effect {
            subject: format!("branch:{}", self.code),
            number: self.code.clone(),
            title: format!("{} {} opened", self.code, self.name),
            what: "Opened the branch".to_owned(),
            paper: None,
        })
    }
}

// SQL

/// The latest business date of any branch: what the whole bank shares is not changed for days that have
/// begun somewhere.
pub(super) async fn latest_date(tx: &mut PgConnection) -> Result<Date, OpError> {
    let date =
        sqlx::query_scalar!(r#"select max(business_date) as "date!" from branch"#).fetch_one(tx).await?;
    Ok(date.to_jiff())
}

async fn read_branches(tx: &mut PgConnection) -> Result<Vec<BranchRow>, OpError> {
    let rows = sqlx::query!(
        r#"
        select b.number, b.code, b.name, b.business_date, b.counter,
               count(distinct r.staff_id) filter (
                   where s.disabled_at is null and b.business_date >= r.valid_from
                     and b.business_date <= coalesce(r.valid_to, 'infinity')) as "people!"
        from branch b
        left join staff_role r on r.branch = b.number
        left join staff s on s.id = r.staff_id
        group by b.number
        order by b.number
        "#
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(BranchRow {
                number: BranchNumber::try_from(row.number).map_err(OpError::stored)?,
                code: row.code,
                name: row.name,
                business_date: row.business_date.to_jiff(),
                people: row.people,
                counter: row.counter,
            })
        })
        .collect()
}
