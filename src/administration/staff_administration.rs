//! People, their roles and limits, and temporary passwords.

use super::branch_setup::branches;
use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::here;
use crate::shared::ui::{
    Ask, Cell, Deed, Empty, FieldGrid, FormState, Icon, PageHeader, Problem, Skeleton, Status, Table, Tone,
    Unread, crumbs_through, form_page,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use tawi_domain::administration::staff_administration::{HeldRole, Person, StaffAct, StaffChangeForm};
use tawi_domain::shared::approval::{Receipt, Sent};
use tawi_domain::shared::constants::TEMPORARY_PASSWORD_HOURS;
use tawi_domain::shared::dates::{format_date, iso_date};
use tawi_domain::shared::ids::StaffId;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::place::{Place, PlaceKind};

/// Everybody on the staff.
#[server(prefix = "/api", endpoint = "staff", client = PortalClient)]
pub async fn people() -> Result<Listing<Person>, DoorError> {
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
            Ok(list) => view! {
                <Unread names=list.unread/>
                <PeopleTable people=list.rows wanted=wanted/>
            }
            .into_any(),
        })
    };
    view! {
        <PageHeader
            title=here().title
            facts=|| "What gives somebody more needs a second person; what takes away is done at once."
            acts=|| view! { <a class="btn btn-primary" href=Place::NewPerson.href()><Icon name="plus"/>"Add a person"</a> }
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
                view! { <a class="lnk whitespace-nowrap" href=Place::Person(person.staff_id.clone()).href()>{person.staff_id.to_string()}</a> }.into_any(),
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
    let Person { disabled, awaits_password, temporary_password, .. } = person;
    match (disabled, awaits_password, temporary_password) {
        (true, ..) => view! { <Status tone=Tone::Wrong icon="circle-x" word="Disabled"/> },
        (false, true, _) => view! { <Status tone=Tone::Watch icon="hourglass" word="No password yet"/> },
        (false, false, true) => {
            view! { <Status tone=Tone::Watch icon="hourglass" word="Temporary password"/> }
        }
        (false, false, false) => view! { <Status tone=Tone::Good icon="circle-check" word="Active"/> },
    }
}

