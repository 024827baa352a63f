//! Passwords: argon2id, a bounded number of hashes at a time, the same work for people who do not
//! exist.

use super::error::OpError;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tawi_domain::shared::constants::{LONGEST_PASSWORD_CHARS, SHORTEST_PASSWORD_CHARS};
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB; with two passes the minimum that OWASP's *Password Storage Cheat Sheet*
/// gives for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at the same time: more would let a crowd of sign-ins eat the machine.
const AT_ONCE: usize = 2;

/// Hashes and checks passwords.
#[derive(Debug, Clone)]
pub struct Hasher {
    room: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

fn argon2() -> Result<Argon2<'static>, OpError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(OpError::stored)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a new password is long enough, and not so long that hashing it is an attack.
pub fn acceptable(password: &str) -> Result<(), String> {
    match password.chars().count() {
        length if length < SHORTEST_PASSWORD_CHARS => {
            Err(format!("A password has {SHORTEST_PASSWORD_CHARS} characters or more: this has {length}"))
        }
        length if length > LONGEST_PASSWORD_CHARS => {
            Err(format!("A password has {LONGEST_PASSWORD_CHARS} characters at most"))
        }
        _ => Ok(()),
    }
}

impl Hasher {
    /// Hashes a password for storage.
    pub async fn hash(&self, password: String) -> Result<String, OpError> {
        let _room = self.room.acquire().await.map_err(OpError::stored)?;
        tokio::task::spawn_blocking(move || {
            let hash = argon2()?.hash_password(password.as_bytes()).map_err(OpError::stored)?;
            Ok(hash.to_string())
        })
        .await
        .map_err(OpError::stored)?
    }

    /// Whether a password is the one of a stored hash. Without a hash the same work is done and the
    /// answer is no.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, OpError> {
        let _room = self.room.acquire().await.map_err(OpError::stored)?;
        tokio::task::spawn_blocking(move || {
            let Some(stored) = stored else {
                argon2()?.hash_password(password.as_bytes()).map_err(OpError::stored)?;
                return Ok(false);
            };
            let hash = PasswordHash::new(&stored).map_err(OpError::stored)?;
            Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
        .map_err(OpError::stored)?
    }
}
