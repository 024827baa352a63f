//! The order of this house: a story stands alone.

use crate::support::Story;
use std::path::Path;

#[test]
fn stories_borrow_from_support_alone() -> Story {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut read = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        read += 1;
        for line in std::fs::read_to_string(&path)?.lines() {
            let Some((_, borrowed)) = line.split_once("crate::") else { continue };
            let name: String = borrowed.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(
                ["support", ""].contains(&name.as_str()),
                "{}: {} belongs into crates/testing or support.rs: {line}",
                path.display(),
                name
            );
        }
    }
    assert!(read > 10);
    Ok(())
}
