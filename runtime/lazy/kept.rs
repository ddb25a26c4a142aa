//! A function whose results a checkpoint can keep.

use crate::checkpoint::checkpoint::Checkpoint;
use crate::checkpoint::key::SweepKey;
use crate::checkpoint::run::Run;
use crate::lazy::apply::{Apply, CatchPanics};
use crate::lazy::keeping::{Codec, Known};
use crate::lazy::start::Start;
use crate::lazy::stop::Stops;

#[cfg(feature = "distributed")]
use crate::lazy::keeping::Ledger;

/// A function that can have a [`Checkpoint`].
///
/// You do not need to name this trait: it appears in the signatures of lazy versions of functions
/// with the option `checkpoint`.
#[diagnostic::on_unimplemented(
    message = "this call cannot have a checkpoint",
    label = "its function lacks the option `checkpoint`",
    note = "write it into the attribute: `#[parallelize(.., checkpoint)]`",
    note = "the call of a closure cannot have a checkpoint: annotate a function instead"
)]
pub trait Checkpointed {
    /// Keeps the results of the call in `store`, and lets a failure of it stop the call.
    #[doc(hidden)]
    fn keep(&mut self, store: &Checkpoint, stops: &mut Stops);
}

/// A function whose results a checkpoint can keep.
///
/// You do not need to name this type: it is the function of a lazy version with `checkpoint`.
pub struct Kept<K, F, T, R> {
    /// Returns the key of the call.
    key: K,
    f: F,
    codec: Codec<T, R>,
    /// `None` if the call has no checkpoint.
    run: Option<Run>,
}

impl<K, F, T, R> Kept<K, F, T, R> {
    pub(crate) fn new(key: K, f: F, codec: Codec<T, R>) -> Self {
        Kept { key, f, codec, run: None }
    }
}

impl<K, F, T, R> Kept<K, F, T, R>
where
    F: Apply<T, Output = R>,
{
    /// Takes the result of an item from the checkpoint, or computes and keeps it.
    #[inline(never)]
    fn apply_kept(&self, run: &Run, state: &mut F::State, item: T) -> R {
        let unfinished = match self.codec.find(run, &item) {
            Known::Result(result) => {
                self.f.pass_over(state);
                return result;
            }
            Known::Nothing(unfinished) => unfinished,
        };
        let result = self.f.apply(state, item);
        // The result of a cancelled item means nothing.
        if !(F::HAS_TOKEN && self.f.was_cancelled(state)) {
            unfinished.finish(run, &result);
        }
        result
    }
}

impl<K, F, T, R> Apply<T> for Kept<K, F, T, R>
where
    F: Apply<T, Output = R>,
{
    type Output = R;
    type State = F::State;
    const HAS_STATE: bool = F::HAS_STATE;
    const HAS_TOKEN: bool = F::HAS_TOKEN;
    const HAS_BEGIN: bool = F::HAS_BEGIN;

    fn state(&self) -> F::State {
        self.f.state()
    }

    #[inline]
    fn apply(&self, state: &mut F::State, item: T) -> R {
        match &self.run {
            None => self.f.apply(state, item),
            Some(run) => self.apply_kept(run, state, item),
        }
    }

    #[cfg(feature = "distributed")]
    fn ledger(&self) -> Option<Ledger<T, R>> {
        Some(Ledger::new(self.run.clone()?, self.codec))
    }

    fn unwatch(&mut self) {
        self.f.unwatch();
    }

    fn begin(&mut self, start: &mut Start) {
        self.f.begin(start);
    }

    fn note_end(&self, end: usize) {
        self.f.note_end(end);
    }

    #[inline]
    fn was_cancelled(&self, state: &F::State) -> bool {
        self.f.was_cancelled(state)
    }
}

impl<K: Fn() -> SweepKey, F, T, R> Checkpointed for Kept<K, F, T, R> {
    fn keep(&mut self, store: &Checkpoint, stops: &mut Stops) {
        let run = store.begin((self.key)());
        stops.keep_with(run.clone());
        self.run = Some(run);
    }
}

impl<F: Checkpointed> Checkpointed for CatchPanics<F> {
    fn keep(&mut self, store: &Checkpoint, stops: &mut Stops) {
        self.0.keep(store, stops);
    }
}
