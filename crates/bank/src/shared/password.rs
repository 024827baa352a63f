//! Hashes of passwords: argon2id, a bounded number at a time and of people who wait for one, the same work for people
//! who do not exist.

use super::error::OpError;
use super::guessing::acceptable;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tawi_domain::shared::error::AppError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory of one hash, in KiB; with two passes the minimum that OWASP's *Password Storage Cheat Sheet*
/// gives for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at the same time: more would let a crowd of sign-ins eat the machine.
const AT_ONCE: usize = 2;
/// Who waits for a hash at most, those included for whom one is computed. Later ones are told to come again.
const WAITING: usize = 64;
/// What a password is held against when there is nobody of that name: a hash as [`hashed`] makes them.
pub const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A queue for hashes: so many wait, of which so many are worked for.
#[derive(Debug, Clone)]
struct Queue {
    all: Arc<Semaphore>,
    at_once: Arc<Semaphore>,
}

/// Hashes and checks passwords.
#[derive(Debug, Clone)]
pub struct Hasher {
    doors: Queue,
    desks: Queue,
}

impl Default for Hasher {
    fn default() -> Self {
        let queue = |all, at_once| Queue {
            all: Arc::new(Semaphore::new(all)),
            at_once: Arc::new(Semaphore::new(at_once)),
        };
        Self { doors: queue(WAITING, AT_ONCE), desks: queue(WAITING, 1) }
    }
}

/// A place in the queue for hashes. It is held until the work is done, also when its owner goes away meanwhile.
#[derive(Debug, Clone)]
pub struct Room {
    queue: Queue,
    _place: Arc<OwnedSemaphorePermit>,
}

fn argon2() -> Result<Argon2<'static>, OpError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(OpError::stored)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hashed(password: &str) -> Result<String, OpError> {
    Ok(argon2()?.hash_password(password.as_bytes()).map_err(OpError::stored)?.to_string())
}

impl Hasher {
    /// A place in the queue of those who sign in.
    ///
    /// # Errors
    /// The queue is full.
    pub fn room(&self) -> Result<Room, OpError> {
        self.doors.place()
    }

    /// A place in the queue of those who administer: no crowd at the sign-in stands before them.
    ///
    /// # Errors
    /// The queue is full.
    pub fn desk(&self) -> Result<Room, OpError> {
        self.desks.place()
    }

    /// How many places of those who sign in are taken.
    pub fn waiting(&self) -> usize {
        WAITING.saturating_sub(self.doors.all.available_permits())
    }
}

impl Queue {
    fn place(&self) -> Result<Room, OpError> {
        let place = Arc::clone(&self.all).try_acquire_owned().map_err(|_| AppError::Busy)?;
        Ok(Room { queue: self.clone(), _place: Arc::new(place) })
    }
}

impl Room {
    /// Works when it is its turn. The permits go along into the work: who hangs up frees nothing before it is done.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, OpError> + Send + 'static,
    ) -> Result<T, OpError> {
        let turn = Arc::clone(&self.queue.at_once).acquire_owned().await.map_err(OpError::stored)?;
        let room = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, room));
            done
        });
        done.await.map_err(OpError::stored)?
    }

    /// Whether a new password will do: see [`acceptable`], whose work takes a while.
    ///
    /// # Errors
    /// The work could not be done; the inner one, what is wrong with the password.
    pub async fn judge(&self, password: String, own: [String; 2]) -> Result<Result<(), String>, OpError> {
        self.work(move || Ok(acceptable(&password, &own.each_ref().map(String::as_str)))).await
    }

    /// Hashes a password for storage.
    ///
    /// # Errors
    /// The work could not be done.
    pub async fn hash(&self, password: String) -> Result<String, OpError> {
        self.work(move || hashed(&password)).await
    }

    /// Whether a password is the one of a stored hash. Without a hash the same work is done and the
    /// answer is no.
    ///
    /// # Errors
    /// The work could not be done, or the hash does not read back.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, OpError> {
        self.work(move || {
            let hash = PasswordHash::new(stored.as_deref().unwrap_or(NOBODYS)).map_err(OpError::stored)?;
            let right = argon2()?.verify_password(password.as_bytes(), &hash).is_ok();
            Ok(right && stored.is_some())
        })
        .await
    }
}
