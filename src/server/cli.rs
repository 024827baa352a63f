//! One binary: `tawi serve | migrate | demo | verify | adopt | staff | business-date | jobs`.

use super::config::{Config, ConfigError, Variables, variables, without_empty_variables};
use super::router;
use super::serve::{self, Bounds};
use super::site::Site;
use super::state::Portal;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use jiff::civil::Date;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use tawi_bank::adopt::adopt;
use tawi_bank::business_date;
use tawi_bank::jobs;
use tawi_bank::proof;
use tawi_bank::shared::staff::{self, RoleChange};
use tawi_bank::shared::{branch, cluster, db, leader};
use tawi_bank::{Bank, demo};
use tawi_domain::shared::business_date::{BusinessDateMove, MoveTo};
use tawi_domain::shared::constants::LONGEST_NOTE_CHARS;
use tawi_domain::shared::dates::{format_date, local, parse_date};
use tawi_domain::shared::form::bounded;
use tawi_domain::shared::ids::StaffId;
use tawi_domain::shared::money::{Currency, Money};
use tawi_domain::shared::permissions::Role;
use tracing_subscriber::EnvFilter;

/// Connections to the database beside the pool of what people do: sessions, jobs, leader, listener, owner.
const OTHER_CONNECTIONS: usize = 16;
/// How long an end waits for the node's background work.
const BACKGROUND_END: Duration = Duration::from_secs(3);

type Outcome = Result<ExitCode, Box<dyn Error + Send + Sync>>;

/// The branch portal of a bank.
#[derive(Debug, Parser)]
#[command(name = "tawi", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    variables: Variables,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the portal; brings the database up to date first
    Serve,
    /// Bring the database up to this program's migrations
    Migrate,
    /// Make the demonstration bank: branches, people for each role, and half a year of life
    Demo {
        /// Branches and people only, on today's date
        #[arg(long)]
        bare: bool,
    },
    /// Check every invariant of the books; ends non-zero when one is broken
    Verify,
    /// Take over books that a dump brought into this cluster, or that an upgrade of the server left: verify
    /// and seal their audit, sum the roll-up anew, record it
    Adopt {
        /// Adopt them although their audit does not verify, and record why
        #[arg(long, value_name = "REASON")]
        despite_broken_audit: Option<String>,
    },
    /// Add people, give and take roles, disable people, set passwords
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Move a branch's business date forward
    BusinessDate {
        /// Code of the branch, for example NBO-HQ; HEAD-OFFICE has a date of its own
        #[arg(long)]
        branch: String,
        /// The date the branch is at, 26/03/2026 or 2026-03-26: when somebody has moved it meanwhile, nothing
        /// is done
        #[arg(long, required_if_eq("to", "next"))]
        from: Option<String>,
        /// The new date: 27/03/2026 or 2026-03-27, or `next` for the next working day
        #[arg(long)]
        to: String,
        /// Why it goes to a day without work, or farther than it may; recorded
        #[arg(long)]
        reason: Option<String>,
    },
    /// Finish what new business dates brought, where a program was stopped before it had. A portal that serves
    /// does it by itself
    Jobs {
        /// Rows that are done at once
        #[arg(long, default_value_t = jobs::ROWS)]
        rows: i64,
    },
    /// Explain a topic: `tawi help config` lists every environment variable
    Help {
        /// The topic
        #[arg(default_value = "config")]
        topic: String,
    },
}

