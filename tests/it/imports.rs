//! Imports between source files go one way, and no two files import each other.

use crate::tidy::{files, read};
use std::collections::{BTreeMap, BTreeSet};

/// The wings of a crate, each of which may import those after it. A name is a folder or a file.
type Order = &'static [&'static [&'static str]];

const RUNTIME: Order = &[
    &[
        "lib",
        "private",
        "arguments",
        "evidence",
        "guide",
        "iter",
        "options",
        "async_arguments",
        "async_results",
        "attribute",
        "checkpoint_arguments",
        "distributed_arguments",
        "distributed_bytes",
        "distributed_chunks",
    ],
    &["concurrent"],
    &["lazy"],
    &["engine"],
    &["input"],
    &["report"],
    &["checkpoint"],
    &["distributed"],
    &["unwind"],
    &["variables"],
];

const MACROS: Order = &[&["lib", "snapshots"], &["write"], &["model"], &["check"], &["read"], &["errors"]];

/// The source files of a crate, by their module paths: `engine::drive`.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let module = |path: &str| path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
    let relative =
        |path: &str| path.rsplit_once(&format!("/{folder}/")).map_or_else(String::new, |(_, end)| module(end));
    files(folder, ".rs").iter().map(|path| (relative(&path.to_string_lossy().replace('\\', "/")), read(path))).collect()
}

/// The modules that a file imports: those that `crate::..` paths in its code lead to.
fn imports(name: &str, text: &str, sources: &BTreeMap<String, String>) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let paths = code.flat_map(|line| line.split("crate::").skip(1));
    let modules = paths.map(|path| {
        let end = path.find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':'));
        let mut path = path[..end.unwrap_or(path.len())].trim_end_matches(':');
        while !sources.contains_key(path) {
            // The last segment is an item of the module before it.
            let Some((module, _)) = path.rsplit_once("::") else { return "lib".to_owned() };
            path = module;
        }
        path.to_owned()
    });
    modules.filter(|module| module != name).collect()
}

/// What is wrong with the imports of a crate, a line per mistake.
fn mistakes(sources: &BTreeMap<String, String>, order: Order) -> Vec<String> {
    let wing = |name: &str| {
        let wing = name.split("::").next().unwrap_or_default();
        order.iter().position(|wings| wings.contains(&wing))
    };
    let graph: BTreeMap<&str, BTreeSet<String>> =
        sources.iter().map(|(name, text)| (name.as_str(), imports(name, text, sources))).collect();
    let mut mistakes = Vec::new();
    for (name, text) in sources {
        if wing(name).is_none() {
            mistakes.push(format!("{name} is in no wing"));
        }
        if text.lines().any(|line| line.starts_with("use super::")) {
            mistakes.push(format!("{name} imports by `super::`, which this test does not follow"));
        }
        for import in &graph[name.as_str()] {
            if wing(import) < wing(name) {
                mistakes.push(format!("{name} imports {import}, against the order"));
            }
        }
        // Everything that the file reaches.
        let mut reached = BTreeSet::new();
        let mut ahead: Vec<&String> = graph[name.as_str()].iter().collect();
        while let Some(module) = ahead.pop() {
            if reached.insert(module) {
                ahead.extend(graph.get(module.as_str()).into_iter().flatten());
            }
        }
        if reached.contains(name) {
            mistakes.push(format!("{name} imports itself through other files"));
        }
    }
    mistakes
}

#[test]
fn imports_go_one_way() {
    for (folder, order) in [("runtime", RUNTIME), ("macros/src", MACROS)] {
        let sources = sources(folder);
        assert!(sources.len() >= 20, "only {} sources are left in {folder}", sources.len());
        let count: usize = sources.iter().map(|(name, text)| imports(name, text, &sources).len()).sum();
        assert!(count >= 40, "only {count} imports were found in {folder}");
        let mistakes = mistakes(&sources, order);
        assert!(mistakes.is_empty(), "{folder}:\n{}", mistakes.join("\n"));
    }
}

#[test]
fn a_wrong_import_is_noticed() {
    let with = |name: &str, line: &str| {
        let mut sources = sources("runtime");
        let text = sources.get_mut(name).expect("a source file");
        *text = format!("{line}\n{text}");
        mistakes(&sources, RUNTIME).join("\n")
    };
    assert!(with("engine::step", "use crate::lazy::stop::Stop;").contains("engine::step imports lazy::stop, against"));
    assert!(with("engine::grain", "use crate::engine::drive;").contains("engine::grain imports itself through"));
    assert!(with("unwind", "use crate::__private::Call;").contains("unwind imports lib, against the order"));
    assert!(with("engine::grain", "use super::gate::Gate;").contains("`super::`"));
    assert_eq!(with("engine::grain", "// use crate::lazy::stop::Stop;"), "");
}
