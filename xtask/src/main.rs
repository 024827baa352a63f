//! `cargo xtask`: everything `make` does, in Rust.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main(std::env::args().skip(1))
}
