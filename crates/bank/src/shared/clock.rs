//! The clock: the wall's in service, a hand-set one in tests of waiting times and sessions. Business dates
//! never come from it, and what several nodes must agree on goes by the database's clock.

use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// Where the present moment comes from.
#[derive(Debug, Default)]
pub struct Clock {
    /// Seconds by which this clock is ahead of the wall's.
    ahead_seconds: AtomicI64,
}

impl Clock {
    /// The present moment, to the microsecond that the database keeps.
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead_seconds());
        let now = Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX);
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Seconds that statements add to the database's clock: none but in tests.
    pub fn ahead_seconds(&self) -> i64 {
        self.ahead_seconds.load(Ordering::Relaxed)
    }

    /// Moves the clock forward. Tests only; the portal never calls it.
    pub fn advance(&self, by: SignedDuration) {
        self.ahead_seconds.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}
