//! How many results of a call came from the file.

use std::fmt::{self, Display, Formatter};

/// How many results of a call came from the file, and why none did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// The number of results that came from the file.
    pub stored: u64,
    /// The number of results that were computed.
    pub computed: u64,
}

impl Display for Summary {
    fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
