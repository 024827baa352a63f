//! Changing the staff.

use crate::sample::{Deed, Forms, Knock, Looks, Sample};
use crate::{Fallible, caller, command, submit};
use tawi_bank::Bank;
use tawi_domain::administration::staff_administration::StaffChangeForm;
use tawi_domain::shared::permissions::Operation;

const MAKER: &str = "AD-001";

pub(super) const SAMPLE: Sample = Sample::Command(Deed {
    operation: Operation::StaffAdministration,
    maker: MAKER,
    checker: Some("HB-001"),
    forms: |bank, nth| {
        Box::pin(async move {
            let there = somebody(bank, nth).await?;
            let role = StaffChangeForm {
                act: "role".into(),
                staff_id: there.staff_id,
                branch: "NBO-HQ".into(),
                role: "teller".into(),
                ..StaffChangeForm::default()
            };
            Forms::either(&add("XA", nth), &role)
        })
    },
    // Somebody new is put on the staff at once, a role is given by two.
    effect: "select (select count(*) from staff where id like 'XA-%')
                  + (select count(*) from staff_role where staff_id like 'XB-%')",
    posts: None,
    looks: Some(Looks {
        by: MAKER,
        knocks: |_, who, _| {
            Box::pin(async move {
                Ok(vec![
                    Knock::at("staff", &[]),
                    Knock::at("staff_person", &[("staff_id", who.staff_id.as_str())]),
                ])
            })
        },
    }),
});

fn add(letters: &str, nth: u32) -> StaffChangeForm {
    StaffChangeForm {
        act: "add".into(),
        staff_id: format!("{letters}-{nth:04}"),
        name: "Jane Wambui Kimani".into(),
        ..StaffChangeForm::default()
    }
}

/// Somebody without a role yet.
async fn somebody(bank: &Bank, nth: u32) -> Fallible<StaffChangeForm> {
    let form = add("XB", nth);
    submit(bank, &caller(MAKER)?, &command(&form)?, &format!("somebody-{nth}")).await?;
    Ok(form)
}
