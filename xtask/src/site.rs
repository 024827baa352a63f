//! The site: WASM in parts with its glue, CSS, icons, font, each also compressed. What the browser may
//! keep for ever lies in a folder named by the hash of its content.

use crate::shell::{Outcome, files_below, hex, output, root};
use crate::step::Job;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use wasm_bindgen_cli_support::Bindgen;

/// Makes a module small, with the features that every browser the portal supports has, not all that the
/// optimiser knows. Flattened first it finds a hundredth more.
pub const OPTIMISE: &str = "style/node_modules/.bin/wasm-opt --quiet --flatten --rereloop -Oz -Oz --enable-bulk-memory \
    --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals --enable-reference-types \
    --enable-multivalue";
/// Writes the style sheet of the classes that stand in the sources.
pub const STYLE: &str = "style/node_modules/.bin/tailwindcss --cwd style -i tawi.css --minify -o";
/// Brotli's window, and its quality: the best, since it is done once.
const BROTLI_WINDOW: u32 = 22;
const BROTLI_QUALITY: u32 = 11;

/// The site's folder.
pub fn folder() -> PathBuf {
    root().join("target/site")
}

/// Makes the site of the WASM, unless it is made of the same already.
pub fn finish(job: &mut Job) -> Outcome<()> {
    let site = folder();
    let wasm = root().join("target/wasm32-unknown-unknown/wasm-release/tawi_hydrate.wasm");
    let stamp = site.join("stamp.txt");
    let inputs = inputs(&wasm)?;
    if fs::read_to_string(&stamp).is_ok_and(|there| there == inputs) {
        return Ok(());
    }
    clear(&site)?;
    let package = site.join("pkg/new");
    fs::create_dir_all(&package)?;
    split(&wasm, &package)?;
    bind(&package)?;
    optimise(job, &package)?;
    style(job, &package)?;
    name(&package)?;
    icons(&site)?;
    fs::create_dir_all(site.join("fonts"))?;
    fs::copy(
        root().join("style/node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2"),
        site.join("fonts/tawi-sans.woff2"),
    )?;
    for entry in fs::read_dir(root().join("public"))? {
        let entry = entry?;
        fs::copy(entry.path(), site.join(entry.file_name()))?;
    }
    compress(&site)?;
    fs::write(stamp, inputs)?;
    Ok(())
}

/// Packages of earlier versions that stay beside the new one: a tab that was opened then still fetches its parts.
const KEPT: usize = 2;

