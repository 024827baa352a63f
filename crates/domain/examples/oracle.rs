//! Reads files of published figures and prints what the engine makes of their inputs:
//! `{"CASE-ID": RESULT, ...}`. It never looks at what is expected.

#[path = "oracle/run.rs"]
mod run;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut results = serde_json::Map::new();
    for file in std::env::args().skip(1) {
        let read = std::fs::read_to_string(&file).map_err(|fault| fault.to_string());
        match read.and_then(|text| run::file(&text)) {
            Ok(cases) => results.extend(cases),
            Err(fault) => {
                eprintln!("{file}: {fault}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{}", serde_json::Value::Object(results));
    ExitCode::SUCCESS
}
