//! A step: what it is called, what it needs, the lines it runs, and what to do when it fails. Only a line
//! that the step declares is run, and the private Postgres is only for a step that declares it.

use crate::need::{self, Need};
use crate::postgres::Cluster;
use crate::shell::{Outcome, command, root};
use crate::{run, site};
use std::fmt::Write;
use std::io::{BufRead, BufReader, IsTerminal};
use std::process::Command;
use std::time::Instant;

/// A row of the tables in `table.rs`.
#[derive(Debug)]
pub struct Step {
    /// What is done.
    pub what: &'static str,
    /// What must be there before the first step of the task begins.
    pub needs: &'static [Need],
    /// Steps whose work it takes up: where one of them failed, it is not tried.
    pub takes_up: &'static [&'static Step],
    /// The command lines it runs; a deed may add arguments that are only known by then.
    pub runs: &'static [&'static str],
    /// What to do when it fails.
    pub remedy: &'static str,
    /// How it is done.
    pub deed: Deed,
}

/// How a step is done.
#[derive(Debug)]
pub enum Deed {
    /// Its lines, one after the other: one check.
    Check,
    /// Its lines, which are test runners: each of their tests counts.
    Count,
    /// A function, which runs the lines and does more: one check.
    Here(fn(&mut Job) -> Outcome<()>),
}

/// What is around the steps of a task.
#[derive(Debug)]
pub struct Surroundings {
    /// What was typed behind the task.
    pub arguments: Vec<String>,
    /// Parts of the names of the steps that are wanted; none where all are.
    pub only: Vec<String>,
    /// The private Postgres, once a step needs it.
    pub cluster: Option<Cluster>,
}

impl Surroundings {
    /// Nothing yet but what was typed.
    pub fn new(arguments: Vec<String>) -> Self {
        Self { arguments, only: Vec::new(), cluster: None }
    }

    /// Whether a step is wanted.
    pub fn wants(&self, step: &Step) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| step.what.contains(part.as_str()))
    }
}

/// Whether one reads what a step says while it says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// As it comes: no other step runs.
    Live,
    /// At the end, and only what is of use: other steps run beside it.
    AtTheEnd,
}

/// How many checks passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Passed.
    pub passed: u32,
    /// Failed.
    pub failed: u32,
}

impl Tally {
    /// Together with another.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Reads the closing lines of `cargo test` and of node's test runner.
    pub fn read(&mut self, line: &str) {
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

/// A step while it is done.
#[derive(Debug)]
pub struct Job<'a> {
    step: &'a Step,
    around: &'a Surroundings,
    show: Show,
    said: String,
    counted: Tally,
}

impl Job<'_> {
    /// A line of the step, to be run.
    pub fn line(&self, line: &str) -> Outcome<Command> {
        if !self.step.runs.contains(&line) {
            return Err(format!("`{line}` is not a line of this step").into());
        }
        let mut words = line.split_whitespace();
        let program = words.next().unwrap_or_default();
        let program = if program.contains('/') { root().join(program) } else { program.into() };
        let mut command = command(program);
        command.args(words).env("INSTA_UPDATE", "no");
        if std::io::stderr().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        if line.contains("wasm32") {
            need::for_wasm(&mut command)?;
        }
        if self.step.needs.contains(&Need::Chromium) {
            command.env("TAWI_BINARY", run::binary()).env("TAWI_SITE_DIR", site::folder());
        }
        if self.step.needs.contains(&Need::Postgres)
            && let Some(cluster) = &self.around.cluster
        {
            cluster.tell(&mut command);
        }
        Ok(command)
    }

    /// Runs a command to its end.
    pub fn run(&mut self, command: &mut Command) -> Outcome<()> {
        let (reader, writer) = std::io::pipe()?;
        let mut child = command
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        // The command holds the pipe's other end as well, and with it the reader would wait for ever.
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        for line in BufReader::new(reader).split(b'\n') {
            self.say(&String::from_utf8_lossy(&line?));
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
    }

    /// A line to be read.
    pub fn say(&mut self, line: &str) {
        self.counted.read(line);
        match self.show {
            Show::Live => println!("{line}"),
            Show::AtTheEnd => {
                self.said.push_str(line);
                self.said.push('\n');
            }
        }
    }

    /// The private Postgres.
    pub fn cluster(&self) -> Outcome<&Cluster> {
        let declared = self.step.needs.contains(&Need::Postgres);
        self.around
            .cluster
            .as_ref()
            .filter(|_| declared)
            .ok_or_else(|| "this step has not declared that it needs Postgres".into())
    }

    /// What was counted so far.
    pub fn counted(&self) -> Tally {
        self.counted
    }

    /// What was typed behind the task.
    pub fn arguments(&self) -> &[String] {
        &self.around.arguments
    }

    fn lines(&mut self) -> Outcome<()> {
        self.step.runs.iter().try_for_each(|line| {
            let mut command = self.line(line)?;
            self.run(&mut command)
        })
    }
}

impl Step {
    /// Does it, says how long it took, and what to do when it failed.
    pub fn perform(&self, around: &Surroundings, show: Show) -> Tally {
        eprintln!("· {}", self.what);
        let began = Instant::now();
        let counted = Tally::default();
        let mut job = Job { step: self, around, show, said: String::new(), counted };
        let done = match self.deed {
            Deed::Check | Deed::Count => job.lines(),
            Deed::Here(deed) => deed(&mut job),
        };
        let took = began.elapsed();
        let mut tally = match self.deed {
            Deed::Count => job.counted,
            Deed::Check | Deed::Here(_) if done.is_ok() => Tally { passed: 1, failed: 0 },
            Deed::Check | Deed::Here(_) => Tally::default(),
        };
        let mut text = String::new();
        if done.is_err() || matches!(self.deed, Deed::Count) {
            text.push_str(&job.said);
        }
        let fault = match done {
            Ok(()) if tally.passed == 0 && tally.failed == 0 => Some("it ran no test".to_owned()),
            Ok(()) => None,
            Err(error) => Some(error.to_string()),
        };
        let seconds = format!("{}.{} s", took.as_secs(), took.subsec_millis() / 100);
        // Writing into a text does not fail.
        let _ = match fault {
            None => writeln!(text, "  {}: {seconds}", self.what),
            Some(fault) => {
                tally.failed = tally.failed.max(1);
                let remedy = self.remedy;
                writeln!(text, "{} failed after {seconds}: {fault}\nWhat to do: {remedy}", self.what)
            }
        };
        eprint!("{text}");
        tally
    }
}
