//! An async function whose results a checkpoint can keep.

use crate::checkpoint::checkpoint::Checkpoint;
use crate::checkpoint::key::SweepKey;
use crate::checkpoint::run::Run;
use crate::lazy::apply::Apply;
use crate::lazy::keeping::{Codec, Known, Unfinished};
use crate::lazy::kept::Checkpointed;
use crate::lazy::stop::Stops;

/// An async function whose results a checkpoint can keep.
///
/// The function gets a [`Keeping`] with each item, because the future that it returns keeps the
/// result: only generated code can create a future whose type has no name.
pub struct KeptCalls<K, F, T, R> {
    /// Returns the key of the call.
    key: K,
    f: F,
    codec: Codec<T, R>,
    /// `None` if the call has no checkpoint.
    run: Option<Run>,
}

impl<K, F, T, R> KeptCalls<K, F, T, R> {
    pub(crate) fn new(key: K, f: F, codec: Codec<T, R>) -> Self {
        KeptCalls { key, f, codec, run: None }
    }
}

impl<K, F, T, R, Fut> Apply<T> for KeptCalls<K, F, T, R>
where
    F: Fn(Keeping<R>, T) -> Fut,
    Fut: Future<Output = R>,
{
    type Output = Fut;
    type State = ();
    const HAS_STATE: bool = false;

    fn state(&self) {}

    #[inline]
    fn apply(&self, (): &mut (), item: T) -> Fut {
        let keeping = self.run.as_ref().map(|run| Box::new((run.clone(), self.codec.find(run, &item))));
        let keeping = Keeping(keeping);
        (self.f)(keeping, item)
    }
}

impl<K: Fn() -> SweepKey, F, T, R> Checkpointed for KeptCalls<K, F, T, R> {
    fn keep(&mut self, store: &Checkpoint, stops: &mut Stops) {
        let run = store.begin((self.key)());
        stops.keep_with(run.clone());
        self.run = Some(run);
    }
}

/// What a checkpoint knows of an item, for generated code.
pub struct Keeping<R>(
    /// `None` if the call has no checkpoint. In a box, because the future of each call holds it.
    Option<Box<(Run, Known<R>)>>,
);

impl<R> Keeping<R> {
    /// Begins a call, unless its result is known.
    #[inline]
    pub fn begin<Fut>(self, call: impl FnOnce() -> Fut) -> Begun<R, Fut> {
        Begun(match self.0.map(|known| *known) {
            None => Start::Call(call(), None),
            Some((_, Known::Result(result))) => Start::Result(result),
            Some((run, Known::Nothing(unfinished))) => Start::Call(call(), Some(Box::new((run, unfinished)))),
        })
    }
}

/// A call that has begun, or its result.
pub struct Begun<R, Fut>(Start<R, Fut>);

enum Start<R, Fut> {
    Result(R),
    Call(Fut, Option<Box<(Run, Unfinished<R>)>>),
}

/// Returns the result of a call, and keeps it.
#[inline]
pub async fn kept<R, Fut: Future<Output = R>>(begun: Begun<R, Fut>) -> R {
    match begun.0 {
        Start::Result(result) => result,
        Start::Call(call, unfinished) => {
            let result = call.await;
            if let Some((run, unfinished)) = unfinished.map(|unfinished| *unfinished) {
                unfinished.finish(&run, &result);
            }
            result
        }
    }
}
