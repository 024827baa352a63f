//! `make run`: from a clone to a portal that serves.

use crate::postgres::{Cluster, Purpose};
use crate::shell::{Outcome, command, root};
use crate::step::{Job, Surroundings};
use crate::table::Task;
use crate::{site, test};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// Makes the demonstration, once.
pub const DEMO: &str = "target/debug/tawi demo";
/// How often `make dev` looks for a change.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// The portal's binary.
pub fn binary() -> PathBuf {
    root().join("target/debug/tawi")
}

/// Whether this is to be a demonstration, as the portal is told.
fn demo() -> String {
    std::env::var("TAWI_DEMO").unwrap_or_else(|_| "1".to_owned())
}

/// Tells a program of the portal its database and its site.
fn configure<'a>(program: &'a mut Command, cluster: Option<&Cluster>) -> &'a mut Command {
    if let Some(cluster) = cluster {
        program.env("DATABASE_URL", cluster.url("tawi"));
    }
    program.env("TAWI_DEMO", demo()).env("TAWI_SITE_DIR", site::folder())
}

/// Migrates and makes the demonstration once, where it is to be one.
pub fn demonstration(job: &mut Job) -> Outcome<()> {
    if demo() != "1" {
        return Ok(());
    }
    let mut program = job.line(DEMO)?;
    configure(&mut program, job.cluster().ok());
    job.run(&mut program)
}

fn serve(around: &Surroundings) -> Outcome<Child> {
    Ok(configure(&mut command(binary()), around.cluster.as_ref()).arg("serve").spawn()?)
}

/// Builds, migrates, makes the demonstration once, serves until Ctrl-C.
pub fn run(task: &'static Task, arguments: Vec<String>) -> Outcome<ExitCode> {
    let stop = stop_at_signals()?;
    let mut around = Surroundings::new(arguments);
    if test::stages(task, &mut around, &stop)?.failed > 0 {
        return Ok(ExitCode::FAILURE);
    }
    let server = serve(&around)?;
    if demo() == "1" {
        let password = std::env::var("TAWI_DEMO_PASSWORD").unwrap_or_else(|_| "Wekeza-demo-2026".to_owned());
        println!(
            "Sign in as RO-001 (relationship officer), OS-001 (operations supervisor), LO-001, CS-001, BM-001, TL-001,"
        );
        println!(
            "AU-001, AD-001 or another of the list on the sign-in page; the password is {password}. Ctrl-C stops everything."
        );
    }
    wait(server, &stop)
}

/// Like [`run`], and builds and serves anew whenever a source changes.
pub fn dev(task: &'static Task, arguments: Vec<String>) -> Outcome<ExitCode> {
    let stop = stop_at_signals()?;
    let mut around = Surroundings::new(arguments);
    while !stop.asked() {
        let built_from = newest_source();
        let built = test::stages(task, &mut around, &stop)?.failed == 0;
        let mut server = if built { Some(serve(&around)?) } else { None };
        if !built {
            eprintln!("Waiting for the next change.");
        }
        while newest_source() <= built_from && !stop.asked() {
            std::thread::sleep(LOOK_EVERY);
        }
        if let Some(server) = &mut server {
            // A server that has gone already cannot be ended again.
            let _ = server.kill();
            let _ = server.wait();
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// When a source was last written.
fn newest_source() -> Option<SystemTime> {
    fn newest(path: &Path) -> Option<SystemTime> {
        if !path.is_dir() {
            return path.metadata().ok()?.modified().ok();
        }
        let skipped = path.ends_with("node_modules") || path.ends_with("target");
        if skipped {
            return None;
        }
        std::fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest(&entry.path())).max()
    }
    ["src", "crates", "migrations", "style", "public", "Cargo.toml"]
        .iter()
        .filter_map(|folder| newest(&root().join(folder)))
        .max()
}

/// Runs a command on the private Postgres: for single tests and for a look.
pub fn with_database(_: &'static Task, arguments: Vec<String>) -> Outcome<ExitCode> {
    let Some((program, rest)) = arguments.split_first() else {
        return Err("which command? For example: cargo xtask db cargo test NAME".into());
    };
    let cluster = Cluster::start(Purpose::Serve)?;
    cluster.create("tawi")?;
    let stop = stop_at_signals()?;
    let mut command = command(program);
    cluster.tell(&mut command);
    wait(command.args(rest).env("DATABASE_URL", cluster.url("tawi")).env("TAWI_DEMO", "1").spawn()?, &stop)
}

/// Whether somebody pressed Ctrl-C.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Since it began.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Ctrl-C reaches the children as well; this process only must not die before it has tidied up. Whoever
/// presses it twice does not want to wait for that.
pub fn stop_at_signals() -> Outcome<Stop> {
    let stop = Stop::default();
    let flag = stop.clone();
    ctrlc::set_handler(move || {
        if flag.0.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    Ok(stop)
}

fn wait(mut child: Child, stop: &Stop) -> Outcome<ExitCode> {
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() || told { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        if stop.asked() && !told {
            told = true;
            // Where the signal was for this process alone, the child hears of it here.
            let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
