//! What steps need: told here once, declared by each step (`table.rs`), met before the first of them begins.
//! Debian's packages are installed by `scripts/setup.sh`, which `make` runs before there is a Rust program
//! to run; here they are looked for.

use crate::postgres;
use crate::shell::{Outcome, command, hex, must, output, root};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// Something that a machine may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The toolchain's formatter.
    Rustfmt,
    /// The toolchain's lints.
    Clippy,
    /// The compiler's target for the browser.
    WasmTarget,
    /// JavaScript outside the browser.
    Node,
    /// Tailwind, the optimiser of the WASM, icons, font.
    StylePackages,
    /// Playwright and axe.
    End2endPackages,
    /// The browser.
    Chromium,
    /// The server's programs.
    Postgres,
}

/// How a need shows itself, and how it is met.
#[derive(Debug)]
pub struct Provision {
    /// The need.
    pub need: Need,
    /// A command line that says one of these has the need.
    pub signs: &'static [&'static str],
    /// Debian's package, where it takes one: `scripts/setup.sh` installs it.
    pub package: Option<&'static str>,
    /// Sees to it; answers at once where it is there.
    pub meet: fn() -> Outcome<()>,
}

/// Each need once, in the order in which they are met.
pub const PROVISIONS: &[Provision] = &[
    Provision {
        need: Need::Rustfmt,
        signs: &["rustfmt"],
        package: None,
        meet: || component("rustfmt", &["rustfmt", "--version"]),
    },
    Provision {
        need: Need::Clippy,
        signs: &["clippy"],
        package: None,
        meet: || component("clippy", &["cargo", "clippy", "--version"]),
    },
    Provision { need: Need::WasmTarget, signs: &["wasm32"], package: None, meet: || wasm_target().map(drop) },
    Provision {
        need: Need::Node,
        signs: &["node ", "node_modules/.bin/", "release/tawi-bench"],
        package: Some("nodejs"),
        meet: || program("node"),
    },
    Provision {
        need: Need::StylePackages,
        signs: &["style/node_modules/"],
        package: Some("npm"),
        meet: || npm("style"),
    },
    Provision {
        need: Need::End2endPackages,
        signs: &["end2end/", "release/tawi-bench"],
        package: Some("npm"),
        meet: || npm("end2end"),
    },
    Provision {
        need: Need::Chromium,
        signs: &["end2end/", "release/tawi-bench"],
        package: Some("chromium"),
        // The end-to-end tests take another where they are told one.
        meet: || if std::env::var("CHROMIUM").is_ok() { Ok(()) } else { program("chromium") },
    },
    Provision {
        need: Need::Postgres,
        signs: &["cargo test", "end2end/", "release/tawi-bench", "tawi demo"],
        package: Some("postgresql"),
        meet: || postgres::binaries().map(drop),
    },
];

/// What a command line shows that it needs.
pub fn shown(line: &str) -> impl Iterator<Item = Need> {
    let shows = move |one: &&Provision| one.signs.iter().any(|sign| line.contains(sign));
    PROVISIONS.iter().filter(shows).map(|provision| provision.need)
}

/// Meets the needs, each once, in the order of [`PROVISIONS`].
pub fn meet(needs: &[Need]) -> Outcome<()> {
    PROVISIONS.iter().filter(|provision| needs.contains(&provision.need)).try_for_each(|one| (one.meet)())
}

/// How the WASM is built on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WasmTarget {
    /// The toolchain has the target.
    Installed,
    /// Debian's `rust-web-src`: the standard library is built along.
    BuildStd,
}

/// Sees to the WASM target.
fn wasm_target() -> Outcome<WasmTarget> {
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

/// What cargo must be told to compile for the browser on this machine.
pub fn for_wasm(cargo: &mut Command) -> Outcome<()> {
    if wasm_target()? == WasmTarget::BuildStd {
        cargo.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
    }
    Ok(())
}

/// A component of the toolchain that answers when asked for its version.
fn component(name: &str, version: &[&str]) -> Outcome<()> {
    let mut asked = command(version[0]);
    if output(asked.args(&version[1..])).is_ok() {
        return Ok(());
    }
    let added = command("rustup").args(["component", "add", name]).status();
    if added.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(format!("{name} is missing: `rustup component add {name}`").into())
}

/// A program that `scripts/setup.sh` installs.
fn program(name: &str) -> Outcome<()> {
    let found = output(command("sh").args(["-c", &format!("command -v {name}")])).is_ok();
    if found { Ok(()) } else { Err(format!("{name} is missing: `sh scripts/setup.sh` installs it").into()) }
}

/// Installs the npm packages of a folder by its lock file, once per lock file. Not `npm ci`: it insists on
/// packages for other systems, which a registry for Linux need not carry.
fn npm(folder: &str) -> Outcome<()> {
    let folder_path = root().join(folder);
    let lock = std::fs::read(folder_path.join("package-lock.json"))?;
    let wanted = hex(&Sha256::digest(&lock));
    let stamp = folder_path.join("node_modules/.tawi-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    eprintln!("· npm packages of {folder}/");
    let began = Instant::now();
    must(
        command("npm")
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&folder_path),
    )
    .map_err(|error| format!("{error}\nWhat to do: check that npm reaches its registry, then try again"))?;
    std::fs::write(stamp, wanted)?;
    let took = began.elapsed();
    eprintln!("  npm packages of {folder}/: {}.{} s", took.as_secs(), took.subsec_millis() / 100);
    Ok(())
}
