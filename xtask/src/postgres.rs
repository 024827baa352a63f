//! A private Postgres cluster: own folder, own port, own password; as root it runs as the system's
//! `postgres` user, because Postgres refuses to be root.

use crate::shell::{Outcome, command, free_port, hex, is_root, must, output, root};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The data of `make run`: kept, durable.
    Serve,
    /// Tests: thrown away, without waiting for the disk.
    Test,
    /// Benchmarks: thrown away, durable, because flushes are what is measured.
    Bench,
}

/// A cluster that is running.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    binaries: PathBuf,
    port: u16,
    password: String,
    purpose: Purpose,
    started_here: bool,
}

/// The folder of the server's programs, the newest version.
pub fn binaries() -> Outcome<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            path.join("bin/initdb").exists().then(|| (version, path.join("bin")))
        })
        .collect();
    found.sort();
    if let Some((_, path)) = found.pop() {
        return Ok(path);
    }
    let configured = output(Command::new("pg_config").arg("--bindir")).map(|path| PathBuf::from(path.trim()));
    configured
        .ok()
        .filter(|path| path.join("initdb").exists())
        .ok_or_else(|| "PostgreSQL's server programs are missing: apt-get install postgresql".into())
}

/// A folder the server's user may use: inside the repository, or where it lies below somebody's closed
/// home, in /var/tmp.
fn folder(name: &str) -> Outcome<PathBuf> {
    let inside = root().join(".data");
    fs::create_dir_all(&inside)?;
    let reachable = !is_root()
        || Command::new("runuser")
            .args(["-u", "postgres", "--", "test", "-x"])
            .arg(&inside)
            .status()
            .is_ok_and(|status| status.success());
    if reachable {
        return Ok(inside.join(name));
    }
    let key = &hex(&Sha256::digest(inside.to_string_lossy().as_bytes()))[..10];
    Ok(PathBuf::from(format!("/var/tmp/tawi-{key}-{name}")))
}

fn random_password() -> Outcome<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/uuid")?;
    Ok(text.trim().replace('-', ""))
}

impl Cluster {
    /// The cluster of a purpose, started; none where `DATABASE_URL` names what to serve from.
    pub fn of(purpose: Purpose) -> Outcome<Option<Self>> {
        if purpose == Purpose::Serve && std::env::var("DATABASE_URL").is_ok() {
            return Ok(None);
        }
        let cluster = Self::start(purpose).map_err(|error| format!("private Postgres: {error}"))?;
        if purpose == Purpose::Serve {
            cluster.create("tawi")?;
        }
        Ok(Some(cluster))
    }

