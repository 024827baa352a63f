//! The clock: the wall's in service, a hand-set one in tests of lockouts and sessions. Business dates
//! never come from it.

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
        let ahead = SignedDuration::from_secs(self.ahead_seconds.load(Ordering::Relaxed));
        let now = Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX);
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Moves the clock forward. Tests only; the portal never calls it.
    pub fn advance(&self, by: SignedDuration) {
        self.ahead_seconds.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}
