//! `tawi-measure told N | schedules N ROWS | replays N`: prints what was told, or how long it took in
//! microseconds and the memory it needed at most in KiB.

mod lives;

use lives::{replays, schedules, told};
use std::process::ExitCode;
use std::time::Instant;

/// The most memory this process has held, in KiB, as Linux counts it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u32>().ok()).unwrap_or(1);
    let began = Instant::now();
    match words.first().map(String::as_str) {
        Some("told") => {
            print!("{}", told(number(1)));
            return ExitCode::SUCCESS;
        }
        Some("schedules") => {
            schedules(number(1), u16::try_from(number(2)).unwrap_or(360));
        }
        Some("replays") => {
            replays(number(1));
        }
        _ => {
            eprintln!("tawi-measure told N | schedules N ROWS | replays N");
            return ExitCode::FAILURE;
        }
    }
    println!("{} {}", began.elapsed().as_micros(), peak());
    ExitCode::SUCCESS
}
