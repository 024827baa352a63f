//! Every look at what is not one's own is recorded, before it is answered; and who may not hears nothing.

use crate::support::{Fallible, Story, as_owner, ask, count, ended, next};
use tawi_bank::administration::{branch_setup, holidays, parameters, staff_administration};
use tawi_bank::approval;
use tawi_bank::credit_ops::{loan_setup, repayment_tracking};
use tawi_bank::dispatch;
use tawi_bank::op::Look;
use tawi_bank::shared::notices::{self, Stream};
use tawi_domain::credit_ops::repayment_tracking::LoanFilter;
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::form::FieldErrors;
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::notice::NoticeBody;
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::Operation;
use tawi_testing::{TestBank, caller, customer_form, listen, registered};

const LOOKS: &str = "select count(*) from audit_event where outcome = 'read'";

#[tokio::test]
async fn lists_are_looks_and_the_frame_is_none() -> Story {
    let test = TestBank::new().await?;
    let bank = &test.bank;
    let (lender, supervisor, officer) = (caller("LO-001")?, caller("OS-001")?, caller("RO-001")?);
    let administrator = caller("AD-001")?;
    let mut seen = 0;
    macro_rules! recorded {
        ($($look:expr),+ $(,)?) => {$(
            $look.await?;
            seen += 1;
            assert_eq!(count(&test, LOOKS).await?, seen, stringify!($look));
        )+};
    }
    recorded!(
        repayment_tracking::worklist(bank, &lender, LoanFilter::default()),
        repayment_tracking::portfolio(bank, &lender),
        approval::inbox(bank, &supervisor, 1),
        approval::started(bank, &officer, 1),
        notices::recent(bank, &supervisor),
        staff_administration::people(bank, &administrator),
        branch_setup::branches(bank, &administrator),
        holidays::calendar(bank, &administrator),
        parameters::parameters(bank, &administrator),
        loan_setup::offer(bank, &lender),
    );
    // What every page is framed with is one's own.
    approval::frame(bank, &supervisor).await?;
    assert_eq!(count(&test, LOOKS).await?, seen);
    test.finish().await
}

/// What streams is recorded before it is told, by whom it tells of; who may not look any more is told nothing.
#[tokio::test]
async fn a_notice_is_a_look_and_ends_with_the_role() -> Story {
    let test = TestBank::live().await?;
    let reference = async |request: RequestId| {
        let of = sqlx::query_scalar("select 'request:' || reference from approval_request where id = $1");
        of.bind(request.get()).fetch_one(test.bank.owner()).await.map(|of: String| of)
    };
    let mut stream = listen(&test.bank, caller("OS-001")?, 0).await?;
    let told = next_about(&mut stream, ask(&test, 1).await?).await?;
    assert_eq!(told, reference(ask(&test, 1).await?).await?);
    let recorded =
        "select detail from audit_event where operation = 'notices' and outcome = 'read' and staff_id = $1";
    let recorded: Vec<serde_json::Value> =
        sqlx::query_scalar(recorded).bind("OS-001").fetch_all(test.bank.owner()).await?;
    assert_eq!(recorded, [serde_json::json!({ "about": [told] })]);
    as_owner(&test, "delete from staff_role where staff_id = 'OS-001'").await?;
    ask(&test, 2).await?;
    assert_eq!(ended(&mut stream).await?, 401);
    test.finish().await
}

async fn next_about(stream: &mut Stream, request: RequestId) -> Fallible<String> {
    let body = next(stream).await?.body;
    assert!(matches!(body, NoticeBody::RequestMade { request: of, .. } if of == request), "{body:?}");
    body.about().ok_or_else(|| "it tells of nobody".into())
}

/// The check of a new customer shows who looks alike: whom, is recorded, and nothing that was typed.
#[tokio::test]
async fn the_check_of_a_new_customer_records_whom_it_showed() -> Story {
    let test = TestBank::new().await?;
    let officer = caller("RO-001")?;
    let there = registered(&test.bank, "RO-001", 1).await?;
    let twin = CifForm {
        phone: customer_form(1).phone,
        duplicate_reason: "A sister, on the same phone".into(),
        ..customer_form(2)
    };
    let form = serde_json::to_value(&twin)?;
    dispatch::check_form(&test.bank, &officer, CifForm::OPERATION, &form).await?;
    let (what, detail): (String, serde_json::Value) = sqlx::query_as(
        "select what, detail from audit_event where operation = 'cif_create' and outcome = 'read'",
    )
    .fetch_one(test.bank.owner())
    .await?;
    assert_eq!(what, "Was shown what it would do");
    assert_eq!(detail, serde_json::json!({ "customers": [there.as_str()] }));
    test.finish().await
}

/// What is read at a door before the gate: a fault is told to those who may, and either refusal recorded.
#[tokio::test]
async fn who_may_not_hears_nothing_of_a_fault() -> Story {
    let test = TestBank::new().await?;
    let refused = "select count(*) from audit_event where outcome = 'refused'";
    let fault = || Err::<(), _>(AppError::Invalid(FieldErrors::one("amount", "Write it in figures")));
    let told = test.bank.heard(&caller("LO-001")?, Operation::LoanApplication, fault()).await.unwrap_err();
    assert_eq!(told.status(), 422, "{told}");
    let denied = test.bank.heard(&caller("RO-001")?, Operation::LoanApplication, fault()).await.unwrap_err();
    assert_eq!(denied.status(), 403, "{denied}");
    assert!(!denied.to_string().contains("figures"), "{denied}");
    assert_eq!(count(&test, refused).await?, 2);
    // What cannot be recorded is not shown.
    let lender = caller("LO-001")?;
    let look = test.bank.look(&lender, Operation::LoanApplication, async |ctx| {
        sqlx::query("select 1 from no_such_table").execute(ctx.conn()).await.ok();
        Ok(("shown", Look::at("nothing", "Looked at nothing")))
    });
    assert_eq!(look.await.unwrap_err().status(), 503);
    test.finish().await
}

/// Whatever somebody sends, a line of the audit has a length.
#[tokio::test]
async fn a_line_of_the_audit_has_a_length() -> Story {
    let test = TestBank::new().await?;
    let long = "x".repeat(100_000);
    let admin = caller("AD-001")?;
    let unknown = tawi_bank::administration::staff_administration::person(&test.bank, &admin, &long).await;
    assert_eq!(unknown.unwrap_err().status(), 404);
    let look = Look::with(long.clone(), long.clone(), serde_json::json!({ "typed": long }));
    test.bank.look(&admin, Operation::StaffAdministration, async |_| Ok(((), look))).await?;
    let longest =
        "select max(length(subject) + length(what) + length(detail::text))::bigint from audit_event";
    assert!(count(&test, longest).await? < 2_000);
    test.finish().await
}
