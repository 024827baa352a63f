//! What every handler shares.

use super::config::Config;
use super::site::Site;
use axum::extract::FromRef;
use governor::{DefaultKeyedRateLimiter, Quota};
use leptos::config::LeptosOptions;
use std::net::IpAddr;
use std::num::NonZeroU32;
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
    pub sign_ins: Arc<DefaultKeyedRateLimiter<IpAddr>>,
}

impl Portal {
    /// The state for a configuration.
    pub fn new(bank: Bank, config: Config, site: Site) -> Self {
        let leptos = LeptosOptions::builder()
            .output_name("tawi")
            .site_root(config.site_dir.as_str())
            .site_pkg_dir(format!("pkg/{}", site.folder))
            .build();
        let per_minute = NonZeroU32::new(config.sign_ins_per_minute).unwrap_or(NonZeroU32::MIN);
        let sign_ins = Arc::new(DefaultKeyedRateLimiter::keyed(Quota::per_minute(per_minute)));
        Self { bank, config: Arc::new(config), leptos, site: Arc::new(site), sign_ins }
    }
}

impl FromRef<Portal> for LeptosOptions {
    fn from_ref(portal: &Portal) -> Self {
        portal.leptos.clone()
    }
}
