//! `make bench`: programs that print ratios, on a durable Postgres of their own.

use crate::postgres::{Cluster, Purpose};
use crate::step::{Outcome, command, must, step};
use crate::{measure, run, setup, site};
use std::process::{Command, ExitCode};

/// Runs the benchmarks and writes `bench/results.json`.
pub fn bench() -> Outcome<ExitCode> {
    setup::style()?;
    setup::npm("end2end")?;
    run::build_server()?;
    let site = site::build()?;
    step("benchmark programs", "read the compiler's message above", || {
        let packages = ["--package", "tawi-bench", "--package", "tawi-measure"];
        must(command("cargo").args(["build", "--quiet", "--release"]).args(packages))?;
        measure::wasm().map(drop)
    })?;
    let cluster = Cluster::start(Purpose::Bench)?;
    let with_environment = |mut command: Command| {
        command
            .env("TAWI_TEST_DATABASE_URL", cluster.url("postgres"))
            .env("TAWI_E2E_ADMIN_URL", cluster.url("postgres"))
            .env("TAWI_BINARY", run::binary())
            .env("TAWI_SITE_DIR", &site)
            .env("PSQL", cluster.program("psql"))
            .env("PGBENCH", cluster.program("pgbench"))
            .env("PG_TEST_FSYNC", cluster.program("pg_test_fsync"))
            .env("PGPORT", cluster.port().to_string())
            .env("PGPASSWORD", cluster.password());
        command
    };
    must(&mut with_environment(command("target/release/tawi-bench")))?;
    Ok(ExitCode::SUCCESS)
}