/// A person's page.
#[component]
pub fn PersonPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let file = Resource::new(move || id.get(), read_person);
    let here = here();
    let content = move || {
        file.get().map(|result| match result {
            Err(DoorError(error)) => view! {
                <PageHeader title=here.title crumbs=here.crumbs()/>
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
    let id = person.staff_id.clone();
    let to = {
        let id = id.clone();
        move |act: StaffAct| Place::StaffChange(id.clone(), act.code().to_owned()).href()
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
        <PageHeader title=person.name.clone() crumbs=here().crumbs() facts=move || id.to_string() statuses=move || view! { <PersonStatus person=standing.clone()/> } acts=acts/>
        <section class="max-w-5xl" aria-labelledby="roles">
            <div class="sec"><h2 id="roles">"Roles"</h2><a class="lnk text-[.8125rem]" href=give>"Give a role"</a></div>
            {roles}
        </section>
    }
}

#[component]
fn RolesTable(id: StaffId, roles: Vec<HeldRole>) -> impl IntoView {
    let rows = roles.into_iter().map(|held| {
        let (role, branch) = (held.role, held.branch_code.clone());
        let to = |act: StaffAct, more: &[(&str, &str)]| {
            let seat = [("branch", branch.as_str()), ("role", role.code())];
            Place::StaffChange(id.clone(), act.code().to_owned()).href_with(&[&seat, more].concat())
        };
        let until = held.until.map(iso_date).unwrap_or_default();
        let limit = held.limit.map(|limit| limit.amount().to_string()).unwrap_or_default();
        let change = to(StaffAct::GiveRole, &[("until", &until), ("limit", &limit)]);
        let end = to(StaffAct::EndRole, &[]);
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
    let begun = StaffChangeForm { act: StaffAct::Add.code().to_owned(), ..StaffChangeForm::default() };
    form_page(begun, |begun| view! { <Change begun=begun act=StaffAct::Add/> }.into_any())
}

/// A change of a person: which one stands in the address, and of a role what it is now.
#[component]
pub fn StaffChangePage() -> impl IntoView {
    let (staff_id, act) = use_params_map().with_untracked(|params| {
        let act = params.get("act").and_then(|code| StaffAct::from_code(&code));
        (params.get("id").unwrap_or_default(), act.filter(|act| *act != StaffAct::Add))
    });
    let Some(act) = act else {
        return view! {
            <PageHeader title="Nothing here" crumbs=here().crumbs()/>
            <Empty icon="search-x" head="There is no such change" words="The address may be mistyped."/>
        }
        .into_any();
    };
    let query = use_query_map();
    let of = |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let begun = StaffChangeForm {
        act: act.code().to_owned(),
        staff_id,
        branch: of("branch"),
        role: of("role"),
        until: of("until"),
        limit: of("limit"),
        ..StaffChangeForm::default()
    };
    form_page(begun, move |begun| view! { <Change begun=begun act=act/> }.into_any())
}

/// The form of a change, and what comes of it.
#[component]
fn Change(begun: StaffChangeForm, act: StaffAct) -> impl IntoView {
    let state = FormState::new(&begun);
    let person = PlaceKind::Person.of(&begun.staff_id);
    let known = person.clone();
    let next = Callback::new(move |sent: Sent| {
        let made = match &sent.receipt {
            Receipt::Done { effect, .. } => PlaceKind::Person.of(effect),
            Receipt::Waiting { .. } | Receipt::Decided { .. } => None,
        };
        let to_person = known.clone().or(made).map(|place| {
            view! { <a class="btn" rel="external" href=place.href()>"To the person"</a> }
        });
        to_person.into_any()
    });
    let crumbs = match &person {
        Some(place) => crumbs_through(place.href(), begun.staff_id.clone()),
        None => here().crumbs(),
    };
    let fields = match act {
        StaffAct::Add => view! {
            <Ask state=state name="staff_id"/>
            <Ask state=state name="name"/>
            <p class="sm:col-span-2 text-muted">"A password comes with the first role: you and whoever approves that each hand out half of it."</p>
        }
        .into_any(),
        StaffAct::GiveRole => view! { <RoleFields state=state/> }.into_any(),
        StaffAct::EndRole => view! {
            <input type="hidden" name="form[branch]" value=begun.branch.clone()/>
            <input type="hidden" name="form[role]" value=begun.role.clone()/>
            <p>"The role ends at once, and the person is signed out."</p>
        }
        .into_any(),
        StaffAct::Disable => view! { <p>"The person can do nothing from that moment; their sessions end."</p> }.into_any(),
        StaffAct::Enable => view! { <p>"The person can sign in again with the roles they hold."</p> }.into_any(),
        StaffAct::ResetPassword => view! {
            <p>{format!("A second person must agree. Then each of you is shown half of a temporary password and hands it out: it is good for {TEMPORARY_PASSWORD_HOURS} hours and only for choosing another.")}</p>
        }
        .into_any(),
    };
    let known = begun.staff_id.clone();
    let staff_id = (act != StaffAct::Add).then(|| {
        view! { <input type="hidden" name="form[staff_id]" value=begun.staff_id.clone()/> }
    });
    view! {
        <Deed page=act.title() crumbs=crumbs act=act.title() facts=move || known.clone() state=state next=next>
            <Ask state=state name="act"/>
            {staff_id}
            <FieldGrid>{fields}</FieldGrid>
        </Deed>
    }
}

#[component]
fn RoleFields(state: FormState) -> impl IntoView {
    let list = Resource::new(|| (), |()| branches());
    let choose = move || {
        list.get().map(|result| {
            let rows = result.unwrap_or_default();
            let choices: Vec<_> = rows
                .into_iter()
                .map(|row| (row.code.clone(), format!("{} {}", row.code, row.name)))
                .collect();
            view! { <Ask state=state name="branch" choices=choices listed=true/> }
        })
    };
    view! {
        <Ask state=state name="role"/>
        <Suspense fallback=|| view! { <Skeleton/> }>{choose}</Suspense>
        <Ask state=state name="from"/>
        <Ask state=state name="until"/>
        <Ask state=state name="limit"/>
    }
}
