//! What a benchmark prints and keeps.

use serde::{Deserialize, Serialize};
use serde_json::json;
use std::process::Command;

/// A measured figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// Its fixed name.
    pub id: String,
    /// The median.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// What it should reach; none while no issue asks for it.
    pub goal: Option<f64>,
    /// `higher` or `lower`.
    pub better: String,
    /// The rounds.
    pub rounds: Vec<f64>,
}

/// On what it was measured.
#[derive(Debug)]
pub struct Context {
    commit: String,
    cores: usize,
    load: String,
    flushes_per_second: f64,
}

fn printed(command: &mut Command) -> String {
    command
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}

impl Context {
    /// Reads commit, cores, load and the speed of a flush.
    pub fn read() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let fsync = std::env::var("PG_TEST_FSYNC").unwrap_or_else(|_| "pg_test_fsync".to_owned());
        let folder = std::env::temp_dir().join("tawi-fsync");
        let flushes = printed(Command::new(fsync).args(["-s", "1", "-f"]).arg(&folder));
        let flushes_per_second = flushes
            .lines()
            .find(|line| line.trim_start().starts_with("fdatasync"))
            .and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
            .unwrap_or(0.0);
        // The file may never have been made.
        let _ = std::fs::remove_file(folder);
        Ok(Self {
            commit: printed(Command::new("git").args(["rev-parse", "--short", "HEAD"])),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            load: std::fs::read_to_string("/proc/loadavg")?
                .split_whitespace()
                .take(3)
                .collect::<Vec<_>>()
                .join(" "),
            flushes_per_second,
        })
    }

    /// One line for people.
    pub fn line(&self) -> String {
        format!(
            "commit {}, {} cores, load {}, {:.0} flushes/s",
            self.commit, self.cores, self.load, self.flushes_per_second
        )
    }
}

/// The median of an odd number of rounds.
pub fn median(rounds: &[f64]) -> f64 {
    let mut sorted = rounds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// Prints the table and writes `bench/results.json`.
pub fn write(rows: &[Row], context: &Context) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    println!("\n{:<24} {:>12} {:<10} {:>8}  met", "id", "value", "unit", "goal");
    for row in rows {
        let met = row.goal.map_or("-", |goal| {
            let holds = if row.better == "higher" { row.value >= goal } else { row.value <= goal };
            if holds { "yes" } else { "NO" }
        });
        let goal = row.goal.map_or_else(|| "none".to_owned(), |goal| goal.to_string());
        println!("{:<24} {:>12.3} {:<10} {:>8}  {met}", row.id, row.value, row.unit, goal);
    }
    let kept: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.id, "value": row.value, "unit": row.unit, "goal": row.goal, "better": row.better,
                "rounds": row.rounds,
                "context": {
                    "commit": context.commit, "cores": context.cores, "load_average": context.load,
                    "flushes_per_second": context.flushes_per_second,
                },
            })
        })
        .collect();
    std::fs::write("bench/results.json", serde_json::to_string_pretty(&kept)?)?;
    println!("\nwritten to bench/results.json");
    Ok(())
}
