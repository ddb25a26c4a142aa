//! Which build of the program is running.

use crate::checkpoint::mix::Mix;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The number of bytes that are read at a time.
const PART_BYTES: u64 = 1 << 16;

/// Returns a hash of the file of the running program, or `None` if it cannot be read. Reads the
/// file once per process.
pub(super) fn hash_of_this() -> Option<u64> {
    static HASH: OnceLock<Option<u64>> = OnceLock::new();
    *HASH.get_or_init(|| hash_of(path().ok()?).ok())
}

/// On Linux, this is the file of the program even if another one has its name by now.
fn path() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

fn hash_of(path: PathBuf) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut mix = Mix::new(0);
    let mut part = Vec::new();
    while file.by_ref().take(PART_BYTES).read_to_end(&mut part)? > 0 {
        mix.bytes(&part);
        part.clear();
    }
    Ok(mix.finish())
}

#[cfg(test)]
mod tests {
    use super::{hash_of, hash_of_this};
    use std::fs;

    #[test]
    fn a_program_has_one_hash() {
        assert!(hash_of_this().is_some());
        assert_eq!(hash_of_this(), hash_of(std::env::current_exe().expect("a path")).ok());
    }

    #[test]
    fn another_byte_is_another_build() {
        let path = std::env::temp_dir().join(format!("parallelize-executable-{}", std::process::id()));
        let hashes = [b"one".to_vec(), b"two".to_vec(), vec![0; 70_000], vec![0; 70_001]].map(|bytes| {
            fs::write(&path, bytes).expect("a file");
            hash_of(path.clone()).expect("a hash")
        });
        fs::remove_file(&path).expect("the file");
        for (index, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..index].contains(hash), "{index}");
        }
    }
}
