//! Tawi, the branch portal: one binary for serving, migrating, verifying and administration.

/// Quicker than the system's with many small pieces, which is what pages and answers are made of.
#[cfg(not(target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    tawi::server::cli::run()
}

/// The browser's entry point is the crate `tawi-hydrate`.
#[cfg(target_arch = "wasm32")]
fn main() {}
