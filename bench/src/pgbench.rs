//! pgbench as the measure: the same SQL, sent by a program that does nothing else.

use crate::Fallible;
use std::process::Command;
use std::time::Duration;
use tawi_bank::shared::db::derived_password;

/// Writes a script for pgbench; its path.
pub fn write(name: &str, script: &str) -> Fallible<String> {
    let path = std::env::temp_dir().join(format!("tawi-bench-{name}-{}.sql", std::process::id()));
    std::fs::write(&path, script)?;
    Ok(path.display().to_string())
}

/// Transactions a second through pgbench, as the application's role, with prepared statements.
pub fn rate(owner: &str, script: &str, callers: u32, round: Duration) -> Fallible<f64> {
    let database = owner.rsplit('/').next().unwrap_or_default();
    let pgbench = std::env::var("PGBENCH").unwrap_or_else(|_| "pgbench".to_owned());
    let output = Command::new(pgbench)
        .env("PGPASSWORD", derived_password(owner, "tawi_app"))
        .args(["-h", "127.0.0.1", "-U", "tawi_app", "-n", "-M", "prepared", "-j", "2"])
        .args(["-c", &callers.to_string(), "-T", &round.as_secs().to_string(), "-f", script, database])
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)).into())
}
