//! What every screen uses.

pub mod ui;

automod::dir!(pub "src/shared");
