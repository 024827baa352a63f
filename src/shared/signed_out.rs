//! A call or a stream finds nobody signed in, and waits until somebody is. Who can see to that registers
//! itself: calls are made by everything, and must not know the page of signing in.

use std::pin::Pin;
use std::sync::OnceLock;

/// Ends when somebody has signed in again.
type SigningIn = Pin<Box<dyn Future<Output = ()>>>;

static AGAIN: OnceLock<fn() -> SigningIn> = OnceLock::new();

/// Registers how somebody signs in again; the first registration stays.
pub fn signed_in_again_by(again: fn() -> SigningIn) {
    // Every page and every request registers the same.
    let _ = AGAIN.set(again);
}

/// Waits until somebody has signed in again.
pub async fn sign_in_again() {
    if let Some(again) = AGAIN.get() {
        again().await;
    }
}
