//! Administration, done: people, branches, holidays and what a bank may set.

automod::dir!(pub "src/administration");
