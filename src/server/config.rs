//! Configuration: environment variables, each with a default that is sane, each listed by
//! `tawi help config`. A wrong value stops the start.

use std::net::SocketAddr;
use tawi_bank::Settings;
use tawi_bank::demo;
use tawi_bank::shared::db::{ACQUIRE_TIMEOUT, Urls};

/// A variable.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds when it is not set.
    pub default: &'static str,
    /// What it is for.
    pub what: &'static str,
}

/// Every variable the program reads.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "DATABASE_URL",
        default: "none; `make run` starts a private Postgres",
        what: "the database, as its owner: postgres://user:password@host:port/database",
    },
    Variable {
        name: "TAWI_APP_DATABASE_URL",
        default: "derived from DATABASE_URL",
        what: "the same database as the role tawi_app, which owns nothing",
    },
    Variable {
        name: "TAWI_ADDR",
        default: "127.0.0.1:3000",
        what: "address and port to listen on; anything but loopback needs TAWI_PUBLIC_URL",
    },
    Variable {
        name: "TAWI_PUBLIC_URL",
        default: "http:// and TAWI_ADDR",
        what: "the address in people's browsers; https:// unless it is loopback",
    },
    Variable {
        name: "TAWI_AUDIT_KEY",
        default: "a published one in a demonstration; none outside",
        what: "64 hexadecimal figures that seal the audit; keep it away from the database",
    },
    Variable {
        name: "TAWI_DEMO",
        default: "0",
        what: "1 makes this a demonstration, which every page then says",
    },
    Variable {
        name: "TAWI_DEMO_PASSWORD",
        default: demo::PASSWORD,
        what: "the password of everybody in the demonstration",
    },
    Variable { name: "TAWI_SITE_DIR", default: "target/site", what: "where the built site is" },
    Variable { name: "TAWI_CONNECTIONS", default: "24", what: "database connections of this node, 4 to 200" },
    Variable {
        name: "TAWI_SIGN_INS_PER_MINUTE",
        default: "30",
        what: "sign-ins from one address in a minute, 1 to 100000",
    },
    Variable {
        name: "TAWI_LOG",
        default: "info",
        what: "what is logged: error, warn, info, debug, or a filter of tracing",
    },
];

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
    /// What the bank needs.
    pub bank: Settings,
}

/// A value that cannot be used, and what would do.
#[derive(Debug, thiserror::Error)]
#[error("{variable} is {found:?}: {problem}. See `tawi help config`")]
pub struct ConfigError {
    variable: &'static str,
    found: String,
    problem: String,
}

fn wrong(variable: &'static str, found: impl Into<String>, problem: impl Into<String>) -> ConfigError {
    ConfigError { variable, found: found.into(), problem: problem.into() }
}

impl Config {
    /// Reads the configuration; `read` answers the value of a variable.
    pub fn read(read: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let value = |name: &'static str| read(name).filter(|value| !value.trim().is_empty());
        let owner = value("DATABASE_URL").ok_or_else(|| {
            wrong("DATABASE_URL", "", "no database is named; `make run` starts one of its own")
        })?;
        if !owner.starts_with("postgres://") && !owner.starts_with("postgresql://") {
            return Err(wrong("DATABASE_URL", "(not shown)", "it must begin with postgres://"));
        }
        let demo = match value("TAWI_DEMO").as_deref() {
            None | Some("0" | "false" | "no") => false,
            Some("1" | "true" | "yes") => true,
            Some(other) => return Err(wrong("TAWI_DEMO", other, "it is 1 or 0")),
        };
        let text = value("TAWI_ADDR").unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        let addr: SocketAddr = text
            .parse()
            .map_err(|_| wrong("TAWI_ADDR", &text, "it must be an address and a port, 127.0.0.1:3000"))?;
        let public_url = value("TAWI_PUBLIC_URL");
        let secure = public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        if !addr.ip().is_loopback() && !secure {
            return Err(wrong(
                "TAWI_ADDR",
                text,
                "browsers keep the session cookie only over https there; set TAWI_PUBLIC_URL=https://… and put TLS before it",
            ));
        }
        if let Some(url) = &public_url
            && !secure
            && !url.starts_with("http://127.0.0.1")
            && !url.starts_with("http://localhost")
        {
            return Err(wrong(
                "TAWI_PUBLIC_URL",
                url,
                "it must begin with https:// unless it is 127.0.0.1 or localhost",
            ));
        }
        let audit_key = match (value("TAWI_AUDIT_KEY"), demo) {
            (Some(text), _) => key_of(&text).ok_or_else(|| {
                wrong("TAWI_AUDIT_KEY", "(not shown)", "it must have 64 hexadecimal figures")
            })?,
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
            public_url: public_url.unwrap_or_else(|| format!("http://{addr}")),
            addr,
            demo_password: demo
                .then(|| value("TAWI_DEMO_PASSWORD").unwrap_or_else(|| demo::PASSWORD.to_owned())),
            site_dir: value("TAWI_SITE_DIR").unwrap_or_else(|| "target/site".to_owned()),
            sign_ins_per_minute: number(
                value("TAWI_SIGN_INS_PER_MINUTE"),
                "TAWI_SIGN_INS_PER_MINUTE",
                30,
                1,
                100_000,
            )?,
            bank: Settings {
                urls: Urls { owner, app: value("TAWI_APP_DATABASE_URL") },
                audit_key,
                connections: number(value("TAWI_CONNECTIONS"), "TAWI_CONNECTIONS", 24, 4, 200)?,
                patience: ACQUIRE_TIMEOUT,
            },
        })
    }

    /// Reads it from the environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| std::env::var(name).ok())
    }
}

fn number(
    text: Option<String>,
    name: &'static str,
    default: u32,
    least: u32,
    most: u32,
) -> Result<u32, ConfigError> {
    let Some(text) = text else { return Ok(default) };
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| wrong(name, text, format!("it must be a number from {least} to {most}")))
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