    /// Starts the cluster of a purpose, or finds it running.
    pub fn start(purpose: Purpose) -> Outcome<Self> {
        let name = match purpose {
            Purpose::Serve => "postgres".to_owned(),
            Purpose::Test => format!("postgres-test-{}", std::process::id()),
            Purpose::Bench => format!("postgres-bench-{}", std::process::id()),
        };
        let folder = folder(&name)?;
        let binaries = binaries()?;
        fs::create_dir_all(&folder)?;
        if is_root() {
            must(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let (port_file, password_file) = (folder.join("port"), folder.join("password"));
        if !folder.join("data/PG_VERSION").exists() {
            initialise(&folder, &binaries, &password_file)?;
        }
        let password = fs::read_to_string(&password_file)?.trim().to_owned();
        if let Ok(port) = fs::read_to_string(&port_file).unwrap_or_default().trim().parse()
            && answers(&binaries, port, &password)
        {
            return Ok(Self { folder, binaries, port, password, purpose, started_here: false });
        }
        remove_stale_pid(&folder)?;
        let port = free_port()?;
        let mut cluster = Self { folder, binaries, port, password, purpose, started_here: true };
        cluster.launch()?;
        fs::write(port_file, port.to_string())?;
        cluster.started_here = true;
        Ok(cluster)
    }

    fn launch(&self) -> Outcome<()> {
        let mut options =
            format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=", self.port);
        options.push_str(" -c max_connections=200 -c log_min_messages=fatal");
        match self.purpose {
            Purpose::Serve => {}
            Purpose::Bench => options.push_str(" -c shared_buffers=512MB -c max_wal_size=4GB"),
            Purpose::Test => {
                options.push_str(" -c fsync=off -c synchronous_commit=off -c full_page_writes=off")
            }
        }
        let mut start = self.server_command("pg_ctl");
        start.arg("-D").arg(self.folder.join("data")).arg("-o").arg(options);
        start.arg("-l").arg(self.folder.join("log")).args(["-w", "-t", "60", "start"]);
        must(start.stdout(Stdio::null())).map_err(|error| {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(5).collect();
            format!("{error}\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n")).into()
        })
    }

    fn server_command(&self, program: &str) -> Command {
        server_command(&self.binaries, program)
    }

    /// Address of a database, as owner.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://tawi:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Tells a command of tests where it is.
    pub fn tell(&self, command: &mut Command) {
        command.env("TAWI_TEST_DATABASE_URL", self.url("postgres"));
        command.env("TAWI_E2E_ADMIN_URL", self.url("postgres")).env("PSQL", self.program("psql"));
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The owner's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Makes a database unless it is there.
    pub fn create(&self, database: &str) -> Outcome<()> {
        let there = output(
            self.psql("postgres")
                .arg("-tAc")
                .arg(format!("select 1 from pg_database where datname = '{database}'")),
        )?;
        if there.trim() == "1" {
            return Ok(());
        }
        must(self.psql("postgres").arg("-qc").arg(format!("create database {database}")))
    }

    /// `psql` on a database, stopping at the first error.
    pub fn psql(&self, database: &str) -> Command {
        let mut psql = command(self.binaries.join("psql"));
        psql.env("PGPASSWORD", &self.password).args([
            "-X",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-U",
            "tawi",
        ]);
        psql.arg("-p").arg(self.port.to_string()).arg("-d").arg(database);
        psql
    }

    /// A program of the server's folder.
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.started_here {
            return;
        }
        let mode = if self.purpose == Purpose::Serve { "fast" } else { "immediate" };
        let mut stop = self.server_command("pg_ctl");
        stop.arg("-D").arg(self.folder.join("data")).args(["-m", mode, "-w", "stop"]);
        // It may be stopped already, which is what was wanted.
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if self.purpose != Purpose::Serve {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn server_command(binaries: &Path, program: &str) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(binaries.join(program)).current_dir("/");
        command
    } else {
        let mut command = Command::new(binaries.join(program));
        command.current_dir("/");
        command
    }
}

fn initialise(folder: &Path, binaries: &Path, password_file: &Path) -> Outcome<()> {
    fs::write(password_file, random_password()?)?;
    if is_root() {
        must(Command::new("chown").arg("postgres").arg(password_file))?;
    }
    must(Command::new("chmod").arg("600").arg(password_file))?;
    let mut initdb = server_command(binaries, "initdb");
    initdb.arg("-D").arg(folder.join("data")).args(["-U", "tawi", "-E", "UTF8", "--locale=C.UTF-8"]);
    initdb.args(["--auth=scram-sha-256", "--no-sync"]).arg("--pwfile").arg(password_file);
    must(initdb.stdout(Stdio::null()))
}

fn answers(binaries: &Path, port: u16, password: &str) -> bool {
    Command::new(binaries.join("psql"))
        .env("PGPASSWORD", password)
        .env("PGCONNECT_TIMEOUT", "2")
        .args([
            "-X",
            "-h",
            "127.0.0.1",
            "-U",
            "tawi",
            "-d",
            "postgres",
            "-tAc",
            "select 1",
            "-p",
            &port.to_string(),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// After a crash or a reboot the pid file may name a process that is something else by now.
fn remove_stale_pid(folder: &Path) -> Outcome<()> {
    let file = folder.join("data/postmaster.pid");
    let Ok(content) = fs::read_to_string(&file) else { return Ok(()) };
    let pid = content.lines().next().unwrap_or_default().trim().to_owned();
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    if name.trim().starts_with("postgres") {
        return Err(format!(
            "a Postgres of this folder runs as process {pid} and does not answer: stop it with `kill {pid}`"
        )
        .into());
    }
    fs::remove_file(file)?;
    Ok(())
}
