//! What is written more than once agrees, and no test folder is empty by mistake.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder whose name ends so.
pub(crate) fn files(folder: impl AsRef<Path>, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                // What was built is nobody's source.
                folders.extend((!path.ends_with("target")).then_some(path));
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found
}

/// The sources of all crates for users.
fn sources() -> Vec<PathBuf> {
    ["runtime", "macros/src", "mpi/src"].map(|folder| files(folder, ".rs")).concat()
}

#[test]
fn versions_agree() {
    let version = env!("CARGO_PKG_VERSION");
    let manifest = read("Cargo.toml");
    assert!(manifest.contains(&format!("version = \"{version}\"")), "the workspace's version");
    let pin = format!("parallelize = {{ path = \"..\", version = \"={version}\"");
    assert!(read("mpi/Cargo.toml").contains(&pin), "the crate for MPI is pinned to the runtime's version");
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
    let sources = sources();
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
    for path in sources() {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        // The page describes a wing by its folder.
        if name == "mod.rs" {
            continue;
        }
        assert!(page.contains(&format!("{name}`")), "ARCHITECTURE.md tells of {}", path.display());
    }
}

/// A package for the registry.
struct Package {
    name: &'static str,
    folder: &'static str,
    /// What it has beside its sources.
    pages: &'static [&'static str],
    /// Of which folders it has the files that end so. Nothing else of the repository belongs in it.
    sources: &'static [(&'static str, &'static str)],
}

const PACKAGES: [Package; 3] = [
    Package {
        name: "parallelize",
        folder: "",
        pages: &[
            "ARCHITECTURE.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "Cargo.toml",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
        ],
        sources: &[("runtime", ".rs"), ("guide", ".md"), ("examples", ".rs")],
    },
    Package {
        name: "parallelize-macros",
        folder: "macros",
        pages: &["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"],
        sources: &[("src", ".rs")],
    },
    Package {
        name: "parallelize-mpi",
        folder: "mpi",
        pages: &["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"],
        sources: &[("src", ".rs"), ("examples", ".rs")],
    },
];

/// Whether a file is of a crate in a folder of its own, which no package has: `examples/gallery/`.
fn is_of_another_crate(file: &Path, root: &Path) -> bool {
    file.ancestors().skip(1).take_while(|folder| *folder != root).any(|folder| folder.join("Cargo.toml").exists())
}

#[test]
fn packages_hold_what_belongs_in_them() {
    for Package { name, folder, pages, sources } in PACKAGES {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut wanted: BTreeSet<String> = pages.iter().map(|&page| page.to_owned()).collect();
        for (folder, ending) in sources.iter().filter(|(folder, _)| root.join(folder).exists()) {
            for path in files(root.join(folder), ending).iter().filter(|path| !is_of_another_crate(path, &root)) {
                let file = path.strip_prefix(&root).expect("a file of the package");
                wanted.insert(file.to_string_lossy().replace('\\', "/"));
            }
        }

        // It lists, and builds nothing.
        let output = Command::new(env!("CARGO"))
            .args(["package", "--list", "--allow-dirty", "--offline", "--package", name])
            .current_dir(&root)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Cargo writes these itself, the first only in a repository.
        let made = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
        let list = String::from_utf8(output.stdout).expect("names in UTF-8").replace('\\', "/");
        let packed: BTreeSet<String> = list.lines().filter(|file| !made.contains(file)).map(str::to_owned).collect();

        let missing: Vec<_> = wanted.difference(&packed).collect();
        assert!(
            missing.is_empty(),
            "{name} would be published without {missing:?}: name it in `include` of its manifest"
        );
        let foreign: Vec<_> = packed.difference(&wanted).collect();
        assert!(
            foreign.is_empty(),
            "{name} would be published with {foreign:?}: narrow `include` of its manifest, or name it in `PACKAGES`"
        );
    }
}

#[test]
fn only_three_packages_are_published() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifests = ["tests", "examples", "benches"].map(|folder| files(root.join(folder), "Cargo.toml")).concat();
    assert!(manifests.len() >= 6, "only {} crates are left", manifests.len());
    for path in manifests {
        assert!(read(&path).lines().any(|line| line == "publish = false"), "{} says `publish = false`", path.display());
    }
}

#[test]
fn licences_agree() {
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        for folder in ["macros", "mpi"] {
            assert_eq!(read(file), read(Path::new(folder).join(file)), "{folder}/{file} is a copy of {file}");
        }
    }
}

#[test]
fn pages_name_files_that_exist() {
    let sources = sources();
    for page in ["CONTRIBUTING.md", "ARCHITECTURE.md"] {
        let text = read(page);
        for word in text.split('`').skip(1).step_by(2).flat_map(str::split_whitespace) {
            let is_path = word.starts_with(".ci/")
                || ["/", ".rs", ".md", ".toml", ".yml"].iter().any(|ending| word.ends_with(ending));
            let exists = Path::new(env!("CARGO_MANIFEST_DIR")).join(word).exists()
                || sources.iter().any(|path| path.ends_with(word))
                || ["runtime", "macros/src", "mpi/src"]
                    .iter()
                    .any(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(word).exists());
            assert!(!is_path || exists, "{page} names `{word}`, which does not exist");
        }
    }
}

#[test]
fn commands_name_packages_that_exist() {
    let manifests = [
        files("tests", "Cargo.toml"),
        ["", "macros", "mpi"].map(|folder| Path::new(folder).join("Cargo.toml")).to_vec(),
    ]
    .concat();
    let manifests = manifests.iter().map(read).collect::<String>();
    for page in ["CONTRIBUTING.md", "RELEASING.md", ".ci/run", ".ci/mpi", ".github/workflows/ci.yml"] {
        let text = read(page).replace('`', " ");
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words.windows(2).filter(|pair| ["--package", "-p"].contains(&pair[0])) {
            let is_known = manifests.lines().any(|line| line == format!("name = \"{}\"", pair[1]));
            assert!(is_known, "{page} names the package `{}`, which does not exist", pair[1]);
        }
    }
}
