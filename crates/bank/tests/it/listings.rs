//! One row that cannot be read stops nobody's page: each list shows the others and names it.

use crate::support::{Story, as_owner, ask};
use tawi_bank::administration::{parameters, staff_administration};
use tawi_bank::approval;
use tawi_bank::credit_ops::{loan_setup, repayment_tracking};
use tawi_bank::customer_ops::{account, enquiries};
use tawi_domain::administration::parameters::ParameterForm;
use tawi_domain::administration::staff_administration::StaffChangeForm;
use tawi_domain::credit_ops::loan_application::LoanApplicationForm;
use tawi_domain::credit_ops::repayment_tracking::LoanFilter;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::listing::Listing;
use tawi_testing::lending::{apply, small_application, small_loan_paid_out};
use tawi_testing::{TestBank, caller, command, submit};

/// Writes as the owner what no version of today can read, past whatever would keep it out.
async fn spoil(test: &TestBank, table: &str, set: &str, row: &str) -> Story {
    let spoilt = format!(
        "do $$ declare name text; begin
           for name in select conname from pg_constraint where conrelid = '{table}'::regclass and contype in ('c', 'f') loop
             execute format('alter table {table} drop constraint %I', name);
           end loop;
           set local session_replication_role = replica;
           update {table} set {set} where {row};
         end $$"
    );
    as_owner(test, &spoilt).await?;
    Ok(())
}

fn names<T>(list: &Listing<T>, shown: usize, unread: &[String]) {
    assert_eq!((list.rows.len(), list.unread.as_slice()), (shown, unread));
}

#[tokio::test]
async fn requests() -> Story {
    let test = TestBank::new().await?;
    let (bank, supervisor, maker) = (&test.bank, caller("OS-001")?, caller("RO-001")?);
    for nth in 0..3 {
        ask(&test, nth).await?;
    }
    let spoilt: String =
        sqlx::query_scalar("select min(reference) from approval_request").fetch_one(bank.owner()).await?;
    let row = format!("reference = '{spoilt}'");
    spoil(&test, "approval_request", "currency = 'XXX', amount = 1", &row).await?;
    let named = [format!("request {spoilt}")];
    names(&approval::inbox(bank, &supervisor, 1).await?, 2, &named);
    names(&approval::started(bank, &maker, 1).await?, 2, &named);
    assert_eq!(approval::frame(bank, &supervisor).await?.waiting, 3);
    // Nobody here decides about an operation of another version.
    spoil(&test, "approval_request", "operation = 'of_later'", &row).await?;
    names(&approval::inbox(bank, &supervisor, 1).await?, 2, &[]);
    names(&approval::started(bank, &maker, 1).await?, 2, &named);
    assert_eq!(approval::frame(bank, &supervisor).await?.waiting, 2);
    test.discard().await
}

#[tokio::test]
async fn people_and_their_seats() -> Story {
    let test = TestBank::new().await?;
    let (bank, administrator) = (&test.bank, caller("AD-001")?);
    let all = staff_administration::people(bank, &administrator).await?.rows.len();
    spoil(&test, "staff_role", "role = 'of_later'", "staff_id = 'OS-002' and role = 'operations_supervisor'")
        .await?;
    spoil(&test, "staff_role", "limit_currency = 'XXX', limit_amount = 1", "staff_id = 'CS-001'").await?;
    let people = staff_administration::people(bank, &administrator).await?;
    assert_eq!(people.rows.len(), all);
    let mut unread = people.unread;
    unread.sort();
    assert_eq!(unread, ["credit_supervisor at NBO-HQ of CS-001", "of_later at MSA-01 of OS-002"]);
    let person = staff_administration::person(bank, &administrator, "OS-002").await?;
    assert_eq!(person.roles.len(), 1, "{person:?}");
    // What gives them more rests on all that they hold; what takes away does not.
    let change = |act: &str| StaffChangeForm {
        act: act.into(),
        staff_id: "OS-002".into(),
        ..StaffChangeForm::default()
    };
    let reset = submit(bank, &administrator, &command(&change("password"))?, "reset").await.unwrap_err();
    assert_eq!(reset.status(), 503, "{reset}");
    submit(bank, &administrator, &command(&change("disable"))?, "disable").await?;
    test.discard().await
}

