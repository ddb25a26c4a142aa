//! Checksums every file of a folder, with the serial loop and in parallel, and compares the times.
//!
//! ```text
//! cargo run --release --example quickstart            # the Rust toolchain's library folder
//! cargo run --release --example quickstart -- FOLDER
//! ```
//!
//! stdout gets the checksums in the format of `sha256sum`, which can check them
//! (`.. > sums`, then `sha256sum --check sums`). stderr gets the times, at the end.

use parallelize::parallelize;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// The number of times that both versions run, alternately.
const ROUNDS: usize = 5;

/// Returns the SHA-256 of a file, which it reads through a buffer of `buffer_size` bytes.
#[parallelize(over = path)]
fn checksum(path: &Path, buffer_size: usize) -> Result<String, String> {
    hash(path, buffer_size).map_err(|error| format!("{}: {error}", path.display()))
}

fn hash(path: &Path, buffer_size: usize) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; buffer_size];
    let mut hasher = Sha256::new();
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        }
    }
    Ok(format!("{:x}", hasher.finalize()))
}

/// Returns all files below a folder, ordered by their paths.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.file_type()? {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the library folder of the Rust toolchain.
fn toolchain_library() -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output()?;
    Ok(Path::new(String::from_utf8(output.stdout)?.trim_end()).join("lib"))
}

/// Writes a line like `sha256sum`.
///
/// It escapes backslashes and line breaks in names, and marks such lines with a leading backslash.
fn write_line(out: &mut impl Write, checksum: &str, path: &Path) -> io::Result<()> {
    let name = path.as_os_str().as_encoded_bytes();
    if name.iter().any(|byte| b"\\\n\r".contains(byte)) {
        out.write_all(b"\\")?;
    }
    write!(out, "{checksum}  ")?;
    for byte in name {
        match byte {
            b'\\' => out.write_all(b"\\\\")?,
            b'\n' => out.write_all(b"\\n")?,
            b'\r' => out.write_all(b"\\r")?,
            _ => out.write_all(&[*byte])?,
        }
    }
    out.write_all(b"\n")
}

/// Runs something and returns its result and how long it took.
fn timed<R>(run: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = run();
    (result, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => toolchain_library()?,
    };
    let files = files_below(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = || files.iter().map(PathBuf::as_path);
    let buffer_size = 64 * 1024;

    // Reads all files once before the clock runs, so that neither version waits for a cold disk.
    let bytes: usize = paths().filter_map(|path| fs::read(path).ok()).map(|text| text.len()).sum();

    let mut checksums = Vec::new();
    let (mut serial_times, mut parallel_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (serial, serial_time) = timed(|| paths().map(|path| checksum(path, buffer_size)).collect::<Vec<_>>());
        let (parallel, parallel_time) = timed(|| checksum_parallel(paths(), buffer_size));
        if serial != parallel {
            return Err("the results differ: was a file changed meanwhile?".into());
        }
        checksums = parallel;
        serial_times.push(serial_time);
        parallel_times.push(parallel_time);
    }

    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = ExitCode::SUCCESS;
    for (path, checksum) in paths().zip(&checksums) {
        match checksum {
            Ok(checksum) => write_line(&mut out, checksum, path)?,
            Err(error) => {
                eprintln!("{error}");
                exit = ExitCode::FAILURE;
            }
        }
    }
    out.flush()?;

    let (serial, parallel) = (median(serial_times), median(parallel_times));
    let speed_up = serial.as_secs_f64() / parallel.as_secs_f64();
    let cores = std::thread::available_parallelism()?;
    eprintln!();
    eprintln!("{} files, {} MB, in {}", files.len(), bytes / 1_000_000, folder.display());
    eprintln!("serial loop  {serial:>9.1?}  (median of {ROUNDS} runs)");
    eprintln!("in parallel  {parallel:>9.1?}  (median of {ROUNDS} runs, in turns with the loop)");
    eprintln!("The results are identical.");
    if speed_up > 1.0 {
        eprintln!("In parallel it is {speed_up:.2} times as fast on {cores} cores.");
    } else {
        eprintln!("In parallel it is not faster ({speed_up:.2}): there is too little work, or one core.");
    }
    Ok(exit)
}
