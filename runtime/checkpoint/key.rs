//! Which function a call is of, and which fixed arguments it has.

use serde::Serialize;

/// The key of a sweep: a function and its fixed arguments.
///
/// Created by generated code.
#[derive(Clone, Debug)]
pub struct SweepKey {
    path: &'static str,
    tokens: u64,
    version: u64,
}

impl SweepKey {
    /// Creates the key of a function without fixed arguments: from its path, a
    /// hash of its tokens, and the version that its attribute gives.
    #[must_use]
    pub fn new(path: &'static str, tokens: u64, version: u64) -> Self {
        SweepKey { path, tokens, version }
    }

    /// Adds a fixed argument.
    #[must_use]
    pub fn with<T: KeyPart<Argument> + ?Sized, Argument>(self, name: &'static str, value: &T) -> Self {
        let _ = (self.path, self.tokens, self.version, name, value.key_part());
        todo!()
    }
}

/// A fixed argument of a function with checkpoints. `Argument` is a type with
/// the name of the argument.
#[diagnostic::on_unimplemented(
    message = "the fixed argument `{Argument}` cannot be part of the key of a checkpoint",
    label = "`{Self}` does not implement `serde::Serialize`",
    note = "stored results are found by the values of the arguments: derive `serde::Serialize` for the type"
)]
pub trait KeyPart<Argument> {
    /// Returns the hash of the value, or why it cannot be serialized.
    #[doc(hidden)]
    fn key_part(&self) -> Result<u128, String>;
}

impl<T: Serialize + ?Sized, Argument> KeyPart<Argument> for T {
    fn key_part(&self) -> Result<u128, String> {
        todo!()
    }
}
