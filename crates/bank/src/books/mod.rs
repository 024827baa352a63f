//! Deeds on the ledger itself.

automod::dir!(pub "src/books");
