//! Links of README and the guide work as files and in the documentation.
//!
//! Each page ends with link definitions that work where the page is read as a file. In the
//! documentation, definitions of the same labels come before the page, and the first definition of
//! a label counts. `guide/links.md` and `guide/pictures.md` have them.

use crate::tidy::{files, read};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const API: &str = "https://docs.rs/parallelize/latest/parallelize/";
const SOURCE: &str = "https://docs.rs/crate/parallelize/latest/source/";

/// The nearest page of the documentation for pages of other crates, which the package cannot have.
const NEAREST: [(&str, &str); 2] =
    [("benches/RESULTS.md", "guide/comparison.md#measurements"), ("examples/gallery/README.md", "guide/tuning.md")];

/// Encodes three bytes in four letters.
fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for letter in 0..4 {
            let index = word >> (18 - 6 * letter) & 63;
            text.push(if letter <= chunk.len() { char::from(letters[index]) } else { '=' });
        }
    }
    text
}

/// The anchor of a heading, on GitHub as in rustdoc.
fn anchor_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let letters = text.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    letters.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// The target of a link in the documentation, and whether it is a picture.
///
/// `target` is relative to the folder of the repository.
fn in_documentation(target: &str) -> (String, bool) {
    if let Some(item) = target.strip_prefix(API) {
        // `iter/struct.IntoIter.html#method.stopped` is `crate::iter::IntoIter::stopped`.
        let (path, anchor) = item.split_once('#').unwrap_or((item, ""));
        let path = path.trim_end_matches(".html").replace('/', "::");
        let (module, last) = path.rsplit_once("::").map_or(("crate", path.as_str()), |(_, last)| ("crate::iter", last));
        let (kind, name) = last.split_once('.').expect("a kind and a name");
        let item = format!("{}{module}::{name}", if kind == "attr" { "macro@" } else { "" });
        return match anchor.split_once('.') {
            // The method exists only with the cargo feature, and the option is always documented.
            Some((_, option @ ("checkpoint" | "distributed" | "progress"))) => {
                (format!("macro@crate::parallelize#{option}"), false)
            }
            Some((_, method)) => (format!("{item}::{method}"), false),
            None if anchor.is_empty() => (item, false),
            None => (format!("{item}#{anchor}"), false),
        };
    }
    if let Some((_, page)) = NEAREST.iter().find(|(page, _)| *page == target) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(target).exists(), "`{target}` does not exist");
        return in_documentation(page);
    }
    if target.starts_with("https://") {
        return (target.to_owned(), false);
    }
    let (path, anchor) =
        target.split_once('#').map_or((target, String::new()), |(path, end)| (path, format!("#{end}")));
    let exists = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    assert!(exists.exists(), "`{target}` does not exist");
    if !anchor.is_empty() {
        let has_heading = read(path).lines().any(|line| line.starts_with("##") && anchor_of(line) == anchor[1..]);
        assert!(has_heading, "`{target}` leads to no heading");
    }
    if let Some(page) = path.strip_prefix("guide/").and_then(|page| page.strip_suffix(".md")) {
        return (format!("crate::guide::{page}{anchor}"), false);
    }
    let kind = match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "svg" => "svg+xml",
        "jpg" => "jpeg",
        "png" => "png",
        _ => return (format!("{SOURCE}{path}"), false),
    };
    (format!("data:image/{kind};base64,{}", base64(&fs::read(exists).expect("a picture"))), true)
}

/// The link definitions of all pages: what a label means in the repository, and in which pages.
fn definitions() -> BTreeMap<String, (String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut definitions = BTreeMap::new();
    for path in [files("guide", ".md"), vec![root.join("README.md")]].concat() {
        let page = path.strip_prefix(root).expect("a page of ours").to_string_lossy().replace('\\', "/");
        if page == "guide/links.md" || page == "guide/pictures.md" {
            continue;
        }
        for line in read(&path).lines() {
            let Some((label, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) else {
                continue;
            };
            let target = match target.strip_prefix("../") {
                Some(target) => target.to_owned(),
                None if target.starts_with("https://") || page == "README.md" => target.to_owned(),
                None => format!("guide/{target}"),
            };
            // Markdown compares labels without their case.
            let before = definitions.insert(label.to_lowercase(), (label.to_owned(), target.clone()));
            let is_same = before.as_ref().is_none_or(|(_, before)| *before == target);
            assert!(is_same, "[{label}] is `{target}` in {page}, and {before:?} in another page");
        }
    }
    definitions
}

#[test]
fn the_documentation_has_the_links_and_pictures_of_the_pages() {
    let (mut links, mut pictures) = (String::new(), String::new());
    let definitions = definitions();
    assert!(definitions.len() >= 20, "only {} links are left", definitions.len());
    for (label, target) in definitions.into_values() {
        let (target, is_picture) = in_documentation(&target);
        let file = if is_picture { &mut pictures } else { &mut links };
        writeln!(file, "[{label}]: {target}").expect("room in memory");
    }
    for (file, text) in [("guide/links.md", links), ("guide/pictures.md", pictures)] {
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(file), &text).expect("a file of ours");
        }
        assert!(text == read(file), "{file} is out of date: UPDATE_EXPECT=1 cargo test --test it links");
    }
}

#[test]
fn pages_define_the_links_that_they_use() {
    for path in files("guide", ".md") {
        let text = read(&path);
        assert!(!text.contains("](crate::"), "{} has a link that works in the documentation only", path.display());
        if path.ends_with("links.md") || path.ends_with("pictures.md") {
            continue;
        }
        assert!(text.starts_with("# "), "{} begins with its title", path.display());
        let title = text.lines().next().unwrap_or_default();
        assert!(title.ends_with("-->"), "{}: the title ends with a comment, for rustdoc", path.display());
        let bare = text.lines().enumerate().filter(|(_, line)| line.starts_with("```")).step_by(2);
        for (index, fence) in bare {
            assert!(fence.len() > 3, "{}:{}: the fence names a language", path.display(), index + 1);
        }
    }
}
