//! The books: what is posted by hand.

automod::dir!(pub "src/books");
