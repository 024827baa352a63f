//! What stays of a site when a new one is made.

use std::fs;
use std::time::{Duration, SystemTime};
use xtask::site::clear;

/// A tab that was opened before still fetches its parts: the packages of the last two versions stay, and nothing else.
#[test]
fn the_packages_of_before_stay() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let site = std::env::temp_dir().join(format!("tawi-site-of-before-{}", std::process::id()));
    let packages = site.join("pkg");
    for (age, name) in ["aaa", "bbb", "ccc", "new"].into_iter().rev().enumerate() {
        let package = packages.join(name);
        fs::create_dir_all(&package)?;
        fs::write(package.join("tawi.css"), name)?;
        let seconds = Duration::from_secs(60 * u64::try_from(age)?);
        fs::File::open(&package)?.set_modified(SystemTime::now() - seconds)?;
    }
    fs::write(packages.join("name.txt"), "ccc")?;
    fs::write(site.join("tawi.svg"), "<svg/>")?;
    clear(&site)?;
    let mut left: Vec<String> = fs::read_dir(&packages)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    left.sort();
    assert_eq!(left, ["bbb", "ccc"]);
    assert!(!site.join("tawi.svg").exists());
    fs::remove_dir_all(&site)?;
    // Where nothing was made there is nothing to clear.
    clear(&site)
}
