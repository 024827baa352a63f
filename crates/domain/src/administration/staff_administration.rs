//! Changes of staff: people, their roles, limits and passwords. What takes away is done at once; what
//! gives needs a second person.

use crate::shared::constants::LONGEST_TEXT_CHARS;
use crate::shared::dates::{format_date, iso_date, parse_date};
use crate::shared::fact::{Fact, Value};
use crate::shared::field::{Field, date, decimal, hidden, line, offered, select};
use crate::shared::form::{FieldErrors, bounded, name_text};
use crate::shared::ids::StaffId;
use crate::shared::money::{Currency, Money};
use crate::shared::operation_form::{Form, fields};
use crate::shared::permissions::{Limit, Operation, Role};
use crate::shared::topic::{Saying, Topic};
use crate::shared::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

words! {
    /// What is done to a person.
    pub enum StaffAct {
        /// Put on the staff, without a role.
        Add = "add", "Add a person";
        /// Given a role at a branch, or its dates and limit changed.
        GiveRole = "role", "Role, dates and limit";
        /// A role taken away.
        EndRole = "end-role", "End a role";
        /// Shut out.
        Disable = "disable", "Disable";
        /// Let in again.
        Enable = "enable", "Enable again";
        /// Given a temporary password.
        ResetPassword = "password", "Temporary password";
    }
}

fields! {
    /// What a page sends, as typed.
    pub struct StaffChangeForm {
        /// Code of a [`StaffAct`].
        act = hidden("Change");
        /// The person.
        staff_id = line("Staff ID").hint("Two letters, a dash, figures: LO-014");
        /// Full name of somebody new.
        name = line("Full name");
        /// Code of the role.
        role = select::<Role>("Role");
        /// Code of the branch of a role.
        branch = offered("Branch");
        /// First day of the role; the branch's business date when empty.
        from = date("First day").asked("First day (empty: at once)");
        /// Last day of the role; open when empty.
        until = date("Last day").asked("Last day (empty: open)");
        /// The most the person may approve alone, KES; none when empty.
        limit = decimal("Limit").hint("KES a day and maker; empty: approves no money").optional();
        /// The request's key: with the bank's secret it makes the temporary password. Set by the server.
        seed = hidden("");
    }
}

/// A role as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleTerms {
    /// Code of the branch.
    pub branch_code: String,
    /// The role.
    pub role: Role,
    /// First day; for a role already held, as it is when none is given.
    pub from: Option<Date>,
    /// Last day; open when none is given.
    pub until: Option<Date>,
    /// The most the person may approve alone.
    pub limit: Option<Money>,
}

/// What shall change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffChange {
    /// Somebody new, with their name.
    Add(String),
    /// A role given, or its terms changed.
    GiveRole(RoleTerms),
    /// A role taken away: code of the branch, and the role.
    EndRole(String, Role),
    /// Shut out.
    Disable,
    /// Let in again.
    Enable,
    /// Given a temporary password.
    ResetPassword,
}

/// A change of a person that may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStaffChange {
    /// The person.
    pub staff_id: StaffId,
    /// What shall change.
    pub change: StaffChange,
    /// See [`StaffChangeForm::seed`].
    pub seed: String,
}

/// Somebody on the staff, as the administrator sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Staff ID.
    pub staff_id: StaffId,
    /// Full name.
    pub name: String,
    /// Whether they are shut out.
    pub disabled: bool,
    /// Whether their password is a temporary one.
    pub temporary_password: bool,
    /// Whether nobody knows a password of theirs yet: whoever approves their first role is shown one.
    #[serde(default)]
    pub awaits_password: bool,
    /// Their roles, past, present and future.
    pub roles: Vec<HeldRole>,
}

/// A role somebody holds, held or will hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRole {
    /// Code of the branch.
    pub branch_code: String,
    /// The role.
    pub role: Role,
    /// First day.
    #[serde(with = "crate::shared::dates::day")]
    pub from: Date,
    /// Last day; open when there is none.
    #[serde(with = "crate::shared::dates::optional_day")]
    pub until: Option<Date>,
    /// The most the person may approve alone.
    pub limit: Option<Money>,
}

impl HeldRole {
    /// Whether it is held on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// Whether a role decides about money somewhere, so that a limit means something.
pub fn decides_money(role: Role) -> bool {
    Operation::ALL
        .into_iter()
        .map(Operation::spec)
        .any(|spec| spec.limit == Limit::CheckerAmount && spec.checker.contains(&role))
}

impl Form for StaffChangeForm {
    const OPERATION: Operation = Operation::StaffAdministration;
    const FIELDS: &'static [Field] = FIELDS;
    type Parsed = NewStaffChange;

