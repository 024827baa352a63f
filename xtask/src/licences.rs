//! Licences of every dependency: only those on the list, read from the packages themselves.

use crate::shell::{Outcome, output, root};
use crate::step::Job;
use std::collections::BTreeSet;

/// Names the crates.
pub const PACKAGES: &str = "cargo metadata --format-version 1 --locked";
/// Licences a closed program may be built from without sharing its own source.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BlueOak-1.0.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OFL-1.1",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// Weak copyleft on the files of the package itself, used unchanged and only while testing.
const ALLOWED_FOR_TESTS: &[&str] = &["MPL-2.0"];

/// Whether an SPDX expression can be met from the list: every `AND` part by one of its `OR` parts.
fn acceptable(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.replace(['(', ')'], "").replace('/', " OR ");
    expression.split(" AND ").all(|part| part.split(" OR ").any(|licence| allowed.contains(&licence.trim())))
}

/// Checks crates and npm packages.
pub fn check(job: &mut Job) -> Outcome<()> {
    let mut faults = BTreeSet::new();
    let mut seen = 0;
    let metadata = output(&mut job.line(PACKAGES)?)?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        if package["source"].is_null() {
            continue;
        }
        seen += 1;
        let licence = package["license"].as_str().unwrap_or("none given");
        if !acceptable(licence, ALLOWED) {
            faults.insert(format!("{} {}: {licence}", package["name"], package["version"]));
        }
    }
    for folder in ["style", "end2end"] {
        let lock = std::fs::read_to_string(root().join(folder).join("package-lock.json"))?;
        let lock: serde_json::Value = serde_json::from_str(&lock)?;
        for (name, package) in lock["packages"].as_object().into_iter().flatten() {
            if name.is_empty() {
                continue;
            }
            seen += 1;
            let licence = package["license"].as_str().unwrap_or("none given");
            let build_only = acceptable(licence, ALLOWED_FOR_TESTS);
            if !acceptable(licence, ALLOWED) && !build_only {
                faults.insert(format!("npm {name}: {licence}"));
            }
        }
    }
    if faults.is_empty() {
        job.say(&format!("  {seen} packages"));
        return Ok(());
    }
    let faults: Vec<String> = faults.into_iter().collect();
    Err(format!("licences that are not on the list:\n{}", faults.join("\n")).into())
}
