//! `cargo xtask`: everything `make` does, in Rust.

mod bench;
mod licences;
mod measure;
mod postgres;
mod run;
mod setup;
mod site;
mod sqlx;
mod step;
mod test;

use std::process::ExitCode;

const USAGE: &str = "cargo xtask COMMAND

  run      install what is missing, build, serve the demonstration on a private Postgres
  dev      the same, and build and serve anew when a source changes
  test     everything: format, lints, tests, site, browser, licences
  bench    the benchmarks; writes bench/results.json
  site     build the site into target/site
  sqlx     renew the cache of checked SQL in .sqlx
  db CMD   run a command with DATABASE_URL and TAWI_TEST_DATABASE_URL on the private Postgres";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("run") => run::run(),
        Some("dev") => run::dev(),
        Some("test") => test::test(),
        Some("bench") => bench::bench(),
        Some("site") => setup::style().and_then(|()| site::build()).map(|_| ExitCode::SUCCESS),
        Some("sqlx") => sqlx::renew(),
        Some("db") => run::with_database(arguments.get(1..).unwrap_or_default()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\n{error}");
            ExitCode::FAILURE
        }
    }
}
