//! The order of the house, as tests: who may know whom, sizes, and documents that stay true.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Files with an ending below a folder.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

fn sources(folders: &[&str]) -> Vec<(String, String)> {
    folders
        .iter()
        .flat_map(|folder| files(&root().join(folder), "rs"))
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
            (name, fs::read_to_string(&path).unwrap_or_default())
        })
        .collect()
}

const ALL: [&str; 7] = [
    "src",
    "crates/domain/src",
    "crates/bank/src",
    "crates/testing/src",
    "crates/hydrate/src",
    "xtask/src",
    "bench/src",
];

#[test]
fn the_portal_uses_the_bank_only_in_server_function_bodies_and_in_server() {
    for (name, text) in sources(&["src"]) {
        if name.starts_with("src/server/") {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            let imports = line.starts_with("use tawi_bank") || line.starts_with("use crate::server");
            assert!(
                !imports,
                "{name}:{}: the bank is imported inside a server function, not above it",
                at + 1
            );
            assert!(!line.contains("sqlx::"), "{name}:{}: SQL lives in the bank", at + 1);
        }
    }
}

/// A script that no test runs must still find what it imports.
#[test]
fn scripts_import_what_is_exported() {
    let folders = ["bench", "end2end/tests", "end2end"].map(|folder| root().join(folder));
    let scripts = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    for path in scripts.map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "mjs") {
            continue;
        }
        let script = fs::read_to_string(&path).unwrap();
        for import in script.lines().filter_map(|line| line.strip_prefix("import {")) {
            let (names, from) = import.trim_end_matches("\";").split_once("} from \"").unwrap();
            if !from.starts_with('.') {
                continue;
            }
            let exporter = fs::read_to_string(path.with_file_name(from)).unwrap();
            for name in names.split(',').filter_map(|name| name.split_whitespace().next()) {
                let exported = ["function", "async function", "const"]
                    .iter()
                    .any(|kind| exporter.contains(&format!("export {kind} {name}")));
                assert!(exported, "{}: {from} exports no {name}", path.display());
            }
        }
    }
}

#[test]
fn domain_is_pure() {
    for (name, text) in sources(&["crates/domain/src"]) {
        for word in [
            "Timestamp::now",
            "Zoned::now",
            "std::time::",
            "std::fs",
            "std::env",
            "rand::",
            "leptos",
            "sqlx",
            "new_v4",
            "f64",
            "f32",
        ] {
            assert!(!text.contains(word), "{name} uses {word}");
        }
    }
}

#[test]
fn no_sql_is_put_together_from_strings() {
    for (name, text) in sources(&["src", "crates/bank/src"]) {
        for (at, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            let composed = lower.contains("format!(\"select")
                || lower.contains("format!(\"insert")
                || lower.contains("format!(\"update")
                || lower.contains("format!(\"delete");
            assert!(!composed, "{name}:{}", at + 1);
        }
    }
}

#[test]
fn lints_are_expected_with_a_reason_never_allowed() {
    for (name, text) in sources(&ALL) {
        assert!(!text.contains("#[allow(") && !text.contains("#![allow("), "{name}");
        for (at, _) in text.match_indices("[expect(") {
            let end = text[at..].find(']').map_or(text.len(), |end| at + end);
            assert!(text[at..end].contains("reason"), "{name}: an expectation without a reason");
        }
    }
}

#[test]
fn files_fit_a_reader() {
    for (name, text) in sources(&ALL) {
        let lines = text.lines().count();
        assert!(lines <= 500, "{name} has {lines} lines: split it by meaning");
        assert!(text.starts_with("//!"), "{name} does not say what it is");
    }
}

#[test]
fn a_library_is_compiled_once_its_tests_are_beside_it() {
    // `[lib] test` is on unless it is off: each library would be compiled again, to hold no test.
    let workspace = read("Cargo.toml");
    let (_, members) = workspace.split_once("members = [").expect("members");
    let members = members.split(']').next().unwrap_or_default();
    for member in members.split(',').map(|member| member.trim().trim_matches('"')) {
        let manifest = read(&format!("{member}/Cargo.toml"));
        for (kind, file) in [("[lib]", "src/lib.rs"), ("[[bin]]", "src/main.rs")] {
            let there = root().join(member).join(file).exists();
            let section = manifest.split_once(kind).map_or("", |(_, rest)| rest);
            let section = section.split("\n[").next().unwrap_or_default();
            assert!(!there || section.contains("test = false"), "{member}: {kind} lacks `test = false`");
        }
    }
    for (name, text) in sources(&ALL) {
        assert!(!text.contains("cfg(test)"), "{name}: tests are in tests/it");
    }
    let selected = format!("default-members = [{members}]");
    assert!(workspace.contains(&selected), "every command works on every member, with the same features");
}

#[test]
fn cfgs_between_server_and_browser_are_few() {
    let count: usize = sources(&["src", "crates/domain/src", "crates/bank/src"])
        .iter()
        .map(|(_, text)| text.matches("target_arch").count())
        .sum();
    assert!(count <= 4, "{count} switches between server and browser");
}

#[test]
fn migrations_go_forward_with_a_lock_timeout() {
    let mut numbers = Vec::new();
    for path in files(&root().join("migrations"), "sql") {
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(text.contains("set local lock_timeout"), "{} may wait for ever", path.display());
        assert!(!path.display().to_string().contains("down"), "migrations go forward only");
        numbers.push(path.file_name().and_then(|name| name.to_str()).unwrap_or_default()[..4].to_owned());
    }
    numbers.sort();
    let expected: Vec<String> = (1..=numbers.len()).map(|number| format!("{number:04}")).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn every_icon_that_is_used_is_built_and_every_built_one_is_used() {
    let built: BTreeSet<String> = read("style/icons.txt").lines().map(str::to_owned).collect();
    // The icons of the rail stand in the operation table.
    let used = sources(&["src", "crates/domain/src/shared"]);
    let all: String = used.into_iter().map(|(_, text)| text).collect();
    for icon in &built {
        assert!(all.contains(&format!("\"{icon}\"")), "{icon} is built and not used");
    }
    for part in all.split("<Icon name=\"").skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        assert!(built.contains(name), "{name} is used and not in style/icons.txt");
    }
    for part in all.split("icon=\"").skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        assert!(built.contains(name), "{name} is used and not in style/icons.txt");
    }
}

#[test]
fn paths_are_made_by_places_alone() {
    // Where a path may stand: the table of pages, the routes above it, the server, and sign-in, which is a
    // plain form of the server's.
    let may = ["src/pages.rs", "src/app.rs", "src/shared/login.rs"];
    for (name, text) in sources(&["src", "crates/bank/src"]) {
        if name.starts_with("src/server/") || may.contains(&name.as_str()) {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for text in code.split('"').skip(1).step_by(2) {
                let is_path = text
                    .strip_prefix('/')
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '{'));
                let known = ["/api", "/icons.svg", "/live?after={}", "/sign-out", "/tawi"]
                    .iter()
                    .any(|known| text.starts_with(known));
                assert!(!is_path || known, "{name}:{}: {text}: make it with `Place`", at + 1);
            }
            assert!(!code.contains("href=\"/"), "{name}:{}: make it with `Place`", at + 1);
        }
    }
}

#[test]
fn no_arm_takes_every_other_operation_command_or_target() {
    // clippy sees to `_`; that it is asked to is seen here.
    for library in ["src/lib.rs", "crates/bank/src/lib.rs", "crates/domain/src/lib.rs"] {
        assert!(read(library).contains("#![deny(clippy::wildcard_enum_match_arm)]"), "{library}");
    }
}
