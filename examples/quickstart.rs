//! Checksums every file of a folder, once with the serial loop and once with the parallel twin.
//!
//! ```text
//! cargo run --release --example quickstart            # the library folder of this machine's Rust toolchain
//! cargo run --release --example quickstart -- FOLDER
//! ```
//!
//! The checksums go to the standard output as `sha256sum` writes them, so that it can check them (`.. > sums`, `sha256sum --check sums`);
//! the times go to the standard error.

use parallelize::parallelize;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

/// The SHA-256 of a file, which is read through a buffer of `buffer_size` bytes.
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

/// All files below a folder, in the order of their paths.
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

/// The library folder of the Rust toolchain.
fn toolchain_library() -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output()?;
    Ok(Path::new(String::from_utf8(output.stdout)?.trim_end()).join("lib"))
}

/// A line of `sha256sum`: in a name, a backslash and a line break are escaped, and a backslash at the front says so.
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

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => toolchain_library()?,
    };
    let files = files_below(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = || files.iter().map(PathBuf::as_path);
    let buffer_size = 64 * 1024;
    let bytes: u64 = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|data| data.len()).sum();
    eprintln!("{} files, {} MB, in {}", files.len(), bytes / 1_000_000, folder.display());

    // Read once before the clock runs, so that neither of the two pays for a cold disk.
    for path in paths() {
        let _ = fs::read(path);
    }

    let start = Instant::now();
    let serial: Vec<_> = paths().map(|path| checksum(path, buffer_size)).collect();
    let serial_time = start.elapsed();
    eprintln!("serial loop      {serial_time:>10.1?}");

    let start = Instant::now();
    let parallel = checksum_parallel(paths(), buffer_size);
    let parallel_time = start.elapsed();
    eprintln!("parallel twin    {parallel_time:>10.1?}");

    if serial != parallel {
        return Err("the results differ: was a file written meanwhile?".into());
    }
    let speed_up = serial_time.as_secs_f64() / parallel_time.as_secs_f64();
    let threads = std::thread::available_parallelism()?;
    eprintln!("identical results, {speed_up:.2} times as fast on {threads} cores");

    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = ExitCode::SUCCESS;
    for (path, checksum) in paths().zip(&parallel) {
        match checksum {
            Ok(checksum) => write_line(&mut out, checksum, path)?,
            Err(error) => {
                eprintln!("{error}");
                exit = ExitCode::FAILURE;
            }
        }
    }
    out.flush()?;
    Ok(exit)
}
