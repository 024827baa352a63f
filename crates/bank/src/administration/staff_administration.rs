//! Changes of staff by an administrator, and what they see of people.

use super::handing_out::{awaits_password, hand_out};
use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::op::{Caller, Look, OpCtx};
use crate::shared::error::OpError;
use crate::shared::staff::{self, RoleChange};
use crate::shared::stored::{listing, stored, stored_money};
use jiff::civil::Date;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use tawi_domain::administration::staff_administration::{
    HeldRole, NewStaffChange, Person, RoleTerms, StaffChange,
};
use tawi_domain::administration::staff_administration::{StaffAct, StaffChangeForm};
use tawi_domain::shared::approval::{Before, Review};
use tawi_domain::shared::constants::TEMPORARY_PASSWORD_HOURS;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::ids::StaffId;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{Saying, Topic};
use uuid::Uuid;

/// Everybody on the staff, by staff ID.
pub async fn people(bank: &Bank, caller: &Caller) -> Result<Listing<Person>, AppError> {
    bank.look(caller, Operation::StaffAdministration, async |ctx| {
        let people = read_people(ctx.conn(), None).await?;
        Ok((people, Look::at("staff", "Looked at the people on the staff")))
    })
    .await
}

/// One person.
pub async fn person(bank: &Bank, caller: &Caller, staff_id: &str) -> Result<Person, AppError> {
    bank.look(caller, Operation::StaffAdministration, async |ctx| {
        let unknown = || AppError::NotFound(format!("There is nobody with the staff ID {staff_id}"));
        let staff_id: StaffId = staff_id.parse().map_err(|_| unknown())?;
        let person = read_person(ctx.conn(), &staff_id).await?.ok_or_else(unknown)?;
        let subject = format!("staff:{staff_id}");
        let look = Look::at(subject, "Looked at the person's roles");
        Ok((person, look))
    })
    .await
}

impl Act for NewStaffChange {
    type Form = StaffChangeForm;

