//! Documents that stay true: what comes from a table is written from it, what is claimed is looked up.

use crate::tidy::{files, read, root};
use std::fs;
use std::path::Path;
use tawi::pages::PAGES;
use tawi::server::config::variables;
use tawi_domain::shared::permissions::{Limit, Manner, Operation, Role, Spec};
use tawi_domain::shared::place::Place;

/// The operation table as the README shows it.
fn operations() -> String {
    let mut table = String::from(
        "| operation | title | who does it | who approves it | where |\n|---|---|---|---|---|\n",
    );
    for spec in Operation::ALL.map(Operation::spec) {
        let cells =
            [format!("`{}`", spec.code), spec.title.to_owned(), makers(spec), checkers(spec), places(spec)];
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    table
}

fn titles(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.title().to_lowercase()).collect()
}

fn makers(spec: &Spec) -> String {
    let mut makers = if spec.maker == Role::ALL { vec!["everybody".to_owned()] } else { titles(spec.maker) };
    makers.extend(spec.by_program.then(|| "command line".to_owned()));
    makers.join(", ")
}

fn checkers(spec: &Spec) -> String {
    if spec.checker.is_empty() {
        return String::new();
    }
    let limit = if spec.limit == Limit::CheckerAmount { ", within limit" } else { "" };
    format!("{}{limit}, {}", titles(spec.checker).join(" or "), spec.occasion)
}

fn places(spec: &Spec) -> String {
    let start = spec.start.map(|_| Place::Start(spec.operation).href());
    let page =
        || PAGES.iter().find(|(_, row)| row.operation == spec.operation).map(|(_, row)| row.path.to_owned());
    match (start.or_else(page), spec.manner) {
        (Some(path), _) => format!("`{path}`"),
        (None, Manner::Program) => "`tawi`".to_owned(),
        (None, Manner::Look) => "the bell".to_owned(),
        (None, Manner::Act | Manner::Settle) => "`/sign-in`".to_owned(),
    }
}

/// The variables as the README shows them.
fn configuration() -> String {
    let mut table = String::from("| variable | default | for |\n|---|---|---|\n");
    for variable in variables() {
        table.push_str(&format!("| `{}` | `{}` | {} |\n", variable.name, variable.default, variable.what));
    }
    table
}

/// A table of the README is the one that is told.
fn shows(name: &str, told: &str) -> Result<(), Box<dyn std::error::Error>> {
    let readme = read("README.md");
    let (begins, ends) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = readme.split_once(&begins).ok_or("where the table begins")?;
    let (shown, after) = rest.split_once(&ends).ok_or("where it ends")?;
    if shown != told && std::env::var("TAWI_RENEW").is_ok() {
        let renewed = format!("{before}{begins}{told}{ends}{after}");
        return Ok(fs::write(root().join("README.md"), renewed)?);
    }
    assert_eq!(shown, told, "renew it with TAWI_RENEW=1, one test at a time");
    Ok(())
}

#[test]
fn the_readmes_tables_come_from_the_program() -> Result<(), Box<dyn std::error::Error>> {
    shows("operations", &operations())?;
    shows("configuration", &configuration())
}

#[test]
fn the_readme_has_every_command() {
    let readme = read("README.md");
    for command in ["make run", "make test", "make bench"] {
        assert!(readme.contains(command), "{command}");
    }
    for staff_id in ["RO-001", "OS-001", "LO-001", "CS-001", "BM-001", "TL-001", "AU-001", "AD-001"] {
        assert!(readme.contains(staff_id), "{staff_id}");
    }
}

#[test]
fn the_glossary_has_every_role() {
    let glossary = read("docs/GLOSSARY.md");
    for role in Role::ALL {
        assert!(glossary.contains(role.title()), "{}", role.title());
    }
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut documents = files(&root().join("docs"), "md");
    documents.push(root().join("README.md"));
    for document in documents {
        let text = fs::read_to_string(&document).unwrap_or_default();
        let folder = document.parent().map(Path::to_path_buf).unwrap_or_default();
        for part in text.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.starts_with("http") {
                continue;
            }
            assert!(folder.join(target).exists(), "{} points to {target}", document.display());
        }
    }
}

/// What docs/SECURITY.md promises is held by tests there are: `file::test` of one of the folders of tests.
#[test]
fn every_promise_of_security_names_tests_there_are() {
    let document = read("docs/SECURITY.md");
    let named = document.split('`').skip(1).step_by(2).filter_map(|span| span.split_once("::"));
    let mut promises = 0;
    for (file, test) in named {
        let folders = ["tests/it", "crates/bank/tests/it", "xtask/tests/it"];
        let holds = folders.iter().any(|folder| {
            let source = fs::read_to_string(root().join(format!("{folder}/{file}.rs"))).unwrap_or_default();
            source.contains(&format!("fn {test}("))
        });
        assert!(holds, "there is no test {file}::{test}");
        promises += 1;
    }
    for row in document.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promised")) {
        assert!(row.contains("::"), "nothing holds this: {row}");
    }
    assert!(promises > 30, "{promises}");
}
