//! A call in another process than the one that made it, where chunks of its items run.

use crate::distributed::answer::{Answer, RemotePanic};
use crate::distributed::guard::Inside;
use crate::distributed::registry::Chunk;
use crate::distributed::wire::{Decode, Encode};
use crate::engine::drive;
use crate::engine::memory::Memory;
use crate::engine::retain::Retain;
use crate::engine::settings::Settings;
use crate::input::split::Input;
use crate::lazy::apply::Apply;
use crate::lazy::calls::{Stash, Stashed};
use crate::lazy::stop::{Never, Stop};
use crate::unwind::{catch, discard};
use std::mem;

/// A call that another process has opened in this one.
pub(crate) struct OpenCall<X, R, F: Apply<X>> {
    settings: Settings,
    /// Takes an item from the front of the bytes.
    decode: Decode<X>,
    /// Appends the bytes of a result.
    encode: Encode<R>,
    f: Caught<F>,
    /// The states of the threads between two chunks.
    stash: Stash<F::State>,
}

impl<X, R, F> OpenCall<X, R, F>
where
    X: Send,
    R: Send,
    F: Apply<X, Output = R> + Sync,
    F::State: Send,
{
    pub(crate) fn new(
        memory: &'static Memory,
        threads: Option<usize>,
        decode: Decode<X>,
        encode: Encode<R>,
        f: F,
    ) -> Self {
        let settings = Settings { threads, may_wait: false, ..Settings::new(memory) };
        OpenCall { settings, decode, encode, f: Caught(f), stash: Stash::new() }
    }

    /// Runs all items of a chunk, and returns the bytes of the [`Answer`].
    pub(crate) fn run(&self, chunk: Chunk<'_>) -> Vec<u8> {
        let OpenCall { settings, decode, encode, f, stash } = self;
        let items = Arriving { decode: *decode, left: chunk.items, bytes: chunk.bytes };
        let calls = Stashed { f, stop: &Never, stash, to_step: Never::step, before: 0 };
        let mut results: Vec<Result<R, RemotePanic>> = Vec::new();
        match drive::collect(*settings, Input::unknown(items), &calls, &mut results, Retain::Nothing) {
            Ok(()) => {}
            Err(never) => match never {},
        }
        let (mut bytes, mut panics) = (Vec::new(), Vec::new());
        for (place, result) in results.into_iter().enumerate() {
            let before = bytes.len();
            // Code of the user, like the drop of the result.
            let encoded = catch(|| result.map(|result| encode(&result, &mut bytes)));
            let panic = match encoded {
                Ok(Ok(Ok(()))) => continue,
                Ok(Ok(Err(error))) => {
                    RemotePanic::Message(format!("the result of this item cannot be sent back: {error}"))
                }
                Ok(Err(panic)) => panic,
                Err(payload) => RemotePanic::of(payload),
            };
            bytes.truncate(before);
            panics.push((place, panic));
        }
        Answer::encode(chunk.items, &panics, bytes)
    }
}

/// The items of a chunk. One that cannot be decoded is an error, and its bytes are left out.
struct Arriving<'chunk, X> {
    decode: Decode<X>,
    /// The number of items that have not been decoded.
    left: usize,
    bytes: &'chunk [u8],
}

impl<X> Iterator for Arriving<'_, X> {
    type Item = Result<X, RemotePanic>;

    #[inline]
    fn next(&mut self) -> Option<Result<X, RemotePanic>> {
        self.left = self.left.checked_sub(1)?;
        let Arriving { decode, bytes, .. } = self;
        // Code of the user.
        Some(match catch(|| decode(bytes)) {
            Ok(Ok(item)) => Ok(item),
            Ok(Err(error)) => Err(RemotePanic::Message(format!("this item cannot be received: {error}"))),
            Err(payload) => Err(RemotePanic::of(payload)),
        })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

/// A function whose panics are caught, for items that may be panics already.
struct Caught<F>(F);

impl<X, F: Apply<X>> Apply<Result<X, RemotePanic>> for Caught<F> {
    type Output = Result<F::Output, RemotePanic>;
    type State = F::State;
    const HAS_STATE: bool = F::HAS_STATE;

    fn state(&self) -> F::State {
        self.0.state()
    }

    #[inline]
    fn apply(&self, state: &mut F::State, item: Result<X, RemotePanic>) -> Self::Output {
        let item = item?;
        let _inside = Inside::enter();
        catch(|| self.0.apply(state, item)).map_err(|payload| {
            // The panic may have left the state half changed, and items before this one may run
            // later.
            discard(mem::replace(state, self.0.state()));
            RemotePanic::of(payload)
        })
    }
}
