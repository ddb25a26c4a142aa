//! A stored result of another build of the program, whose item runs again.

/// A stored result that another build has computed. The call computes it again
/// and settles whether both agree.
///
/// Dropped without an answer (the item panicked, or returned an error), another
/// item is compared instead.
pub(crate) struct Comparison {
    stored: Vec<u8>,
}

impl Comparison {
    /// Returns the stored result, for [`decode`].
    ///
    /// [`decode`]: crate::checkpoint::encoding::decode
    pub(crate) fn stored(&self) -> &[u8] {
        &self.stored
    }

    /// Notes whether the stored and the computed result agree: whether their
    /// [`item_key`]s do, which ignore the order of maps. If they do not, the
    /// call fails with an error that contains `item`. If they do, the caller
    /// puts the computed result.
    ///
    /// [`item_key`]: crate::checkpoint::encoding::item_key
    pub(crate) fn settle(self, agree: bool, item: impl FnOnce() -> String) {
        let _ = (agree, item());
        todo!()
    }
}
