//! The server that carries the portal: configuration, sessions, headers, live stream, health.

automod::dir!(pub "src/server");
