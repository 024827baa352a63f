//! Tawi, the branch portal: one binary for serving, migrating, verifying and administration. It is never
//! built for the browser, whose entry point is the crate `tawi-hydrate`.

/// Quicker than the system's with many small pieces, which is what pages and answers are made of.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tawi::server::cli::run()
}
