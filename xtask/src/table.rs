//! Every task and every step, as tables.

use crate::need::Need::{
    Chromium, Clippy, End2endPackages, Node, Postgres, Rustfmt, StylePackages, WasmTarget,
};
use crate::postgres::Purpose;
use crate::shell::Outcome;
use crate::step::{Deed, Step};
use crate::{bench, format, licences, measure, races, run, site, sqlx, test};
use std::process::ExitCode;

/// Steps one after the other.
pub type Lane = &'static [&'static Step];
/// Lanes beside each other.
pub type Stage = &'static [Lane];

/// What `cargo xtask WORD` does.
#[derive(Debug)]
pub struct Task {
    /// Its word, and what may stand behind it.
    pub word: &'static str,
    /// What may stand behind it.
    pub arguments: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What its private Postgres is for.
    pub purpose: Purpose,
    /// Its steps: stages one after the other.
    pub stages: &'static [Stage],
    /// Goes through them.
    pub go: fn(&'static Task, Vec<String>) -> Outcome<ExitCode>,
}

/// Every task.
pub const TASKS: &[Task] = &[
    Task {
        word: "run",
        arguments: "",
        about: "install what is missing, build, serve the demonstration on a private Postgres",
        purpose: Purpose::Serve,
        stages: &[&[&[&SERVER], &[&WASM, &SITE]], &[&[&DEMONSTRATION]]],
        go: run::run,
    },
    Task {
        word: "dev",
        arguments: "",
        about: "the same, and build and serve anew when a source changes",
        purpose: Purpose::Serve,
        stages: &[&[&[&SERVER], &[&WASM, &SITE]], &[&[&DEMONSTRATION]]],
        go: run::dev,
    },
    Task {
        word: "test",
        arguments: "[STEP...]",
        about: "everything: format, lints, tests, site, browser, licences; or steps by parts of their names",
        purpose: Purpose::Test,
        stages: &[
            // What is compiled: for this machine, and beside it for the browser, in folders of their own.
            &[&[&FORMAT, &LICENCES, &LINTS, &CHECKED_SQL, &PROGRAMS], &[&LINTS_WASM, &WASM, &SITE, &ENGINE]],
            // What is run has the machine to itself.
            &[&[&TESTS, &SAME_IN_WASM, &END_TO_END]],
        ],
        go: test::test,
    },
    Task {
        word: "bench",
        arguments: "",
        about: "the benchmarks; writes bench/results.json",
        purpose: Purpose::Bench,
        stages: &[&[&[&SERVER, &BENCH_PROGRAMS], &[&WASM, &SITE, &ENGINE]], &[&[&BENCHMARKS]]],
        go: test::all,
    },
    Task {
        word: "races",
        arguments: "[ROUNDS]",
        about: "the tests that race, 1000 rounds of each or as many as are asked for",
        purpose: Purpose::Test,
        stages: &[&[&[&RACES]]],
        go: test::all,
    },
    Task {
        word: "site",
        arguments: "",
        about: "build the site into target/site",
        purpose: Purpose::Serve,
        stages: &[&[&[&WASM, &SITE]]],
        go: test::all,
    },
    Task {
        word: "fmt",
        arguments: "",
        about: "format every Rust file",
        purpose: Purpose::Serve,
        stages: &[&[&[&FORMATTED]]],
        go: test::all,
    },
    Task {
        word: "sqlx",
        arguments: "",
        about: "renew the cache of checked SQL in .sqlx",
        purpose: Purpose::Test,
        stages: &[&[&[&RENEWED_SQL]]],
        go: test::all,
    },
    Task {
        word: "db",
        arguments: "CMD",
        about: "run a command with DATABASE_URL and TAWI_TEST_DATABASE_URL on the private Postgres",
        purpose: Purpose::Serve,
        // What it runs is typed.
        stages: &[],
        go: run::with_database,
    },
];

static FORMAT: Step = Step {
    what: "format",
    needs: &[Rustfmt],
    takes_up: &[],
    runs: &[format::SOURCES, format::CHECK],
    remedy: "cargo xtask fmt",
    deed: Deed::Here(format::check),
};

static FORMATTED: Step = Step {
    what: "formatted",
    needs: &[Rustfmt],
    takes_up: &[],
    runs: &[format::SOURCES, format::WRITE],
    remedy: "put right what rustfmt cannot read",
    deed: Deed::Here(format::write),
};

static LICENCES: Step = Step {
    what: "licences of dependencies",
    needs: &[],
    takes_up: &[],
    runs: &[licences::PACKAGES],
    remedy: "replace the package, or argue for its licence in xtask/src/licences.rs",
    deed: Deed::Here(licences::check),
};

static LINTS: Step = Step {
    what: "lints, native, with SQL against a database",
    needs: &[Clippy, Postgres],
    takes_up: &[],
    runs: &[sqlx::LINTS],
    remedy: "put right what clippy says",
    deed: Deed::Here(sqlx::lints),
};

static CHECKED_SQL: Step = Step {
    what: "checked SQL is fresh",
    needs: &[],
    takes_up: &[&LINTS],
    runs: &[],
    remedy: "cargo xtask sqlx, and commit .sqlx",
    deed: Deed::Here(sqlx::is_fresh),
};

static RENEWED_SQL: Step = Step {
    what: "checked SQL into .sqlx",
    needs: &[Postgres],
    takes_up: &[],
    runs: &[sqlx::CHECK],
    remedy: "read the compiler's message above",
    deed: Deed::Here(sqlx::renew),
};

static LINTS_WASM: Step = Step {
    what: "lints, WASM",
    needs: &[Clippy, WasmTarget],
    takes_up: &[],
    runs: &["cargo clippy --quiet --package tawi-hydrate --package tawi-measure --package tawi --lib \
             --profile wasm-release --target wasm32-unknown-unknown -- -D warnings"],
    remedy: "put right what clippy says",
    deed: Deed::Check,
};

static PROGRAMS: Step = Step {
    what: "tests and server of the portal, compiled",
    needs: &[],
    takes_up: &[],
    runs: &["cargo build --quiet --tests --bin tawi --bin tawi-measure"],
    remedy: "read the compiler's message above",
    deed: Deed::Check,
};

static SERVER: Step = Step {
    what: "server of the portal",
    needs: &[],
    takes_up: &[],
    runs: &["cargo build --quiet --bin tawi"],
    remedy: "read the compiler's message above",
    deed: Deed::Check,
};

static WASM: Step = Step {
    what: "WASM of the portal",
    needs: &[WasmTarget],
    takes_up: &[],
    runs: &["cargo build --quiet --package tawi-hydrate --lib \
             --profile wasm-release --target wasm32-unknown-unknown"],
    remedy: "read the compiler's message above",
    deed: Deed::Check,
};

static SITE: Step = Step {
    what: "site: glue, optimiser, styles, icons, compression",
    needs: &[Node, StylePackages],
    takes_up: &[&WASM],
    runs: &[site::OPTIMISE, site::STYLE],
    remedy: "run `cargo xtask site` again",
    deed: Deed::Here(site::finish),
};

// The portal is named along, so that what both are made of is compiled once.
static ENGINE: Step = Step {
    what: "WASM of the loan engine alone",
    needs: &[WasmTarget],
    takes_up: &[],
    runs: &["cargo build --quiet --package tawi-hydrate --package tawi-measure --lib \
             --profile wasm-release --target wasm32-unknown-unknown"],
    remedy: "read the compiler's message above",
    deed: Deed::Check,
};

static TESTS: Step = Step {
    what: "domain, bank, door and tidy tests",
    needs: &[Postgres],
    takes_up: &[&PROGRAMS],
    runs: &["cargo test --quiet --tests --no-fail-fast"],
    remedy: "run one alone with `cargo xtask db cargo test NAME`",
    deed: Deed::Count,
};

static SAME_IN_WASM: Step = Step {
    what: "loan engine: the browser's figures are the server's",
    needs: &[Node],
    takes_up: &[&PROGRAMS, &ENGINE],
    runs: &[measure::NATIVE, measure::BROWSER],
    remedy: "see crates/measure",
    deed: Deed::Here(measure::same_in_wasm),
};

static END_TO_END: Step = Step {
    what: "end-to-end tests in Chromium",
    needs: &[Node, End2endPackages, Chromium, Postgres],
    takes_up: &[&PROGRAMS, &SITE],
    runs: &["node --test --test-concurrency=2 --test-reporter=spec end2end/tests/"],
    remedy: "the pictures of what failed are in end2end/results",
    deed: Deed::Count,
};

static DEMONSTRATION: Step = Step {
    what: "demonstration",
    needs: &[Postgres],
    takes_up: &[&SERVER],
    runs: &[run::DEMO],
    remedy: "read the message above",
    deed: Deed::Here(run::demonstration),
};

static RACES: Step = Step {
    what: "races",
    needs: &[Postgres],
    takes_up: &[],
    runs: &[races::TESTS],
    remedy: "a failing race names its round and what it left behind",
    deed: Deed::Here(races::races),
};

static BENCH_PROGRAMS: Step = Step {
    what: "benchmark programs",
    needs: &[],
    takes_up: &[],
    runs: &["cargo build --quiet --release --package tawi-bench --package tawi-measure"],
    remedy: "read the compiler's message above",
    deed: Deed::Check,
};

static BENCHMARKS: Step = Step {
    what: "benchmarks",
    needs: &[Node, End2endPackages, Chromium, Postgres],
    takes_up: &[&SERVER, &SITE, &ENGINE, &BENCH_PROGRAMS],
    runs: &[bench::PROGRAM],
    remedy: "read the message above",
    deed: Deed::Here(bench::bench),
};
