//! What the stories share.

use std::time::Duration;
use tawi_bank::command::Command;
use tawi_bank::shared::outbox::Stream;
use tawi_bank::{Bank, Caller, dispatch};
use tawi_domain::customer_ops::cif_create::{CifForm, NewCustomer};
use tawi_domain::shared::approval::{NewDecision, Receipt, Verdict};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::{AccountNumber, RequestId};
use tawi_domain::shared::journal::{JournalForm, JournalLineForm};
use tawi_domain::shared::notice::Notice;
use tawi_testing::{TODAY, TestBank, caller, key};

pub type Story = Fallible<()>;
pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How long a test waits for what is sure to come. That something does *not* come is never a matter of
/// waiting: let something else follow it on the same stream, and see that it comes first.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub use tawi_testing::customer_form as form;

/// The same, politically exposed: a second person must approve.
pub fn exposed(nth: u32) -> CifForm {
    CifForm { pep: "yes".into(), ..form(nth) }
}

pub fn customer(form: &CifForm) -> Result<NewCustomer, AppError> {
    form.parse(TODAY).map_err(AppError::Invalid)
}

/// Registers, as the server function would.
pub async fn register(bank: &Bank, who: &Caller, form: &CifForm, name: &str) -> Result<Receipt, AppError> {
    let command = Command::CifCreate(Box::new(customer(form)?));
    let key = name
        .parse()
        .map_err(|error: tawi_domain::shared::ids::IdError| AppError::refused(error.to_string()))?;
    dispatch::submit(bank, who, &command, key).await
}

/// Asks for approval of a risky customer and answers the request.
pub async fn ask(test: &TestBank, nth: u32) -> Fallible<RequestId> {
    ask_as(test, "RO-001", nth).await
}

/// The same, at the branch of another officer.
pub async fn ask_as(test: &TestBank, officer: &str, nth: u32) -> Fallible<RequestId> {
    match register(&test.bank, &caller(officer)?, &exposed(nth), &format!("ask-{nth}")).await? {
        Receipt::Waiting { request, .. } => Ok(request),
        other => Err(format!("expected a ticket, got {other:?}").into()),
    }
}

/// The next notice of a stream.
pub async fn next(stream: &mut Stream) -> Fallible<Notice> {
    let notice = tokio::time::timeout(PATIENCE, stream.next()).await??;
    notice.ok_or_else(|| "the stream ended".into())
}

/// A decision on what is in the database now.
pub async fn decision(
    bank: &Bank,
    who: &Caller,
    request: RequestId,
    verdict: Verdict,
) -> Result<NewDecision, AppError> {
    let detail = tawi_bank::shared::approval::detail(bank, who, request).await?;
    let note = matches!(verdict, Verdict::Reject | Verdict::SendBack).then(|| "Please explain".to_owned());
    Ok(NewDecision { request, payload_hash: detail.payload_hash, verdict, note })
}

/// Looks at a request and decides it.
pub async fn decide(
    bank: &Bank,
    who: &Caller,
    request: RequestId,
    verdict: Verdict,
    name: &str,
) -> Result<Receipt, AppError> {
    let decision = decision(bank, who, request, verdict).await?;
    let key = key(name).map_err(|error| AppError::refused(error.to_string()))?;
    tawi_bank::shared::approval::decide(bank, who, &decision, key).await
}

/// A journal from cash to the vault.
pub fn cash_to_vault(amount: &str, narrative: &str) -> Result<Command, AppError> {
    let line = |gl_code: &str, debit: &str, credit: &str| JournalLineForm {
        gl_code: gl_code.into(),
        account: String::new(),
        debit: debit.into(),
        credit: credit.into(),
    };
    let form = JournalForm {
        narrative: narrative.into(),
        currency: "KES".into(),
        lines: vec![line("1020", amount, ""), line("1010", "", amount)],
    };
    form.parse().map(Command::GeneralJournal).map_err(AppError::Invalid)
}

/// A journal of three lines into a customer's account: cash, less a fee.
pub fn paid_in(account: &AccountNumber, amount: u32, narrative: &str) -> Result<Command, AppError> {
    let line = |gl_code: &str, account: &str, debit: String, credit: String| JournalLineForm {
        gl_code: gl_code.into(),
        account: account.into(),
        debit,
        credit,
    };
    let form = JournalForm {
        narrative: narrative.into(),
        currency: "KES".into(),
        lines: vec![
            line("1010", "", amount.to_string(), String::new()),
            line("2010", account.as_str(), String::new(), (amount - 10).to_string()),
            line("4110", "", String::new(), "10".into()),
        ],
    };
    form.parse().map(Command::GeneralJournal).map_err(AppError::Invalid)
}

/// One number of the database, as its owner.
pub async fn count(test: &TestBank, query: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(query).fetch_one(test.bank.owner()).await
}

/// Runs a statement as the database's owner: what an attacker with the machine could do.
pub async fn as_owner(test: &TestBank, statement: &str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(sqlx::AssertSqlSafe(statement)).execute(test.bank.owner()).await?.rows_affected())
}
