//! What every operation uses.

pub mod approval;

automod::dir!(pub "src/shared");
