//! The functions that every process of a run knows.

use crate::distributed::wire::WireError;
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A function with the option `distributed`.
///
/// Generated code puts one into `PARALLELIZE_FUNCTIONS_0_1` for each function.
pub struct Entry {
    /// Tells it apart from all others of the program.
    pub function: Function<'static>,
    /// Opens a call: decodes the fixed arguments, and returns what runs a chunk of items.
    ///
    /// The second argument is the maximum number of threads of the call in this process.
    pub open: fn(&[u8], Option<usize>) -> Result<Job, WireError>,
}

/// Runs the items in these bytes, and returns the bytes of an `Answer`.
pub type Job = Box<dyn Fn(Chunk<'_>) -> Vec<u8> + Send + Sync>;

/// Items that a process runs together.
#[derive(Clone, Copy)]
pub struct Chunk<'a> {
    /// The number of items.
    pub(crate) items: usize,
    /// Their bytes, one after the other.
    pub(crate) bytes: &'a [u8],
}

/// A function with the option `distributed`, by its place in the program and by its code.
///
/// Its place may not be enough: a macro may write several functions at one place, and two versions
/// of a crate may have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Function<'a> {
    /// Its path, from the crate on.
    pub path: &'a str,
    /// The file of its attribute.
    pub file: &'a str,
    /// The line of its attribute.
    pub line: u32,
    /// The column of its attribute.
    pub column: u32,
    /// A hash of its code, which tells builds of the program apart.
    pub code: u64,
}

/// All functions with the option `distributed`, of all crates of the program.
///
/// The section in the executable has this name, so another version of this crate has another one.
#[linkme::distributed_slice]
pub static PARALLELIZE_FUNCTIONS_0_1: [Entry];

/// Finds a function.
pub(crate) fn find(function: Function<'_>) -> Option<&'static Entry> {
    PARALLELIZE_FUNCTIONS_0_1.iter().find(|entry| entry.function == function)
}

/// Returns all functions. Their order does not depend on that in which they were linked.
fn functions() -> Vec<Function<'static>> {
    let mut functions: Vec<_> = PARALLELIZE_FUNCTIONS_0_1.iter().map(|entry| entry.function).collect();
    functions.sort_unstable();
    functions
}

/// Returns a hash of all functions.
pub(crate) fn hash() -> u64 {
    hash_of(&functions())
}

fn hash_of(functions: &[Function<'_>]) -> u64 {
    // Its keys are fixed.
    let mut hasher = DefaultHasher::new();
    functions.hash(&mut hasher);
    hasher.finish()
}

/// Checks that other processes can tell all functions apart.
///
/// # Errors
///
/// If two of them are the same.
pub(crate) fn check() -> Result<(), String> {
    check_all(&functions())
}

fn check_all(functions: &[Function<'_>]) -> Result<(), String> {
    match functions.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            let Function { path, file, line, column, .. } = pair[0];
            Err(format!(
                "the program has the function `{path}` of {file}:{line}:{column} twice, and other processes could \
                 not tell which one to run: rename one, or compile its file into one crate only"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Function, PARALLELIZE_FUNCTIONS_0_1, check, check_all, find, functions, hash, hash_of};

    const FIRST: Function<'static> = Function { path: "a::f", file: "lib.rs", line: 1, column: 2, code: 3 };

    #[test]
    fn everything_of_a_function_counts() {
        let second = Function { path: "a::g", ..FIRST };
        let expected = hash_of(&[FIRST, second]);
        let others = [
            vec![],
            vec![FIRST],
            vec![second],
            vec![FIRST, second, second],
            vec![FIRST, Function { line: 2, ..second }],
            vec![FIRST, Function { column: 1, ..second }],
            vec![FIRST, Function { file: "main.rs", ..second }],
            vec![FIRST, Function { code: 4, ..second }],
        ];
        for other in others {
            assert_ne!(hash_of(&other), expected, "{other:?}");
        }
        assert_eq!(hash(), hash());
        assert!(functions().is_sorted(), "in the order of all processes");
    }

    #[test]
    fn an_unknown_function_is_not_found() {
        assert!(find(FIRST).is_none());
        let known = PARALLELIZE_FUNCTIONS_0_1[0].function;
        assert_eq!(find(known).expect("a known function").function, known);
        assert!(find(Function { file: "other.rs", ..known }).is_none());
        assert!(find(Function { code: known.code ^ 1, ..known }).is_none());
    }

    #[test]
    fn functions_that_are_the_same_are_refused() {
        assert_eq!(check(), Ok(()));
        let message = check_all(&[FIRST, FIRST, Function { line: 2, ..FIRST }]).expect_err("the same twice");
        assert!(message.contains("`a::f` of lib.rs:1:2 twice"), "{message}");
        assert_eq!(check_all(&[FIRST, Function { code: 4, ..FIRST }]), Ok(()));
        assert_eq!(check_all(&[FIRST, Function { file: "main.rs", ..FIRST }]), Ok(()));
    }

    #[test]
    fn another_version_has_another_section() {
        macro_rules! name {
            ($known:ident) => {{
                let _ = &$known;
                stringify!($known)
            }};
        }
        let [major, minor] = [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR")];
        assert_eq!(name!(PARALLELIZE_FUNCTIONS_0_1), format!("PARALLELIZE_FUNCTIONS_{major}_{minor}"));
    }
}
