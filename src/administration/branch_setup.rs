//! The branches, and opening one.

use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::here;
use crate::shared::ui::{
    Cell, Deed, Fields, FormState, Icon, PageHeader, Problem, Skeleton, Table, again, form_page,
};
use leptos::prelude::*;
use tawi_domain::administration::branch_setup::{BranchForm, BranchRow};
use tawi_domain::shared::dates::format_date;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// The branches there are.
#[server(prefix = "/api", endpoint = "branches", client = PortalClient)]
pub async fn branches() -> Result<Vec<BranchRow>, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::branch_setup;
    door::answer(async |bank, caller| Ok(branch_setup::branches(&bank, &caller).await?)).await
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
                        if row.counter { "Customers" } else { "The bank's own books" }.into_any(),
                        row.people.to_string().into_any(),
                    ]
                });
                let columns = vec![
                    Cell::Head("Code"),
                    Cell::Text("Name"),
                    Cell::Text("Number"),
                    Cell::Text("Business date"),
                    Cell::Text("Serves"),
                    Cell::Figures("People"),
                ];
                view! { <Table caption="Branches" columns=columns rows=rows.collect()/> }.into_any()
            }
        })
    };
    view! {
        <PageHeader
            title=here().title
            facts=|| "Each keeps books of its own."
            acts=|| view! { <a class="btn btn-primary" href=Place::NewBranch.href()><Icon name="plus"/>"Open a branch"</a> }
        />
        <div class="max-w-5xl"><Transition fallback=|| view! { <Skeleton/> }>{content}</Transition></div>
    }
}

/// Opening one.
#[component]
pub fn NewBranchPage() -> impl IntoView {
    form_page(BranchForm::default(), |begun| {
        let state = FormState::new(&begun);
        let next = Callback::new(|_| again(&Place::Start(Operation::BranchSetup), "To the branches"));
        view! { <Deed state=state act="Open the branch" next=next><Fields state=state/></Deed> }.into_any()
    })
}
