//! Setting a holiday.

use crate::sample::{Deed, Forms, Knock, Looks, Sample};
use jiff::ToSpan;
use jiff::civil::date;
use tawi_domain::administration::holidays::HolidayForm;
use tawi_domain::shared::dates::typed_date;
use tawi_domain::shared::permissions::Operation;

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::Holidays,
    maker: "AD-001",
    checker: None,
    forms: |_, nth| {
        Box::pin(async move {
            let day = date(2027, 6, 1).checked_add(i64::from(nth).days())?;
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
