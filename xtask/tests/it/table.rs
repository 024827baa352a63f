//! What steps declare against what they run.

use std::collections::BTreeSet;
use std::path::Path;
use xtask::need::{Need, PROVISIONS, shown};
use xtask::step::Step;
use xtask::table::{TASKS, Task};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every step once, whichever tasks it belongs to.
fn steps() -> Vec<&'static Step> {
    let mut names = BTreeSet::new();
    TASKS.iter().flat_map(Task::steps).filter(|step| names.insert(step.what)).collect()
}

#[test]
fn a_step_declares_what_its_command_lines_show_that_it_needs() {
    for step in steps() {
        for line in step.runs {
            let missing: Vec<Need> = shown(line).filter(|need| !step.needs.contains(need)).collect();
            assert!(missing.is_empty(), "\"{}\" runs `{line}` and does not declare {missing:?}", step.what);
        }
    }
}

#[test]
fn a_command_line_shows_what_it_needs() {
    let cases: [(&str, &[Need]); 6] = [
        ("cargo clippy --lib --target wasm32-unknown-unknown", &[Need::Clippy, Need::WasmTarget]),
        ("cargo build --target wasm32-unknown-unknown", &[Need::WasmTarget]),
        ("cargo test --tests", &[Need::Postgres]),
        ("style/node_modules/.bin/wasm-opt -Oz", &[Need::Node, Need::StylePackages]),
        ("node --test end2end/tests/", &[Need::Node, Need::End2endPackages, Need::Chromium, Need::Postgres]),
        ("cargo build --bin tawi", &[]),
    ];
    for (line, needs) in cases {
        assert_eq!(shown(line).collect::<Vec<_>>(), needs, "{line}");
    }
}

#[test]
fn what_is_declared_is_met_once_and_what_is_met_is_declared() {
    let declared: BTreeSet<Need> = steps().iter().flat_map(|step| step.needs).copied().collect();
    let met: Vec<Need> = PROVISIONS.iter().map(|provision| provision.need).collect();
    let once: BTreeSet<Need> = met.iter().copied().collect();
    assert_eq!(met.len(), once.len(), "a need is met twice");
    assert_eq!(declared, once, "left: declared by steps, right: met before the first of them");
    for step in steps() {
        let needs: BTreeSet<&Need> = step.needs.iter().collect();
        assert_eq!(needs.len(), step.needs.len(), "\"{}\" declares a need twice", step.what);
    }
}

#[test]
fn a_name_means_one_step_and_a_task_has_it_once() {
    let mut known: Vec<&'static Step> = Vec::new();
    for task in TASKS {
        let mut names = BTreeSet::new();
        for step in task.steps() {
            assert!(names.insert(step.what), "{} has \"{}\" twice", task.word, step.what);
            match known.iter().find(|other| other.what == step.what) {
                Some(other) => assert!(std::ptr::eq(*other, step), "two steps are called \"{}\"", step.what),
                None => known.push(step),
            }
        }
    }
    let words: BTreeSet<&str> = TASKS.iter().map(|task| task.word).collect();
    assert_eq!(words.len(), TASKS.len(), "two tasks have one word");
}

#[test]
fn what_a_step_takes_up_is_done_before_it() {
    for task in TASKS {
        for (at, stage) in task.stages.iter().enumerate() {
            for lane in *stage {
                for (place, step) in lane.iter().enumerate() {
                    let mut before: Vec<&Step> = lane[..place].to_vec();
                    before.extend(task.stages[..at].iter().copied().flatten().copied().flatten());
                    for wanted in step.takes_up {
                        assert!(
                            before.iter().any(|done| done.what == wanted.what),
                            "{}: \"{}\" takes up \"{}\", which is not done by then",
                            task.word,
                            step.what,
                            wanted.what
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_step_says_what_to_do_when_it_fails_and_runs_something() {
    for step in steps() {
        assert!(!step.remedy.is_empty(), "\"{}\"", step.what);
        let bare = matches!(step.deed, xtask::step::Deed::Check | xtask::step::Deed::Count);
        assert!(!bare || !step.runs.is_empty(), "\"{}\" runs nothing", step.what);
    }
}

#[test]
fn packages_of_debian_are_installed_before_there_is_a_rust_program() {
    let setup = read("scripts/setup.sh");
    let words: BTreeSet<&str> = setup.split([' ', '\n', '"']).collect();
    for package in PROVISIONS.iter().filter_map(|provision| provision.package) {
        assert!(words.contains(package), "scripts/setup.sh does not see to {package}");
    }
    let makefile = read("Makefile");
    for target in ["run", "dev", "test", "bench", "races"] {
        assert!(
            makefile.contains(&format!("\n{target}: setup\n")),
            "make {target} does not begin with setup"
        );
    }
}

#[test]
fn programs_are_started_by_lines_that_a_step_declares() {
    // Beside them only: what meets needs, what is around every step, and the portal that `make run` serves.
    let apart = ["need.rs", "postgres.rs", "run.rs", "shell.rs", "step.rs"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let text = read(&format!("xtask/src/{name}"));
        let starts = text.contains("Command::new(") || text.contains("command(\"");
        assert!(!starts || apart.contains(&name.as_str()), "xtask/src/{name} starts a program of its own");
    }
}

#[test]
fn no_task_compiles_for_the_tests_with_features_of_its_own() {
    // `--package` chooses the features of that package alone, and with them everything is compiled again.
    for step in TASKS.iter().find(|task| task.word == "test").map(Task::steps).into_iter().flatten() {
        for line in step.runs.iter().filter(|line| line.starts_with("cargo ") && !line.contains("wasm32")) {
            assert!(!line.contains("--package") && !line.contains(" -p "), "{line}");
        }
    }
}

#[test]
fn a_step_that_nobody_knows_is_refused_before_anything_is_tried() {
    let test = TASKS.iter().find(|task| task.word == "test").expect("there is a task that tests");
    let refusal = (test.go)(test, vec!["no such step".into()]).unwrap_err().to_string();
    assert!(refusal.starts_with("no step is called \"no such step\". The steps are:\n  format"), "{refusal}");
}
