//! What the stories share.

use std::time::Duration;
use tawi_bank::shared::auth::{self, SignedIn};
use tawi_bank::shared::device::Origin;
use tawi_bank::shared::notices::{Stream, Told};
use tawi_bank::{Bank, Caller};
use tawi_domain::customer_ops::cif_create::CifForm;
use tawi_domain::shared::approval::Receipt;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::notice::Notice;
use tawi_domain::shared::staff::SignInForm;
use tawi_testing::{TestBank, caller, command, submit, ticket};

pub use tawi_testing::{Fallible, customer_form as form};

/// How long a test waits for what is sure to come. That something does *not* come is never a matter of
/// waiting: let something else follow it on the same stream, and see that it comes first.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub type Story = Fallible<()>;

/// The same, politically exposed: a second person must approve.
pub fn exposed(nth: u32) -> CifForm {
    CifForm { pep: "yes".into(), ..form(nth) }
}

/// Registers a customer, as the server function would.
pub async fn register(bank: &Bank, who: &Caller, form: &CifForm, name: &str) -> Result<Receipt, AppError> {
    submit(bank, who, &command(form)?, name).await
}

/// Asks for approval of a risky customer and answers the request.
pub async fn ask(test: &TestBank, nth: u32) -> Fallible<RequestId> {
    ask_as(test, "RO-001", nth).await
}

/// The same, at the branch of another officer.
pub async fn ask_as(test: &TestBank, officer: &str, nth: u32) -> Fallible<RequestId> {
    ticket(register(&test.bank, &caller(officer)?, &exposed(nth), &format!("ask-{nth}")).await?)
}

/// The next notice of a stream.
pub async fn next(stream: &mut Stream) -> Fallible<Notice> {
    match tokio::time::timeout(PATIENCE, stream.next()).await?? {
        Some(Told::Notice(notice)) => Ok(notice),
        Some(Told::Behind(position)) => {
            Err(format!("too much was missed: load again from {position}").into())
        }
        None => Err("the stream ended".into()),
    }
}

/// The status with which a stream ends, whatever it tells until then.
pub async fn ended(stream: &mut Stream) -> Fallible<u16> {
    let ends = async {
        loop {
            match stream.next().await {
                Ok(Some(_)) => {}
                Ok(None) => return Err("the node stopped".into()),
                Err(error) => return Ok(error.outward().status()),
            }
        }
    };
    tokio::time::timeout(PATIENCE, ends).await?
}

/// What the sign-in page sends.
pub fn credentials(staff_id: &str, password: &str) -> SignInForm {
    SignInForm { staff_id: staff_id.into(), password: password.into(), next: String::new() }
}

/// Signs in, from an address that everybody shares.
pub async fn signed_in(test: &TestBank, staff_id: &str, password: &str) -> Result<SignedIn, AppError> {
    auth::sign_in(&test.bank, &credentials(staff_id, password), &Origin::of("here")).await
}

/// One number of the database, as its owner.
pub async fn count(test: &TestBank, query: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(query).fetch_one(test.bank.owner()).await
}

/// Runs a statement as the database's owner: what an attacker with the machine could do.
pub async fn as_owner(test: &TestBank, statement: &str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(sqlx::AssertSqlSafe(statement)).execute(test.bank.owner()).await?.rows_affected())
}
