//! Which function a call is of, and which fixed arguments it has.

use crate::checkpoint::fingerprint::fingerprint;
use crate::checkpoint::mix::Mix;
use serde::Serialize;

/// The key of a sweep: a function and its fixed arguments.
///
/// Created by generated code.
#[derive(Clone, Debug)]
pub struct SweepKey {
    pub(super) path: &'static str,
    pub(super) tokens: u64,
    pub(super) version: u64,
    /// The name and the hash of each fixed argument.
    pub(super) arguments: Vec<(&'static str, u128)>,
    /// The first fixed argument that cannot be serialized, and why.
    pub(super) refused: Option<(&'static str, String)>,
}

impl SweepKey {
    /// Creates the key of a function without fixed arguments: from its path, a hash of its tokens,
    /// and the version that its attribute gives.
    #[must_use]
    pub fn new(path: &'static str, tokens: u64, version: u64) -> Self {
        SweepKey { path, tokens, version, arguments: Vec::new(), refused: None }
    }

    /// Adds the name of the type of the function, which counts as its code.
    #[must_use]
    pub fn of_function(mut self, name: &str) -> Self {
        let mut mix = Mix::new(self.tokens);
        mix.bytes(name.as_bytes());
        self.tokens = mix.finish();
        self
    }

    /// Adds a fixed argument.
    #[must_use]
    pub fn with<T: KeyPart<Argument> + ?Sized, Argument>(mut self, name: &'static str, value: &T) -> Self {
        match value.key_part() {
            Ok(hash) => self.arguments.push((name, hash)),
            Err(error) => {
                self.refused.get_or_insert((name, error));
            }
        }
        self
    }

    /// Returns the name of the function without its path.
    pub(super) fn function(&self) -> &'static str {
        self.path.rsplit("::").next().unwrap_or(self.path)
    }

    /// Returns the key of the sweep in the file.
    pub(super) fn hash(&self) -> u128 {
        fingerprint(&(self.path, self.tokens, self.version, &self.arguments)).expect("names and numbers are serialized")
    }
}

/// A fixed argument of a function with checkpoints. `Argument` is a type with the name of the
/// argument.
#[diagnostic::on_unimplemented(
    message = "the fixed parameter `{Argument}` cannot be a part of the key of a checkpoint",
    label = "`{Self}` does not implement `serde::Serialize`",
    note = "stored results are found by the values of the arguments: derive `serde::Serialize` for the type"
)]
pub trait KeyPart<Argument> {
    /// Returns the hash of the value, or why it cannot be serialized.
    #[doc(hidden)]
    fn key_part(&self) -> Result<u128, String>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized, Argument> KeyPart<Argument> for T {
    fn key_part(&self) -> Result<u128, String> {
        fingerprint(self).map_err(|error| error.0)
    }
}