#[tokio::test]
async fn customers_accounts_and_loans() -> Story {
    let test = TestBank::new().await?;
    let (bank, lender) = (&test.bank, caller("LO-001")?);
    let (who, loan) = small_loan_paid_out(bank, 1).await?;
    let (_, other) = small_loan_paid_out(bank, 2).await?;
    spoil(&test, "loan", "status = 'of_later'", &format!("number = '{}'", loan.as_str())).await?;
    spoil(&test, "account", "status = 'of_later'", &format!("number = '{}'", who.account.as_str())).await?;
    spoil(&test, "customer", "risk_band = 'of_later'", &format!("number = '{}'", who.customer.as_str()))
        .await?;
    let worklist = repayment_tracking::worklist(bank, &lender, LoanFilter::Open).await?;
    names(&worklist, 1, &[format!("loan {}", loan.as_str())]);
    assert_eq!(worklist.rows[0].number, other);
    let loans = repayment_tracking::of_customer(bank, &lender, &who.customer).await?;
    names(&loans, 0, &[format!("loan {}", loan.as_str())]);
    let accounts = account::of_customer(bank, &lender, &who.customer).await?;
    names(&accounts, 0, &[format!("account {}", who.account.as_str())]);
    let found = enquiries::search(bank, &lender, who.customer.as_str()).await?;
    names(&found, 0, &[format!("customer {}", who.customer)]);
    // What is about the one alone says that it does not work, and the others do.
    assert_eq!(repayment_tracking::view(bank, &lender, &loan).await.unwrap_err().status(), 503);
    repayment_tracking::view(bank, &lender, &other).await?;
    // A line of the trail is the least of it.
    spoil(&test, "audit_event", "outcome = 'of_later'", &format!("subject = 'loan:{}'", other.as_str()))
        .await?;
    let trail = repayment_tracking::view(bank, &lender, &other).await?.trail;
    assert!(trail.rows.is_empty() && trail.unread.len() > 1, "{trail:?}");
    test.discard().await
}

#[tokio::test]
async fn products_and_parameters() -> Story {
    let test = TestBank::new().await?;
    let (bank, lender, administrator) = (&test.bank, caller("LO-001")?, caller("AD-001")?);
    let (who, _) = small_loan_paid_out(bank, 1).await?;
    let offered = loan_setup::offer(bank, &lender).await?.products;
    let code = offered.rows[0].code.clone();
    spoil(&test, "loan_product", "terms = '{}'", &format!("code = '{code}'")).await?;
    spoil(&test, "parameter", "value = '\"many\"'", "code = 'loan_approval_valid_days'").await?;
    let products = loan_setup::offer(bank, &lender).await?.products;
    names(&products, offered.rows.len() - 1, &[format!("product {code}")]);
    let views = parameters::parameters(bank, &administrator).await?;
    let unread = views.iter().filter(|view| !view.history.unread.is_empty()).count();
    assert_eq!((unread, views.len()), (1, parameters::parameters(bank, &administrator).await?.len()));
    let form = LoanApplicationForm { product: code, ..small_application(&who) };
    let refused = apply(bank, &form, "of a spoilt product").await.unwrap_err();
    assert!(refused.to_string().contains("cannot be read"), "{refused}");
    // Who sets the parameter anew is asked for a second person: before it there may have been anything.
    let days = ParameterForm {
        code: "loan_approval_valid_days".into(),
        values: [("days".to_owned(), "7".to_owned())].into(),
        ..ParameterForm::default()
    };
    let set = submit(bank, &administrator, &command(&days)?, "days").await?;
    assert!(matches!(set, Receipt::Waiting { .. }), "{set:?}");
    test.discard().await
}
