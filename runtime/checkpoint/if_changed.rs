//! What happens to results of another build of the program.

/// What a call does with stored results that another build of the program has computed. Set it with
/// [`Checkpoint::if_changed`].
///
/// The file of the running program decides: after a change of any function, of a dependency or of
/// the compiler it is another build. Results that the running build has computed are used in any
/// case.
///
/// [`Checkpoint::if_changed`]: crate::Checkpoint::if_changed
///
/// # Examples
///
/// ```
/// use parallelize::{Checkpoint, IfChanged, parallelize};
///
/// /// Measures how long a step takes, so results never agree.
/// #[parallelize(over = n, checkpoint)]
/// fn measure(n: u32) -> f64 {
///     let start = std::time::Instant::now();
///     std::hint::black_box((0..n).sum::<u32>());
///     start.elapsed().as_secs_f64()
/// }
///
/// # let name = format!("if-changed-{}.redb", std::process::id());
/// # let path = std::env::temp_dir().join(name);
/// # let _ = std::fs::remove_file(&path);
/// let store = Checkpoint::open(&path)?.if_changed(IfChanged::Reuse);
/// let calls = measure_parallel_iter(0..100).checkpoint(&store);
/// let times: Vec<f64> = calls.collect()?;
/// # assert_eq!(times.len(), 100);
/// # drop(store);
/// # let _ = std::fs::remove_file(&path);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IfChanged {
    /// Computes them again until three of them agree with what is stored, and then uses all of
    /// them. If one of them differs, the call stops with an error that names the item.
    ///
    /// These are the first three, and those that run at the same time. The order of the entries of
    /// a map does not count, but that of a set does.
    #[default]
    Compare,
    /// Computes all of them again.
    Recompute,
    /// Uses all of them.
    Reuse,
}
