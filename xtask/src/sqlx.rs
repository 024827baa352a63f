//! The cache of checked SQL: renewed by hand, proven fresh by the tests.

use crate::postgres::{Cluster, Purpose};
use crate::step::{Outcome, command, must, root, step};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Checks every query against a freshly migrated database and writes the cache into a folder.
fn write_cache(cluster: &Cluster, folder: &Path) -> Outcome<()> {
    cluster.create("checked")?;
    must(
        command("cargo")
            .args(["run", "--quiet", "--package", "tawi", "--", "migrate"])
            .env("DATABASE_URL", cluster.url("checked"))
            .env("TAWI_DEMO", "1"),
    )
    .or_else(|_| migrate_by_hand(cluster))?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    // The macros run when the crate is compiled: touching it makes sure that it is.
    let library = root().join("crates/bank/src/lib.rs");
    fs::File::options().append(true).open(&library)?.set_modified(std::time::SystemTime::now())?;
    must(
        command("cargo")
            .args(["check", "--quiet", "--package", "tawi-bank"])
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", folder)
            .env("DATABASE_URL", cluster.url("checked")),
    )
}

/// When the portal itself does not compile yet, because a query has no cache.
fn migrate_by_hand(cluster: &Cluster) -> Outcome<()> {
    let mut files: Vec<_> =
        fs::read_dir(root().join("migrations"))?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    must(cluster.psql("postgres").args(["-qc", "drop database checked"]))?;
    cluster.create("checked")?;
    let journal = "create table _sqlx_migrations (version bigint primary key, description text not null, \
                   installed_on timestamptz not null default now(), success boolean not null, \
                   checksum bytea not null, execution_time bigint not null)";
    must(cluster.psql("checked").args(["-qc", journal]))?;
    for file in files {
        must(cluster.psql("checked").args(["-q", "-1", "-f"]).arg(file))?;
    }
    Ok(())
}

/// Renews `.sqlx`.
pub fn renew() -> Outcome<ExitCode> {
    let cluster = Cluster::start(Purpose::Test)?;
    step("checked SQL into .sqlx", "read the compiler's message above", || {
        write_cache(&cluster, &root().join(".sqlx"))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Proves that `.sqlx` is what the queries give today.
pub fn is_fresh(cluster: &Cluster) -> Outcome<()> {
    let fresh = root().join("target/sqlx-fresh");
    write_cache(cluster, &fresh)?;
    if entries(&fresh)? == entries(&root().join(".sqlx"))? {
        Ok(())
    } else {
        Err("the cache of checked SQL is stale".into())
    }
}

fn entries(folder: &Path) -> Outcome<BTreeMap<String, String>> {
    let mut entries = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        entries.insert(name, fs::read_to_string(path)?);
    }
    Ok(entries)
}
