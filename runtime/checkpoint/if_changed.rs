//! What happens to results of another build of the program.

/// What a call does with stored results that another build of the program has
/// computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IfChanged {
    /// Computes the first three of them again. If they differ from what is
    /// stored, the call stops with an error that names the item. Otherwise all
    /// stored results are used.
    #[default]
    Compare,
    /// Computes all of them again.
    Recompute,
    /// Uses all of them.
    Reuse,
}
