//! Configuration: environment variables, each with its default told once, here; each may be given as an
//! option of the command line instead. A wrong value stops the start and says which.

use super::address::Proxies;
use axum::http::Uri;
use axum::http::uri::Authority;
use clap::builder::{BoolishValueParser, Resettable};
use clap::error::{ContextKind, ContextValue};
use clap::{ArgAction, Args, Command, CommandFactory, FromArgMatches};
use std::error::Error;
use std::net::SocketAddr;
use tawi_bank::Settings;
use tawi_bank::demo;
use tawi_bank::shared::db::{ACQUIRE_TIMEOUT, Urls};
use tracing_subscriber::EnvFilter;

/// What the program reads from its environment.
#[derive(Debug, Clone, Args)]
pub struct Variables {
    /// The database, as its owner: postgres://user:password@host:port/database
    #[arg(long, global = true, hide = true, env = "DATABASE_URL", hide_env_values = true, value_parser = postgres_url)]
    database_url: Option<String>,
    /// The same database as the role tawi_app, which owns nothing; derived from DATABASE_URL when not set
    #[arg(long, global = true, hide = true, env = "TAWI_APP_DATABASE_URL", hide_env_values = true, value_parser = postgres_url)]
    app_database_url: Option<String>,
    /// Address and port to listen on; anything but loopback needs TAWI_PUBLIC_URL
    #[arg(long, global = true, hide = true, env = "TAWI_ADDR", default_value = "127.0.0.1:3000", value_parser = address)]
    addr: SocketAddr,
    /// The address in people's browsers: https:// unless it is loopback; http:// and TAWI_ADDR when not set
    #[arg(long, global = true, hide = true, env = "TAWI_PUBLIC_URL")]
    public_url: Option<String>,
    /// 64 hexadecimal figures that seal the audit; keep it away from the database. A demonstration has a
    /// published one
    #[arg(long, global = true, hide = true, env = "TAWI_AUDIT_KEY", hide_env_values = true, value_parser = audit_key)]
    audit_key: Option<AuditKey>,
    /// 1 makes this a demonstration, which every page then says
    #[arg(long, global = true, hide = true, env = "TAWI_DEMO", default_value = "0", num_args = 0..=1, default_missing_value = "1", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    demo: bool,
    /// The password of everybody in the demonstration
    #[arg(long, global = true, hide = true, env = "TAWI_DEMO_PASSWORD", default_value = demo::PASSWORD)]
    demo_password: String,
    /// Where the built site is
    #[arg(long, global = true, hide = true, env = "TAWI_SITE_DIR", default_value = "target/site")]
    site_dir: String,
    /// Database connections for what people do on this node, 4 to 200; sessions, jobs and the leader take up to 16 more
    #[arg(long, global = true, hide = true, env = "TAWI_CONNECTIONS", default_value = "24", value_parser = |text: &str| between(text, 4, 200))]
    connections: u32,
    /// Sign-ins from one address in a minute, 1 to 100000
    #[arg(long, global = true, hide = true, env = "TAWI_SIGN_INS_PER_MINUTE", default_value = "30", value_parser = |text: &str| between(text, 1, 100_000))]
    sign_ins_per_minute: u32,
    /// Proxies whose X-Forwarded-For is believed: addresses and networks, with commas between, or none; with an
    /// https:// address it must be said
    #[arg(long, global = true, hide = true, env = "TAWI_TRUSTED_PROXIES")]
    trusted_proxies: Option<Proxies>,
    /// Connections from browsers and proxies that this node takes, 8 to 100000; fewer where the system gives fewer
    /// descriptors
    #[arg(long, global = true, hide = true, env = "TAWI_MAX_CONNECTIONS", default_value = "4096", value_parser = |text: &str| between(text, 8, 100_000))]
    max_connections: u32,
    /// What is logged, never customers' data: error, warn, info, debug, or a filter of tracing
    #[arg(long, global = true, hide = true, env = "TAWI_LOG", default_value = "info", value_parser = log_filter)]
    log: String,
}

/// The key that seals the audit.
#[derive(Debug, Clone, Copy)]
struct AuditKey([u8; 32]);

/// A variable as people read of it.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What holds when it is not set.
    pub default: String,
    /// What it is for.
    pub what: String,
}

/// Every variable, in the order in which the program tells of them.
pub fn variables() -> Vec<Variable> {
    let told = |variable: &clap::Arg| {
        let defaults: Vec<_> =
            variable.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        Some(Variable {
            name: variable.get_env()?.to_string_lossy().into_owned(),
            default: if defaults.is_empty() { "none".to_owned() } else { defaults.join(" ") },
            what: variable.get_help()?.to_string(),
        })
    };
    Alone::command().get_arguments().filter_map(told).collect()
}

