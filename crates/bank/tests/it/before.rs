//! What a bank holds outlives its program: the database of an earlier one is restored and migrated, and
//! everything in it works as it did.
//!
//! `before/dump.sql.gz` was made at commit a21f0ca by `tawi demo` on a fresh cluster, then by
//! `pg_dump --no-owner --rows-per-insert=200`. For it `demo/life.rs` was cut down to ten weeks with 45
//! customers and 22 loans of every stage and frequency, and went on through the operations: each that can
//! need approval has requests waiting and one sent back, besides some rejected, withdrawn and approved and
//! one refused; receipts were printed again; and every third week it did what the leader does. So positions,
//! roll-up and audit chain end before the newest rows do. Its audit is sealed under the key of demonstrations.
//!
//! `before/figures.json` is what the program of that commit told of it in these very tests, and some of what
//! it had been sent. Neither file is ever made anew: a program that tells anything else is to be put right.

mod figures;

use self::figures::{Asked, requests, same, somebody};
use crate::support::{Story, count};
use jiff::ToSpan;
use rust_decimal::Decimal;
use serde_json::Value;
use std::time::Duration;
use tawi_bank::approval::{decide, detail, inbox, payload_for_correction};
use tawi_bank::command::Command;
use tawi_bank::shared::receipt;
use tawi_bank::{Bank, Caller, business_date, demo, dispatch};
use tawi_domain::shared::approval::{NewDecision, Permitted, Receipt, RequestState, Verdict};
use tawi_domain::shared::business_date::BusinessDateMove;
use tawi_domain::shared::ids::{BranchNumber, RequestId, RequestKey};
use tawi_domain::shared::permissions::{Approval, Operation};
use tawi_testing::{TestBank, before as restored, before_and, key, seat, ticket};

pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const FIGURES: &str = include_str!("before/figures.json");
/// How far the branches' date is moved afterwards: an instalment of every loan falls due.
const LATER_DAYS: i64 = 35;

fn told(part: &str) -> Fallible<Value> {
    let figures: Value = serde_json::from_str(FIGURES)?;
    Ok(figures.get(part).ok_or("no such part of the figures")?.clone())
}