    fn facts(&self) -> Facts<'_> {
        let page = match self.act() {
            StaffAct::Add => Place::NewPerson,
            act @ (StaffAct::GiveRole
            | StaffAct::EndRole
            | StaffAct::Disable
            | StaffAct::Enable
            | StaffAct::ResetPassword) => Place::StaffChange(self.staff_id.clone(), act.code().to_owned()),
        };
        Facts { about: Some(&self.staff_id), page }
    }

    fn sent_under(&mut self, key: &RequestKey) {
        key.as_str().clone_into(&mut self.seed);
    }

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let id = &self.staff_id;
        if ctx.officer()?.staff_id == *id {
            let words = "Nobody changes their own rights: another administrator does it";
            return Err(AppError::NotAllowed(words.to_owned()).into());
        }
        if ctx.will_write() {
            // What is judged here is what is written: changes of one person take turns.
            sqlx::query!("select from staff where id = $1 for update", id.as_str())
                .execute(ctx.conn())
                .await?;
        }
        let person = match &self.change {
            // What takes away is done whatever else somebody holds.
            StaffChange::Disable | StaffChange::EndRole(..) => read_person(ctx.conn(), id).await?,
            StaffChange::Add(_)
            | StaffChange::GiveRole(_)
            | StaffChange::Enable
            | StaffChange::ResetPassword => read_whole(ctx.conn(), id).await?,
        };
        let today = match branch_of(&self.change) {
            None => ctx.business_date()?,
            Some(code) => staff::business_date(ctx.conn(), code)
                .await?
                .ok_or_else(|| AppError::field("branch", format!("There is no branch {code}")))?,
        };
        let why = self.reasons(person.as_ref(), today)?;
        let name = match (&self.change, &person) {
            (StaffChange::Add(name), _) => name.clone(),
            (_, Some(person)) => person.name.clone(),
            (_, None) => id.to_string(),
        };
        let person_value = Value::Person { staff_id: id.clone(), name: name.clone() };
        let mut facts = vec![Fact { topic: Topic::Person, value: person_value }];
        let title = match &self.change {
            StaffChange::Add(_) => {
                facts.push(Fact::new(Topic::Roles, Saying::NoneYet));
                facts.push(Fact::new(Topic::TemporaryPassword, Saying::WithFirstRole));
                format!("Put {name} on the staff")
            }
            StaffChange::GiveRole(terms) => {
                staff::may_sit(ctx.conn(), &terms.branch_code, terms.role).await?;
                let held = person.as_ref().and_then(|person| person.held(&terms.branch_code, terms.role));
                facts.extend(terms_of(held, &terms.applied(held, today), terms.from.is_none()));
                // Whoever approves it hands it out.
                facts.extend(person.as_ref().filter(|person| person.awaits_password).map(|_| password()));
                format!("{name}: {} at {}", terms.role.title().to_lowercase(), terms.branch_code)
            }
            StaffChange::EndRole(branch, role) => {
                let seat = Value::Seat { role: *role, branch: branch.clone(), limit: None };
                facts.push(Fact { topic: Topic::NoLonger, value: seat });
                if let Some(held) = person.as_ref().and_then(|person| person.held(branch, *role)) {
                    facts.extend(terms_of(None, held, false).into_iter().skip(1));
                }
                format!("{name}: no longer {} at {branch}", role.title().to_lowercase())
            }
            StaffChange::Disable => {
                facts.push(Fact::new(Topic::FromNowOn, Saying::CanDoNothing));
                format!("Disable {name}")
            }
            StaffChange::Enable => {
                facts.push(Fact::new(Topic::FromNowOn, Saying::CanSignIn));
                facts.extend(held_by(person.as_ref()));
                format!("Enable {name} again")
            }
            StaffChange::ResetPassword => {
                facts.push(password());
                facts.push(Fact::new(Topic::Sessions, Saying::EndAtOnce));
                facts.extend(held_by(person.as_ref()));
                format!("Temporary password for {name}")
            }
        };
        Ok(Review {
            title,
            facts,
            why,
            before: Before::default(),
            amount: None,
            ladder: None,
            subject: match &self.change {
                StaffChange::GiveRole(terms) => {
                    format!("staff:{id}:{}:{}", terms.branch_code, terms.role.code())
                }
                StaffChange::EndRole(branch, role) => format!("staff:{id}:{branch}:{}", role.code()),
                StaffChange::Add(_)
                | StaffChange::Disable
                | StaffChange::Enable
                | StaffChange::ResetPassword => format!("staff:{id}:{}", self.act().code()),
            },
            targets: Vec::new(),
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, maker: &StaffId) -> Result<Effect, OpError> {
        let review = self.review_in_op(ctx).await?;
        let id = &self.staff_id;
        let mut takes_away = !matches!(self.change, StaffChange::Add(_) | StaffChange::Enable);
        let there = match &self.change {
            StaffChange::Add(name) => {
                // The hash of what nobody is told.
                let nobodys = Uuid::new_v4().to_string();
                let hash = ctx.bank().hasher().desk()?.hash(nobodys).await?;
                staff::insert(ctx.conn(), id, name, &hash, true).await?
            }
            StaffChange::GiveRole(terms) => {
                let (role, today) = as_it_shall_be(ctx, self, terms).await?;
                takes_away = !role.holds_on(today);
                let change = RoleChange {
                    staff_id: id.clone(),
                    branch_code: terms.branch_code.clone(),
                    role: terms.role,
                    from: Some(role.from),
                    until: terms.until,
                    limit: terms.limit,
                };
                let written = staff::write_role(ctx.conn(), &change).await?;
                if written && awaits_password(ctx.conn(), id).await? && ctx.officer()?.staff_id != *maker {
                    hand_out(ctx, self, maker).await?;
                }
                written
            }
            StaffChange::EndRole(branch, role) => staff::delete_role(ctx.conn(), id, branch, *role).await?,
            StaffChange::Disable => staff::set_disabled(ctx.conn(), id, true).await?,
            StaffChange::Enable => staff::set_disabled(ctx.conn(), id, false).await?,
            StaffChange::ResetPassword => hand_out(ctx, self, maker).await?,
        };
        // After the write: what was opened before it ends, and nothing new opens.
        if takes_away {
            staff::end_sessions(ctx, id).await?;
        }
        if !there {
            let words = format!("{id} was changed by somebody else at this moment. Look again");
            return Err(AppError::Conflict(words).into());
        }
        Ok(Effect {
            subject: format!("staff:{id}"),
            number: id.to_string(),
            what: review.title.clone(),
            title: review.title,
            paper: None,
        })
    }
}

/// How long a temporary password is good, in hours.
fn password() -> Fact {
    Fact::new(Topic::TemporaryPassword, u32::try_from(TEMPORARY_PASSWORD_HOURS).unwrap_or_default())
}

/// The roles that somebody would have the use of again.
fn held_by(person: Option<&Person>) -> Vec<Fact> {
    let roles = person.map(|person| person.roles.as_slice()).unwrap_or_default();
    let seat = |held: &HeldRole| Value::Seat {
        role: held.role,
        branch: held.branch_code.clone(),
        limit: held.limit,
    };
    roles.iter().map(|held| Fact { topic: Topic::Holds, value: seat(held) }).collect()
}

