//! What must be there: the WASM target and the npm packages. Debian's packages are seen to by
//! `scripts/setup.sh`, which runs before there is a Rust program to run.

use crate::step::{Outcome, command, hex, must, output, root, step};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// How the WASM is built on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WasmTarget {
    /// The toolchain has the target.
    Installed,
    /// Debian's `rust-web-src`: the standard library is built along.
    BuildStd,
}

/// Sees to the WASM target.
pub fn wasm_target() -> Outcome<WasmTarget> {
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    let library = PathBuf::from(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown/lib");
    if library.is_dir() {
        return Ok(WasmTarget::Installed);
    }
    let added = command("rustup").args(["target", "add", "wasm32-unknown-unknown"]).status();
    if added.is_ok_and(|status| status.success()) {
        return Ok(WasmTarget::Installed);
    }
    if PathBuf::from("/usr/bin/wasm-ld-19").exists() {
        return Ok(WasmTarget::BuildStd);
    }
    Err("the WASM target is missing: `rustup target add wasm32-unknown-unknown`, or on Debian `apt-get install rustc-web cargo-web rust-web-src lld-19`".into())
}

/// Installs the npm packages of a folder by its lock file, once per lock file. Not `npm ci`: it insists on
/// packages for other systems, which a registry for Linux need not carry.
pub fn npm(folder: &str) -> Outcome<()> {
    let folder_path = root().join(folder);
    let lock = std::fs::read(folder_path.join("package-lock.json"))?;
    let wanted = hex(&Sha256::digest(&lock));
    let stamp = folder_path.join("node_modules/.tawi-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    step(
        &format!("npm packages of {folder}/"),
        "check that npm reaches its registry, then try again",
        || {
            must(
                command("npm")
                    .args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"])
                    .current_dir(&folder_path),
            )
        },
    )?;
    std::fs::write(stamp, wanted)?;
    Ok(())
}

/// What the site's build needs.
pub fn style() -> Outcome<()> {
    npm("style")
}
