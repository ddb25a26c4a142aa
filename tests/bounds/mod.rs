//! Mistakes that only the compiler can report: the attribute sees neither types nor context.
//!
//! Each mistake must give exactly one error, at the token to change. The messages of rustc differ
//! between versions, so a case states only where an error starts and a part of its message. That
//! comment stands below the line of the error. Any other error fails the test:
//!
//! ```text
//! fn counted(x: f64, counted: Rc<f64>) -> f64 {
//! //                          ^ error: the fixed parameter `counted`
//! ```

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The Cargo features that a case of the same name needs, and whether this build has them.
const FEATURES: [(&str, bool); 2] =
    [("checkpoint", cfg!(feature = "checkpoint")), ("distributed", cfg!(feature = "distributed"))];

/// An error: its case, line, column and message, or the part that the message must contain.
type Error = (String, usize, usize, String);

#[test]
fn one_mistake_is_one_error() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cases: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir(root.join("tests/bounds")).expect("the folder of this file") {
        let path = entry.expect("an entry of it").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name in UTF-8").to_owned();
        let is_case = name != "mod" && FEATURES.iter().all(|(feature, is_on)| *is_on || name != *feature);
        if is_case {
            cases.push((name, path.display().to_string()));
        }
    }
    assert!(cases.len() >= 5, "only {} cases are left", cases.len());

    let expected: Vec<Error> = sorted(cases.iter().flat_map(|(name, path)| expected_in(name, path)));
    let output = check(root, &cases);
    let found: Vec<Error> = sorted(output.lines().filter_map(error_of_line));
    let differ = expected.len() != found.len()
        || expected.iter().zip(&found).any(|(expected, found)| {
            (&expected.0, expected.1, expected.2) != (&found.0, found.1, found.2) || !found.3.contains(&expected.3)
        });
    assert!(!differ, "expected {expected:#?}\nfound {found:#?}\nin\n{output}");
}

fn sorted(errors: impl Iterator<Item = Error>) -> Vec<Error> {
    let mut errors: Vec<Error> = errors.collect();
    errors.sort();
    errors
}

/// Returns the errors that a case expects.
fn expected_in(name: &str, path: &str) -> Vec<Error> {
    let text = fs::read_to_string(path).expect("a case");
    let mut errors = Vec::new();
    let mut code_line = 0;
    for (index, line) in text.lines().enumerate() {
        match line.split_once("^ error: ") {
            Some((before, message)) => {
                errors.push((name.to_owned(), code_line, before.chars().count() + 1, message.to_owned()));
            }
            None => code_line = index + 1,
        }
    }
    assert!(!errors.is_empty(), "{name} expects no error");
    errors
}

/// Checks the cases as programs of one package, and returns one line per error of the compiler.
fn check(root: &Path, cases: &[(String, String)]) -> String {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bounds");
    let features: Vec<&str> = FEATURES.iter().filter(|(_, is_on)| *is_on).map(|(feature, _)| *feature).collect();
    let mut manifest = format!(
        "[package]\nname = \"bounds\"\nversion = \"0.0.0\"\nedition = \"2024\"\nautobins = false\n\n[workspace]\n\n\
         [dependencies]\nparallelize = {{ path = {:?}, features = {features:?} }}\n",
        root.display().to_string(),
    );
    if !features.is_empty() {
        manifest += "serde = { version = \"1\", features = [\"derive\"] }\n";
    }
    for (name, path) in cases {
        write!(manifest, "\n[[bin]]\nname = {name:?}\npath = {path:?}\n").expect("room in memory");
    }
    fs::create_dir_all(&package).expect("a package folder");
    fs::write(package.join("Cargo.toml"), manifest).expect("a manifest");
    // With the dependency versions of this build, cargo needs no network.
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).expect("the lock file of this build");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--keep-going", "--quiet", "--bins", "--message-format=short"])
        .current_dir(&package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Parses `path/case.rs:line:column: error[E0277]: message`.
fn error_of_line(line: &str) -> Option<Error> {
    let (place, message) = line.split_once(": error")?;
    let mut place = place.rsplitn(3, ':');
    let column = place.next()?.parse().ok()?;
    let line = place.next()?.parse().ok()?;
    let name = Path::new(place.next()?).file_stem()?.to_str()?.to_owned();
    Some((name, line, column, message.to_owned()))
}
