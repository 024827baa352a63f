//! The form of the sources: `rustfmt` over every Rust file that git knows or would take, because `cargo fmt`
//! finds only what a `mod` names.

use crate::shell::{Outcome, root};
use crate::step::Job;
use std::collections::BTreeSet;

/// Names the sources.
pub const SOURCES: &str = "git ls-files --cached --others --exclude-standard *.rs";
/// Names those whose form is another.
pub const CHECK: &str = "rustfmt --edition 2024 --check --files-with-diff";
/// Gives them their form.
pub const WRITE: &str = "rustfmt --edition 2024";

/// Every file has the form.
pub fn check(job: &mut Job) -> Outcome<()> {
    let answer = job.line(CHECK)?.args(sources(job)?).output()?;
    if answer.status.success() {
        return Ok(());
    }
    let printed = String::from_utf8_lossy(&answer.stdout);
    let named: BTreeSet<&str> = printed.lines().collect();
    let faults = String::from_utf8_lossy(&answer.stderr);
    Err(format!("not formatted:\n{}\n{faults}", named.into_iter().collect::<Vec<_>>().join("\n")).into())
}

/// Gives every file the form.
pub fn write(job: &mut Job) -> Outcome<()> {
    let mut command = job.line(WRITE)?;
    command.args(sources(job)?);
    job.run(&mut command)
}

fn sources(job: &Job) -> Outcome<Vec<String>> {
    let listed = crate::shell::output(&mut job.line(SOURCES)?)?;
    // What is removed and not yet committed is listed as well.
    Ok(listed.lines().filter(|file| root().join(file).exists()).map(str::to_owned).collect())
}
