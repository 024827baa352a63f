//! `make run`: from a clone to a portal that serves.

use crate::postgres::{Cluster, Purpose};
use crate::setup;
use crate::site;
use crate::step::{Outcome, command, must, root, step};
use std::process::{Child, Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The portal's binary.
pub fn binary() -> std::path::PathBuf {
    root().join("target/debug/tawi")
}

/// Builds the portal's binary.
pub fn build_server() -> Outcome<()> {
    step("server of the portal", "read the compiler's message above", || {
        must(command("cargo").args(["build", "--quiet", "--package", "tawi"]))
    })
}

/// The private Postgres, unless `DATABASE_URL` names another.
fn private_cluster() -> Outcome<Option<Cluster>> {
    if std::env::var("DATABASE_URL").is_ok() {
        return Ok(None);
    }
    step("private Postgres under .data/", "read .data/postgres/log", || {
        let cluster = Cluster::start(Purpose::Serve)?;
        cluster.create("tawi")?;
        Ok(Some(cluster))
    })
}

/// Like [`run`], and builds and serves anew whenever a source changes.
pub fn dev() -> Outcome<ExitCode> {
    setup::style()?;
    let cluster = private_cluster()?;
    let stop = watch_signals()?;
    while !stop.load(Ordering::SeqCst) {
        let built_from = newest_source();
        let served = build_server().and_then(|()| site::build()).and_then(|site| {
            let configured = |argument: &str| {
                let mut program = command(binary());
                if let Some(cluster) = &cluster {
                    program.env("DATABASE_URL", cluster.url("tawi"));
                }
                program.env("TAWI_DEMO", "1").env("TAWI_SITE_DIR", &site).arg(argument);
                program
            };
            must(&mut configured("demo"))?;
            Ok(configured("serve").spawn()?)
        });
        let mut server = match served {
            Ok(server) => Some(server),
            Err(fault) => {
                eprintln!("{fault}\nWaiting for the next change.");
                None
            }
        };
        while newest_source() <= built_from && !stop.load(Ordering::SeqCst) {
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

/// How often `make dev` looks for a change.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// When a source was last written.
fn newest_source() -> Option<std::time::SystemTime> {
    fn newest(path: &std::path::Path) -> Option<std::time::SystemTime> {
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

/// Builds, migrates, makes the demonstration once, serves until Ctrl-C.
pub fn run() -> Outcome<ExitCode> {
    setup::style()?;
    build_server()?;
    let site = site::build()?;
    let cluster = private_cluster()?;
    let demo = std::env::var("TAWI_DEMO").unwrap_or_else(|_| "1".to_owned());
    let configured = |mut command: Command| {
        if let Some(cluster) = &cluster {
            command.env("DATABASE_URL", cluster.url("tawi"));
        }
        command.env("TAWI_DEMO", &demo).env("TAWI_SITE_DIR", &site);
        command
    };
    if demo == "1" {
        step("demonstration", "read the message above", || must(configured(command(binary())).arg("demo")))?;
    }
    let stop = watch_signals()?;
    let server = configured(command(binary())).arg("serve").spawn()?;
    if demo == "1" {
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

/// Runs a command on the private Postgres: for single tests and for a look.
pub fn with_database(arguments: &[String]) -> Outcome<ExitCode> {
    let Some((program, rest)) = arguments.split_first() else {
        return Err("which command? For example: cargo xtask db cargo test -p tawi-bank".into());
    };
    let cluster = Cluster::start(Purpose::Serve)?;
    cluster.create("tawi")?;
    let stop = watch_signals()?;
    let child = command(program)
        .args(rest)
        .env("DATABASE_URL", cluster.url("tawi"))
        .env("TAWI_TEST_DATABASE_URL", cluster.url("postgres"))
        .env("TAWI_DEMO", "1")
        .spawn()?;
    wait(child, &stop)
}

/// Ctrl-C reaches the child as well; this process only must not die before it has tidied up.
fn watch_signals() -> Outcome<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
    Ok(stop)
}

fn wait(mut child: Child, stop: &AtomicBool) -> Outcome<ExitCode> {
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() || told { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        if stop.load(Ordering::Relaxed) && !told {
            told = true;
            // Where the signal was for this process alone, the child hears of it here.
            let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
