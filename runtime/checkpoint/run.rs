//! One call on one sweep: it finds stored results and keeps new ones.

use crate::checkpoint::comparison::Comparison;
use crate::checkpoint::encoding::EncodingError;
use std::sync::Arc;

/// A call that keeps its results. Its clones are the same call.
#[derive(Clone)]
pub(crate) struct Run(Arc<()>);

/// What the file has for an item.
pub(crate) enum Found {
    /// Nothing: compute the result, and [`put`](Run::put) it.
    Nothing,
    /// An encoded result. If it can be decoded, say [`used`](Run::used);
    /// otherwise compute the result, and [`replace`](Run::replace) it.
    Stored(Vec<u8>),
    /// A result of another build. If it can be decoded, compute it once more
    /// and settle the comparison; otherwise as for `Stored`.
    Compare(Comparison),
}

/// The checkpoint of a call has failed. The handle has the error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

/// Tells whether a call must stop because its checkpoint has failed.
#[derive(Clone, Debug)]
pub(crate) struct Failing(Arc<()>);

impl Failing {
    /// Returns whether it has failed. Cheap enough for each item.
    pub(crate) fn has_failed(&self) -> bool {
        let _ = &self.0;
        todo!()
    }
}

impl Run {
    /// Looks for the result of an item.
    pub(crate) fn find(&self, item: u128) -> Found {
        let _ = (&self.0, item);
        todo!()
    }

    /// Keeps a computed result. Blocks while too many bytes wait for the disk.
    /// `is_readable` decodes it, for the first result of the call only.
    pub(crate) fn put(
        &self,
        item: u128,
        encoded: Result<Vec<u8>, EncodingError>,
        is_readable: impl FnOnce(&[u8]) -> bool,
    ) {
        let _ = (item, encoded, is_readable(&[]));
        todo!()
    }

    /// Keeps a computed result in place of a stored one that could not be
    /// decoded.
    pub(crate) fn replace(&self, item: u128, stored: &[u8], encoded: Result<Vec<u8>, EncodingError>) {
        let _ = (item, stored, encoded);
        todo!()
    }

    /// Counts a stored result that the call has used.
    pub(crate) fn used(&self) {
        todo!()
    }

    /// Counts an item that the call has computed, also one whose result is not
    /// kept. Not for items that were cancelled.
    pub(crate) fn computed(&self) {
        todo!()
    }

    /// Fails the call because an item has no key.
    pub(crate) fn fail(&self, error: &EncodingError) {
        let _ = error;
        todo!()
    }

    /// Returns what tells the other items of the call to stop.
    pub(crate) fn failing(&self) -> Failing {
        todo!()
    }

    /// Ends the call: waits until its results are on the disk, and leaves the
    /// summary. Dropping the last clone does the same.
    pub(crate) fn finish(&self) -> Result<(), Failed> {
        todo!()
    }
}
