//! What a bank tells of itself, in figures that an earlier program told as well.

use super::Fallible;
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tawi_bank::approval::detail;
use tawi_bank::command::Command;
use tawi_bank::credit_ops::repayment_tracking;
use tawi_bank::customer_ops::account;
use tawi_bank::shared::canonical::{canonical, digest, hex};
use tawi_bank::shared::receipt;
use tawi_bank::{Bank, Caller, demo};
use tawi_domain::language;
use tawi_domain::shared::approval::RequestState;
use tawi_domain::shared::ids::{AccountNumber, BranchNumber, Reference, RequestId, RequestKey};
use tawi_domain::shared::permissions::{Operation, may_make};
use tawi_testing::seat;
use uuid::Uuid;

/// A request as its maker made it.
pub struct Asked {
    pub id: RequestId,
    pub reference: String,
    pub operation: Operation,
    pub state: RequestState,
    pub maker: Caller,
    pub payload: Value,
}

/// Fails unless everything that was told before is told now. More may be told than before.
pub fn same(what: &str, before: &Value, now: &Value) {
    let mut differences = Vec::new();
    compare(what, before, now, &mut differences);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

fn compare(at: &str, before: &Value, now: &Value, differences: &mut Vec<String>) {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            for (name, value) in before {
                let at = format!("{at}.{name}");
                compare(&at, value, now.get(name).unwrap_or(&Value::Null), differences);
            }
        }
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => {
            for (nth, (before, now)) in before.iter().zip(now).enumerate() {
                compare(&format!("{at}[{nth}]"), before, now, differences);
            }
        }
        _ if before == now => {}
        _ => differences.push(format!("{at}: {before} before, {now} now")),
    }
}

/// Somebody of the demonstration who may do this at a branch.
pub fn somebody(operation: Operation, branch: BranchNumber) -> Fallible<Caller> {
    for person in demo::PEOPLE {
        for (code, role, _) in person.seats {
            let caller = seat(person.staff_id, code, *role)?;
            if caller.branch == branch && may_make(*role, operation).is_ok() {
                return Ok(caller);
            }
        }
    }
    Err(format!("nobody does {operation:?} at branch {branch}").into())
}

/// Everything a bank holds, receipts apart.
pub async fn of(bank: &Bank) -> Fallible<Value> {
    Ok(json!({
        "numbers": numbers(bank).await?,
        "loans": loans(bank).await?,
        "accounts": accounts(bank).await?,
        "books": books(bank).await?,
        "requests": asked(bank).await?,
    }))
}

async fn loans(bank: &Bank) -> Fallible<Value> {
    let mut told = Map::new();
    for (number, branch) in numbered(bank, "select number, branch from loan order by number").await? {
        let number: AccountNumber = number.parse()?;
        let view = repayment_tracking::view(bank, &somebody(Operation::Enquiries, branch)?, &number).await?;
        let (row, state) = (view.row, view.state);
        let figures = json!({
            "status": row.status.code(),
            "principal": row.principal.figures(),
            "outstanding": row.outstanding.figures(),
            "arrears": row.arrears.figures(),
            "days_past_due": row.days_past_due,
            "next_due": row.next_due.map(|date| date.to_string()),
            "fees": [view.fees.fee.figures(), view.fees.excise.figures(), view.fees.net.figures()],
            "owed": state.owed.total(),
            "due": [state.due.principal, state.due.interest, state.due.fees, state.due.tax, state.due.penalties],
            "accrued": state.accrued,
            "interest_booked": state.interest_booked,
            "pay_off": state.pay_off,
            "instalment": state.instalment,
            "next": state.next_due.map(|next| json!([next.on.to_string(), next.amount])),
            "closed_on": state.closed_on.map(|date| date.to_string()),
            "totals": [state.totals.principal, state.totals.interest],
            "rows": state.rows.iter().map(|row| row.total()).collect::<Vec<_>>(),
            "last_row": state.rows.last().map(|row| row.due.to_string()),
            "paid": state.allocations.iter().map(|paid| json!([paid.on.to_string(), paid.amount])).collect::<Vec<_>>(),
        });
        told.insert(number.as_str().to_owned(), figures);
    }
    Ok(told.into())
}

async fn accounts(bank: &Bank) -> Fallible<Value> {
    let mut told = Map::new();
    for (number, branch) in numbered(bank, "select number, branch from account order by number").await? {
        let number: AccountNumber = number.parse()?;
        let held = account::balance(bank, &somebody(Operation::Enquiries, branch)?, &number).await?;
        told.insert(number.as_str().to_owned(), json!([held.ledger.figures(), held.lines.len()]));
    }
    Ok(told.into())
}

async fn asked(bank: &Bank) -> Fallible<Value> {
    let mut told = Map::new();
    for asked in requests(bank).await? {
        let seen = detail(bank, &asked.maker, asked.id).await?;
        let request = json!({
            "operation": asked.operation.code(),
            "state": seen.row.state.code(),
            "title": seen.row.title,
            "amount": seen.row.amount.map(|amount| amount.figures()),
            "checker": seen.row.checker.iter().map(|role| role.code()).collect::<Vec<_>>(),
            "hash": hash_before(bank, &asked, &seen.payload_hash).await?,
            "note": seen.row.note,
            "lines": language::review_lines(&seen.review).len(),
        });
        told.insert(asked.reference, request);
    }
    Ok(told.into())
}

