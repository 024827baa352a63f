//! `make races`: the tests that race, by the thousand rounds.

use crate::shell::Outcome;
use crate::step::Job;

/// The same selection as everywhere, so that nothing is compiled twice; only the bank has races.
pub const TESTS: &str = "cargo test --quiet --test it races:: -- --nocapture";

/// Rounds of each race, unless others are asked for.
const ROUNDS: u32 = 1000;

/// Runs them on a Postgres of their own.
pub fn races(job: &mut Job) -> Outcome<()> {
    let rounds = match job.arguments() {
        [] => ROUNDS,
        [rounds] => rounds.parse().map_err(|_| format!("{rounds} is not a number of rounds"))?,
        _ => return Err("cargo xtask races [ROUNDS]".into()),
    };
    let mut command = job.line(TESTS)?;
    job.run(command.env("TAWI_RACE_ROUNDS", rounds.to_string()))?;
    if job.counted().passed == 0 { Err("no test of the bank is in a module `races`".into()) } else { Ok(()) }
}
