//! What one has asked for: the list with its pages, and one of it.

use super::api_client::PortalClient;
use super::approvals::Opened;
use super::error::DoorError;
use super::here::here;
use super::live::Live;
use super::ui::{
    Cell, Crumb, Empty, PageHeader, Pager, Problem, RequestStatus, Skeleton, Table, Unread, page_here,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use tawi_domain::shared::approval::RequestRow;
use tawi_domain::shared::dates::format_moment;
use tawi_domain::shared::listing::Listing;
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// What the person has asked for, the newest first.
#[server(prefix = "/api", endpoint = "started", client = PortalClient)]
pub async fn started(page: Option<u32>) -> Result<Listing<RequestRow>, DoorError> {
    use crate::server::door;
    let page = page.unwrap_or(1);
    door::answer(async |bank, caller| Ok(tawi_bank::approval::started(&bank, &caller, page).await?)).await
}

/// What one has asked for: the list, or one of it.
#[component]
pub fn RequestsPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")));
    let decided = RwSignal::new(None);
    move || {
        match id.get() {
        None => view! { <RequestList/> }.into_any(),
        Some(id) => view! {
            <nav class="crumb" aria-label="Back"><a href=Place::Start(Operation::Requests).href()>{Operation::Requests.title()}</a></nav>
            <Opened id=id decided=decided/>
        }
        .into_any(),
    }
    }
}

#[component]
fn RequestList() -> impl IntoView {
    let page = page_here();
    view! {
        <PageHeader title=here().title crumbs=vec![Crumb::desk()] facts=|| "What you asked for and somebody else decides."/>
        {move || view! { <RequestPage page=page.get()/> }}
    }
}

/// A page of what one has asked for, followed live.
#[component]
fn RequestPage(page: u32) -> impl IntoView {
    let live = expect_context::<Live>();
    let list = Resource::new(move || live.tick.get(), move |_| started(Some(page)));
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(list) => {
                let in_all = list.in_all;
                let path = Place::Start(Operation::Requests).href();
                view! { <StartedTable list=list/><Pager page=page in_all=in_all path=path/> }.into_any()
            }
        })
    };
    view! { <Transition fallback=|| view! { <Skeleton/> }>{content}</Transition> }
}

/// Requests one has made, as a table.
#[component]
pub fn StartedTable(
    /// The requests.
    list: Listing<RequestRow>,
) -> impl IntoView {
    if list.is_empty() {
        return view! { <Empty icon="list-checks" head="You have asked for nothing yet" words="What needs a second person is listed here until it is decided, and afterwards."/> }.into_any();
    }
    let body = list.rows.into_iter().map(|row| {
        let link = view! { <a class="lnk whitespace-nowrap" href=Place::Request(row.id).href()>{row.reference.to_string()}</a> };
        vec![
            link.into_any(),
            row.title.into_any(),
            view! { <RequestStatus state=row.state/> }.into_any(),
            row.checker_name.unwrap_or_else(|| row.checker.iter().map(|role| role.title()).collect::<Vec<_>>().join(", ")).into_any(),
            format_moment(row.decided_at.unwrap_or(row.made_at)).into_any(),
        ]
    });
    view! {
        <Unread names=list.unread/>
        <Table
            caption="Requests you made"
            columns=vec![Cell::Head("Reference"), Cell::Text("What"), Cell::Text("Where it is"), Cell::Text("With"), Cell::Figures("Since")]
            rows=body.collect()
        />
    }
    .into_any()
}
