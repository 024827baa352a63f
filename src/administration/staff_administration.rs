//! People, their roles and limits, and temporary passwords.

use super::branch_setup::branches;
use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::ui::{
    Answer, Cell, Crumb, DateField, Deed, Empty, FormState, Icon, KeyValue, Note, PageHeader, Problem,
    SelectField, Skeleton, Status, Table, TextField, Tone, read_form,
};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};
use tawi_domain::administration::staff_administration::{
    FIELDS, HeldRole, Person, StaffAct, StaffChangeForm,
};
use tawi_domain::shared::approval::{Check, Receipt};
use tawi_domain::shared::constants::TEMPORARY_PASSWORD_HOURS;
use tawi_domain::shared::dates::{format_date, typed_date};
use tawi_domain::shared::ids::RequestKey;
use tawi_domain::shared::permissions::Role;

/// What came of a change, and the temporary password it makes, which is shown this once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StaffAnswer {
    /// What was done or asked.
    pub receipt: Receipt,
    /// The temporary password.
    pub password: Option<String>,
}

/// Everybody on the staff.
#[server(prefix = "/api", endpoint = "staff", client = PortalClient)]
pub async fn people() -> Result<Vec<Person>, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::staff_administration;
    door::answer(async |bank, caller| Ok(staff_administration::people(&bank, &caller).await?)).await
}

/// One person.
#[server(prefix = "/api", endpoint = "staff_person", client = PortalClient)]
pub async fn read_person(staff_id: String) -> Result<Person, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::staff_administration;
    door::answer(async |bank, caller| Ok(staff_administration::person(&bank, &caller, &staff_id).await?))
        .await
}

/// Says what a change would do. Changes nothing.
#[server(prefix = "/api", endpoint = "staff_change_check", client = PortalClient)]
pub async fn check_change(form: StaffChangeForm) -> Result<Check, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::answer(async |bank, caller| {
        let command = Command::StaffChange(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::check(&bank, &caller, &command).await?)
    })
    .await
}

/// Changes the person, or asks for approval.
#[server(prefix = "/api", endpoint = "staff_change", client = PortalClient)]
pub async fn change_staff(form: StaffChangeForm, key: String) -> Result<StaffAnswer, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::staff_administration::temporary_password;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    let form = StaffChangeForm { seed: key.clone(), ..form };
    door::command(key, async |bank, caller, key| {
        let new = form.parse().map_err(AppError::Invalid)?;
        let command = Command::StaffChange(new.clone());
        let receipt = tawi_bank::dispatch::submit(&bank, &caller, &command, key).await?;
        let makes = new.act().makes_a_password();
        let password = makes.then(|| temporary_password(&bank, &new)).transpose()?;
        Ok(StaffAnswer { receipt, password })
    })
    .await
}

fn staff_crumb() -> Crumb {
    Crumb::new("/staff", "Staff and roles")
}

/// The list of people.
#[component]
pub fn StaffPage() -> impl IntoView {
    let list = Resource::new(|| (), |()| people());
    let wanted = RwSignal::new(String::new());
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(people) => view! { <PeopleTable people=people wanted=wanted/> }.into_any(),
        })
    };
    view! {
        <PageHeader
            title="Staff and roles"
            facts=|| "What gives somebody more needs a second person; what takes away is done at once."
            acts=|| view! { <a class="btn btn-primary" href="/staff/new"><Icon name="plus"/>"Add a person"</a> }
        />
        <div class="field max-w-sm mb-4">
            <label for="wanted">"Find"</label>
            <input class="input" id="wanted" type="search" placeholder="Name, staff ID, branch or role" on:input=move |event| wanted.set(event_target_value(&event))/>
        </div>
        <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition>
    }
}

