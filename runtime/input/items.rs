//! The bound of mapped parameters.

/// An argument for a mapped parameter that takes items of type `T`.
///
/// Every [`IntoIterator`] whose items have exactly that type implements this trait. You never
/// implement it: it exists so that the compiler can tell you what to write when the types differ.
///
/// `f_parallel(x: impl Items<f64, IntoIter: Send>, ..)` takes what
/// `impl IntoIterator<Item = f64, IntoIter: Send>` takes: vectors, arrays, ranges, maps, channels,
/// and all iterators that can be sent to another thread.
///
/// | you have | the function takes | you pass |
/// |---|---|---|
/// | `xs: Vec<f64>` that you no longer need | `x: f64` | `xs` |
/// | `xs: Vec<f64>` that you keep | `x: f64` | `xs.iter().copied()` |
/// | `xs: Vec<Config>` that you keep | `x: &Config` | `&xs` |
/// | `lines: Vec<String>` | `line: &str` | `lines.iter().map(String::as_str)` |
/// | `paths: Vec<PathBuf>` | `path: &Path` | `paths.iter().map(PathBuf::as_path)` |
/// | integers | `x: f64` | `(0..10).map(f64::from)` |
/// | steps between two floats | `x: f64` | `(0..100).map(\|i\| 0.01 * f64::from(i))` |
/// | `map: HashMap<String, f64>` that you keep | `entry: (&String, &f64)` | `&map` |
/// | one value | `x: f64` | `[0.5]` |
///
/// # Examples
///
/// ```
/// use parallelize::{Items, parallelize};
///
/// #[parallelize(over = x)]
/// fn scale(x: f64, factor: f64) -> f64 {
///     x * factor
/// }
///
/// // Passes a mapped argument on.
/// fn doubled(xs: impl Items<f64, IntoIter: Send>) -> Vec<f64> {
///     scale_parallel(xs, 2.0)
/// }
///
/// let xs = vec![1.0, 2.0];
/// assert_eq!(doubled(xs.iter().copied()), [2.0, 4.0]);
/// assert_eq!(doubled((0..3).map(f64::from)), [0.0, 2.0, 4.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "the mapped parameter takes items of type `{T}`, and `{Self}` does not yield those",
    label = "does not yield items of type `{T}`",
    note = "from a collection that you keep: `xs.iter().copied()` or `xs.iter().cloned()` for values, `lines.iter().map(String::as_str)` for `&str`",
    note = "from a range: `(0..10).map(f64::from)`, or `(0..100).map(|i| 0.01 * f64::from(i))` for steps between two floats"
)]
pub trait Items<T>: IntoIterator<Item = T> {}

#[diagnostic::do_not_recommend]
impl<I: IntoIterator<Item = T>, T> Items<T> for I {}
