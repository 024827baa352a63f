//! Journals of three postings: through the bank, and the same SQL from pgbench.

use crate::report::{Row, median};
use crate::{Fallible, pgbench};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tawi_bank::Bank;
use tawi_domain::shared::ids::AccountNumber;
use tawi_testing::books::paid_in;
use tawi_testing::{TestBank, caller, key, opened, posted, registered};

const CALLERS: u32 = 16;
/// Many short rounds: what else the machine does comes and goes in seconds, and the median forgets it.
const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_secs(2);
const BRANCHES: [(i16, &str); 3] = [(1, "RO-001"), (2, "RO-002"), (3, "RO-003")];

/// Whose books are posted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One branch: every posting goes through the same three general-ledger accounts.
    Hot,
    /// Three branches in turn.
    Spread,
}

/// Branch and person of a caller. Accounts are each caller's own: what is compared is the ledger.
fn seat(shape: Shape, nth: u32) -> (i16, &'static str) {
    match shape {
        Shape::Hot => BRANCHES[0],
        Shape::Spread => BRANCHES[nth as usize % BRANCHES.len()],
    }
}

/// Opens the accounts of every caller in every branch.
async fn opened_in(bank: &Bank) -> Fallible<Accounts> {
    let mut accounts = Accounts::new();
    for (at, (branch, officer)) in BRANCHES.iter().enumerate() {
        for serial in 0..CALLERS {
            let nth = u32::try_from(at)? * CALLERS + serial;
            let customer = registered(bank, officer, nth).await?;
            let account = opened(bank, officer, &customer, "500").await?;
            accounts.insert((*branch, serial), account);
        }
    }
    Ok(accounts)
}