#[component]
fn PeopleTable(people: Vec<Person>, wanted: RwSignal<String>) -> impl IntoView {
    let people = StoredValue::new(people);
    let found = move || {
        let wanted = wanted.get().to_lowercase();
        let fits = |person: &Person| {
            let roles = person.roles.iter().map(|held| format!("{} {}", held.role.title(), held.branch_code));
            let all = [person.staff_id.to_string(), person.name.clone()].into_iter().chain(roles);
            all.into_iter().any(|text| text.to_lowercase().contains(&wanted))
        };
        people.with_value(|people| people.iter().filter(|person| fits(person)).cloned().collect::<Vec<_>>())
    };
    move || {
        let found = found();
        if found.is_empty() {
            return view! { <Empty icon="search-x" head="Nobody found" words="Try part of a name, a staff ID, a branch or a role."/> }
                .into_any();
        }
        let rows = found.into_iter().map(|person| {
            let roles = match person.roles.as_slice() {
                [] => "None yet".to_owned(),
                roles => roles
                    .iter()
                    .map(|held| format!("{} at {}", held.role.title(), held.branch_code))
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            vec![
                view! { <a class="lnk whitespace-nowrap" href=format!("/staff/{}", person.staff_id)>{person.staff_id.to_string()}</a> }.into_any(),
                person.name.clone().into_any(),
                roles.into_any(),
                view! { <PersonStatus person=person/> }.into_any(),
            ]
        });
        let columns =
            vec![Cell::Head("Staff ID"), Cell::Text("Name"), Cell::Text("Roles"), Cell::Text("Standing")];
        view! { <Table caption="People" columns=columns rows=rows.collect()/> }.into_any()
    }
}

#[component]
fn PersonStatus(person: Person) -> impl IntoView {
    match (person.disabled, person.temporary_password) {
        (true, _) => view! { <Status tone=Tone::Wrong icon="circle-x" word="Disabled"/> },
        (false, true) => view! { <Status tone=Tone::Watch icon="hourglass" word="Temporary password"/> },
        (false, false) => view! { <Status tone=Tone::Good icon="circle-check" word="Active"/> },
    }
}

/// A person's page.
#[component]
pub fn PersonPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let file = Resource::new(move || id.get(), read_person);
    let content = move || {
        file.get().map(|result| match result {
            Err(DoorError(error)) => view! {
                <PageHeader title="Person" crumbs=vec![staff_crumb()]/>
                <Problem error=Signal::derive(move || Some(error.clone()))/>
            }
            .into_any(),
            Ok(person) => view! { <File person=person/> }.into_any(),
        })
    };
    view! { <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition> }
}

#[component]
fn File(person: Person) -> impl IntoView {
    let id = person.staff_id.to_string();
    let to = {
        let id = id.clone();
        move |act: StaffAct| format!("/staff/{id}/{}", act.code())
    };
    let (shut, give) = (person.disabled, to(StaffAct::GiveRole));
    let standing = person.clone();
    let acts = move || {
        let link = |act: StaffAct| view! { <a class="btn" href=to(act)>{act.title()}</a> };
        if shut {
            link(StaffAct::Enable).into_any()
        } else {
            view! { {link(StaffAct::Disable)}{link(StaffAct::ResetPassword)} }.into_any()
        }
    };
    let roles = if person.roles.is_empty() {
        view! { <p class="text-muted text-[.8125rem] py-2">"No role yet: this person cannot sign in."</p> }
            .into_any()
    } else {
        view! { <RolesTable id=id.clone() roles=person.roles.clone()/> }.into_any()
    };
    view! {
        <PageHeader title=person.name.clone() crumbs=vec![staff_crumb()] facts=move || id.clone() statuses=move || view! { <PersonStatus person=standing.clone()/> } acts=acts/>
        <section class="max-w-5xl" aria-labelledby="roles">
            <div class="sec"><h2 id="roles">"Roles"</h2><a class="lnk text-[.8125rem]" href=give>"Give a role"</a></div>
            {roles}
        </section>
    }
}

#[component]
fn RolesTable(id: String, roles: Vec<HeldRole>) -> impl IntoView {
    let rows = roles.into_iter().map(|held| {
        let (role, branch) = (held.role, held.branch_code.clone());
        let seat = format!("branch={branch}&role={}", role.code());
        let until = held.until.map(typed_date).unwrap_or_default();
        let limit = held.limit.map(|limit| limit.amount().to_string()).unwrap_or_default();
        let change = format!("/staff/{id}/role?{seat}&until={until}&limit={limit}");
        let end = format!("/staff/{id}/end-role?{seat}");
        vec![
            role.title().into_any(),
            branch.into_any(),
            format_date(held.from).into_any(),
            held.until.map_or_else(|| "open".to_owned(), format_date).into_any(),
            held.limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string()).into_any(),
            view! {
                <span class="flex flex-wrap gap-x-4">
                    <a class="lnk" href=change>"Change"</a>
                    <a class="lnk" href=end>"End"</a>
                </span>
            }
            .into_any(),
        ]
    });
    let columns = vec![
        Cell::Head("Role"),
        Cell::Text("Branch"),
        Cell::Text("From"),
        Cell::Text("Until"),
        Cell::Figures("Limit"),
        Cell::Text("Act"),
    ];
    view! { <Table caption="Roles" columns=columns rows=rows.collect()/> }
}

/// Somebody new.
#[component]
pub fn NewPersonPage() -> impl IntoView {
    view! { <Change act=StaffAct::Add staff_id=None/> }
}

/// A change of a person: which one stands in the address.
#[component]
pub fn StaffChangePage() -> impl IntoView {
    let params = use_params_map();
    let (id, act) = params.with_untracked(|params| {
        let act = params.get("act").and_then(|code| StaffAct::from_code(&code));
        (params.get("id").unwrap_or_default(), act.filter(|act| *act != StaffAct::Add))
    });
    match act {
        Some(act) => view! { <Change act=act staff_id=Some(id)/> }.into_any(),
        None => view! {
            <PageHeader title="Nothing here" crumbs=vec![staff_crumb()]/>
            <Empty icon="search-x" head="There is no such change" words="The address may be mistyped."/>
        }
        .into_any(),
    }
}

