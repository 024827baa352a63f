//! What every handler shares.

use super::config::Config;
use super::site::Site;
use super::turns::{AT_ONCE, IN_ALL, PerMinute, STREAMS_OF_A_PERSON, STREAMS_OF_AN_ADDRESS, Turns};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use std::sync::Arc;
use tawi_bank::Bank;

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
    /// What people do at this moment, by person, and by address before somebody signs in.
    pub turns: Turns,
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
            turns: Turns::new(AT_ONCE, IN_ALL),
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
