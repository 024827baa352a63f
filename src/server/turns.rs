//! Nobody takes the portal for themselves: each person does a few things at a time, and so does each address that has
//! not signed in; the rest of theirs waits, holding nothing, and what is far too much is told to come again.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::{DefaultKeyedRateLimiter, Quota};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Things one person does at a time.
pub const AT_ONCE: usize = 4;
/// Things of one person that are under way or wait.
pub const IN_ALL: usize = 48;
/// Sessions of one address that are read at a time.
pub const READINGS_AT_ONCE: usize = 2;
/// Sessions of one address that are read or wait to be: a branch behind one address.
pub const READINGS_IN_ALL: usize = 1_000;
/// Streams of one person: tabs and tablets.
pub const STREAMS_OF_A_PERSON: usize = 12;
/// Streams from one address: a branch behind one.
pub const STREAMS_OF_AN_ADDRESS: usize = 500;

/// Who takes turns, by name. What nobody uses is forgotten.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    at_once: usize,
    in_all: usize,
    places: Mutex<HashMap<String, Place>>,
}

#[derive(Debug, Clone)]
struct Place {
    room: Arc<Semaphore>,
    at_once: Arc<Semaphore>,
    users: usize,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    name: String,
    permits: Option<(OwnedSemaphorePermit, Option<OwnedSemaphorePermit>)>,
}

impl Turns {
    /// So many at once, and so many in all with those that wait.
    pub fn new(at_once: usize, in_all: usize) -> Self {
        Self(Arc::new(Inner { at_once, in_all, places: Mutex::default() }))
    }

    /// Waits for a turn of a name. None: too many wait already.
    pub async fn take(&self, name: &str) -> Option<Turn> {
        let place = self.place(name);
        // From here on the place is given back, whatever happens.
        let mut turn = Turn { turns: self.clone(), name: name.to_owned(), permits: None };
        let room = place.room.try_acquire_owned().ok()?;
        let first = if self.0.at_once < self.0.in_all {
            Some(place.at_once.acquire_owned().await.ok()?)
        } else {
            None
        };
        turn.permits = Some((room, first));
        Some(turn)
    }

    fn place(&self, name: &str) -> Place {
        let mut places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        let place = places.entry(name.to_owned()).or_insert_with(|| Place {
            room: Arc::new(Semaphore::new(self.0.in_all)),
            at_once: Arc::new(Semaphore::new(self.0.at_once)),
            users: 0,
        });
        place.users += 1;
        place.clone()
    }

    /// How many of a name are under way or wait.
    pub fn waiting(&self, name: &str) -> usize {
        let places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.get(name).map_or(0, |place| self.0.in_all.saturating_sub(place.room.available_permits()))
    }

    /// How many names are known at this moment.
    pub fn names(&self) -> usize {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut places = self.turns.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get_mut(&self.name) {
            place.users -= 1;
            if place.users == 0 {
                places.remove(&self.name);
            }
        }
    }
}

/// Sign-ins a minute by address, in a memory that does not grow: addresses share so many cells, by a hash that nobody
/// outside can foresee.
#[derive(Debug)]
pub struct PerMinute {
    cells: DefaultKeyedRateLimiter<u16>,
    hash: RandomState,
}

impl PerMinute {
    /// So many a minute.
    pub fn new(per_minute: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self { cells: DefaultKeyedRateLimiter::keyed(quota), hash: RandomState::new() }
    }

    /// Counts one. False: it is one too many.
    pub fn count(&self, name: &str) -> bool {
        let [high, low, ..] = self.hash.hash_one(name).to_be_bytes();
        self.cells.check_key(&u16::from_be_bytes([high, low])).is_ok()
    }

    /// How many cells are in use, of 65,536.
    pub fn cells(&self) -> usize {
        self.cells.len()
    }
}