/// Takes away what was made before, but for the newest packages.
pub fn clear(site: &Path) -> Outcome<()> {
    let packages = site.join("pkg");
    let mut before = Vec::new();
    for entry in fs::read_dir(&packages).into_iter().flatten() {
        let entry = entry?;
        // What was never finished has no name yet.
        if entry.path().is_dir() && entry.file_name() != "new" {
            before.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    before.sort();
    let kept: Vec<PathBuf> = before.into_iter().rev().take(KEPT).map(|(_, path)| path).collect();
    for folder in [site, &packages] {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry?.path();
            if path == packages || kept.contains(&path) {
                continue;
            }
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
    }
    Ok(())
}

/// A hash of everything the site is made from.
fn inputs(wasm: &Path) -> Outcome<String> {
    let mut hash = Sha256::new();
    hash.update(fs::read(wasm)?);
    let mut files = vec![
        root().join("style/tawi.css"),
        root().join("style/icons.txt"),
        root().join("style/package-lock.json"),
        root().join("xtask/src/site.rs"),
    ];
    files_below(&root().join("public"), &mut files)?;
    files_below(&root().join("src"), &mut files)?;
    files.sort();
    for file in files {
        hash.update(fs::read(file)?);
    }
    Ok(hex(&hash.finalize()))
}

/// Cuts the module at the functions marked with `wasm_split`: what the desk needs, and one file for each
/// part or for what some parts have in common. `parts.json` says which part needs which files.
fn split(wasm: &Path, package: &Path) -> Outcome<()> {
    let module = fs::read(wasm)?;
    let mut options = wasm_split_cli_support::Options::new(&module);
    let whole = package.join("tawi.wasm");
    options.output_dir = package;
    options.main_out_path = &whole;
    options.link_name = "./parts.js";
    options.main_module = "./tawi.js";
    let parts = wasm_split_cli_support::transform(options).map_err(|error| error.to_string())?;
    let needed: BTreeMap<_, _> = parts.prefetch_map.into_iter().collect();
    fs::write(package.join("parts.json"), serde_json::to_string_pretty(&needed)?)?;
    Ok(())
}

fn bind(package: &Path) -> Outcome<()> {
    let input = package.join("tawi.wasm");
    Bindgen::new()
        .input_path(&input)
        .web(true)
        .map_err(|error| error.to_string())?
        .typescript(false)
        // The parts find what they need of the main module by the linker's names.
        .keep_lld_exports(true)
        .demangle(false)
        .out_name("tawi")
        .generate(package)
        .map_err(|error| error.to_string())?;
    fs::remove_file(input)?;
    Ok(())
}

/// Makes every module as small as the optimiser can, as many at a time as there are cores: the optimiser
/// itself uses one.
fn optimise(job: &Job, package: &Path) -> Outcome<()> {
    let mut modules = Vec::new();
    for entry in fs::read_dir(package)? {
        let module = entry?.path();
        if module.extension().is_some_and(|extension| extension == "wasm") {
            modules.push((fs::metadata(&module)?.len(), module));
        }
    }
    // The largest is taken first, so that nobody waits for it alone.
    modules.sort();
    let mut commands = Vec::new();
    for (_, module) in modules {
        let mut command = job.line(OPTIMISE)?;
        command.arg(&module).arg("-o").arg(&module);
        commands.push(command);
    }
    let commands = Mutex::new(commands);
    let work = || -> Outcome<()> {
        loop {
            let next = commands.lock().map_err(|error| error.to_string())?.pop();
            let Some(mut command) = next else { return Ok(()) };
            output(&mut command)?;
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker died")?)
    })
}

fn style(job: &Job, package: &Path) -> Outcome<()> {
    output(job.line(STYLE)?.arg(package.join("tawi.css"))).map(drop)
}

/// Names the folder by the hash of what is in it, so that browsers may keep it for ever.
fn name(package: &Path) -> Outcome<()> {
    let mut files = Vec::new();
    files_below(package, &mut files)?;
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(fs::read(file)?);
    }
    let name = &hex(&hash.finalize())[..12];
    let named = package.with_file_name(name);
    if named.exists() {
        fs::remove_dir_all(&named)?;
    }
    fs::rename(package, named)?;
    fs::write(package.with_file_name("name.txt"), name)?;
    Ok(())
}

/// One sprite of the icons that `style/icons.txt` names, from Lucide (ISC).
fn icons(site: &Path) -> Outcome<()> {
    let names = fs::read_to_string(root().join("style/icons.txt"))?;
    let mut sprite = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">");
    for name in names.lines().map(str::trim).filter(|name| !name.is_empty()) {
        let file = root().join(format!("style/node_modules/lucide-static/icons/{name}.svg"));
        let icon = fs::read_to_string(&file).map_err(|error| format!("icon {name}: {error}"))?;
        let inner = icon
            .split_once("<svg")
            .and_then(|(_, rest)| rest.split_once('>'))
            .and_then(|(_, rest)| rest.rsplit_once("</svg>"))
            .map(|(inner, _)| inner.split_whitespace().collect::<Vec<_>>().join(" "))
            .ok_or_else(|| format!("icon {name} is not an SVG"))?;
        sprite.push_str(&format!("<symbol id=\"{name}\" viewBox=\"0 0 24 24\">{inner}</symbol>"));
    }
    sprite.push_str("</svg>");
    fs::write(site.join("icons.svg"), sprite)?;
    Ok(())
}

fn compress(site: &Path) -> Outcome<()> {
    let mut files = Vec::new();
    files_below(site, &mut files)?;
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: i32::try_from(BROTLI_QUALITY)?,
        lgwin: i32::try_from(BROTLI_WINDOW)?,
        ..Default::default()
    };
    for file in files {
        let kind = file.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        // Packages of before are packed already.
        let packed = file.with_extension(format!("{kind}.br"));
        if matches!(kind, "js" | "wasm" | "css" | "svg") && !packed.exists() {
            let content = fs::read(&file)?;
            let mut packed = Vec::new();
            brotli::BrotliCompress(&mut content.as_slice(), &mut packed, &parameters)?;
            fs::write(format!("{}.br", file.display()), packed)?;
        }
    }
    Ok(())
}