#[derive(Debug, Subcommand)]
enum StaffCommand {
    /// Add a person; the password is asked for, or made when there is no terminal
    Add {
        /// Two letters, a dash, three or four figures: LO-001
        staff_id: StaffId,
        /// Full name
        name: String,
    },
    /// Give a role at a branch, change its dates or limit, or end it
    Role {
        /// The person
        staff_id: StaffId,
        /// Code of the branch
        #[arg(long)]
        branch: String,
        /// The role, for example relationship_officer
        #[arg(long)]
        role: Role,
        /// First day; the branch's business date when not given
        #[arg(long)]
        from: Option<String>,
        /// Last day
        #[arg(long)]
        until: Option<String>,
        /// The most they may approve alone, in KES
        #[arg(long)]
        limit: Option<String>,
        /// Take the role away at once
        #[arg(long, conflicts_with_all = ["from", "until", "limit"])]
        end: bool,
    },
    /// Disable a person: their sessions and streams end within a second
    Disable {
        /// The person
        staff_id: StaffId,
    },
    /// Set a person's password; their sessions end
    Password {
        /// The person
        staff_id: StaffId,
    },
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let read = without_empty_variables(Cli::command()).try_get_matches();
    let cli = match read.and_then(|read| Cli::from_arg_matches(&read)) {
        Ok(cli) => cli,
        Err(error) => match ConfigError::of(&error) {
            Some(wrong) => return fail(&wrong),
            None => error.exit(),
        },
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(carry_out(cli)) {
        Ok(code) => code,
        Err(error) => fail(error.as_ref()),
    }
}

fn fail(error: &dyn Error) -> ExitCode {
    eprintln!("tawi: {error}");
    ExitCode::FAILURE
}

async fn carry_out(Cli { command, variables }: Cli) -> Outcome {
    if let Command::Help { topic } = &command {
        return Ok(help(topic));
    }
    let config = Config::of(variables)?;
    tracing_subscriber::fmt()
        // A cookie that is none is no news: whoever sends one shall not fill the log.
        .with_env_filter(EnvFilter::try_new(format!(
            "tower_sessions=error,tower_sessions_core=error,{}",
            config.log
        ))?)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
    let bank = Bank::new(config.bank.clone())?;
    match command {
        Command::Serve => serve(bank, config).await,
        Command::Migrate => {
            db::migrate(&config.bank.urls).await?;
            println!("The database is up to date.");
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo { bare } => {
            let Some(password) = &config.demo_password else {
                return Err("this is not a demonstration: set TAWI_DEMO=1, on a database that may hold invented people".into());
            };
            db::migrate(&config.bank.urls).await?;
            let begins = if bare { today(&bank) } else { demo::BEGINS };
            let new = demo::make(&bank, begins, password).await?;
            println!("The demonstration has {} people, {new} of them new.", demo::PEOPLE.len());
            if !bare {
                let made = demo::live(&bank).await?;
                if made != demo::Made::default() {
                    println!(
                        "Half a year of life: {} customers, {} accounts, {} loans, {} repayments.",
                        made.customers, made.accounts, made.loans, made.repayments
                    );
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify => check_books(&config).await,
        Command::Adopt { despite_broken_audit } => {
            db::migrate(&config.bank.urls).await?;
            let adopted = adopt(&bank, despite_broken_audit.as_deref()).await?;
            println!(
                "These books are kept in this cluster now. {} audit lines stood before, with {} faults; all are \
                 sealed. Transactions are counted {} ahead of the cluster's.",
                adopted.lines, adopted.broken, adopted.ahead
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Staff(command) => staff_command(&bank, command).await,
        Command::BusinessDate { branch, from, to, reason } => {
            let to = match to.as_str() {
                "next" => MoveTo::NextWorkingDay,
                date => MoveTo::Day(
                    parse_date(date).map_err(|slip| format!("--to is {date:?}: {slip}; or say `next`"))?,
                ),
            };
            let reason = reason.map(|typed| bounded(&typed, "the reason", LONGEST_NOTE_CHARS)).transpose()?;
            let from =
                from.map(|date| parse_date(&date).map_err(|slip| format!("--from is {date:?}: {slip}")));
            let from = from.transpose()?;
            let asked = BusinessDateMove { from, to, reason };
            let (from, to) = business_date::move_forward(&bank, &branch, &asked).await?;
            println!("{branch} went from {} to {}.", format_date(from), format_date(to));
            Ok(ExitCode::SUCCESS)
        }
        Command::Jobs { rows } => {
            let reports = jobs::finish(&bank, rows).await?;
            for report in &reports {
                println!(
                    "{}, {}: {} rows done, {} set aside",
                    report.branch,
                    format_date(report.until),
                    report.rows,
                    report.set_aside
                );
            }
            if reports.is_empty() {
                println!("Nothing was left to do.");
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Help { .. } => Ok(ExitCode::SUCCESS),
    }
}

fn help(topic: &str) -> ExitCode {
    if topic != "config" {
        eprintln!(
            "tawi: there is no help on {topic:?}; `tawi help config` lists the environment variables, `tawi COMMAND --help` explains a command"
        );
        return ExitCode::FAILURE;
    }
    println!("Environment variables; each is an option of every command, too (TAWI_SITE_DIR: --site-dir):\n");
    for variable in variables() {
        println!("{}\n    {}\n    default: {}\n", variable.name, variable.what, variable.default);
    }
    ExitCode::SUCCESS
}

/// Today on the branch's wall clock.
fn today(bank: &Bank) -> Date {
    local(bank.clock().now()).date()
}

async fn serve(bank: Bank, config: Config) -> Outcome {
    db::migrate(&config.bank.urls).await?;
    cluster::must_be_at_home(&mut db::owner(&config.bank.urls).await?).await?;
    if let Some(role) = db::unbounded(bank.pool()).await? {
        return Err(format!(
            "TAWI_APP_DATABASE_URL is of the role {role}, which owns tables or is not bound by row-level security: \
             name the role tawi_app"
        )
        .into());
    }
    if config.demo_password.is_none() {
        first_administrator(&bank).await?;
    }
    let site = Site::read(&config.site_dir)?;
    let listener = tokio::net::TcpListener::bind(config.addr).await.map_err(|error| {
        format!("cannot listen on {}: {error}; set TAWI_ADDR to another address", config.addr)
    })?;
    let (public_url, proxies) = (config.public_url.clone(), config.proxies.clone());
    let database =
        usize::try_from(config.bank.connections).unwrap_or(usize::MAX).saturating_add(OTHER_CONNECTIONS);
    let bounds = Bounds::of(config.max_connections, database);
    if bounds.connections < config.max_connections {
        tracing::warn!(
            bounds.connections,
            "the system gives this process descriptors for fewer connections than asked"
        );
    }
    let leading = tokio::spawn(leader::run(bank.clone()));
    let working = tokio::spawn(jobs::keep_up(bank.clone()));
    let app = router::portal(Portal::new(bank.clone(), config, site));
    println!("Tawi serves at {public_url}");
    let stopping = bank.clone();
    let stop = async move {
        stop_signal().await;
        stopping.hub().stop();
    };
    serve::serve(listener, app, bounds, proxies, stop).await;
    bank.hub().stop();
    // What has begun in the background ends with its chunk, or is finished by whoever goes on: nobody waits for long.
    let background = async { (leading.await, working.await) };
    if let Ok((leading, working)) = tokio::time::timeout(BACKGROUND_END, background).await {
        leading?;
        working?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}

/// Outside a demonstration an empty bank needs its first administrator: their password is made and
/// printed once.
async fn first_administrator(bank: &Bank) -> Result<(), Box<dyn Error + Send + Sync>> {
    if staff::count(bank).await? > 0 {
        return Ok(());
    }
    let head_office = branch::open_head_office(bank, today(bank)).await?;
    let staff_id: StaffId = "AD-001".parse()?;
    let password = made_password()?;
    staff::add(bank, &staff_id, "First administrator", password.clone()).await?;
    let change = RoleChange {
        staff_id,
        branch_code: head_office,
        role: Role::Administrator,
        from: None,
        until: None,
        limit: None,
    };
    staff::set_role(bank, &change).await?;
    println!(
        "First administrator: AD-001 with the password {password}\nIt is shown this once: change it with `tawi staff password AD-001`."
    );
    Ok(())
}

fn made_password() -> Result<String, Box<dyn Error + Send + Sync>> {
    let key = tawi_bank::approval::new_key()?;
    Ok(key.as_str().chars().take(23).collect())
}

/// Asks twice at a terminal; without one, makes a password and prints it once.
fn asked_password() -> Result<String, Box<dyn Error + Send + Sync>> {
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let given = line.trim_end_matches(['\n', '\r']);
        if !given.is_empty() {
            return Ok(given.to_owned());
        }
        let password = made_password()?;
        println!("Password, shown this once: {password}");
        return Ok(password);
    }
    let first = rpassword::prompt_password("Password: ")?;
    let second = rpassword::prompt_password("Again: ")?;
    if first == second { Ok(first) } else { Err("the two passwords differ: nothing was changed".into()) }
}

async fn staff_command(bank: &Bank, command: StaffCommand) -> Outcome {
    match command {
        StaffCommand::Add { staff_id, name } => {
            if !staff::add(bank, &staff_id, &name, asked_password()?).await? {
                return Err(format!("{staff_id} is on the staff already").into());
            }
            println!(
                "{staff_id} is on the staff. Give a role with `tawi staff role {staff_id} --branch … --role …`."
            );
        }
        StaffCommand::Role { staff_id, branch, role, end: true, .. } => {
            staff::end_role(bank, &staff_id, &branch, role).await?;
            println!("{staff_id} is no longer {} at {branch}.", role.title());
        }
        StaffCommand::Role { staff_id, branch, role, from, until, limit, end: false } => {
            let date = |text: Option<String>| text.map(|text| parse_date(&text)).transpose();
            let change = RoleChange {
                staff_id: staff_id.clone(),
                branch_code: branch.clone(),
                role,
                from: date(from)?,
                until: date(until)?,
                limit: limit.map(|text| Money::parse(&text, Currency::Kes)).transpose()?,
            };
            staff::set_role(bank, &change).await?;
            println!("{staff_id} is {} at {branch}.", role.title());
        }
        StaffCommand::Disable { staff_id } => {
            staff::disable(bank, &staff_id).await?;
            println!("{staff_id} is disabled.");
        }
        StaffCommand::Password { staff_id } => {
            staff::set_password(bank, &staff_id, asked_password()?).await?;
            println!("The password of {staff_id} is set.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn check_books(config: &Config) -> Outcome {
    let mut owner = db::owner(&config.bank.urls).await?;
    let findings = proof::verify(&mut owner, &config.bank.audit_key).await?;
    if let Err(elsewhere) = cluster::must_be_at_home(&mut owner).await {
        println!("note    {elsewhere}");
    }
    let mut broken = 0;
    for finding in &findings {
        if finding.rows.is_empty() {
            println!("holds   {}", finding.invariant);
        } else {
            broken += 1;
            println!("BROKEN  {}", finding.invariant);
            for row in &finding.rows {
                println!("        {row}");
            }
        }
    }
    println!("{} invariants, {broken} broken", findings.len());
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
