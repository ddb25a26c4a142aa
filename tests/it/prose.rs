//! Prose keeps its width, and avoids the words that make it hard to read.

use crate::tidy::{files, read};
use std::path::{Path, PathBuf};

/// Words and phrases that have a plainer counterpart.
const REFUSED: [&str; 10] =
    ["dear", "anew", "till", "but for", "so many", "so much", "one's own", "as ever", "on the whole", "twin"];

const MARKDOWN_COLUMNS: usize = 80;

const COMMENT_COLUMNS: usize = 100;

/// The lines with prose in a file: the number of each, the line, and the prose in it.
fn prose<'text>(path: &Path, text: &'text str) -> Vec<(usize, &'text str, &'text str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("md") => lines.map(|(number, line)| (number, line, line)).collect(),
        Some("rs") => lines
            .filter_map(|(number, line)| Some((number, line, &line[line.find("//")?..])))
            // An address is no comment, and neither is the error that a test expects.
            .filter(|(_, _, comment)| !comment.contains("://") && !comment.contains("^ error: "))
            .collect(),
        // Shell, TOML, YAML.
        _ => lines
            .filter(|(_, line)| line.trim_start().starts_with('#'))
            .map(|(number, line)| (number, line, line))
            .collect(),
    }
}

/// Whether a line may be wider: a table, a link definition, or one word that cannot be broken.
fn may_be_wide(line: &str) -> bool {
    line.starts_with('|')
        || line.starts_with('[') && line.contains("]: ")
        || !line.trim_start_matches("# ").contains(' ')
}

/// What is wrong with the prose of a file, a line per mistake.
fn mistakes(path: &Path, text: &str) -> Vec<String> {
    let is_page = path.extension().is_some_and(|ending| ending == "md");
    let mut mistakes = Vec::new();
    for (number, line, prose) in prose(path, text) {
        let words: Vec<String> = prose
            .to_lowercase()
            .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        let spaced = format!(" {} ", words.join(" "));
        for word in REFUSED.iter().filter(|word| spaced.contains(&format!(" {word} "))) {
            mistakes.push(format!("{}:{number}: write `{word}` in other words", path.display()));
        }
        let columns = if is_page { MARKDOWN_COLUMNS } else { COMMENT_COLUMNS };
        let width = line.chars().count();
        let is_code = !is_page && !line.trim_start().starts_with(['/', '#']);
        if width > columns && !is_code && !may_be_wide(prose) {
            mistakes.push(format!("{}:{number}: {width} columns, {columns} are allowed", path.display()));
        }
    }
    mistakes
}

/// Every file with prose for readers.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["runtime", "macros", "mpi", "guide", "examples", "tests", "benches/src"];
    let endings = [".rs", ".md", ".toml"];
    let mut pages: Vec<PathBuf> =
        folders.iter().flat_map(|folder| endings.iter().flat_map(move |ending| files(folder, ending))).collect();
    pages.extend(
        [".ci/run", ".ci/mpi", ".ci/compile-time", ".github/workflows/ci.yml", "Cargo.toml"]
            .map(|file| root.join(file)),
    );
    for entry in std::fs::read_dir(root).expect("the repository") {
        let path = entry.expect("an entry of it").path();
        pages.extend(path.extension().is_some_and(|ending| ending == "md").then_some(path));
    }
    // Generated, and other people's words.
    let is_ours = |path: &PathBuf| {
        let path = path.to_string_lossy().replace('\\', "/");
        !["guide/links.md", "guide/pictures.md", "it/prose.rs"].iter().any(|file| path.ends_with(file))
            && !path.contains("/target/")
    };
    pages.into_iter().filter(is_ours).collect()
}

#[test]
fn prose_is_plain_and_keeps_its_width() {
    let pages = pages();
    assert!(pages.len() >= 100, "only {} files are left", pages.len());
    let mistakes: Vec<String> = pages.iter().flat_map(|path| mistakes(path, &read(path))).collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn a_mistake_in_prose_is_noticed() {
    let wide = "a ".repeat(60);
    for (name, text, expected) in [
        ("page.md", "It is not dear.", "page.md:1: write `dear`"),
        ("page.md", "\nas many, but for\nthis", "page.md:2: write `but for`"),
        ("page.md", &wide, "page.md:1: 120 columns, 80 are allowed"),
        ("source.rs", "let x = 1; // Of so many.", "source.rs:1: write `so many`"),
        ("source.rs", &format!("// {wide}"), "source.rs:1: 123 columns, 100 are allowed"),
        ("run", "# A bar of one's own.", "run:1: write `one's own`"),
    ] {
        let mistakes = mistakes(Path::new(name), text).join("\n");
        assert!(mistakes.starts_with(expected), "{name}: {mistakes}");
    }
    for (name, text) in [
        ("page.md", format!("| {wide} |")),
        ("page.md", format!("[label]: {wide}")),
        ("source.rs", "let dear = till(anew);".to_owned()),
        ("source.rs", format!("let long = {wide};")),
    ] {
        assert_eq!(mistakes(Path::new(name), &text), Vec::<String>::new());
    }
}

#[test]
fn readme_is_short() {
    let words = read("README.md").split_whitespace().count();
    assert!(words <= 1_300, "README has {words} words");
}
