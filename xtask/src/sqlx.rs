//! The cache of checked SQL: renewed by hand, proven fresh by the tests. The compiler that lints the bank
//! asks the database in the same pass; what is proven is not asked again.

use crate::postgres::Cluster;
use crate::shell::{Outcome, files_below, hex, must, root};
use crate::step::Job;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Lints everything. No benches are named: a library would be compiled again to be one.
pub const LINTS: &str = "cargo clippy --quiet --lib --bins --tests --examples -- -D warnings";
/// Checks the bank alone, so that its SQL can be renewed while the portal does not compile.
pub const CHECK: &str = "cargo check --quiet --package tawi-bank --lib";

/// The bank's library as it was written, once this is dropped.
struct Touched {
    file: File,
    written: SystemTime,
}

impl Touched {
    /// The macros ask the database when the library is compiled; now it seems to have changed.
    fn library() -> Outcome<Self> {
        let file = File::options().append(true).open(root().join("crates/bank/src/lib.rs"))?;
        let written = file.metadata()?.modified()?;
        file.set_modified(SystemTime::now())?;
        Ok(Self { file, written })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // Otherwise whatever else is compiled from it is compiled again, which is slow and not wrong.
        let _ = self.file.set_modified(self.written);
    }
}

/// Runs a compiler whose macros ask a freshly migrated database and write the cache into an empty folder.
fn asking(job: &mut Job, compiler: &mut Command, folder: &Path) -> Outcome<()> {
    let cluster = job.cluster()?;
    migrate(cluster)?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    compiler
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", folder)
        .env("DATABASE_URL", cluster.url("checked"));
    let _touched = Touched::library()?;
    job.run(compiler)
}

/// By `psql`, since the portal may not compile yet.
fn migrate(cluster: &Cluster) -> Outcome<()> {
    let mut files = Vec::new();
    files_below(&root().join("migrations"), &mut files)?;
    files.sort();
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

/// Renews `.sqlx`, once the compiler is content.
pub fn renew(job: &mut Job) -> Outcome<()> {
    let mut compiler = job.line(CHECK)?;
    asking(job, &mut compiler, &fresh())?;
    let cache = root().join(".sqlx");
    let (old, new) = (entries(&cache)?, entries(&fresh())?);
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        fs::remove_file(cache.join(name))?;
    }
    for (name, text) in new.iter().filter(|(name, text)| old.get(*name) != Some(text)) {
        fs::write(cache.join(name), text)?;
    }
    Ok(())
}

/// Lints, and asks the database unless `.sqlx` is proven fresh.
pub fn lints(job: &mut Job) -> Outcome<()> {
    let mut compiler = job.line(LINTS)?;
    if is_proven()? { job.run(&mut compiler) } else { asking(job, &mut compiler, &fresh()) }
}

/// Proves that `.sqlx` is what the queries gave while they were linted.
pub fn is_fresh(_: &mut Job) -> Outcome<()> {
    if is_proven()? {
        return Ok(());
    }
    if entries(&fresh())? != entries(&root().join(".sqlx"))? {
        return Err("the cache of checked SQL is stale".into());
    }
    fs::write(proof(), inputs()?)?;
    Ok(())
}

fn fresh() -> PathBuf {
    root().join("target/sqlx-fresh")
}

fn proof() -> PathBuf {
    root().join("target/sqlx-proven.txt")
}

fn is_proven() -> Outcome<bool> {
    let inputs = inputs()?;
    Ok(fs::read_to_string(proof()).is_ok_and(|proven| proven == inputs))
}

/// A hash of everything that the cache depends on, and of the cache.
fn inputs() -> Outcome<String> {
    let mut files = Vec::new();
    for path in ["crates/bank", "migrations", ".sqlx", "Cargo.toml", "Cargo.lock"] {
        files_below(&root().join(path), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs::read(file)?);
    }
    Ok(hex(&hash.finalize()))
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