/// The hash of a request as the earlier program makes it: what is asked today writes its dates otherwise.
async fn hash_before(bank: &Bank, asked: &Asked, hash: &str) -> Fallible<String> {
    let hash_of = |payload: &Value| hex(&digest(&[asked.operation.code(), &canonical(payload)]));
    assert_eq!(hash_of(&asked.payload), hash, "{}: what is stored is what is hashed", asked.reference);
    let today: String = sqlx::query_scalar("select business_date::text from branch where number = $1")
        .bind(asked.maker.branch.get())
        .fetch_one(bank.owner())
        .await?;
    // What today's rules refuse was asked then, and is written as it was.
    let parsed = Command::parse(asked.operation, asked.payload.clone(), today.parse()?).unwrap_or_default();
    let before = parsed.map(|command| command.payload_before()).transpose()?;
    Ok(before.map_or_else(|| hash.to_owned(), |payload| hash_of(&payload)))
}

/// Every receipt that can be printed, printed once more: which copy it was and what it said.
pub async fn receipts(bank: &Bank) -> Fallible<Value> {
    let printable = r#"
        select k.receipt ->> 'reference', j.branch
        from idempotency_key k
        join journal j on j.reference = k.receipt ->> 'reference'
        where k.receipt ->> 'outcome' = 'done'
        order by j.id
    "#;
    let mut told = Map::new();
    for (reference, branch) in numbered(bank, printable).await? {
        let reference: Reference = reference.parse()?;
        let caller = somebody(Operation::Enquiries, branch)?;
        let (printed, nth) = receipt::copy(bank, &caller, &reference).await?;
        told.insert(reference.to_string(), json!([nth, serde_json::to_value(printed)?]));
    }
    Ok(told.into())
}

// SQL

async fn numbered(bank: &Bank, query: &'static str) -> Fallible<Vec<(String, BranchNumber)>> {
    let rows: Vec<(String, i16)> = sqlx::query_as(query).fetch_all(bank.owner()).await?;
    rows.into_iter().map(|(number, branch)| Ok((number, BranchNumber::try_from(branch)?))).collect()
}

async fn numbers(bank: &Bank) -> Fallible<Value> {
    let numbers = r#"
        select jsonb_build_object(
            'branches', (select count(*) from branch where counter),
            'people', (select count(*) from staff where disabled_at is null),
            'disabled people', (select count(*) from staff where disabled_at is not null),
            'seats', (select count(*) from staff_role),
            'temporary passwords', (select count(*) from staff where password_expires_at is not null),
            'parameters set', (select count(*) from parameter where source like 'set by %'),
            'customers', (select count(*) from customer),
            'customers of high risk', (select count(*) from customer where risk_band = 'high'),
            'accounts', (select count(*) from account),
            'loans', (select count(*) from loan),
            'disbursements', (select count(*) from loan_event where kind = 'disbursed'),
            'repayments', (select count(*) from loan_event where kind = 'repaid'),
            'journals', (select count(*) from journal),
            'postings', (select count(*) from posting),
            'requests', (select count(*) from approval_request),
            'keys', (select count(*) from idempotency_key where key not like 'job:%'))
    "#;
    Ok(sqlx::query_scalar(numbers).fetch_one(bank.owner()).await?)
}

async fn books(bank: &Bank) -> Fallible<Value> {
    let balances = r#"
        select jsonb_object_agg(concat_ws(' ', branch, code, currency), jsonb_build_array(debit::text, credit::text))
        from gl_balance
    "#;
    Ok(sqlx::query_scalar(balances).fetch_one(bank.owner()).await?)
}

/// Every request, the oldest first.
pub async fn requests(bank: &Bank) -> Fallible<Vec<Asked>> {
    let query = r#"
        select id, reference, operation, state, maker_id, maker_role, branch, payload
        from approval_request order by made_at
    "#;
    type Row = (Uuid, String, String, String, String, String, i16, Value);
    let rows: Vec<Row> = sqlx::query_as(query).fetch_all(bank.owner()).await?;
    rows.into_iter()
        .map(|(id, reference, operation, state, maker, role, branch, payload)| {
            let operation = Operation::from_code(&operation).ok_or("an operation that is gone")?;
            let state = RequestState::from_code(&state).ok_or("a state that is gone")?;
            let branch = BranchNumber::try_from(branch)?;
            let maker = Caller { staff_id: maker.parse()?, role: role.parse()?, branch };
            Ok(Asked { id: RequestId::from(id), reference, operation, state, maker, payload })
        })
        .collect()
}

/// The key under which a request was sent, and its receipt.
pub async fn key_of(bank: &Bank, asked: &Asked) -> Fallible<(RequestKey, Value)> {
    let query = r#"
        select key, receipt from idempotency_key
        where receipt ->> 'outcome' = 'waiting' and receipt ->> 'request' = $1
    "#;
    let (key, receipt): (String, Value) =
        sqlx::query_as(query).bind(asked.id.to_string()).fetch_one(bank.owner()).await?;
    Ok((key.parse()?, receipt))
}

/// A branch's business date.
pub async fn business_date(bank: &Bank, code: &str) -> Fallible<Date> {
    let text: String = sqlx::query_scalar("select business_date::text from branch where code = $1")
        .bind(code)
        .fetch_one(bank.owner())
        .await?;
    Ok(text.parse()?)
}