/// The variables without a command, as tests and lists have them.
#[derive(Debug, clap::Parser)]
struct Alone {
    #[command(flatten)]
    variables: Variables,
}

/// The audit key of demonstrations: everybody may know it, so it protects nothing.
const DEMO_AUDIT_KEY: [u8; 32] = [0x7A; 32];

/// How the portal runs.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    /// The address in people's browsers.
    pub public_url: String,
    /// The password everybody has, in a demonstration.
    pub demo_password: Option<String>,
    /// Where the built site is.
    pub site_dir: String,
    /// Sign-ins from one address in a minute.
    pub sign_ins_per_minute: u32,
    /// Proxies whose word on addresses is taken.
    pub proxies: Proxies,
    /// Connections that are taken at most.
    pub max_connections: usize,
    /// What is logged.
    pub log: String,
    /// What the bank needs.
    pub bank: Settings,
}

/// A value that cannot be used, and what would do.
#[derive(Debug, thiserror::Error)]
#[error("{variable} {}: {problem}. See `tawi help config`", shown(.found))]
pub struct ConfigError {
    variable: String,
    found: String,
    problem: String,
}

fn shown(found: &str) -> String {
    if found.is_empty() { "is not set".to_owned() } else { format!("is {found:?}") }
}

impl ConfigError {
    /// What a command line says of a variable; none when its fault lies elsewhere.
    pub fn of(error: &clap::Error) -> Option<Self> {
        let told = |kind| {
            if let ContextValue::String(text) = error.get(kind)? { Some(text.clone()) } else { None }
        };
        let (argument, found) = (told(ContextKind::InvalidArg)?, told(ContextKind::InvalidValue)?);
        let mut alone = Alone::command();
        alone.build();
        let variable = alone.get_arguments().find(|known| known.to_string() == argument)?;
        let found = if variable.is_hide_env_values_set() { "(not shown)".to_owned() } else { found };
        let name = variable.get_env()?.to_string_lossy().into_owned();
        Some(wrong(&name, found, error.source()?.to_string()))
    }
}

fn wrong(variable: &str, found: impl Into<String>, problem: impl Into<String>) -> ConfigError {
    ConfigError { variable: variable.to_owned(), found: found.into(), problem: problem.into() }
}

impl Config {
    /// Whether a name with its port, as browsers send it, is this portal's. On this machine alone any loopback name
    /// is, under any port: a tunnel leads to it.
    pub fn answers_to(&self, host: &str) -> bool {
        let Ok(own) = self.public_url.parse::<Uri>() else { return false };
        let (Some(own), Ok(host)) = (own.authority(), host.parse::<Authority>()) else { return false };
        let standard = if self.public_url.starts_with("https://") { 443 } else { 80 };
        let port = |authority: &Authority| authority.port_u16().unwrap_or(standard);
        let is_loopback = |host: &str| matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        if is_loopback(own.host()) {
            return is_loopback(&host.host().to_ascii_lowercase());
        }
        own.host().eq_ignore_ascii_case(host.host())
            && port(own) == port(&host)
            && !host.as_str().contains('@')
    }

