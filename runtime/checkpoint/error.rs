//! Why a checkpoint cannot be used, and what to do about it.

use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The error of a [`Checkpoint`](crate::Checkpoint). Its message names the file and says what to
/// do.
///
/// # Examples
///
/// ```
/// use parallelize::Checkpoint;
///
/// let folder = std::env::temp_dir();
/// let path = folder.join("no-checkpoint-of-the-documentation.txt");
/// std::fs::write(&path, "These are notes.")?;
///
/// let error = Checkpoint::open(&path).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     format!(
///         "{} is not a checkpoint: choose another path",
///         path.display()
///     ),
/// );
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct CheckpointError {
    path: Arc<Path>,
    problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug)]
pub(super) enum Problem {
    InUse,
    NotACheckpoint,
    /// The version of the format of the file.
    Newer(u64),
    Older(u64),
    /// It cannot be opened for writing.
    NotWritable(Arc<io::Error>),
    Full(Arc<io::Error>),
    /// How it is damaged.
    Damaged(String),
    Io(Arc<io::Error>),
    /// The name of a fixed argument, and why it cannot be serialized.
    Argument(&'static str, String),
    /// The name of a function, and why one of its items cannot be serialized.
    Item(&'static str, String),
    /// The same for one of its results.
    Result(&'static str, String),
    /// The name of a function whose results are read back as something else.
    Unreadable(&'static str),
    /// The name of a function, and an item whose result is not the stored one.
    Differs(&'static str, String),
}

impl CheckpointError {
    pub(super) fn new(path: &Arc<Path>, problem: Problem) -> Self {
        CheckpointError { path: Arc::clone(path), problem }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind;
        match error.kind() {
            // So redb reports a file that does not begin like its own.
            ErrorKind::InvalidData => Problem::NotACheckpoint,
            ErrorKind::UnexpectedEof => Problem::Damaged("its end is missing".to_owned()),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Problem::NotWritable(Arc::new(error)),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Problem::Full(Arc::new(error))
            }
            _ => Problem::Io(Arc::new(error)),
        }
    }
}

impl From<redb::Error> for Problem {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::DatabaseAlreadyOpen => Problem::InUse,
            redb::Error::UpgradeRequired(version) => Problem::Older(version.into()),
            redb::Error::Io(error) => error.into(),
            redb::Error::Corrupted(how) => Problem::Damaged(how),
            redb::Error::RepairAborted => Problem::Damaged("its repair has failed".to_owned()),
            error @ (redb::Error::PreviousIo | redb::Error::ValueTooLarge(_)) => {
                Problem::Io(Arc::new(io::Error::other(error.to_string())))
            }
            // Tables that are not there, or that have other types.
            error => Problem::Damaged(error.to_string()),
        }
    }
}

impl Display for CheckpointError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::InUse => write!(
                f,
                "{path} is in use: wait for the process that has it open, or clone the `Checkpoint` of this process"
            ),
            Problem::NotACheckpoint => write!(f, "{path} is not a checkpoint: choose another path"),
            Problem::Newer(version) => write!(
                f,
                "{path} has the format {version}, of a newer version of the crate `parallelize`: \
                 update the crate, or choose another path"
            ),
            Problem::Older(version) => write!(
                f,
                "{path} has the format {version}, of an older version of the crate `parallelize`: \
                 choose another path"
            ),
            Problem::NotWritable(error) => {
                write!(f, "{path} cannot be written ({error}): change its permissions, or choose another path")
            }
            Problem::Full(error) => write!(
                f,
                "there is no space left for {path} ({error}): free some, and run the program again; \
                 the file keeps what it has"
            ),
            Problem::Damaged(how) => {
                write!(f, "{path} is damaged ({how}): restore a copy of it, or remove it to compute all results again")
            }
            Problem::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "{path} cannot be created ({error}): create its folder first")
            }
            Problem::Io(error) => {
                write!(f, "{path} cannot be used ({error}): solve that, and run the program again")
            }
            Problem::Argument(name, error) => write!(
                f,
                "no result can be found in {path}, because the fixed argument `{name}` cannot be serialized ({error}): \
                 change its `Serialize`"
            ),
            Problem::Item(function, error) => write!(
                f,
                "no result can be found in {path}, because an item of `{function}` cannot be serialized ({error}): \
                 change its `Serialize`"
            ),
            Problem::Result(function, error) => write!(
                f,
                "a result of `{function}` cannot be kept in {path} ({error}): change the `Serialize` of its type"
            ),
            Problem::Unreadable(function) => write!(
                f,
                "results of `{function}` cannot be read back from {path} as they were written: its type must \
                 deserialize what it serializes, without `flatten` or `untagged`"
            ),
            Problem::Differs(function, item) => write!(
                f,
                "the result of `{function}` for {item} is not the one in {path}, which another build of the program \
                 has computed: call `if_changed` with `Recompute` or with `Reuse`, or change the version in \
                 `checkpoint(version = ..)`"
            ),
        }
    }
}

/// Shows the message, because `main` may return the error.
impl Debug for CheckpointError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Error for CheckpointError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            Problem::NotWritable(error) | Problem::Full(error) | Problem::Io(error) => Some(&**error),
            _ => None,
        }
    }
}
