//! Screens of administration.

automod::dir!(pub "src/administration");
