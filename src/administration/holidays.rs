//! The calendar of days without work.

use super::branch_setup::branches;
use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::here::here;
use crate::shared::ui::{
    Ask, Cell, Deed, Empty, FieldGrid, FormState, Icon, PageHeader, Problem, Skeleton, Table, again,
    form_page,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use tawi_domain::administration::holidays::{Holiday, HolidayAct, HolidayForm};
use tawi_domain::shared::dates::{format_date_with_weekday, iso_date};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

/// Holidays from today on.
#[server(prefix = "/api", endpoint = "holidays", client = PortalClient)]
pub async fn calendar() -> Result<Vec<Holiday>, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::holidays;
    door::answer(async |bank, caller| Ok(holidays::calendar(&bank, &caller).await?)).await
}

/// The list.
#[component]
pub fn HolidaysPage() -> impl IntoView {
    let list = Resource::new(|| (), |()| calendar());
    let content = move || {
        list.get().map(|result| match result {
            Err(DoorError(error)) => {
                view! { <Problem error=Signal::derive(move || Some(error.clone()))/> }.into_any()
            }
            Ok(days) if days.is_empty() => view! {
                <Empty icon="calendar-days" head="No holiday is set" words="Every day but Sunday is a working day."/>
            }
            .into_any(),
            Ok(days) => {
                let rows = days.into_iter().map(|holiday| {
                    let branch = holiday.branch_code.clone().unwrap_or_default();
                    let back = Place::HolidayChange.href_with(&[
                        ("act", HolidayAct::TakeBack.code()),
                        ("day", &iso_date(holiday.day)),
                        ("branch", &branch),
                    ]);
                    vec![
                        format_date_with_weekday(holiday.day).into_any(),
                        holiday.name.into_any(),
                        holiday.branch_code.unwrap_or_else(|| "The whole bank".to_owned()).into_any(),
                        view! { <a class="lnk" href=back>"Take back"</a> }.into_any(),
                    ]
                });
                let columns = vec![Cell::Head("Day"), Cell::Text("Holiday"), Cell::Text("For"), Cell::Text("Act")];
                view! { <Table caption="Holidays" columns=columns rows=rows.collect()/> }.into_any()
            }
        })
    };
    view! {
        <PageHeader
            title=here().title
            facts=|| "Days on which the bank, or one branch, is closed. Sundays are closed anyway."
            acts=|| view! { <a class="btn btn-primary" href=Place::HolidayChange.href_with(&[("act", HolidayAct::Set.code())])><Icon name="plus"/>"Set a holiday"</a> }
        />
        <div class="max-w-5xl"><Transition fallback=|| view! { <Skeleton/> }>{content}</Transition></div>
    }
}

/// Setting one, or taking one back.
#[component]
pub fn HolidayPage() -> impl IntoView {
    let query = use_query_map();
    let of = |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let act = HolidayAct::from_code(&of("act")).unwrap_or(HolidayAct::Set);
    let begun = HolidayForm {
        act: act.code().to_owned(),
        day: of("day"),
        branch: of("branch"),
        ..HolidayForm::default()
    };
    form_page(begun, |begun| view! { <Change begun=begun/> }.into_any())
}

#[component]
fn Change(begun: HolidayForm) -> impl IntoView {
    let state = FormState::new(&begun);
    let act = HolidayAct::from_code(&begun.act).unwrap_or(HolidayAct::Set);
    let list = Resource::new(|| (), |()| branches());
    let whom = move || {
        list.get().map(|result| {
            let mut choices = vec![(String::new(), "The whole bank".to_owned())];
            choices.extend(result.unwrap_or_default().into_iter().map(|row| (row.code, row.name)));
            view! { <Ask state=state name="branch" choices=choices listed=true/> }
        })
    };
    let fields = match act {
        HolidayAct::Set => view! {
            <Ask state=state name="day"/>
            <Ask state=state name="name"/>
            <Suspense fallback=|| view! { <Skeleton/> }>{whom}</Suspense>
        }
        .into_any(),
        HolidayAct::TakeBack => view! {
            <Ask state=state name="day"/>
            <input type="hidden" name="form[branch]" value=begun.branch/>
        }
        .into_any(),
    };
    let next = Callback::new(|_| again(&Place::Start(Operation::Holidays), "To the calendar"));
    view! {
        <Deed page=act.title() act=act.title() state=state next=next>
            <Ask state=state name="act"/>
            <FieldGrid>{fields}</FieldGrid>
        </Deed>
    }
}