/// `at_once`: no first day was asked for; a new role begins on the day it is approved.
fn terms_of(held: Option<&HeldRole>, new: &HeldRole, at_once: bool) -> Vec<Fact> {
    let changed = |topic, show: &dyn Fn(&HeldRole) -> Value| {
        let value = match held {
            Some(held) => Value::changed(show(held), show(new)),
            None => show(new),
        };
        Fact { topic, value }
    };
    let seat = Value::Seat { role: new.role, branch: new.branch_code.clone(), limit: None };
    vec![
        Fact { topic: Topic::Role, value: seat },
        match held {
            None if at_once => Fact::new(Topic::FirstDay, Saying::WhenApproved),
            _ => changed(Topic::FirstDay, &|role| role.from.into()),
        },
        changed(Topic::LastDay, &|role| Value::LastDay(role.until)),
        changed(Topic::Limit, &|role| role.limit.map_or(Saying::NoLimit.into(), Value::from)),
    ]
}

/// A role as it shall be, and the business date of its branch.
async fn as_it_shall_be(
    ctx: &mut OpCtx,
    new: &NewStaffChange,
    terms: &RoleTerms,
) -> Result<(HeldRole, Date), OpError> {
    let person = read_whole(ctx.conn(), &new.staff_id).await?;
    let held = person.as_ref().and_then(|person| person.held(&terms.branch_code, terms.role));
    let today = staff::business_date(ctx.conn(), &terms.branch_code).await?;
    let today = today.ok_or_else(|| OpError::stored("a branch that is gone"))?;
    Ok((terms.applied(held, today), today))
}

fn branch_of(change: &StaffChange) -> Option<&str> {
    match change {
        StaffChange::GiveRole(terms) => Some(&terms.branch_code),
        StaffChange::EndRole(branch, _) => Some(branch),
        StaffChange::Add(_) | StaffChange::Disable | StaffChange::Enable | StaffChange::ResetPassword => None,
    }
}

async fn read_person(tx: &mut PgConnection, staff_id: &StaffId) -> Result<Option<Person>, OpError> {
    Ok(read_people(tx, Some(staff_id)).await?.rows.pop())
}

/// The same for a decision that rests on all that they hold: a seat that cannot be read stops it.
async fn read_whole(tx: &mut PgConnection, staff_id: &StaffId) -> Result<Option<Person>, OpError> {
    let mut found = read_people(tx, Some(staff_id)).await?;
    match found.unread.pop() {
        Some(unread) => Err(OpError::stored(unread)),
        None => Ok(found.rows.pop()),
    }
}

// SQL

async fn read_people(tx: &mut PgConnection, only: Option<&StaffId>) -> Result<Listing<Person>, OpError> {
    let people = sqlx::query!(
        r#"
        select id, name, disabled_at is not null as "disabled!", password_expires_at is not null as "temporary!",
               awaits_password
        from staff where $1::text is null or id = $1 order by id
        "#,
        only.map(StaffId::as_str),
    )
    .fetch_all(&mut *tx)
    .await?;
    let seats = sqlx::query_as!(
        SeatRow,
        r#"
        select r.staff_id, b.code as branch_code, r.role, r.valid_from, r.valid_to, r.limit_amount, r.limit_currency
        from staff_role r join branch b on b.number = r.branch
        where $1::text is null or r.staff_id = $1
        order by r.staff_id, b.number, r.role
        "#,
        only.map(StaffId::as_str),
    )
    .fetch_all(tx)
    .await?;
    let name = |row: &SeatRow| format!("{} at {} of {}", row.role, row.branch_code, row.staff_id);
    let seats = listing(seats, name, |row| {
        let role = HeldRole {
            branch_code: row.branch_code,
            role: stored(&row.role)?,
            from: row.valid_from.to_jiff(),
            until: row.valid_to.map(|until| until.to_jiff()),
            limit: stored_money(row.limit_amount, row.limit_currency.as_deref())?,
        };
        Ok((row.staff_id, role))
    });
    let mut held = BTreeMap::<String, Vec<HeldRole>>::new();
    for (staff_id, role) in seats.rows {
        held.entry(staff_id).or_default().push(role);
    }
    let mut people = listing(
        people,
        |row| format!("person {}", row.id),
        |row| {
            Ok(Person {
                staff_id: stored(&row.id)?,
                name: row.name,
                disabled: row.disabled,
                temporary_password: row.temporary,
                awaits_password: row.awaits_password,
                roles: held.get(&row.id).cloned().unwrap_or_default(),
            })
        },
    );
    people.unread.extend(seats.unread);
    Ok(people)
}

struct SeatRow {
    staff_id: String,
    branch_code: String,
    role: String,
    valid_from: jiff_sqlx::Date,
    valid_to: Option<jiff_sqlx::Date>,
    limit_amount: Option<rust_decimal::Decimal>,
    limit_currency: Option<String>,
}
