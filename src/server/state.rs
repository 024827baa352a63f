//! What every handler shares.

use super::config::Config;
use super::site::Site;
use super::turns::{
    AT_ONCE, IN_ALL, PerMinute, READINGS_AT_ONCE, READINGS_IN_ALL, STREAMS_OF_A_PERSON,
    STREAMS_OF_AN_ADDRESS, Turns,
};
use axum::extract::FromRef;
use axum::http::StatusCode;
use leptos::config::LeptosOptions;
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;
use tawi_bank::Bank;
use tokio::sync::Mutex;

/// What a look at the node's health saw, and when.
#[derive(Debug, Clone)]
pub struct Looked {
    /// When.
    pub at: Instant,
    /// As it is answered.
    pub status: StatusCode,
    /// What is told.
    pub told: Value,
}

/// The state of the portal.
#[derive(Debug, Clone)]
pub struct Portal {
    /// The bank.
    pub bank: Bank,
    /// How the portal was configured.
    pub config: Arc<Config>,
    /// What Leptos needs to know.
    pub leptos: LeptosOptions,
    /// What the browser loads.
    pub site: Arc<Site>,
    /// Sign-ins by address.
    pub sign_ins: Arc<PerMinute>,
    /// Sessions that are read at this moment, by address.
    pub readings: Turns,
    /// What people do at this moment, by person, and by address before somebody signs in.
    pub turns: Turns,
    /// What the last look at the node's health gave.
    pub health: Arc<Mutex<Option<Looked>>>,
    /// The streams of each person.
    pub streams: Turns,
    /// The streams from each address.
    pub streams_by_address: Turns,
}

impl Portal {
    /// The state for a configuration.
    pub fn new(bank: Bank, config: Config, site: Site) -> Self {
        let leptos = LeptosOptions::builder()
            .output_name("tawi")
            .site_root(config.site_dir.as_str())
            .site_pkg_dir(format!("pkg/{}", site.folder))
            .build();
        Self {
            bank,
            leptos,
            site: Arc::new(site),
            sign_ins: Arc::new(PerMinute::new(config.sign_ins_per_minute)),
            readings: Turns::new(READINGS_AT_ONCE, READINGS_IN_ALL),
            turns: Turns::new(AT_ONCE, IN_ALL),
            health: Arc::default(),
            streams: Turns::new(STREAMS_OF_A_PERSON, STREAMS_OF_A_PERSON),
            streams_by_address: Turns::new(STREAMS_OF_AN_ADDRESS, STREAMS_OF_AN_ADDRESS),
            config: Arc::new(config),
        }
    }
}

impl FromRef<Portal> for LeptosOptions {
    fn from_ref(portal: &Portal) -> Self {
        portal.leptos.clone()
    }
}
