//! What every operation uses.

automod::dir!(pub "src/shared");
