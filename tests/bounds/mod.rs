//! Mistakes that the compiler finds, in types and at places that the attribute cannot see: each is one error, at the token it is about.
//!
//! The words around ours are rustc's and differ from one version to the next, so a case says only where an error starts and what it has
//! to contain, below the line it is on; any other error fails the test:
//!
//! ```text
//! fn counted(x: f64, counted: Rc<f64>) -> f64 {
//! //                          ^ error: the fixed argument `counted_of_counted`
//! ```

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// An error: its case, line, column and message, or what the message has to contain.
type Error = (String, usize, usize, String);

#[test]
fn one_mistake_is_one_error() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cases: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir(root.join("tests/bounds")).expect("the folder of this file") {
        let path = entry.expect("an entry of it").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name in UTF-8").to_owned();
        if name != "mod" {
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

/// The errors that a case announces.
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
    assert!(!errors.is_empty(), "{name} announces no error");
    errors
}

/// Checks the cases as programs of one package, and returns what the compiler says, a line an error.
fn check(root: &Path, cases: &[(String, String)]) -> String {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bounds");
    let mut manifest = format!(
        "[package]\nname = \"bounds\"\nversion = \"0.0.0\"\nedition = \"2024\"\nautobins = false\n\n[workspace]\n\n\
         [dependencies]\nparallelize = {{ path = {:?} }}\n",
        root.display().to_string()
    );
    for (name, path) in cases {
        write!(manifest, "\n[[bin]]\nname = {name:?}\npath = {path:?}\n").expect("room in memory");
    }
    fs::create_dir_all(&package).expect("a package folder");
    fs::write(package.join("Cargo.toml"), manifest).expect("a manifest");
    // The versions that the tests themselves were built with, so that nothing has to be looked up.
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

/// Reads `path/case.rs:line:column: error[E0277]: message`.
fn error_of_line(line: &str) -> Option<Error> {
    let (place, message) = line.split_once(": error")?;
    let mut place = place.rsplitn(3, ':');
    let column = place.next()?.parse().ok()?;
    let line = place.next()?.parse().ok()?;
    let name = Path::new(place.next()?).file_stem()?.to_str()?.to_owned();
    Some((name, line, column, message.to_owned()))
}
