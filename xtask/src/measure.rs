//! The loan engine on its own: built natively and in WASM, to be compared and measured.

use crate::shell::{Outcome, root};
use crate::step::Job;
use std::fs;
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

/// The engine of this machine tells lives by numbers.
pub const NATIVE: &str = "target/debug/tawi-measure told";
/// So does the browser's; the folder of its glue follows.
pub const BROWSER: &str = "node crates/measure/told.mjs";
/// Lives that are told twice and compared.
const LIVES: &str = "2000";

/// Makes the glue of the WASM module; answers its folder.
pub fn glue() -> Outcome<PathBuf> {
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
pub fn same_in_wasm(job: &mut Job) -> Outcome<()> {
    let folder = glue()?;
    let native = job.line(NATIVE)?.arg(LIVES).output()?;
    let browser = job.line(BROWSER)?.arg(folder).arg(LIVES).output()?;
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
