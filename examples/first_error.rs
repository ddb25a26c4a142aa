//! Counts the words in many files, one of which cannot be read. Returns the first error in input
//! order, and then collects all errors.
//!
//! Without arguments, the files are the Rust sources below the current folder. The folder itself is
//! one of the paths, so reading it fails.
//!
//! ```text
//! cargo run --release --example first_error
//! cargo run --release --example first_error -- FILE ..
//! ```

use parallelize::parallelize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Counts the words in a file that have at least `min_letters` letters.
#[parallelize(over = path, try_collect)]
fn words(path: &Path, min_letters: usize) -> Result<usize, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() >= min_letters).count())
}

fn main() -> io::Result<()> {
    let mut paths: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        paths = sources_below(Path::new("."))?;
        // A folder cannot be read as a file.
        paths.insert(paths.len() / 2, PathBuf::from("."));
    }
    let paths = || paths.iter().map(PathBuf::as_path);

    // The first error in input order, which is also the first error of the serial loop.
    let all = words_parallel(paths(), 5);
    let serial: Result<Vec<usize>, String> = paths().map(|path| words(path, 5)).collect();
    assert_eq!(all, serial);
    match all {
        Ok(counts) => println!("{} words in {} files", counts.iter().sum::<usize>(), counts.len()),
        Err(error) => println!("the first error: {error}"),
    }

    // All results, in input order, as they arrive.
    let (mut count, mut errors) = (0, Vec::new());
    words_parallel_iter(paths(), 5).for_each(|result| match result {
        Ok(words) => count += words,
        Err(error) => errors.push(error),
    });
    println!("{count} words in the readable files; {} could not be read:", errors.len());
    for error in errors {
        println!("  {error}");
    }
    Ok(())
}

/// Finds the Rust sources below a folder, sorted by path.
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
