//! Who may know whom: areas know those before them, and no files know each other in a circle but those that
//! are argued for here. Every way of naming a module counts: in a list, in the middle of a line, upwards.

use crate::tidy::{files, root};
use std::collections::{BTreeMap, BTreeSet};

const CRATES: [&str; 3] = ["crates/domain/src", "crates/bank/src", "src"];

/// The right may use the left's nouns, never back. Nouns of cash stand before customers, its operations
/// after loans, since they pay accounts and loans.
const AREAS: [&str; 7] =
    ["shared", "teller", "customer_ops", "credit_ops", "cash_office", "administration", "language"];

/// Files that are one thought in more than one file.
const ARGUED: &[(&[&str], &str)] = &[
    (
        &["shared::field", "shared::form", "shared::words"],
        "a field tells how it is read and what is wrong, a choice is a field's words: macros of one language",
    ),
    (
        &[
            "shared::permissions::operation",
            "shared::permissions::table",
            "shared::permissions::table::account",
            "shared::permissions::table::administration",
            "shared::permissions::table::books",
            "shared::permissions::table::customers",
            "shared::permissions::table::desk",
            "shared::permissions::table::loans",
        ],
        "an operation is its row: one asks the other for it, the other is named by it; rows are written with the \
         table's own words",
    ),
    (
        &[
            "credit_ops::schedule::explain",
            "credit_ops::schedule::fold",
            "credit_ops::schedule::fold::books",
            "credit_ops::schedule::fold::interest",
        ],
        "what is explained is what is reckoned: the same steps, told; a fold is one type in several files",
    ),
    (&["shared::ui::field", "shared::ui::form"], "a form draws its fields, a field reads its form's faults"),
];

/// The modules of a crate by path, `customer_ops::account`, with their text.
fn modules(of: &str) -> BTreeMap<String, String> {
    let folder = root().join(of);
    files(&folder, "rs")
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&folder).unwrap_or(&path).with_extension("").display().to_string();
            let name = name.replace('/', "::");
            let name = name.strip_suffix("::mod").unwrap_or(&name);
            let name = if name == "lib" || name == "mod" { "" } else { name };
            (name.to_owned(), std::fs::read_to_string(&path).unwrap_or_default())
        })
        .collect()
}

/// Every path that begins with `crate` or `super`, a list of them taken apart.
fn paths(text: &str) -> Vec<Vec<String>> {
    let code: String = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let mut paths = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            // `super::super::x` is one path, and `pub(super)` none.
            if before.is_none_or(|letter| !(letter.is_alphanumeric() || matches!(letter, '_' | ':'))) {
                take_apart(&code[at..], &mut Vec::new(), &mut paths);
            }
        }
    }
    paths
}

/// Reads one tree of paths and answers what is left behind it.
fn take_apart<'a>(code: &'a str, before: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> &'a str {
    let depth = before.len();
    let mut rest = code.trim_start();
    loop {
        if let Some(mut list) = rest.strip_prefix('{') {
            loop {
                list = take_apart(list, before, paths).trim_start();
                match list.strip_prefix(',') {
                    Some(further) => list = further,
                    None => break,
                }
            }
            before.truncate(depth);
            return list.strip_prefix('}').unwrap_or(list);
        }
        let length =
            rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(rest.len());
        if length == 0 {
            break;
        }
        before.push(rest[..length].to_owned());
        rest = &rest[length..];
        match rest.strip_prefix("::") {
            Some(further) => rest = further,
            None => break,
        }
    }
    paths.push(before.clone());
    before.truncate(depth);
    // `x as y`: what it is called does not matter.
    rest.trim_start().strip_prefix("as ").map_or(rest, |named| {
        named.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_')
    })
}

/// The children that a module names by their bare name: `steps::all()` in `jobs`. What it only hands on, in a
/// `pub use`, is a table of contents, and so are the lines that say which children there are.
fn children(name: &str, text: &str, modules: &BTreeMap<String, String>) -> BTreeSet<String> {
    let under = if name.is_empty() { String::new() } else { format!("{name}::") };
    let code = without_contents(text);
    let names = |child: &str| {
        code.match_indices(&format!("{child}::")).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            before.is_none_or(|letter| !(letter.is_alphanumeric() || matches!(letter, '_' | ':' | '"')))
        })
    };
    let all = modules.keys().filter(|module| !module.is_empty());
    let own = all.filter_map(|module| module.strip_prefix(&under)).filter(|child| !child.contains("::"));
    own.filter(|child| names(child)).map(|child| format!("{under}{child}")).collect()
}

/// The code of a module without what it hands on.
fn without_contents(text: &str) -> String {
    let mut code = String::new();
    let mut handing_on = false;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        handing_on |= line.trim_start().starts_with("pub") && line.contains(" use ");
        if !handing_on {
            code.push_str(line);
            code.push('\n');
        }
        handing_on &= !line.contains(';');
    }
    code
}