    /// Whether an address that a browser is sent to is this portal's.
    pub fn leads_here(&self, to: &str) -> bool {
        let own_path = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\");
        let authority = to.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(scheme));
        let named = authority.and_then(|(_, rest)| rest.split(['/', '?', '#', '\\']).next());
        own_path || named.is_some_and(|host| self.answers_to(host))
    }

    /// What follows from the variables. They are held against each other here, each was read by itself.
    pub fn of(variables: Variables) -> Result<Self, ConfigError> {
        let owner = variables.database_url.ok_or_else(|| {
            wrong("DATABASE_URL", "", "no database is named; `make run` starts one of its own")
        })?;
        let addr = variables.addr;
        let secure =
            variables.public_url.as_deref().is_some_and(|url| url.starts_with("https://") && is_public(url));
        if !addr.ip().is_loopback() && !secure {
            return Err(wrong(
                "TAWI_ADDR",
                addr.to_string(),
                "browsers keep the session cookie only over https there; set TAWI_PUBLIC_URL=https://… and put TLS before it",
            ));
        }
        if let Some(url) = &variables.public_url
            && !is_public(url)
        {
            return Err(wrong(
                "TAWI_PUBLIC_URL",
                url,
                "it must be https:// and a host, or http:// and 127.0.0.1 or localhost, with no path",
            ));
        }
        if secure && variables.trusted_proxies.is_none() {
            return Err(wrong(
                "TAWI_TRUSTED_PROXIES",
                "",
                "over https a proxy stands before the portal, and without its address everybody who signs in would count \
                 as one: name it, for example 10.0.0.7, or say none",
            ));
        }
        let audit_key = match (variables.audit_key, variables.demo) {
            (Some(AuditKey(key)), _) => key,
            (None, true) => DEMO_AUDIT_KEY,
            (None, false) => {
                return Err(wrong(
                    "TAWI_AUDIT_KEY",
                    "",
                    "outside a demonstration it must be set; make one with `openssl rand -hex 32`",
                ));
            }
        };
        Ok(Self {
            public_url: variables.public_url.unwrap_or_else(|| format!("http://{addr}")),
            addr,
            demo_password: variables.demo.then_some(variables.demo_password),
            site_dir: variables.site_dir,
            sign_ins_per_minute: variables.sign_ins_per_minute,
            proxies: variables.trusted_proxies.unwrap_or_default(),
            max_connections: usize::try_from(variables.max_connections).unwrap_or(usize::MAX),
            log: variables.log,
            bank: Settings {
                urls: Urls { owner, app: variables.app_database_url },
                audit_key,
                connections: variables.connections,
                patience: ACQUIRE_TIMEOUT,
                demonstration: variables.demo,
            },
        })
    }

    /// The configuration of a program whose environment holds these variables and no others.
    pub fn read(values: &[(&str, &str)]) -> Result<Self, ConfigError> {
        let mut line = vec!["tawi".to_owned()];
        let alone = Alone::command();
        for (name, value) in values.iter().filter(|(_, value)| !value.trim().is_empty()) {
            let known = alone.get_arguments().find(|known| known.get_env().is_some_and(|env| env == *name));
            let option = known
                .and_then(clap::Arg::get_long)
                .ok_or_else(|| wrong(name, *value, "there is no such variable"))?;
            line.push(format!("--{option}={value}"));
        }
        let alone = alone.mut_args(|variable| variable.env(Resettable::Reset));
        let read = alone.try_get_matches_from(line).and_then(|read| Variables::from_arg_matches(&read));
        Self::of(
            read.map_err(|error| {
                ConfigError::of(&error).unwrap_or_else(|| wrong("", "", error.to_string()))
            })?,
        )
    }
}

/// A command whose empty variables count as not set: a deployment that lists them all leaves some empty.
pub fn without_empty_variables(command: Command) -> Command {
    let is_empty = |variable: &clap::Arg| {
        let value = variable.get_env().and_then(std::env::var_os);
        value.is_some_and(|value| value.to_string_lossy().trim().is_empty())
    };
    command.mut_args(|variable| if is_empty(&variable) { variable.env(Resettable::Reset) } else { variable })
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "it must be an address and a port, for example 127.0.0.1:3000")
}

fn between(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("it must be a number from {least} to {most}"))
}

/// A level, or levels of parts of the program. A single word that is no level would be taken for a part, and
/// nothing logged.
fn log_filter(text: &str) -> Result<String, &'static str> {
    let is_level = ["off", "error", "warn", "info", "debug", "trace"].contains(&text.to_lowercase().as_str());
    let is_filter = text.contains('=') && EnvFilter::try_new(text).is_ok();
    if is_level || is_filter {
        return Ok(text.to_owned());
    }
    Err("it must be error, warn, info, debug or trace, or a filter of tracing such as tawi=debug,info")
}

/// An address that browsers may be sent to: a host over https, or this machine over http.
fn is_public(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else { return false };
    let plain = url.path() == "/" && url.query().is_none();
    match (url.scheme_str(), url.authority()) {
        (Some(_), Some(authority)) if authority.as_str().contains('@') || !plain => false,
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(authority)) => matches!(authority.host(), "127.0.0.1" | "localhost"),
        _ => false,
    }
}

/// The address of a Postgres.
fn postgres_url(text: &str) -> Result<String, &'static str> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(text.to_owned());
    }
    Err("it must begin with postgres://")
}

fn audit_key(text: &str) -> Result<AuditKey, &'static str> {
    key_of(text).map(AuditKey).ok_or("it must have 64 hexadecimal figures")
}

fn key_of(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> =
        (0..32).filter_map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
    bytes.try_into().ok()
}
