//! Posting through the bank against pgbench sending the same SQL, and hot accounts against spread ones.
//! Interleaved rounds; medians of their ratios. The loan engine's figures come from `schedules.mjs`, the
//! browser's from `browser.mjs`.

mod pgbench;
mod posting;
mod repayment;
mod report;

use report::{Context, Row};
use std::process::Command;
use tawi_testing::Fallible;

/// As the portal's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// pgbench drives its clients from two threads (`-j 2`); so do these callers.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Fallible<()> {
    let context = Context::read()?;
    println!("{}", context.line());
    let mut rows = posting::measure().await?;
    rows.extend(repayment::measure().await?);
    rows.extend(script("bench/schedules.mjs")?);
    rows.extend(script("bench/browser.mjs")?);
    rows.extend(script("bench/crowd.mjs")?);
    report::write(&rows, &context)
}

/// Runs a script and reads the rows it prints.
fn script(path: &str) -> Fallible<Vec<Row>> {
    let output = Command::new("node").arg(path).stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{path} failed").into());
    }
    let text = String::from_utf8(output.stdout)?;
    let printed = text.lines().rev().find(|line| line.starts_with('['));
    let last = printed.ok_or_else(|| format!("{path} printed no rows"))?;
    Ok(serde_json::from_str(last)?)
}
