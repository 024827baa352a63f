//! Posting through the bank against pgbench sending the same SQL, and hot accounts against spread ones.
//! Interleaved rounds; medians of their ratios. The browser's figures come from `browser.mjs`.

mod pgbench;
mod posting;
mod repayment;
mod report;

use report::{Context, Row};
use std::process::Command;

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

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
    rows.extend(browser()?);
    report::write(&rows, &context)
}

/// Runs the browser's half and reads the rows it prints.
fn browser() -> Fallible<Vec<Row>> {
    let output =
        Command::new("node").arg("bench/browser.mjs").stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("bench/browser.mjs failed".into());
    }
    let text = String::from_utf8(output.stdout)?;
    let last = text.lines().rev().find(|line| line.starts_with('[')).ok_or("browser.mjs printed no rows")?;
    Ok(serde_json::from_str(last)?)
}
