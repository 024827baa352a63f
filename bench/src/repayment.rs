//! Repayments through the bank's own operation against pgbench sending the same SQL.

use crate::report::{Row, median};
use crate::{Fallible, pgbench};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tawi_bank::{Bank, Caller};
use tawi_domain::shared::ids::AccountNumber;
use tawi_testing::lending::{Borrower, MANAGER, OFFICER, application, disbursement, repayment};
use tawi_testing::{TestBank, agreed, caller, command, opened, registered, submit};

const CALLERS: u32 = 16;
/// Loans of each caller: a loan's events are folded with every repayment, and no real loan has hundreds.
const LOANS: u32 = 16;
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(2);

/// A loan that is being repaid, and its account.
#[derive(Debug, Clone)]
struct Loan {
    number: AccountNumber,
    account: AccountNumber,
}

/// Measures the ratio.
pub async fn measure() -> Fallible<Vec<Row>> {
    let test = TestBank::new().await?;
    // What pgbench writes would break every seal: it works on a bank of its own, made alike.
    let theirs = TestBank::new().await?;
    let mut loans = Vec::new();
    for nth in 0..CALLERS * LOANS {
        loans.push(paid_out(&test.bank, nth).await?);
        paid_out(&theirs.bank, nth).await?;
    }
    for bank in [&test.bank, &theirs.bank] {
        sqlx::query("analyze").execute(bank.owner()).await?;
    }
    let script = pgbench::write("repayment", &script(&loans))?;
    through_bank(&test.bank, &loans).await?;
    let (mut bank, mut plain) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        if round % 2 == 1 {
            bank.push(through_bank(&test.bank, &loans).await?);
            plain.push(pgbench::rate(theirs.url(), &script, CALLERS, ROUND)?);
        } else {
            plain.push(pgbench::rate(theirs.url(), &script, CALLERS, ROUND)?);
            bank.push(through_bank(&test.bank, &loans).await?);
        }
        println!(
            "repayments, round {round}: bank {:.0}/s, pgbench {:.0}/s",
            bank[round - 1],
            plain[round - 1]
        );
    }
    test.finish().await?;
    let rounds: Vec<f64> = bank.iter().zip(&plain).map(|(bank, plain)| bank / plain).collect();
    Ok(vec![Row {
        id: "repay_vs_pgbench".to_owned(),
        value: median(&rounds),
        unit: "ratio".to_owned(),
        goal: Some(0.80),
        better: "higher".to_owned(),
        rounds,
    }])
}

/// A loan of 10,000 shillings that was paid out today.
async fn paid_out(bank: &Bank, nth: u32) -> Fallible<Loan> {
    let customer = registered(bank, "RO-001", nth).await?;
    let account = opened(bank, "RO-001", &customer, "50000").await?;
    let who = Borrower { customer, account };
    let form = command(&application(&who, "10000", "12"))?;
    let number = agreed(bank, OFFICER, MANAGER, &form, &format!("apply-{nth}")).await?;
    let form = command(&disbursement(&number.parse()?))?;
    agreed(bank, OFFICER, MANAGER, &form, &format!("pay-{nth}")).await?;
    Ok(Loan { number: number.parse()?, account: who.account })
}

static SENT: AtomicU64 = AtomicU64::new(0);

