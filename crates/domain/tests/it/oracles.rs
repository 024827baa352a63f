//! Published figures: the engine gives every one of them, to the last digit. The runner is the one that
//! others run over cases we have not seen.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

#[path = "../../examples/oracle/run.rs"]
mod run;

#[derive(Deserialize)]
struct File {
    title: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    fit: String,
    expected: Value,
}

/// Rules of one peer that we do not follow, with the reason. None so far.
const NOT_FOLLOWED: &[(&str, &str)] = &[];

#[derive(Default)]
struct Tally {
    matched: u32,
    not_followed: u32,
    lost: Vec<String>,
}

/// What is expected and not there, or there and different.
fn differences(expected: &Value, found: &Value, at: &str, into: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                match found.get(key) {
                    Some(found) => differences(value, found, &format!("{at}.{key}"), into),
                    None => into.push(format!("{at}.{key} is missing")),
                }
            }
        }
        (Value::Array(expected), Value::Array(found))
            if expected.iter().any(|row| row.get("n").is_some()) =>
        {
            for row in expected {
                let number = row.get("n");
                match found.iter().find(|found| found.get("n") == number) {
                    Some(found) => differences(row, found, &format!("{at}[{}]", row["n"]), into),
                    None => into.push(format!("{at}[{}] is missing", row["n"])),
                }
            }
            let whole = expected.iter().any(|row| row.get("due_date").is_some());
            if whole && expected.len() != found.len() {
                into.push(format!("{at} has {} rows instead of {}", found.len(), expected.len()));
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            if expected.len() != found.len() {
                into.push(format!("{at} has {} items instead of {}", found.len(), expected.len()));
            }
            for (nth, (expected, found)) in expected.iter().zip(found).enumerate() {
                differences(expected, found, &format!("{at}[{nth}]"), into);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => into.push(format!("{at} is {found} instead of {expected}")),
    }
}

fn judge(case: &Case, results: &Map<String, Value>, tally: &mut Tally) {
    let mut lost = Vec::new();
    differences(&case.expected, &results[&case.id], "", &mut lost);
    if lost.is_empty() {
        tally.matched += 1;
    } else if NOT_FOLLOWED.iter().any(|(id, _)| *id == case.id) && case.fit == "peer-specific rule" {
        tally.not_followed += 1;
    } else {
        tally.lost.push(format!("{}: {} {}", case.id, lost.join("; "), results[&case.id]));
    }
}

#[test]
fn every_published_figure_is_met() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles");
    let mut sources = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let results = run::file(&text).unwrap();
        let file: File = serde_json::from_str(&text).unwrap();
        let tally: &mut Tally = sources.entry(file.title).or_default();
        file.cases.iter().for_each(|case| judge(case, &results, tally));
    }
    println!("{:70} {:>8} {:>12} {:>6}", "source", "matched", "not followed", "lost");
    for (title, tally) in &sources {
        println!("{title:70} {:>8} {:>12} {:>6}", tally.matched, tally.not_followed, tally.lost.len());
    }
    let lost: Vec<&String> = sources.values().flat_map(|tally| &tally.lost).collect();
    assert!(lost.is_empty(), "{lost:#?}");
    assert!(sources.values().map(|tally| tally.matched).sum::<u32>() >= 110);
}

/// What the runner does not know it says, and never guesses.
#[test]
fn an_unknown_field_is_unsupported() {
    let text = include_str!("../oracles/kenya_rules.json");
    let mut file: Value = serde_json::from_str(text).unwrap();
    for case in file["cases"].as_array_mut().unwrap() {
        case["inputs"]["phase_of_the_moon"] = "full".into();
    }
    let results = run::file(&file.to_string()).unwrap();
    assert!(results.values().all(|result| result.get("unsupported").is_some()), "{results:#?}");
}
