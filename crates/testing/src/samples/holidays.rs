//! Setting a holiday.

use crate::TODAY;
use crate::sample::{Deed, Forms, Knock, Looks, Sample};
use jiff::ToSpan;
use tawi_domain::administration::holidays::HolidayForm;
use tawi_domain::shared::dates::typed_date;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::Holidays,
    maker: "AD-001",
    checker: None,
    forms: |_, nth| {
        Box::pin(async move {
            // The calendar of the whole bank has days of its own.
            let day = TODAY.checked_add((200 + i64::from(nth)).days())?;
            Forms::only_at_once(&HolidayForm {
                act: "set".into(),
                day: typed_date(day),
                name: "Idd-ul-Fitr".into(),
                branch: "NBO-HQ".into(),
            })
        })
    },
    effect: "select count(*) from holiday",
    posts: None,
    looks: Some(Looks {
        by: "AD-001",
        knocks: |_, _, _| Box::pin(async { Ok(vec![Knock::at("holidays", &[])]) }),
    }),
});