    fn parse(&self, _: Date) -> Result<NewStaffChange, FieldErrors> {
        let mut faults = FieldErrors::default();
        let staff_id = faults.note("staff_id", self.staff_id.parse::<StaffId>());
        let change = match StaffAct::from_code(&self.act) {
            None => {
                faults.add("act", "Choose what shall change");
                None
            }
            Some(StaffAct::Add) => {
                faults.note("name", name_text(&self.name, "the person's name", 120)).map(StaffChange::Add)
            }
            Some(StaffAct::GiveRole) => self.terms(&mut faults).map(StaffChange::GiveRole),
            Some(StaffAct::EndRole) => {
                self.seat(&mut faults).map(|(branch, role)| StaffChange::EndRole(branch, role))
            }
            Some(StaffAct::Disable) => Some(StaffChange::Disable),
            Some(StaffAct::Enable) => Some(StaffChange::Enable),
            Some(StaffAct::ResetPassword) => Some(StaffChange::ResetPassword),
        };
        match (staff_id, change) {
            (Some(staff_id), Some(change)) if faults.is_empty() => {
                Ok(NewStaffChange { staff_id, change, seed: self.seed.clone() })
            }
            _ => Err(faults),
        }
    }

    fn of(parsed: &NewStaffChange) -> Self {
        let mut form = Self {
            act: parsed.act().code().to_owned(),
            staff_id: parsed.staff_id.to_string(),
            seed: parsed.seed.clone(),
            ..Self::default()
        };
        match &parsed.change {
            StaffChange::Add(name) => form.name.clone_from(name),
            StaffChange::GiveRole(terms) => {
                form.branch.clone_from(&terms.branch_code);
                terms.role.code().clone_into(&mut form.role);
                form.from = terms.from.map(iso_date).unwrap_or_default();
                form.until = terms.until.map(iso_date).unwrap_or_default();
                form.limit = terms.limit.map(|limit| limit.amount().to_string()).unwrap_or_default();
            }
            StaffChange::EndRole(branch_code, role) => {
                form.branch.clone_from(branch_code);
                role.code().clone_into(&mut form.role);
            }
            StaffChange::Disable | StaffChange::Enable | StaffChange::ResetPassword => {}
        }
        form
    }
}

impl StaffChangeForm {
    fn seat(&self, faults: &mut FieldErrors) -> Option<(String, Role)> {
        let branch = faults.note("branch", bounded(&self.branch, "the branch", LONGEST_TEXT_CHARS));
        let role = self.role.parse::<Role>().ok();
        if role.is_none() {
            faults.add("role", "Choose the role");
        }
        Some((branch?, role?))
    }

    fn terms(&self, faults: &mut FieldErrors) -> Option<RoleTerms> {
        let seat = self.seat(faults);
        let mut day = |field: &str, text: &str| match text.trim() {
            "" => None,
            typed => faults.note(field, parse_date(typed)),
        };
        let from = day("from", &self.from);
        let until = day("until", &self.until);
        let limit = match self.limit.trim() {
            "" => None,
            typed => faults.note("limit", Money::parse(typed, Currency::Kes)),
        };
        let (branch_code, role) = seat?;
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            faults.add("until", "A role ends on the day it begins or later");
        }
        if limit.is_some() && !decides_money(role) {
            let role = role.title().to_lowercase();
            faults.add("limit", format!("A {role} decides nothing about money: leave the limit empty"));
        }
        Some(RoleTerms { branch_code, role, from, until, limit })
    }
}

impl NewStaffChange {
    /// What is done.
    pub fn act(&self) -> StaffAct {
        match self.change {
            StaffChange::Add(_) => StaffAct::Add,
            StaffChange::GiveRole(_) => StaffAct::GiveRole,
            StaffChange::EndRole(..) => StaffAct::EndRole,
            StaffChange::Disable => StaffAct::Disable,
            StaffChange::Enable => StaffAct::Enable,
            StaffChange::ResetPassword => StaffAct::ResetPassword,
        }
    }

