//! Screens of the books.

automod::dir!(pub "src/books");
