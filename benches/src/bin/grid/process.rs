//! New processes of this program: where their memory comes from, and what they start with.

use parallelize::parallelize;
use parallelize_benches::harness::steps;
use std::env;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Command, Stdio};

/// What a process does with freed memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Freed {
    /// Keeps it, so that no contender waits for the system to provide pages. Only glibc obeys.
    Kept,
    /// Returns large blocks to the system, as the allocator decides.
    Default,
}

/// The variables of glibc for a process that keeps its memory. The first one also tells the process
/// that it does.
const KEEP: [(&str, &str); 2] = [("MALLOC_MMAP_MAX_", "0"), ("MALLOC_TRIM_THRESHOLD_", "100000000000")];

/// A command that runs this program again, and shows its messages.
pub fn command(freed: Freed) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.stderr(Stdio::inherit());
    for (name, value) in KEEP {
        match freed {
            Freed::Kept => command.env(name, value),
            Freed::Default => command.env_remove(name),
        };
    }
    Ok(command)
}

/// Work that starts the threads of the process.
#[parallelize]
fn starter(seed: u64) -> u64 {
    steps(seed, 100_000)
}

/// Number of items with which the threads of the process are started.
const STARTER_ITEMS: u64 = 20;

/// Memory that a process takes from the system for each item, in bytes, if it keeps memory: for the
/// input, a copy of it, and the results.
const BYTES_PER_ITEM: usize = 32;

/// Starts the threads of the process, takes memory for `items` items from the system, and lets it
/// load the code of this program.
pub fn start(items: usize) {
    if env::var_os(KEEP[0].0).is_some() {
        drop(black_box(vec![1_u8; BYTES_PER_ITEM * items.max(100_000)]));
        load_code();
    }
    for _ in 0..3 {
        black_box(starter_parallel(0..STARTER_ITEMS));
    }
}

/// Reads the code of this program through its memory, so that no contender waits for pages of it.
/// The program is larger than others, because it has the contenders of all cells.
///
/// Does nothing where Linux does not provide the memory as a file.
fn load_code() {
    let (Ok(maps), Ok(mut memory)) = (fs::read_to_string("/proc/self/maps"), File::open("/proc/self/mem")) else {
        return;
    };
    for line in maps.lines().filter(|line| line.contains(" r-xp ") && line.contains('/')) {
        let place = line.split(' ').next().and_then(|range| range.split_once('-'));
        let address = |text: &str| u64::from_str_radix(text, 16).ok();
        let Some((Some(start), Some(end))) = place.map(|(start, end)| (address(start), address(end))) else { continue };
        let mut code = vec![0; usize::try_from(end - start).unwrap_or(0)];
        // What cannot be read is loaded later, at the expense of the contenders.
        let _ = memory.seek(SeekFrom::Start(start)).and_then(|_| memory.read_exact(&mut code));
        black_box(code);
    }
}
