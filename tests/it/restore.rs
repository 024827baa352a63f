//! A dump of the bank, restored into a second cluster: the portal refuses to serve it, `tawi adopt` takes it
//! over, and the books go on, their past as sealed as it was.

use crate::support::{Fallible, Served, Story};
use serde_json::Value;
use std::process::{Command, Output};
use std::time::Duration;
use tawi_bank::bank::{Bank, Settings};
use tawi_bank::shared::db::{Urls, migrate};
use tawi_domain::shared::ids::AccountNumber;
use tawi_testing::clusters::{as_restored_into_a_younger_one, has_counted, marked};
use tawi_testing::{AUDIT_KEY, TestBank, lending};
use xtask::postgres::{Cluster, Purpose};

/// More transactions than a new cluster has counted when a dump has been restored into it.
const OLDER_BY: i64 = 5_000;

/// A program with the database of a cluster.
fn tawi(url: &str, arguments: &[&str]) -> Fallible<Output> {
    let key: String = AUDIT_KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut program = Command::new(env!("CARGO_BIN_EXE_tawi"));
    program.args(arguments).env("DATABASE_URL", url).env("TAWI_AUDIT_KEY", key);
    program.env("TAWI_ADDR", "127.0.0.1:0").env("TAWI_LOG", "error");
    Ok(program.env_remove("TAWI_APP_DATABASE_URL").env_remove("TAWI_DEMO").output()?)
}

/// What it said, when it ended as it should.
fn said(output: &Output, well: bool) -> String {
    let text =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
    assert_eq!(output.status.success(), well, "{text}");
    text
}

/// A bank with a loan, marked in the middle of its life, in a cluster that has counted for a while.
async fn lively() -> Fallible<(TestBank, AccountNumber)> {
    let test = TestBank::new().await?;
    has_counted(&test.bank, OLDER_BY).await?;
    let (_, loan) = lending::paid_out(&test.bank, 1).await?;
    while marked(&test.bank, AUDIT_KEY).await? < OLDER_BY {}
    lending::repay(&test.bank, &loan, "500", "behind the marks").await?;
    Ok((test, loan))
}

/// A new database of the second cluster, with what was dumped.
fn restore(second: &Cluster, name: &str, dump: &[u8]) -> Fallible<String> {
    second.create(name)?;
    let file = std::env::temp_dir().join(format!("tawi-{}-{name}.sql", std::process::id()));
    std::fs::write(&file, dump)?;
    let restored = second.psql(name).args(["-q", "-1", "-o", "/dev/null", "-f"]).arg(&file).output()?;
    std::fs::remove_file(&file)?;
    said(&restored, true);
    Ok(second.url(name))
}

fn bank(url: &str) -> Fallible<Bank> {
    let urls = Urls { owner: url.to_owned(), app: None };
    let patience = std::time::Duration::from_secs(30);
    Ok(Bank::new(Settings { urls, audit_key: AUDIT_KEY, connections: 4, patience, demonstration: true })?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_in_a_second_cluster_is_refused_adopted_and_goes_on() -> Story {
    let (test, loan) = lively().await?;
    let second = Cluster::start(Purpose::Test)?;
    let dumped = Command::new(second.program("pg_dump")).arg("--no-owner").arg(test.url()).output()?;
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    let roles = "create role tawi_app login; create role tawi_job login";
    said(&second.psql("postgres").args(["-qc", roles]).output()?, true);

    // What happened before there was a mark: nobody asks, and the first repayment breaks the books.
    let url = restore(&second, "served", &dumped.stdout)?;
    let served = bank(&url)?;
    migrate(&served.settings().urls).await?;
    lending::repay(&served, &loan, "1000", "nobody asked").await?;
    let told = said(&tawi(&url, &["verify"])?, false);
    assert!(told.contains("BROKEN  control accounts are the sum"), "{told}");
    assert!(told.contains("BROKEN  audit verifies"), "{told}");

    let url = restore(&second, "adopted", &dumped.stdout)?;
    let refused = said(&tawi(&url, &["serve"])?, false);
    assert!(refused.contains("run `tawi adopt`"), "{refused}");
    let told = said(&tawi(&url, &["verify"])?, true);
    assert!(told.contains("note    These books were kept in another database cluster"), "{told}");
    let adopted = said(&tawi(&url, &["adopt"])?, true);
    assert!(adopted.contains("with 0 faults"), "{adopted}");
    assert!(!said(&tawi(&url, &["verify"])?, true).contains("note"));
    let adopted = bank(&url)?;
    lending::repay(&adopted, &loan, "1000", "a repayment of 1,000.00").await?;
    said(&tawi(&url, &["verify"])?, true);
    let again = said(&tawi(&url, &["adopt"])?, false);
    assert!(again.contains("nothing to adopt"), "{again}");

    // An old line, from before the dump.
    let changed = "set session_replication_role = replica;
                   update audit_event set what = 'Nothing' where operation = 'disbursement' and outcome = 'done'";
    said(&second.psql("adopted").args(["-qc", changed]).output()?, true);
    let told = said(&tawi(&url, &["verify"])?, false);
    assert!(told.contains("BROKEN  audit verifies"), "{told}");
    test.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_database_was_exchanged_says_so_and_is_taken_out() -> Story {
    let served = Served::start().await?;
    let nobody = served.anonymous()?;
    let health = nobody.get("/health").await?;
    assert_eq!(health.status(), 200);
    assert_eq!(health.json::<Value>().await?["cluster"], "its own");
    as_restored_into_a_younger_one(&served.test.bank).await?;
    // What the last look saw is told for a second.
    let out = async {
        loop {
            let health = nobody.get("/health").await?;
            if health.status() == 503 {
                return Fallible::Ok(health);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let health = tokio::time::timeout(Duration::from_secs(10), out).await??;
    assert_eq!(health.json::<Value>().await?["cluster"], "another");
    served.finish().await
}