/// The form of a change, and what comes of it.
#[component]
fn Change(act: StaffAct, staff_id: Option<String>) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    let read = move || read_form::<StaffChangeForm>(form, FIELDS);
    let state = FormState::new(form, Callback::new(move |()| read().parse().err().unwrap_or_default()));
    let password = RwSignal::new(None::<String>);
    let check = Callback::new(move |()| -> Answer<Check> { Box::pin(check_change(read())) });
    let send = Callback::new(move |key: RequestKey| -> Answer<Receipt> {
        Box::pin(async move {
            let answer = change_staff(read(), key.into()).await?;
            password.set(answer.password);
            Ok(answer.receipt)
        })
    });
    let person = StoredValue::new(staff_id.clone());
    let next = Callback::new(move |receipt: Receipt| {
        let waits = matches!(receipt, Receipt::Waiting { .. });
        let id = match (&receipt, person.get_value()) {
            (_, Some(id)) => id,
            (Receipt::Done { effect, .. }, None) => effect.clone(),
            _ => String::new(),
        };
        view! {
            {move || password.get().map(|password| view! { <Temporary password=password waits=waits/> })}
            <a class="btn" rel="external" href=format!("/staff/{id}")>"To the person"</a>
        }
        .into_any()
    });
    let mut crumbs = vec![staff_crumb()];
    if let Some(id) = &staff_id {
        crumbs.push(Crumb::new(format!("/staff/{id}"), id.clone()));
    }
    let known = staff_id.clone().unwrap_or_default();
    let fields = match act {
        StaffAct::Add => view! {
            <TextField state=state name="staff_id" label="Staff ID" hint="Two letters, a dash, figures: LO-014"/>
            <TextField state=state name="name" label="Full name"/>
        }
        .into_any(),
        StaffAct::GiveRole => view! { <RoleFields state=state/> }.into_any(),
        StaffAct::EndRole => view! { <Seat/><p>"The role ends at once, and the person is signed out."</p> }.into_any(),
        StaffAct::Disable => view! { <p>"The person can do nothing from that moment; their sessions end."</p> }.into_any(),
        StaffAct::Enable => view! { <p>"The person can sign in again with the roles they hold."</p> }.into_any(),
        StaffAct::ResetPassword => view! {
            <p>{format!("A temporary password is made and shown to you once. When a second person has agreed, it is good for {TEMPORARY_PASSWORD_HOURS} hours and only for choosing another.")}</p>
        }
        .into_any(),
    };
    let staff_id = staff_id.map(|id| view! { <input type="hidden" name="form[staff_id]" value=id/> });
    view! {
        <Deed page=act.title() crumbs=crumbs act=act.title() facts=move || known.clone() state=state check=check send=send next=next>
            <input type="hidden" name="form[act]" value=act.code()/>
            {staff_id}
            <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">{fields}</div>
        </Deed>
    }
}

/// The password that is shown once.
#[component]
fn Temporary(password: String, waits: bool) -> impl IntoView {
    let words = if waits {
        "It opens nothing before the request is approved. Write it down now: it is not shown again."
    } else {
        "Give it to the person. It is not shown again, and only good for choosing another."
    };
    view! {
        <div class="order-first basis-full">
            <div class="max-w-2xl mb-2"><Note tone=Tone::Watch icon="lock" head="Temporary password">
                <dl class="kv"><KeyValue label="Password"><b class="font-mono text-base select-all">{password}</b></KeyValue></dl>
                {words}
            </Note></div>
        </div>
    }
}

/// Branch and role of the address, unchanged.
#[component]
fn Seat() -> impl IntoView {
    let query = use_query_map();
    let of = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    view! {
        <input type="hidden" name="form[branch]" value=of("branch")/>
        <input type="hidden" name="form[role]" value=of("role")/>
    }
}

#[component]
fn RoleFields(state: FormState) -> impl IntoView {
    let query = use_query_map();
    let of = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let list = Resource::new(|| (), |()| branches());
    let roles = Role::ALL.map(|role| (role.code(), role.title())).to_vec();
    let choose = move || {
        list.get().map(|result| {
            let rows = result.unwrap_or_default();
            let choices: Vec<_> =
                rows.into_iter().map(|row| (row.code.clone(), format!("{} {}", row.code, row.name))).collect();
            view! { <SelectField state=state name="branch" label="Branch" choices=choices value=of("branch")/> }
        })
    };
    view! {
        <SelectField state=state name="role" label="Role" choices=roles value=of("role")/>
        <Suspense fallback=|| view! { <Skeleton/> }>{choose}</Suspense>
        <DateField state=state name="from" label="First day (empty: at once)"/>
        <DateField state=state name="until" label="Last day (empty: open)" value=of("until")/>
        <TextField state=state name="limit" label="Limit" hint="KES a day and maker; empty: approves no money" inputmode="decimal" value=of("limit") optional=true/>
    }
}