/// What was told at first, with what each later part tells anew.
fn told_after(parts: &[&str]) -> Fallible<Value> {
    let mut told_last = told("held")?;
    for part in parts {
        for (of, changes) in told(part)?.as_object().into_iter().flatten() {
            let (Some(last), Some(changes)) = (told_last[of].as_object_mut(), changes.as_object()) else {
                return Err(format!("{part}: {of} is no table").into());
            };
            last.extend(changes.clone());
        }
    }
    Ok(told_last)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loans_accounts_books_requests_and_receipts_tell_what_they_told_before() -> Story {
    let test = restored().await?;
    test.holds().await?;
    same("held", &told("held")?, &figures::of(&test.bank).await?);
    same("receipts", &told("receipts")?, &figures::receipts(&test.bank).await?);
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_before_and_is_sent_again_is_answered_with_its_receipt() -> Story {
    let test = restored().await?;
    let bank = &test.bank;
    let held = figures::of(bank).await?;
    // Requests keep what was sent.
    for asked in requests(bank).await? {
        let (key, receipt) = figures::key_of(bank, &asked).await?;
        let again = send(bank, &asked.maker, asked.operation, asked.payload.clone(), key).await?;
        same(&asked.reference, &receipt, &serde_json::to_value(again)?);
    }
    // What was done at once is not kept, but known.
    let sent = told("sent")?;
    for sent in list(&sent, "submits") {
        let operation = text(sent, "operation")?;
        let operation = Operation::from_code(operation).ok_or("an operation that is gone")?;
        let payload = sent.get("payload").cloned().unwrap_or_default();
        let again = send(bank, &sender(sent)?, operation, payload, key(text(sent, "key")?)?).await?;
        same(text(sent, "key")?, &sent["receipt"], &serde_json::to_value(again)?);
    }
    for sent in list(&sent, "decisions") {
        let decision = NewDecision {
            request: text(sent, "request")?.parse()?,
            payload_hash: text(sent, "payload_hash")?.to_owned(),
            verdict: serde_json::from_value(sent["verdict"].clone())?,
            note: sent["note"].as_str().map(str::to_owned),
        };
        let again = decide(bank, &sender(sent)?, &decision, key(text(sent, "key")?)?).await?;
        same(text(sent, "key")?, &sent["receipt"], &serde_json::to_value(again)?);
    }
    same("nothing was done twice", &held, &figures::of(bank).await?);
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waited_before_is_decided_and_has_the_effect_it_would_have_had() -> Story {
    let test = restored().await?.led().await?;
    let bank = &test.bank;
    let links = "select count(*) from audit_chain";
    let links_before = count(&test, links).await?;
    let before = requests(bank).await?;
    let waiting: Vec<&Asked> = before.iter().filter(|asked| asked.state == RequestState::Waiting).collect();
    for operation in needing_approval_then()? {
        assert!(waiting.iter().any(|asked| asked.operation == operation), "{operation:?} has none waiting");
    }
    for asked in waiting {
        approved(bank, asked).await?;
    }
    let mut corrections = Vec::new();
    for asked in before {
        let parsed = match asked.state {
            RequestState::SentBack | RequestState::Rejected | RequestState::Withdrawn => {
                let payload = payload_for_correction(bank, &asked.maker, asked.id, asked.operation).await?;
                same(&asked.reference, &asked.payload, &payload);
                command(bank, &asked.maker, asked.operation, payload).await?
            }
            RequestState::Waiting | RequestState::Approved | RequestState::Refused => continue,
        };
        if asked.state == RequestState::SentBack {
            let key = key(&format!("corrected-{}", asked.reference))?;
            corrections.push(ticket(dispatch::submit(bank, &asked.maker, &parsed, key).await?)?);
            let seen = detail(bank, &asked.maker, asked.id).await?;
            assert!(
                seen.row.asked_again && seen.may == Permitted::Look,
                "{}: corrected once",
                asked.reference
            );
        }
    }
    for asked in requests(bank).await?.iter().filter(|asked| corrections.contains(&asked.id)) {
        approved(bank, asked).await?;
    }
    let left = requests(bank).await?.into_iter().filter(|asked| asked.state == RequestState::Waiting);
    assert_eq!(left.map(|asked| asked.reference).collect::<Vec<_>>(), Vec::<String>::new());
    same("decided", &told_after(&["decided"])?, &figures::of(bank).await?);
    // Life goes on: interest falls due, and the leader's chain goes on from the last link of then.
    for (_, code, _) in demo::BRANCHES {
        let today = figures::business_date(bank, code).await?;
        let later = BusinessDateMove::because(today.checked_add(LATER_DAYS.days())?, "a test");
        business_date::move_forward(bank, code, &later).await?;
    }
    let (before, mut now) = (told_after(&["decided", "later"])?, figures::of(bank).await?);
    // What is new: interest is earned day by day. It is in income, and lies in 1215 until it is due.
    let on = |told: &Value, account: &str, side: usize| -> Fallible<Decimal> {
        Ok(told["books"][account][side].as_str().unwrap_or("0").parse()?)
    };
    let further = on(&now, "1 4010 KES", 1)? - on(&before, "1 4010 KES", 1)?;
    assert_eq!(further, on(&now, "1 1215 KES", 0)? - on(&now, "1 1215 KES", 1)?);
    now["books"]["1 4010 KES"] = before["books"]["1 4010 KES"].clone();
    // And a chunk has one journal.
    now["numbers"] = before["numbers"].clone();
    same("later", &before, &now);
    tokio::time::timeout(Duration::from_secs(30), async {
        while count(&test, links).await? <= links_before {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Fallible::Ok(())
    })
    .await??;
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_a_cluster_is_at_home_unless_its_marks_are_ahead_of_the_cluster() -> Story {
    let ahead = "update public.gl_rollup_mark set until_transaction = until_transaction + 1000000000000;";
    // Whoever restores it adopts it.
    let test = before_and(ahead).await?;
    assert_eq!(count(&test, "select count(*) from cluster where identifier is null").await?, 1);
    assert_eq!(count(&test, "select count(*) from audit_event where operation = 'adopt'").await?, 1);
    same("held", &told("held")?, &figures::of(&test.bank).await?);
    test.finish().await?;
    let new = TestBank::new().await?;
    assert_eq!(count(&new, "select count(*) from cluster where identifier is not null").await?, 1);
    new.finish().await
}

/// The operations that could need approval when the dump was made.
fn needing_approval_then() -> Fallible<Vec<Operation>> {
    let operations: Vec<Operation> = list(&told("sent")?, "needing_approval")
        .filter_map(|code| Operation::from_code(code.as_str()?))
        .collect();
    assert!(operations.iter().all(|operation| operation.spec().approval != Approval::Never));
    assert_eq!(operations.len(), list(&told("sent")?, "needing_approval").count());
    Ok(operations)
}

/// Somebody who may looks at a request in their inbox and approves it: whoever has the lowest limit first.
async fn approved(bank: &Bank, asked: &Asked) -> Fallible<()> {
    let seen = detail(bank, &asked.maker, asked.id).await?;
    let mut seats: Vec<_> = demo::PEOPLE
        .iter()
        .flat_map(|person| {
            person.seats.iter().map(|(branch, role, limit)| (limit, person.staff_id, branch, role))
        })
        .filter(|(_, staff_id, _, role)| {
            seen.row.checker.contains(role) && *staff_id != asked.maker.staff_id.as_str()
        })
        .collect();
    seats.sort_by_key(|(limit, ..)| **limit);
    let mut refusals = Vec::new();
    for (_, staff_id, branch, role) in seats {
        let checker = seat(staff_id, branch, *role)?;
        if checker.branch != asked.maker.branch && !role.sees_all_branches() {
            continue;
        }
        assert!(inbox(bank, &checker, 1).await?.iter().any(|row| row.id == asked.id), "{staff_id} is asked");
        let shown = detail(bank, &checker, asked.id).await?;
        let decision = NewDecision {
            request: asked.id,
            payload_hash: shown.payload_hash,
            verdict: Verdict::Approve,
            note: None,
        };
        let key = key(&format!("{}-{staff_id}", asked.reference))?;
        match decide(bank, &checker, &decision, key).await {
            Ok(Receipt::Decided { state, message, .. }) => {
                assert_eq!(state, RequestState::Approved, "{}: {message}", asked.reference);
                return has_its_effect(bank, asked.id, &asked.maker).await;
            }
            Ok(other) => return Err(format!("{}: {other:?}", asked.reference).into()),
            Err(refusal) if refusal.status() == 403 => refusals.push(format!("{staff_id}: {refusal}")),
            Err(other) => return Err(format!("{}, {staff_id}: {other}", asked.reference).into()),
        }
    }
    Err(format!("nobody may decide {}: {refusals:?}", asked.reference).into())
}

async fn has_its_effect(bank: &Bank, id: RequestId, maker: &Caller) -> Fallible<()> {
    let decided = detail(bank, maker, id).await?;
    assert_eq!(decided.row.state, RequestState::Approved);
    assert!(decided.effect.is_some_and(|effect| !effect.is_empty()));
    if let Some(reference) = &decided.receipt {
        let (printed, nth) =
            receipt::copy(bank, &somebody(Operation::Enquiries, maker.branch)?, reference).await?;
        assert!(matches!(printed, Receipt::Done { lines, .. } if !lines.is_empty()));
        assert_eq!(nth, 1);
    }
    Ok(())
}

async fn command(bank: &Bank, who: &Caller, operation: Operation, payload: Value) -> Fallible<Command> {
    let (_, code, _) = demo::BRANCHES
        .iter()
        .find(|(number, ..)| BranchNumber::try_from(*number) == Ok(who.branch))
        .ok_or("no such branch")?;
    let today = figures::business_date(bank, code).await?;
    let parsed = Command::parse(operation, payload.clone(), today);
    let parsed = parsed.map_err(|fault| format!("{operation:?} of {payload}: {fault}"))?;
    let parsed = parsed.ok_or_else(|| format!("{operation:?} takes no payload any more"))?;
    // What was kept is canonical as versions before wrote it, by which its key is known; what is kept today
    // differs in how a date is written, and means the same.
    same(operation.code(), &payload, &parsed.payload_before()?);
    let again = Command::parse(operation, parsed.payload()?, today)?.ok_or("it takes no payload any more")?;
    same(operation.code(), &payload, &again.payload_before()?);
    Ok(parsed)
}

async fn send(
    bank: &Bank,
    who: &Caller,
    operation: Operation,
    payload: Value,
    key: RequestKey,
) -> Fallible<Receipt> {
    let command = command(bank, who, operation, payload).await?;
    Ok(dispatch::submit(bank, who, &command, key).await?)
}

fn sender(sent: &Value) -> Fallible<Caller> {
    let branch = i16::try_from(sent["branch"].as_i64().ok_or("no branch")?)?;
    Ok(Caller {
        staff_id: text(sent, "staff_id")?.parse()?,
        role: text(sent, "role")?.parse()?,
        branch: BranchNumber::try_from(branch)?,
    })
}

fn text<'a>(of: &'a Value, name: &str) -> Fallible<&'a str> {
    of.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing").into())
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}
