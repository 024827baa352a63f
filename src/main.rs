//! Tawi, the branch portal: one binary for serving, migrating, verifying and administration.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    tawi::server::cli::run()
}

/// The browser's entry point is the crate `tawi-hydrate`.
#[cfg(target_arch = "wasm32")]
fn main() {}