/// Whether a thing stands in a text by itself: what is indented belongs to something else.
fn defines(text: &str, item: &str) -> bool {
    let kinds = ["fn", "struct", "enum", "const", "type", "trait", "static"];
    text.lines().filter(|line| !line.starts_with([' ', '/'])).any(|line| {
        let mut words = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        words.any(|word| kinds.contains(&word)) && words.next() == Some(item)
    })
}

/// Where a thing is that a module names or hands on: the child that has it, or the module itself.
fn where_it_is(module: &str, item: &str, modules: &BTreeMap<String, String>) -> String {
    let has = |name: &str| modules.get(name).is_some_and(|text| defines(text, item));
    let under = format!("{module}::");
    let is_child = |name: &str| name.strip_prefix(&under).is_some_and(|child| !child.contains("::"));
    let child = || modules.keys().find(|name| is_child(name) && has(name));
    if has(module) { module.to_owned() } else { child().map_or(module.to_owned(), Clone::clone) }
}

/// The modules that a module names.
fn named(name: &str, text: &str, modules: &BTreeMap<String, String>) -> BTreeSet<String> {
    let own: Vec<&str> = name.split("::").filter(|part| !part.is_empty()).collect();
    let mut found = children(name, text, modules);
    for path in paths(text) {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let mut whole: Vec<&str> =
            if ups > 0 { own[..own.len().saturating_sub(ups)].to_vec() } else { Vec::new() };
        whole.extend(path[ups.max(1)..].iter().map(String::as_str));
        let at = (1..=whole.len()).rev().find(|&length| modules.contains_key(&whole[..length].join("::")));
        let Some(at) = at else { continue };
        let module = whole[..at].join("::");
        let module = match whole.get(at) {
            Some(item) => where_it_is(&module, item, modules),
            None => module,
        };
        found.extend((module != name).then_some(module));
    }
    found
}

#[test]
fn areas_know_only_those_before_them() {
    for of in CRATES {
        let modules = modules(of);
        for (name, text) in &modules {
            let area = |module: &str| AREAS.iter().position(|area| module.split("::").next() == Some(*area));
            let Some(here) = area(name) else { continue };
            for other in named(name, text, &modules) {
                // The kit of the portal draws what it shows in the language of screens.
                if of == "src" && other.starts_with("language") {
                    continue;
                }
                assert!(
                    area(&other).is_none_or(|there| there <= here),
                    "{of}: {name} reaches forward to {other}"
                );
            }
        }
    }
}

#[test]
fn no_files_know_each_other_in_a_circle_but_those_argued_for() {
    let mut argued: BTreeSet<Vec<String>> =
        ARGUED.iter().map(|(files, _)| files.iter().map(|&file| file.to_owned()).collect()).collect();
    let mut unargued = Vec::new();
    for of in CRATES {
        let modules = modules(of);
        let edges: BTreeMap<&str, BTreeSet<String>> =
            modules.iter().map(|(name, text)| (name.as_str(), named(name, text, &modules))).collect();
        let reach = |from: &str| {
            let mut seen = BTreeSet::new();
            let mut next = vec![from.to_owned()];
            while let Some(one) = next.pop() {
                for other in edges.get(one.as_str()).into_iter().flatten() {
                    if seen.insert(other.clone()) {
                        next.push(other.clone());
                    }
                }
            }
            seen
        };
        let reached: BTreeMap<&str, BTreeSet<String>> =
            edges.keys().map(|&name| (name, reach(name))).collect();
        for (name, others) in &reached {
            let circle = others.iter().filter(|other| reached[other.as_str()].contains(*name));
            let circle: Vec<String> = circle.cloned().collect();
            let told_first = circle.first().map(String::as_str) == Some(*name);
            if circle.len() > 1 && told_first && !argued.remove(&circle) {
                unargued.push(format!("{of}: {circle:?} know each other in a circle"));
            }
        }
    }
    assert!(unargued.is_empty(), "{unargued:#?}");
    assert!(argued.is_empty(), "argued for, and no circle: {argued:?}");
}

#[test]
fn paths_of_every_form_are_seen() {
    let text = "use crate::a::{b, c::{D, e as f}};\nfn g() { super::super::h::i(); crate::j::k() } pub(super) fn l() {} // crate::m\n";
    let found: Vec<String> = paths(text).into_iter().map(|path| path.join("::")).collect();
    for path in ["crate::a::b", "crate::a::c::D", "crate::a::c::e", "super::super::h::i", "crate::j::k"] {
        assert!(found.iter().any(|one| one == path), "{path} in {found:?}");
    }
    assert!(!found.iter().any(|one| one.contains('m') || one == "super"), "{found:?}");
}
