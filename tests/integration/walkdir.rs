//! walkdir: the files of a folder are read in parallel as they are found, and errors are passed on.

use crate::{on_threads, spin};
use parallelize::parallelize;
use std::path::{Path, PathBuf};
use std::{fs, io};
use walkdir::{DirEntry, WalkDir};

/// A folder with subfolders of text files, which is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        for folder in 0..5 {
            let inner = path.join(format!("folder {folder}"));
            fs::create_dir_all(&inner).expect("a folder");
            for file in 0..20 {
                fs::write(inner.join(format!("{file:02}.txt")), format!("{folder}\n").repeat(file)).expect("a file");
            }
        }
        Folder(path)
    }

    fn walk(&self) -> WalkDir {
        WalkDir::new(&self.0).sort_by_file_name()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If this fails, the folder stays in cargo's target directory.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns the path, size and checksum of a file, or `None` for a folder.
#[parallelize(over = entry, try_collect)]
fn measure(entry: walkdir::Result<DirEntry>, below: &Path) -> io::Result<Option<(PathBuf, usize, u32)>> {
    let entry = entry?;
    if entry.file_type().is_dir() {
        return Ok(None);
    }
    spin(20);
    let bytes = fs::read(entry.path())?;
    let sum = bytes.iter().fold(1, |sum: u32, byte| sum.rotate_left(3) ^ u32::from(*byte));
    Ok(Some((entry.path().strip_prefix(below).expect("below it").to_owned(), bytes.len(), sum)))
}

#[test]
fn files_are_measured_in_their_order() {
    let folder = Folder::new("measured");
    let serial: Vec<_> = folder.walk().into_iter().map(|entry| measure(entry, &folder.0).expect("a file")).collect();
    let files: Vec<_> = serial.iter().flatten().collect();
    assert_eq!((files.len(), files[27].0.as_path(), files[27].1), (100, Path::new("folder 1/07.txt"), 14));
    on_threads(|| {
        // The walk may move to another thread: its iterator and comparator are `Send`.
        assert_eq!(measure_parallel(folder.walk(), &folder.0).expect("files"), serial);
        let streamed = measure_parallel_iter(folder.walk(), &folder.0).in_flight(7).into_iter();
        assert!(streamed.map(|result| result.expect("a file")).eq(serial.iter().cloned()));
    });
}

#[parallelize(over = path, try_collect)]
fn lines(path: PathBuf) -> io::Result<usize> {
    spin(20);
    Ok(fs::read_to_string(path)?.lines().count())
}

#[test]
fn files_are_filtered_as_they_are_found() {
    let folder = Folder::new("chosen");
    let chosen = || {
        let entries = folder.walk().into_iter().filter_entry(|entry| entry.file_name() != "folder 3");
        let files = entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
        files.map(DirEntry::into_path)
    };
    let serial = chosen().map(lines).collect::<io::Result<Vec<_>>>().expect("files");
    assert_eq!((serial.len(), serial.iter().sum::<usize>()), (80, 4 * 190));
    on_threads(|| assert_eq!(lines_parallel(chosen()).expect("files"), serial));
}

#[test]
fn a_missing_file_is_an_error() {
    let folder = Folder::new("missing");
    let nowhere = folder.0.join("nowhere");
    on_threads(|| {
        // An error of the walk.
        let error = measure_parallel(WalkDir::new(&nowhere), &folder.0).expect_err("the path does not exist");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let walks = || folder.walk().into_iter().chain(WalkDir::new(&nowhere)).chain(folder.walk());
        let error = measure_parallel(walks(), &folder.0).expect_err("the path does not exist");
        let serial = walks().map(|entry| measure(entry, &folder.0)).collect::<io::Result<Vec<_>>>();
        assert_eq!(error.to_string(), serial.expect_err("the path does not exist").to_string());
        // An error of an item.
        assert_eq!(
            lines_parallel([nowhere.clone()]).expect_err("the path does not exist").kind(),
            io::ErrorKind::NotFound
        );
    });
}
