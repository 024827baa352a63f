//! `make bench`: programs that print ratios, on a durable Postgres of their own.

use crate::shell::Outcome;
use crate::step::Job;

/// Prints the ratios and writes `bench/results.json`.
pub const PROGRAM: &str = "target/release/tawi-bench";

/// Runs the benchmarks.
pub fn bench(job: &mut Job) -> Outcome<()> {
    crate::measure::glue()?;
    let mut program = job.line(PROGRAM)?;
    let cluster = job.cluster()?;
    program
        .env("PGBENCH", cluster.program("pgbench"))
        .env("PG_TEST_FSYNC", cluster.program("pg_test_fsync"))
        .env("PGPORT", cluster.port().to_string())
        .env("PGPASSWORD", cluster.password());
    job.run(&mut program)
}
