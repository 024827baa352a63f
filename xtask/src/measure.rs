//! The loan engine on its own: built natively and in WASM, to be compared and measured.

use crate::setup::{WasmTarget, wasm_target};
use crate::step::{Outcome, command, must, root};
use std::fs;
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

/// Lives that are told twice and compared.
const LIVES: &str = "2000";

/// Builds the WASM module and its glue; answers their folder.
pub fn wasm() -> Outcome<PathBuf> {
    let target = wasm_target()?;
    let mut build = command("cargo");
    build.args(["build", "--quiet", "--package", "tawi-measure", "--lib", "--profile", "wasm-release"]);
    build.args(["--target", "wasm32-unknown-unknown"]);
    if target == WasmTarget::BuildStd {
        build.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
        build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
    }
    must(&mut build)?;
    let folder = root().join("target/measure");
    fs::create_dir_all(&folder)?;
    Bindgen::new()
        .input_path(root().join("target/wasm32-unknown-unknown/wasm-release/tawi_measure.wasm"))
        .no_modules(true)
        .map_err(|error| error.to_string())?
        .typescript(false)
        .out_name("engine")
        .generate(&folder)
        .map_err(|error| error.to_string())?;
    Ok(folder)
}

/// The engine tells the same lives natively and in WASM, to the last byte.
pub fn same_in_wasm() -> Outcome<()> {
    let folder = wasm()?;
    let mut native = command("cargo");
    native.args(["run", "--quiet", "--package", "tawi-measure", "--", "told", LIVES]);
    let mut browser = command("node");
    browser.arg("crates/measure/told.mjs").arg(folder).arg(LIVES);
    let (native, browser) = (native.output()?, browser.output()?);
    if !native.status.success() || !browser.status.success() {
        return Err(String::from_utf8_lossy(&[native.stderr, browser.stderr].concat()).into());
    }
    let differing = native
        .stdout
        .split(|byte| *byte == b'\n')
        .zip(browser.stdout.split(|byte| *byte == b'\n'))
        .position(|(native, browser)| native != browser);
    match differing {
        _ if native.stdout == browser.stdout && !native.stdout.is_empty() => Ok(()),
        at => Err(format!("life {at:?} of {LIVES} is told differently in WASM").into()),
    }
}
