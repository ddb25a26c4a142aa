//! What is written more than once agrees, and no test folder is empty by mistake.

use std::fs;
use std::path::{Path, PathBuf};

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder whose name ends so.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn versions_agree() {
    let version = env!("CARGO_PKG_VERSION");
    let manifest = read("Cargo.toml");
    assert!(manifest.contains(&format!("version = \"{version}\"")), "the workspace's version");
    let pin = format!("parallelize-macros = {{ path = \"macros\", version = \"={version}\" }}");
    assert!(manifest.contains(&pin), "the macros are pinned to the runtime's version");
    assert!(read("CHANGELOG.md").contains(&format!("## {version}")), "the changelog tells of {version}");
}

#[test]
fn the_oldest_compiler_is_named_alike() {
    let version = env!("CARGO_PKG_RUST_VERSION");
    for file in ["README.md", ".github/workflows/ci.yml"] {
        assert!(read(file).contains(version), "{file} names Rust {version}");
    }
}

#[test]
fn each_mistake_is_one_error() {
    let mistakes = files("tests/ui", ".stderr");
    assert!(mistakes.len() >= 40, "only {} mistakes are left", mistakes.len());
    assert_eq!(mistakes.len(), files("tests/ui", ".rs").len(), "each case has its messages");
    for path in mistakes {
        let text = read(&path);
        let errors = text.lines().filter(|line| line.starts_with("error")).count();
        // Under `several`, a function has several mistakes.
        let is_right =
            if path.components().any(|part| part.as_os_str() == "several") { errors >= 2 } else { errors == 1 };
        assert!(is_right, "{errors} errors in {}", path.display());
        assert!(!text.contains("warning"), "{} warns", path.display());
    }
}

#[test]
fn each_file_says_what_it_decides() {
    let sources = [files("runtime", ".rs"), files("macros/src", ".rs")].concat();
    assert!(sources.len() >= 10, "only {} sources are left", sources.len());
    for path in sources {
        let text = read(&path);
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") || first.starts_with("#!["), "{} opens with its sentence", path.display());
        assert!(text.lines().count() <= 500, "{} has a second noun in it", path.display());
    }
}

#[test]
fn architecture_names_each_source() {
    let page = read("ARCHITECTURE.md");
    for path in [files("runtime", ".rs"), files("macros/src", ".rs")].concat() {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        assert!(page.contains(&format!("{name}`")), "ARCHITECTURE.md tells of {}", path.display());
    }
}
