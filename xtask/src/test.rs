//! `make test`: everything, on a database of its own; the last line counts.

use crate::postgres::{Cluster, Purpose};
use crate::step::{Outcome, command, free_port, must, step};
use crate::{licences, measure, run, setup, site, sqlx};
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

/// What was counted so far.
#[derive(Debug, Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    /// A check that is one thing.
    fn one(&mut self, what: &str, remedy: &str, deed: impl FnOnce() -> Outcome<()>) {
        match step(what, remedy, deed) {
            Ok(()) => self.passed += 1,
            Err(error) => {
                eprintln!("{error}");
                self.failed += 1;
            }
        }
    }

    /// A test runner, whose own counts are read from its output.
    fn many(&mut self, what: &str, remedy: &str, command: &mut Command) {
        let mut counted = Self::default();
        let ran = step(what, remedy, || {
            let mut child = command.stdout(Stdio::piped()).spawn()?;
            let output = child.stdout.take().ok_or("no output")?;
            for line in BufReader::new(output).lines() {
                let line = line?;
                counted.read(&line);
                println!("{line}");
            }
            let status = child.wait()?;
            if status.success() { Ok(()) } else { Err(format!("ended with {status}").into()) }
        });
        self.passed += counted.passed;
        self.failed += counted.failed;
        if let Err(error) = ran {
            eprintln!("{error}");
            if counted.failed == 0 {
                self.failed += 1;
            }
        } else if counted.passed == 0 {
            eprintln!("{what} ran no test");
            self.failed += 1;
        }
    }

    /// Reads the closing lines of `cargo test` and of node's test runner.
    fn read(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            self.passed += number_before(rest, " passed");
            self.failed += number_before(rest, " failed");
        }
        for (mark, count) in [("ℹ pass ", &mut self.passed), ("ℹ fail ", &mut self.failed)] {
            if let Some(number) = line.trim().strip_prefix(mark) {
                *count += number.trim().parse::<u32>().unwrap_or(0);
            }
        }
    }
}

fn number_before(text: &str, word: &str) -> u32 {
    text.split(word)
        .next()
        .and_then(|before| before.rsplit([' ', '.']).next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// Runs everything.
pub fn test() -> Outcome<ExitCode> {
    let mut tally = Tally::default();
    setup::style()?;
    setup::npm("end2end")?;
    let cluster =
        step("private Postgres for the tests", "read the message above", || Cluster::start(Purpose::Test))?;
    tally.one("format", "cargo fmt", || must(command("cargo").args(["fmt", "--all", "--check"])));
    tally.one("lints, native", "put right what clippy says", || {
        must(command("cargo").args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    });
    tally.one("lints, WASM", "put right what clippy says", || {
        must(command("cargo").args([
            "clippy",
            "--quiet",
            "-p",
            "tawi-hydrate",
            "-p",
            "tawi",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ]))
    });
    tally.many(
        "domain, bank, door and tidy tests",
        "run one alone with `cargo xtask db cargo test NAME`",
        command("cargo")
            .args(["test", "--quiet", "--workspace", "--no-fail-fast"])
            .env("TAWI_TEST_DATABASE_URL", cluster.url("postgres"))
            .env("INSTA_UPDATE", "no"),
    );
    tally.one("checked SQL is fresh", "cargo xtask sqlx, and commit .sqlx", || sqlx::is_fresh(&cluster));
    tally.one(
        "licences of dependencies",
        "replace the package, or argue for its licence in xtask/src/licences.rs",
        || {
            let packages = licences::check()?;
            eprintln!("  {packages} packages");
            Ok(())
        },
    );
    tally.one(
        "loan engine: the browser's figures are the server's",
        "see crates/measure",
        measure::same_in_wasm,
    );
    let mut built = None;
    tally.one("site", "read the message above", || {
        built = Some(site::build()?);
        Ok(())
    });
    if let Some(site) = built {
        run::build_server()?;
        let port = free_port()?;
        tally.many(
            "end-to-end tests in Chromium",
            "the pictures of what failed are in end2end/results",
            command("node")
                .args(["--test", "--test-concurrency=2", "--test-reporter=spec", "end2end/tests/"])
                .env("TAWI_BINARY", run::binary())
                .env("TAWI_SITE_DIR", site)
                .env("TAWI_E2E_PORT", port.to_string())
                .env("TAWI_E2E_ADMIN_URL", cluster.url("postgres"))
                .env("PSQL", cluster.program("psql")),
        );
    }
    drop(cluster);
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
