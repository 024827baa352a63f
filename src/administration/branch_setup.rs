//! The branches, and opening one.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::ui::{
    Answer, Cell, Crumb, Deed, FormState, Icon, PageHeader, Problem, Skeleton, Table, TextField, again,
    read_form,
};
use leptos::html;
use leptos::prelude::*;
use tawi_domain::administration::branch_setup::{BranchForm, BranchRow, FIELDS};
use tawi_domain::shared::approval::{Check, Receipt};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::ids::RequestKey;

/// The branches there are.
#[server(prefix = "/api", endpoint = "branches", client = PortalClient)]
pub async fn branches() -> Result<Vec<BranchRow>, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::branch_setup;
    door::answer(async |bank, caller| Ok(branch_setup::branches(&bank, &caller).await?)).await
}

/// Says what opening the branch would do. Changes nothing.
#[server(prefix = "/api", endpoint = "branch_setup_check", client = PortalClient)]
pub async fn check_branch(form: BranchForm) -> Result<Check, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::answer(async |bank, caller| {
        let command = Command::BranchSetup(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::check(&bank, &caller, &command).await?)
    })
    .await
}

/// Asks for the branch to be opened.
#[server(prefix = "/api", endpoint = "branch_setup", client = PortalClient)]
pub async fn open_branch(form: BranchForm, key: String) -> Result<Receipt, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::command(key, async |bank, caller, key| {
        let command = Command::BranchSetup(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::submit(&bank, &caller, &command, key).await?)
    })
    .await
}

/// The list.
#[component]
pub fn BranchesPage() -> impl IntoView {
    let list = Resource::new(|| (), |()| branches());
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(rows) => {
                let rows = rows.into_iter().map(|row| {
                    vec![
                        row.code.into_any(),
                        row.name.into_any(),
                        row.number.to_string().into_any(),
                        format_date(row.business_date).into_any(),
                        row.people.to_string().into_any(),
                    ]
                });
                let columns = vec![
                    Cell::Head("Code"),
                    Cell::Text("Name"),
                    Cell::Text("Number"),
                    Cell::Text("Business date"),
                    Cell::Figures("People"),
                ];
                view! { <Table caption="Branches" columns=columns rows=rows.collect()/> }.into_any()
            }
        })
    };
    view! {
        <PageHeader
            title="Branches"
            facts=|| "Each keeps books of its own."
            acts=|| view! { <a class="btn btn-primary" href="/branches/new"><Icon name="plus"/>"Open a branch"</a> }
        />
        <div class="max-w-5xl"><Transition fallback=|| view! { <Skeleton/> }>{content}</Transition></div>
    }
}

/// Opening one.
#[component]
pub fn NewBranchPage() -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    let read = move || read_form::<BranchForm>(form, FIELDS);
    let state = FormState::new(form, Callback::new(move |()| read().parse().err().unwrap_or_default()));
    let check = Callback::new(move |()| -> Answer<Check> { Box::pin(check_branch(read())) });
    let send = Callback::new(move |key: RequestKey| -> Answer<Receipt> {
        Box::pin(open_branch(read(), key.into()))
    });
    let next = Callback::new(|_| again("/branches", "To the branches"));
    view! {
        <Deed page="Open a branch" crumbs=vec![Crumb::new("/branches", "Branches")] act="Open the branch" state=state check=check send=send next=next>
            <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">
                <TextField state=state name="number" label="Number" hint="1 to 999, first figures of its account numbers" inputmode="numeric"/>
                <TextField state=state name="code" label="Code" hint="For example NKU-01"/>
                <TextField state=state name="name" label="Name" hint="For example Nakuru"/>
            </div>
        </Deed>
    }
}