/// Repayments a second through the bank.
async fn through_bank(bank: &Bank, loans: &[Loan]) -> Fallible<f64> {
    let began = Instant::now();
    let done = Arc::new(AtomicU64::new(0));
    let mut callers = tokio::task::JoinSet::new();
    for own in loans.chunks(usize::try_from(LOANS)?) {
        let (bank, done, own) = (bank.clone(), Arc::clone(&done), own.to_vec());
        let who = caller(OFFICER)?;
        callers.spawn(async move {
            for loan in own.iter().cycle() {
                if began.elapsed() >= ROUND {
                    break;
                }
                repay(&bank, &who, loan).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Fallible::Ok(())
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    Ok(done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

async fn repay(bank: &Bank, who: &Caller, loan: &Loan) -> Fallible<()> {
    let name = format!("repay-{}", SENT.fetch_add(1, Ordering::Relaxed));
    submit(bank, who, &command(&repayment(&loan.number, "10"))?, &name).await?;
    Ok(())
}

/// The statements of a repayment as pgbench sends them; each client keeps to loans of its own.
fn script(loans: &[Loan]) -> String {
    let list = |of: fn(&Loan) -> &AccountNumber| {
        loans.iter().map(|loan| format!("'{}'", of(loan).as_str())).collect::<Vec<_>>().join(", ")
    };
    let (numbers, accounts) = (list(|loan| &loan.number), list(|loan| &loan.account));
    let loan = format!("(array[{numbers}])[:at]");
    let account = format!("(array[{accounts}])[:at]");
    let read = format!(
        "select l.number, c.number as customer, p.full_name, l.account, a.control_code, t.terms as product, l.currency, l.terms, l.purpose, l.status, l.fee, l.excise, l.principal, l.outstanding, l.interest_due, l.arrears, l.version, l.approved_on, l.disbursed_on, l.branch, b.business_date, l.booked, l.booked_until from loan l join customer c on c.id = l.customer_id join party p on p.id = c.party_id join account a on a.number = l.account join branch b on b.number = l.branch join loan_product t on t.code = l.product and t.version = l.product_version where l.number = any (array[{loan}]::text[]) order by l.number;\n\
         select loan, nth, body from loan_event where loan = any (array[{loan}]::text[]) order by loan, nth;"
    );
    format!(
        r#"
\set key random(1, 9000000000000000)
\set nth random(1000000, 2000000000)
\set at :client_id * {LOANS} + random(1, {LOANS})
begin;
select set_config('app.staff', 'LO-001', true), set_config('app.branches', case when false then (select string_agg(number::text, ',') from branch) else '1' end, true), pg_advisory_xact_lock_shared(7262, 1) is null, 'p' || :key is null or pg_try_advisory_xact_lock(hashtextextended('p' || :key, 7263));
select s.name as staff_name, s.disabled_at is not null, b.code, b.name, b.business_date, r.role is not null, r.limit_amount, r.limit_currency, k.fingerprint, k.receipt from staff s join branch b on b.number = 1 left join staff_role r on r.staff_id = s.id and r.branch = b.number and r.role = 'loan_officer' and b.business_date >= r.valid_from and b.business_date <= coalesce(r.valid_to, 'infinity') left join idempotency_key k on k.key = 'p' || :key where s.id = 'LO-001';
{read}
select from loan where number = {loan} for update;
{read}
with drawn as materialized (select case when true then nextval('receipt_serial') end as serial), locked as materialized (select number from account where number = any (array[{account}]::text[]) order by number for update) update account a set balance = a.balance + c.change, version = a.version + 1 from unnest(array[{account}]::text[], array[-10.00]::numeric[]) as c (number, change), locked l, drawn where l.number = c.number and a.number = c.number returning a.number, a.currency, a.control_code, a.balance, a.status, a.restrictions, a.version, drawn.serial;
with journal as (insert into journal (branch, business_date, operation, reference, narrative, staff_id) values (1, '2026-03-26', 'repayment', 'P' || :key, 'Repayment', 'LO-001') returning id), lines as (insert into posting (journal, line, branch, gl_code, account, currency, debit, credit) select journal.id, l.line, 1, l.gl_code, l.account, l.currency, l.debit, l.credit from journal, unnest(array['2010', '1110']::text[], array[{account}, {loan}]::text[], array['KES', 'KES']::text[], array[10.00, 0]::numeric[], array[0, 10.00]::numeric[]) with ordinality as l (gl_code, account, currency, debit, credit, line)) select id from journal;
insert into loan_event (loan, nth, branch, kind, on_date, booked_on, amount, reference, journal, body) values ({loan}, :nth, 1, 'repaid', '2026-03-26', '2026-03-26', 10.00, 'P' || :key, 1, '{{"on": "2026-03-26", "kind": "repaid", "amount": {{"amount": "10.00", "currency": "KES"}}, "version": 1}}') on conflict do nothing;
update loan l set status = f.status, disbursed_on = l.disbursed_on, closed_on = null, fee = l.fee, excise = l.excise, outstanding = l.outstanding - 0.01, interest_due = f.interest_due, interest_booked = 0, arrears = 0, next_due = l.next_due, version = l.version + f.changes, booked = l.booked, booked_until = '2026-03-26', terms = coalesce(f.terms, l.terms) from unnest(array[{loan}]::text[], array['active']::text[], array[0]::numeric[], array[1]::bigint[], array[null]::jsonb[]) as f (number, status, interest_due, changes, terms) where l.number = f.number and l.version = l.version;
with used as (insert into idempotency_key (key, fingerprint, staff_id, operation, receipt) select 'p' || :key, '\x0000000000000000000000000000000000000000000000000000000000000000', 'LO-001', 'repayment', '{{"outcome": "done", "reference": "RC-0000001-1", "title": "Repayment taken", "effect": "1", "lines": []}}' where 'p' || :key is not null) insert into audit_event (at, branch, business_date, staff_id, role, operation, outcome, subject, what, reference, detail, seal) values (now(), 1, '2026-03-26', 'LO-001', 'loan_officer', 'repayment', 'done', 'loan:1', 'Took it', 'P' || :key, '{{}}', '\x0000000000000000000000000000000000000000000000000000000000000000');
commit;
"#
    )
}
