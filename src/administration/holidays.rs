//! The calendar of days without work.

use super::branch_setup::branches;
use crate::shared::api_client::PortalClient;
use crate::shared::error::DoorError;
use crate::shared::ui::{
    Answer, Cell, Crumb, DateField, Deed, Empty, FormState, Icon, PageHeader, Problem, SelectField, Skeleton,
    Table, TextField, again, read_form,
};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use tawi_domain::administration::holidays::{FIELDS, Holiday, HolidayAct, HolidayForm};
use tawi_domain::shared::approval::{Check, Receipt};
use tawi_domain::shared::dates::{format_date_with_weekday, typed_date};
use tawi_domain::shared::ids::RequestKey;

/// Holidays from today on.
#[server(prefix = "/api", endpoint = "holidays", client = PortalClient)]
pub async fn calendar() -> Result<Vec<Holiday>, DoorError> {
    use crate::server::door;
    use tawi_bank::administration::holidays;
    door::answer(async |bank, caller| Ok(holidays::calendar(&bank, &caller).await?)).await
}

/// Says what a change of the calendar would do. Changes nothing.
#[server(prefix = "/api", endpoint = "holiday_check", client = PortalClient)]
pub async fn check_holiday(form: HolidayForm) -> Result<Check, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::answer(async |bank, caller| {
        let command = Command::Holiday(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::check(&bank, &caller, &command).await?)
    })
    .await
}

/// Changes the calendar.
#[server(prefix = "/api", endpoint = "holiday", client = PortalClient)]
pub async fn change_holiday(form: HolidayForm, key: String) -> Result<Receipt, DoorError> {
    use crate::server::door;
    use tawi_bank::command::Command;
    use tawi_domain::shared::error::AppError;
    door::command(key, async |bank, caller, key| {
        let command = Command::Holiday(form.parse().map_err(AppError::Invalid)?);
        Ok(tawi_bank::dispatch::submit(&bank, &caller, &command, key).await?)
    })
    .await
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
                    let back = format!("/holidays/change?act=take_back&day={}&branch={branch}", typed_date(holiday.day));
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
            title="Holidays"
            facts=|| "Days on which the bank, or one branch, is closed. Sundays are closed anyway."
            acts=|| view! { <a class="btn btn-primary" href="/holidays/change?act=set"><Icon name="plus"/>"Set a holiday"</a> }
        />
        <div class="max-w-5xl"><Transition fallback=|| view! { <Skeleton/> }>{content}</Transition></div>
    }
}

/// Setting one, or taking one back.
#[component]
pub fn HolidayPage() -> impl IntoView {
    let query = use_query_map();
    let of = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let sets = of("act") != HolidayAct::TakeBack.code();
    let form = NodeRef::<html::Form>::new();
    let read = move || read_form::<HolidayForm>(form, FIELDS);
    let state = FormState::new(form, Callback::new(move |()| read().parse().err().unwrap_or_default()));
    let check = Callback::new(move |()| -> Answer<Check> { Box::pin(check_holiday(read())) });
    let send = Callback::new(move |key: RequestKey| -> Answer<Receipt> {
        Box::pin(change_holiday(read(), key.into()))
    });
    let next = Callback::new(|_| again("/holidays", "To the calendar"));
    let list = Resource::new(|| (), |()| branches());
    let whom = move || {
        list.get().map(|result| {
            let rows = result.unwrap_or_default().into_iter().map(|row| (row.code, row.name));
            let mut choices = vec![(String::new(), "The whole bank".to_owned())];
            choices.extend(rows);
            view! { <SelectField state=state name="branch" label="For" choices=choices value=of("branch")/> }
        })
    };
    let fields = if sets {
        view! {
            <input type="hidden" name="form[act]" value=HolidayAct::Set.code()/>
            <DateField state=state name="day" label="Day" value=of("day")/>
            <TextField state=state name="name" label="Holiday" hint="As it was gazetted"/>
            <Suspense fallback=|| view! { <Skeleton/> }>{whom}</Suspense>
        }
        .into_any()
    } else {
        view! {
            <input type="hidden" name="form[act]" value=HolidayAct::TakeBack.code()/>
            <input type="hidden" name="form[branch]" value=of("branch")/>
            <DateField state=state name="day" label="Day" value=of("day")/>
        }
        .into_any()
    };
    let title = if sets { "Set a holiday" } else { "Take a holiday back" };
    view! {
        <Deed page=title crumbs=vec![Crumb::new("/holidays", "Holidays")] act=title state=state check=check send=send next=next>
            <div class="grid gap-x-8 gap-y-4 sm:grid-cols-2 items-end">{fields}</div>
        </Deed>
    }
}
