//! The loan engine on its own, in the browser.

pub mod lives;
