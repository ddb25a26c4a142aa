//! Counts the words of many files, of which one cannot be read: the first failure in their order, or each with its own.
//!
//! ```text
//! cargo run --release --example first_error                 # the Rust sources below this folder, and a folder among them
//! cargo run --release --example first_error -- FILE ..
//! ```

use parallelize::parallelize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How many words of at least `least` letters a file has.
#[parallelize(over = path, try_collect)]
fn words(path: &Path, least: usize) -> Result<usize, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() >= least).count())
}

fn main() -> io::Result<()> {
    let mut paths: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        paths = sources_below(Path::new("."))?;
        // What cannot be read as a file, in the midst of those that can.
        paths.insert(paths.len() / 2, PathBuf::from("."));
    }
    let paths = || paths.iter().map(PathBuf::as_path);

    // All or the first failure, whatever the timing: what the loop would meet.
    let all = words_parallel(paths(), 5);
    let serial: Result<Vec<usize>, String> = paths().map(|path| words(path, 5)).collect();
    assert_eq!(all, serial);
    match all {
        Ok(counts) => println!("{} words in {} files", counts.iter().sum::<usize>(), counts.len()),
        Err(error) => println!("the first failure: {error}"),
    }

    // Each on its own, as they come.
    let (mut count, mut failures) = (0, Vec::new());
    words_parallel_iter(paths(), 5).for_each(|result| match result {
        Ok(words) => count += words,
        Err(error) => failures.push(error),
    });
    println!("{count} words in the files that can be read; {} cannot:", failures.len());
    for error in failures {
        println!("  {error}");
    }
    Ok(())
}

/// The Rust sources below a folder, in the order of their paths.
fn sources_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() && entry.file_name() != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
