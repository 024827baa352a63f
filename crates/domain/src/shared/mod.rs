//! Nouns and rules that every area uses.

pub mod permissions;

automod::dir!(pub "src/shared");