/// Measures both ratios.
pub async fn measure() -> Fallible<Vec<Row>> {
    let test = TestBank::new().await?;
    // What pgbench writes would break every seal: it works on a bank of its own, made alike.
    let theirs = TestBank::new().await?;
    let accounts = opened_in(&test.bank).await?;
    if opened_in(&theirs.bank).await? != accounts {
        return Err("the two banks are not alike".into());
    }
    let script = pgbench::write("posting", &script(&accounts)?)?;
    let (mut bank, mut hot, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    // A round nobody counts warms caches and prepared statements.
    through_bank(&test.bank, &accounts, Shape::Spread).await?;
    // Plans made while the tables were empty are thrown away, as autovacuum would do within a minute.
    for bank in [&test.bank, &theirs.bank] {
        sqlx::query("analyze").execute(bank.owner()).await?;
    }
    for round in 1..=ROUNDS {
        // Tables grow and disks tire: every other round runs backwards, so that nobody always comes last.
        if round % 2 == 1 {
            bank.push(through_bank(&test.bank, &accounts, Shape::Spread).await?);
            plain.push(pgbench::rate(theirs.url(), &script, CALLERS, ROUND)?);
            hot.push(through_bank(&test.bank, &accounts, Shape::Hot).await?);
        } else {
            hot.push(through_bank(&test.bank, &accounts, Shape::Hot).await?);
            plain.push(pgbench::rate(theirs.url(), &script, CALLERS, ROUND)?);
            bank.push(through_bank(&test.bank, &accounts, Shape::Spread).await?);
        }
        println!(
            "round {round}: bank {:.0}/s, pgbench {:.0}/s, bank hot {:.0}/s",
            bank[round - 1],
            plain[round - 1],
            hot[round - 1]
        );
    }
    let ratio = |of: &[f64], to: &[f64]| -> Vec<f64> { of.iter().zip(to).map(|(of, to)| of / to).collect() };
    // The books are right after all this, and every audit line is sealed.
    test.finish().await?;
    let row = |id: &str, rounds: Vec<f64>, goal: f64| Row {
        id: id.to_owned(),
        value: median(&rounds),
        unit: "ratio".to_owned(),
        goal: Some(goal),
        better: "higher".to_owned(),
        rounds,
    };
    Ok(vec![
        row("post_vs_pgbench", ratio(&bank, &plain), 0.80),
        row("post_hot_vs_spread", ratio(&hot, &bank), 0.95),
    ])
}

/// The account of a branch that a caller posts to.
type Accounts = BTreeMap<(i16, u32), AccountNumber>;

fn number(accounts: &Accounts, branch: i16, nth: u32) -> Fallible<AccountNumber> {
    accounts.get(&(branch, nth)).cloned().ok_or_else(|| "no such account".into())
}

static SENT: AtomicU64 = AtomicU64::new(0);

/// Postings a second through the bank.
async fn through_bank(bank: &Bank, accounts: &Accounts, shape: Shape) -> Fallible<f64> {
    let began = Instant::now();
    let done = Arc::new(AtomicU64::new(0));
    let mut callers = tokio::task::JoinSet::new();
    for nth in 0..CALLERS {
        let (bank, done) = (bank.clone(), Arc::clone(&done));
        let (branch, staff_id) = seat(shape, nth);
        let who = caller(staff_id)?;
        let account = number(accounts, branch, nth)?;
        callers.spawn(async move {
            while began.elapsed() < ROUND {
                let name = format!("bench-{}", SENT.fetch_add(1, Ordering::Relaxed));
                let journal = paid_in(&account, 1000, "Paid in at the counter")?;
                posted(&bank, &who, &journal, key(&name)?).await?;
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

/// The statements of `posted` as pgbench sends them; each client keeps to a branch and an account of its own,
/// as the callers of the bank do.
fn script(accounts: &Accounts) -> Fallible<String> {
    let listed: Vec<String> = (0..CALLERS)
        .map(|nth| Ok(format!("'{}'", number(accounts, seat(Shape::Spread, nth).0, nth)?.as_str())))
        .collect::<Fallible<_>>()?;
    let listed = listed.join(", ");
    let account = format!("(array[{listed}])[:client_id + 1]");
    Ok(format!(
        r#"\set key random(1, 9000000000000000)
\set b :client_id % 3 + 1
begin;
select set_config('app.staff', 'RO-00' || :b, true), set_config('app.branches', case when false then (select string_agg(number::text, ',') from branch) else :b::smallint::text end, true), pg_advisory_xact_lock_shared(7262, :b) is null, 'p' || :key is null or pg_try_advisory_xact_lock(hashtextextended('p' || :key, 7263));
select s.name as staff_name, s.disabled_at is not null, b.code, b.name, b.business_date, r.role is not null, r.limit_amount, r.limit_currency, k.fingerprint, k.receipt from staff s join branch b on b.number = :b left join staff_role r on r.staff_id = s.id and r.branch = b.number and r.role = 'relationship_officer' and b.business_date >= r.valid_from and b.business_date <= coalesce(r.valid_to, 'infinity') left join idempotency_key k on k.key = 'p' || :key where s.id = 'RO-00' || :b;
with drawn as materialized (select case when true then nextval('receipt_serial') end as serial), locked as materialized (select number from account where number = any (array[{account}]::text[]) order by number for update) update account a set balance = a.balance + c.change, version = a.version + 1 from unnest(array[{account}]::text[], array[990.00]::numeric[]) as c (number, change), locked l, drawn where l.number = c.number and a.number = c.number returning a.number, a.currency, a.control_code, a.balance, a.status, a.restrictions, a.version, drawn.serial;
with journal as (insert into journal (branch, business_date, operation, reference, narrative, staff_id) values (:b, '2026-03-26', 'account_opening', 'P' || :key, 'Paid in at the counter', 'RO-00' || :b) returning id), lines as (insert into posting (journal, line, branch, gl_code, account, currency, debit, credit) select journal.id, l.line, :b, l.gl_code, l.account, l.currency, l.debit, l.credit from journal, unnest(array['1010', '2010', '4110']::text[], array[null, {account}, null]::text[], array['KES', 'KES', 'KES']::text[], array[1000.00, 0, 0]::numeric[], array[0, 990.00, 10.00]::numeric[]) with ordinality as l (gl_code, account, currency, debit, credit, line)) select id from journal;
with used as (insert into idempotency_key (key, fingerprint, staff_id, operation, receipt) select 'p' || :key, '\x0000000000000000000000000000000000000000000000000000000000000000', 'RO-00' || :b, 'account_opening', '{{"outcome": "done", "reference": "RC-0000001-1", "title": "Posted", "effect": "1"}}' where 'p' || :key is not null) insert into audit_event (at, branch, business_date, staff_id, role, operation, outcome, subject, what, reference, detail, seal) values (now(), :b, '2026-03-26', 'RO-00' || :b, 'relationship_officer', 'account_opening', 'done', 'journal:1', 'Posted', 'P' || :key, '{{}}', '\x0000000000000000000000000000000000000000000000000000000000000000');
commit;
"#
    ))
}
