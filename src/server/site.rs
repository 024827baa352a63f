//! The built site: under which folder it lies, and which files make up a part of the WASM.

use axum::http::HeaderValue;
use std::collections::HashMap;

/// The built site, as `cargo xtask site` left it.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Folder below `pkg`: a hash of what is in it, so that browsers may keep it for ever.
    pub folder: String,
    links: HashMap<String, Vec<HeaderValue>>,
}

impl Site {
    /// Reads which site was built.
    ///
    /// # Errors
    /// What is missing, and how to build it.
    pub fn read(site_dir: &str) -> Result<Self, String> {
        let missing = |path: &str, error: &dyn std::fmt::Display| {
            format!(
                "the site is not built ({path}: {error}); build it with `cargo xtask site`, or set TAWI_SITE_DIR"
            )
        };
        let path = format!("{site_dir}/pkg/name.txt");
        let folder =
            std::fs::read_to_string(&path).map_err(|error| missing(&path, &error))?.trim().to_owned();
        let path = format!("{site_dir}/pkg/{folder}/parts.json");
        let parts = std::fs::read_to_string(&path).map_err(|error| missing(&path, &error))?;
        let parts: HashMap<String, Vec<String>> =
            serde_json::from_str(&parts).map_err(|error| missing(&path, &error))?;
        let link = |file: &String| {
            let link = format!(
                "</pkg/{folder}/{file}.wasm>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin"
            );
            HeaderValue::from_str(&link).ok()
        };
        let links = parts
            .iter()
            .map(|(part, files)| (part.clone(), files.iter().filter_map(link).collect()))
            .collect();
        Ok(Self { folder, links })
    }

    /// Values of the `Link` header that make the browser fetch a part at once.
    pub fn links(&self, part: &str) -> Vec<HeaderValue> {
        self.links.get(part).cloned().unwrap_or_default()
    }
}
