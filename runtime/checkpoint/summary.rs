//! How many results of a call came from the file, and why not more.

use std::fmt::{self, Display, Formatter};
use std::path::Path;
use std::sync::Arc;

/// How many results of a call came from the file, and why none did.
///
/// It is displayed as `1,200 of 4,000 results from sweep.redb`. If no result came from the file
/// although it has some of this function, the reason follows, for example `: the body of simulate
/// has changed`.
///
/// # Examples
///
/// ```
/// use parallelize::{Checkpoint, parallelize};
///
/// #[parallelize(over = x, checkpoint)]
/// fn simulate(x: f64, steps: u32) -> f64 {
///     (0..steps).fold(x, |x, _| x.sin())
/// }
///
/// # let name = format!("summary-{}.redb", std::process::id());
/// # let path = std::env::temp_dir().join(name);
/// # let _ = std::fs::remove_file(&path);
/// let store = Checkpoint::open(&path)?;
/// for (steps, words) in [
///     (100, "0 of 2 results from "),
///     (100, "2 of 2 results from "),
///     (200, ": the fixed argument `steps` has changed"),
/// ] {
///     let calls = simulate_parallel_iter([0.5, 0.6], steps);
///     calls.checkpoint(&store).collect::<Vec<f64>>()?;
///     let summary = store.summary().unwrap();
///     assert!(summary.to_string().contains(words));
/// }
/// # drop(store);
/// # let _ = std::fs::remove_file(&path);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// The number of results that came from the file.
    pub stored: u64,
    /// The number of results that were computed.
    pub computed: u64,
    pub(super) path: Arc<Path>,
    /// What has changed since the file got results of this function.
    pub(super) changes: Vec<String>,
    /// The numbers of results that were there, but could not be used.
    pub(super) unused: Unused,
}

/// The numbers of stored results that were computed again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unused {
    /// Their type had other names.
    pub(super) of_another_type: u64,
    /// Another build has computed them, and the user wants no such results.
    pub(super) of_another_build: u64,
    pub(super) damaged: u64,
}

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Summary { stored, computed, path, changes, unused } = self;
        let total = stored + computed;
        let noun = if total == 1 { "result" } else { "results" };
        write!(f, "{} of {} {noun} from {}", grouped(*stored), grouped(total), path.display())?;
        if *stored == 0 && !changes.is_empty() {
            let verb = if changes.len() == 1 { "has" } else { "have" };
            write!(f, ": {} {verb} changed", listed(changes))?;
        }
        let reasons = [
            (unused.of_another_type, "the type of the results has changed"),
            (unused.of_another_build, "the program has changed"),
            (unused.damaged, "it is damaged in the file"),
        ];
        for (count, reason) in reasons.into_iter().filter(|(count, _)| *count > 0) {
            if *stored == 0 && count == total {
                write!(f, ": {reason}")?;
            } else {
                write!(f, "; {} computed again, because {reason}", grouped(count))?;
            }
        }
        Ok(())
    }
}

/// Writes `a`, `a and b`, or `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Writes a number with commas.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Summary, Unused};
    use std::path::Path;

    fn summary(stored: u64, computed: u64, changes: &[&str], unused: Unused) -> String {
        let changes = changes.iter().map(|&change| change.to_owned()).collect();
        Summary { stored, computed, path: Path::new("sweep.redb").into(), changes, unused }.to_string()
    }

    #[test]
    fn says_how_many_and_why_none() {
        let none = Unused::default();
        assert_eq!(summary(1_200, 2_800, &[], none), "1,200 of 4,000 results from sweep.redb");
        assert_eq!(summary(0, 1, &[], none), "0 of 1 result from sweep.redb");
        assert_eq!(summary(1_234_567, 0, &[], none), "1,234,567 of 1,234,567 results from sweep.redb");
        assert_eq!(
            summary(0, 4_000, &["the body of `simulate`"], none),
            "0 of 4,000 results from sweep.redb: the body of `simulate` has changed"
        );
        assert_eq!(
            summary(0, 10, &["the fixed argument `steps`", "the fixed argument `table`"], none),
            "0 of 10 results from sweep.redb: the fixed argument `steps` and the fixed argument `table` have changed"
        );
    }

    #[test]
    fn says_what_was_computed_again() {
        let unused = Unused { of_another_type: 10, ..Unused::default() };
        assert_eq!(summary(0, 10, &[], unused), "0 of 10 results from sweep.redb: the type of the results has changed");
        assert_eq!(
            summary(90, 10, &[], unused),
            "90 of 100 results from sweep.redb; 10 computed again, because the type of the results has changed"
        );
        let unused = Unused { damaged: 1, ..Unused::default() };
        assert_eq!(
            summary(99, 1, &[], unused),
            "99 of 100 results from sweep.redb; 1 computed again, because it is damaged in the file"
        );
    }
}
