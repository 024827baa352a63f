//! While a release is rolled out, nodes of the version before work on the database that the new one has
//! migrated: each of their queries still prepares and answers the same types, what they insert is still
//! enough, and they may still do it.
//!
//! `two_versions/before.json` holds the queries of the version before and how many migrations it knew. Once
//! a version is released it becomes the version before:
//! `TAWI_RELEASED=<its commit> cargo xtask db cargo test --package tawi-bank --test it two_versions`
//! writes the file anew from that commit's `.sqlx`.

use crate::support::{Fallible, Story};
use serde::{Deserialize, Serialize};
use sqlx::{
    AssertSqlSafe, Column, Connection, Either, Executor, PgConnection, SqlSafeStr, Statement, TypeInfo,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use tawi_bank::shared::db::{MIGRATIONS, migrate};
use tawi_testing::TestBank;

const BEFORE: &str = include_str!("two_versions/before.json");

/// The version before.
#[derive(Debug, Serialize, Deserialize)]
struct Version {
    commit: String,
    migrations: usize,
    queries: BTreeSet<String>,
}

/// What a version relies on, as a database has it.
#[derive(Debug)]
struct Ground {
    /// What each query takes and answers, or why it is refused.
    queries: BTreeMap<String, String>,
    /// Table and column; its type, and whether it may be null.
    columns: BTreeMap<(String, String), String>,
    /// Columns that an insert has to name.
    needed: BTreeSet<(String, String)>,
    /// Role, right, table and column.
    rights: BTreeSet<String>,
}

#[tokio::test]
async fn the_version_before_works_on_the_database_of_this_one() -> Story {
    if let Ok(commit) = std::env::var("TAWI_RELEASED") {
        return renew(&commit);
    }
    let before: Version = serde_json::from_str(BEFORE)?;
    assert!(before.queries.len() > 80, "{}: {} queries", before.commit, before.queries.len());
    let test = TestBank::empty().await?;
    let mut then = MIGRATIONS.iter().take(before.migrations).cloned().collect::<Vec<_>>();
    then.sort_by_key(|migration| migration.version);
    let then = sqlx::migrate::Migrator { migrations: then.into(), ..sqlx::migrate::Migrator::DEFAULT };
    let mut owner = PgConnection::connect(test.url()).await?;
    then.run(&mut owner).await?;
    owner.close().await?;
    let then = ground(&test, &before.queries).await?;
    for (query, told) in &then.queries {
        assert!(!told.starts_with("refused"), "it did not even prepare then: {told}\n{query}");
    }

    migrate(&test.bank.settings().urls).await?;
    let now = ground(&test, &before.queries).await?;
    let mut faults = Vec::new();
    for (query, told) in &then.queries {
        let told_now = now.queries.get(query).ok_or("no such query")?;
        if told_now != told {
            faults.push(format!("a query of before told {told}, now {told_now}:{query}"));
        }
    }
    for (column, told) in &then.columns {
        match now.columns.get(column) {
            Some(told_now) if told_now == told => {}
            told_now => faults.push(format!("{column:?} was {told}, now {told_now:?}")),
        }
    }
    let tables: BTreeSet<&String> = then.columns.keys().map(|(table, _)| table).collect();
    for column in now.needed.difference(&then.needed).filter(|(table, _)| tables.contains(table)) {
        faults.push(format!("{column:?} is new and has no default: what before inserted is not enough"));
    }
    for right in then.rights.difference(&now.rights) {
        faults.push(format!("{right} was taken away"));
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), before.commit, faults.join("\n"));
    test.discard().await
}

async fn ground(test: &TestBank, queries: &BTreeSet<String>) -> Fallible<Ground> {
    // A connection of its own: what was prepared before is not prepared again.
    let mut owner = PgConnection::connect(test.url()).await?;
    let mut told = BTreeMap::new();
    for query in queries {
        let sql = AssertSqlSafe(query.clone()).into_sql_str();
        let types = match (&mut owner).prepare(sql).await {
            Ok(statement) => types(&statement),
            Err(error) => format!("refused: {error}"),
        };
        told.insert(query.clone(), types);
    }
    let columns: Vec<(String, String, String)> = sqlx::query_as(COLUMNS).fetch_all(&mut owner).await?;
    let needed: Vec<(String, String)> = sqlx::query_as(NEEDED).fetch_all(&mut owner).await?;
    let rights: Vec<String> = sqlx::query_scalar(RIGHTS).fetch_all(&mut owner).await?;
    owner.close().await?;
    Ok(Ground {
        queries: told,
        columns: columns.into_iter().map(|(table, column, told)| ((table, column), told)).collect(),
        needed: needed.into_iter().collect(),
        rights: rights.into_iter().collect(),
    })
}

/// `(INT8, TEXT) -> number INT2, name TEXT`
fn types(statement: &sqlx::postgres::PgStatement) -> String {
    let takes: Vec<&str> = match statement.parameters() {
        Some(Either::Left(types)) => types.iter().map(TypeInfo::name).collect(),
        Some(Either::Right(_)) | None => Vec::new(),
    };
    let column =
        |column: &sqlx::postgres::PgColumn| format!("{} {}", column.name(), column.type_info().name());
    let answers: Vec<String> = statement.columns().iter().map(column).collect();
    format!("({}) -> {}", takes.join(", "), answers.join(", "))
}

/// Writes the file from the cache of checked SQL that a commit holds.
fn renew(commit: &str) -> Story {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let git = |arguments: &[&str]| -> Fallible<String> {
        let output = Command::new("git").current_dir(&root).args(arguments).output()?;
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    };
    let listed = |folder: &str| git(&["ls-tree", "-r", "--name-only", commit, folder]);
    let mut version = Version {
        commit: git(&["rev-parse", "--short=7", commit])?.trim().to_owned(),
        migrations: listed("migrations")?.lines().count(),
        queries: BTreeSet::new(),
    };
    for file in listed(".sqlx")?.lines() {
        let cached: serde_json::Value = serde_json::from_str(&git(&["show", &format!("{commit}:{file}")])?)?;
        version.queries.insert(cached["query"].as_str().ok_or("a cache without its query")?.to_owned());
    }
    let file = root.join("crates/bank/tests/it/two_versions/before.json");
    std::fs::write(file, serde_json::to_string_pretty(&version)? + "\n")?;
    Ok(())
}

// SQL

const COLUMNS: &str = "
    select c.relname::text, a.attname::text,
           format('%s%s', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' end)
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
";

const NEEDED: &str = "
    select c.relname::text, a.attname::text
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and a.attnotnull and not a.atthasdef and a.attidentity = ''
";

const RIGHTS: &str = "
    select format('%s: %s on %s.%s', grantee, privilege_type, table_name, column_name)
    from information_schema.column_privileges
    where table_schema = 'public' and grantee in ('tawi_app', 'tawi_job')
";
