//! Administration: people, branches, holidays and what a bank may set. It stands last, because it sets
//! the rules of all the others.

automod::dir!(pub "src/administration");
