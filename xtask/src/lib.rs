//! Everything `make` does: what is done is in `table.rs`, what it takes in `need.rs`.

mod bench;
mod format;
mod licences;
mod measure;
pub mod need;
pub mod postgres;
mod races;
mod run;
mod shell;
pub mod site;
mod sqlx;
pub mod step;
pub mod table;
mod test;

use need::Need;
use std::process::ExitCode;
use table::{TASKS, Task};

impl Task {
    /// Its steps, in the order of the table.
    pub fn steps(&self) -> impl Iterator<Item = &'static step::Step> {
        self.stages.iter().flat_map(|stage| stage.iter()).flat_map(|lane| lane.iter()).copied()
    }

    /// What its steps need, taken together.
    pub fn needs(&self) -> Vec<Need> {
        self.steps().flat_map(|step| step.needs).copied().collect()
    }
}

fn usage() -> String {
    let rows = TASKS.iter().map(|task| {
        let typed = format!("{} {}", task.word, task.arguments);
        format!("  {typed:<16} {}", task.about)
    });
    format!("cargo xtask TASK\n\n{}", rows.collect::<Vec<_>>().join("\n"))
}

/// Sees to what a task needs and goes through it.
pub fn main(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let word = arguments.next().unwrap_or_default();
    let Some(task) = TASKS.iter().find(|task| task.word == word) else {
        eprintln!("{}", usage());
        return ExitCode::FAILURE;
    };
    match need::meet(&task.needs()).and_then(|()| (task.go)(task, arguments.collect())) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\n{error}");
            ExitCode::FAILURE
        }
    }
}