    /// Why a second person must agree, or why it cannot be done at all. `today` is the business date of
    /// the branch the role is held at.
    ///
    /// # Errors
    /// The person is not there (or there already), does not hold the role, or nothing would change.
    pub fn reasons(&self, person: Option<&Person>, today: Date) -> Result<Vec<Fact>, FieldErrors> {
        let fault = |field: &str, message: String| Err(FieldErrors::one(field, message));
        let person = match (&self.change, person) {
            (StaffChange::Add(_), None) => return Ok(Vec::new()),
            (StaffChange::Add(_), Some(person)) => {
                let id = &self.staff_id;
                return fault(
                    "staff_id",
                    format!("{id} is {} already: choose another staff ID", person.name),
                );
            }
            (_, None) => {
                return fault("staff_id", format!("There is nobody with the staff ID {}", self.staff_id));
            }
            (_, Some(person)) => person,
        };
        let name = &person.name;
        match &self.change {
            StaffChange::Add(_) => Ok(Vec::new()),
            StaffChange::GiveRole(terms) => terms.reasons(person, today),
            StaffChange::EndRole(branch, role) => match person.held(branch, *role) {
                Some(_) => Ok(Vec::new()),
                None => fault("role", format!("{name} is not {} at {branch}", role.title().to_lowercase())),
            },
            StaffChange::Disable if person.disabled => fault("", format!("{name} is disabled already")),
            StaffChange::Disable => Ok(Vec::new()),
            StaffChange::Enable if !person.disabled => fault("", format!("{name} is not disabled")),
            StaffChange::Enable => Ok(vec![Fact::new(Topic::CouldSignIn, name.as_str())]),
            StaffChange::ResetPassword if person.disabled => {
                fault("", format!("{name} is disabled: a password would open nothing"))
            }
            StaffChange::ResetPassword if person.awaits_password && person.roles.is_empty() => {
                fault("", format!("{name} holds no role yet: a password comes with the first one"))
            }
            StaffChange::ResetPassword => Ok(vec![Fact::new(Topic::CouldActAs, name.as_str())]),
        }
    }
}

impl Person {
    /// The role at a branch, if it is on record.
    pub fn held(&self, branch_code: &str, role: Role) -> Option<&HeldRole> {
        self.roles.iter().find(|held| held.branch_code == branch_code && held.role == role)
    }
}

impl RoleTerms {
    /// What it will be, given what it is.
    pub fn applied(&self, held: Option<&HeldRole>, today: Date) -> HeldRole {
        HeldRole {
            branch_code: self.branch_code.clone(),
            role: self.role,
            // A role that has lapsed begins anew; the gap stays a gap.
            from: self
                .from
                .or(held.filter(|held| held.until.is_none_or(|until| until >= today)).map(|held| held.from))
                .unwrap_or(today),
            until: self.until,
            limit: self.limit,
        }
    }

    fn reasons(&self, person: &Person, today: Date) -> Result<Vec<Fact>, FieldErrors> {
        let (name, role) = (&person.name, self.role.title().to_lowercase());
        let branch = &self.branch_code;
        let held = person.held(branch, self.role);
        let new = self.applied(held, today);
        if self.from.is_some_and(|from| from < today && held.is_none_or(|held| held.from != from)) {
            let today = format_date(today);
            return Err(FieldErrors::one("from", format!("A role begins today ({today}) or later")));
        }
        if new.until.is_some_and(|until| until < new.from) {
            return Err(FieldErrors::one("until", "A role ends on the day it begins or later"));
        }
        let seat = Value::Seat { role: self.role, branch: branch.clone(), limit: None };
        let theirs = |what: Value| Value::Whose { name: name.clone(), what: Box::new(what) };
        let Some(held) = held else { return Ok(vec![Fact::new(Topic::GetsRole, theirs(seat))]) };
        if *held == new {
            return Err(FieldErrors::form(format!("This is how {name} is {role} at {branch} already")));
        }
        let mut reasons = Vec::new();
        let amount = |limit: Option<Money>| limit.map(Money::amount).unwrap_or_default();
        if amount(new.limit) > amount(held.limit) {
            let shown = |limit: Option<Money>| limit.map_or(Saying::Nothing.into(), Value::from);
            let rise = Value::changed(shown(held.limit), shown(new.limit));
            reasons.push(Fact::new(Topic::LimitRises, theirs(rise)));
        }
        let end = |until: Option<Date>| until.unwrap_or(Date::MAX);
        if end(new.until) > end(held.until) || new.from < held.from {
            reasons.push(Fact::new(Topic::HoldsLonger, theirs(seat)));
        }
        Ok(reasons)
    }
}
