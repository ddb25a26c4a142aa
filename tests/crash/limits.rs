//! A file that another process has open, one that is damaged, and a disk that is full.

use crate::kills::count;
use parallelize::Checkpoint;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The maximum size of a file, in the unit of `ulimit`: 512 bytes in some shells, and 1,024 in
/// others.
const BLOCKS: u32 = 2_600;

/// Checks these with a sweep of as many items.
pub(crate) fn run(items: u64) {
    let folder = env::temp_dir().join(format!("parallelize-limits-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("sweep.redb");
    two_processes(&path, items);
    if cfg!(unix) {
        full_disk(&path, items);
    }
    damage(&path);
    fs::remove_dir_all(&folder).expect("the folder");
}

fn arguments(path: &Path, items: u64) -> [String; 4] {
    ["sweep".into(), "collect".into(), path.to_string_lossy().into_owned(), items.to_string()]
}

fn two_processes(path: &Path, items: u64) {
    let mut command = Command::new(env::current_exe().expect("the path of this program"));
    let mut child = command.args(arguments(path, items)).stdout(Stdio::piped()).spawn().expect("a process");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("its text");
    assert!(first.starts_with("opened"), "{first}");
    let error = Checkpoint::open(path).expect_err("another process has it").to_string();
    assert!(error.contains("is in use: wait for the process that has it open"), "{error}");
    child.kill().expect("a kill");
    child.wait().expect("its end");
    drop(lines);
    // A kill frees it.
    println!("{:12}{} results after a kill", "in use", count(path));
    fs::remove_file(path).expect("the file");
}

/// Runs the sweep, with a limit for the size of its file or without one.
fn sweep(path: &Path, items: u64, limit: &str) -> Output {
    let mut command = Command::new("sh");
    // Otherwise the signal would end the process.
    command.args(["-c", &format!("trap '' XFSZ; {limit} exec \"$0\" \"$@\"")]);
    command.arg(env::current_exe().expect("the path of this program")).args(arguments(path, items));
    command.output().expect("a process")
}

fn computed(output: &Output) -> u64 {
    output.stdout.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"computed")).count() as u64
}

fn full_disk(path: &Path, items: u64) {
    // Large enough for a new file, and too small for all results.
    let output = sweep(path, items, &format!("ulimit -f {BLOCKS};"));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    let first = computed(&output);
    assert!(!output.status.success(), "{first} results had room");
    assert!(message.contains("there is no space left for") && message.contains("free some"), "{message}");
    let stored = count(path);
    assert!(stored > 0, "nothing was stored");

    let output = sweep(path, items, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(computed(&output), items - stored, "a stored result was computed again");
    assert_eq!(count(path), items);
    println!(
        "{:12}{stored} of {first} results stored, none of them lost: {}",
        "full disk",
        message.lines().last().unwrap_or_default()
    );
}

/// The items of a sweep whose file is damaged, and the number of bytes that are changed, one at a
/// time.
const DAMAGED_ITEMS: u64 = 500;
const DAMAGES: usize = 100;

fn damage(path: &Path) {
    fs::remove_file(path).expect("the file");
    let sweep = || {
        let mut command = Command::new(env::current_exe().expect("the path of this program"));
        command.args(arguments(path, DAMAGED_ITEMS)).output().expect("a process")
    };
    assert!(sweep().status.success());
    let content = fs::read(path).expect("the file");
    let used: Vec<usize> = (0..content.len()).filter(|&index| content[index] != 0).collect();
    let (mut unnoticed, mut computed_again, mut errors, mut aborts) = (0, 0, 0, 0);
    for number in 0..DAMAGES {
        let mut changed = content.clone();
        changed[used[number * 245_489 % used.len()]] ^= 1 << (number % 8);
        fs::write(path, changed).expect("the file");
        let output = sweep();
        let message = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) if computed(&output) == 0 => unnoticed += 1,
            Some(0) => computed_again += 1,
            Some(1) => {
                let words = ["is damaged (", "is not a checkpoint", "has the format"];
                assert!(words.iter().any(|words| message.contains(words)), "{message}");
                errors += 1;
            }
            // The database panics while it panics. The next run says why.
            None => aborts += 1,
            // Such as a wrong result.
            Some(code) => panic!("exit code {code}: {message}"),
        }
    }
    println!(
        "{:12}{DAMAGES} changed bytes: {unnoticed} do not matter, {computed_again} led to results that were computed \
         again, {errors} to errors, {aborts} to aborts, and none to a wrong result",
        "damage"
    );
    assert!(aborts <= DAMAGES / 20, "too many aborts");
}
