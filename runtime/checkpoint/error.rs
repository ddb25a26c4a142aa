//! Why a checkpoint cannot be used.

use std::error::Error;
use std::fmt::{self, Display, Formatter};

/// The error of a [`Checkpoint`](crate::Checkpoint). Its message names the file
/// and says what to do.
#[derive(Clone, Debug)]
pub struct CheckpointError;

impl Display for CheckpointError {
    fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl Error for CheckpointError {}
