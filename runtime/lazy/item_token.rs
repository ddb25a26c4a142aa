//! The token through which a running item asks whether it is still needed.

use crate::lazy::apply::Apply;
use crate::lazy::cancel_token::CancelToken;
use crate::lazy::start::Start;
use crate::lazy::stop::{Stop, Stops};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Tells a running item that it is no longer needed.
///
/// With the option [`cancel = token`](macro@crate::parallelize#cancel), the generated functions
/// create the parameter `token: &ItemToken` of the annotated function. A long item calls
/// [`is_cancelled`](Self::is_cancelled) now and then, and returns early if that is `true`.
///
/// If you call the annotated function yourself, pass `&ItemToken::new()`, which is never cancelled.
/// In a test of the function, pass a token that is created from a [`CancelToken`].
///
/// # Examples
///
/// ```
/// use parallelize::{CancelToken, ItemToken, parallelize};
///
/// #[parallelize(over = n, cancel = token)]
/// fn smallest_factor(n: u64, token: &ItemToken) -> Option<u64> {
///     (2..=n).find(|i| n % i == 0 || token.is_cancelled())
/// }
///
/// assert_eq!(smallest_factor_parallel([15, 49]), [Some(3), Some(7)]);
/// assert_eq!(smallest_factor(49, &ItemToken::new()), Some(7));
///
/// let cancel = CancelToken::new();
/// cancel.cancel();
/// assert_eq!(smallest_factor(49, &ItemToken::from(cancel)), Some(2));
/// ```
#[derive(Debug, Default)]
pub struct ItemToken {
    /// What may cancel the item; `None` if nothing does.
    ending: Option<Arc<Ending>>,
    /// The index of the item.
    index: usize,
    /// Whether the item knows that it is cancelled.
    was_cancelled: AtomicBool,
}

impl ItemToken {
    /// Creates a token that is never cancelled, for your own calls of the annotated function.
    #[must_use]
    pub fn new() -> Self {
        ItemToken::default()
    }

    /// Returns whether the result of the item is no longer needed.
    ///
    /// That is the case if
    ///
    /// * an item below it has failed, by a panic, or by an error that ends the call;
    /// * the call was stopped by [`cancel_with`](crate::ParallelIter::cancel_with) or
    ///   [`timeout`](crate::ParallelIter::timeout), or its
    ///   [`background`](crate::ParallelIter::background) iterator was dropped, or its checkpoint
    ///   has failed;
    /// * the closure of [`try_for_each`](crate::ParallelIter::try_for_each) or
    ///   [`try_for_each_unordered`](crate::ParallelIter::try_for_each_unordered) has failed.
    ///
    /// The items that the serial loop would have run are not cancelled by a failure, so the first
    /// error and the first panic stay those of the serial loop. An item must not wait until it is
    /// cancelled, because the call may run on one thread.
    ///
    /// Once this has returned `true`, the call drops the outcome of the item, so the item may
    /// return any value. If the call was stopped, it counts as stopped before this item.
    ///
    /// This reads one atomic number, and a flag for each token of `cancel_with`. With `timeout` it
    /// also reads the clock, which takes about 20 ns.
    #[must_use]
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        let is_cancelled = self.ending.as_ref().is_some_and(|ending| ending.has_come_for(self.index));
        if is_cancelled {
            // Relaxed: the thread of the item reads it, once the threads that it started are done.
            self.was_cancelled.store(true, Ordering::Relaxed);
        }
        is_cancelled
    }
}

/// Creates a token that is cancelled when `token` is, for your own calls of the annotated function.
impl From<CancelToken> for ItemToken {
    fn from(token: CancelToken) -> Self {
        let ending = Ending::new(Stops::from(token));
        ItemToken { ending: Some(Arc::new(ending)), ..ItemToken::default() }
    }
}

/// What makes the items of one call useless.
#[derive(Debug)]
struct Ending {
    /// The items from this index on are not needed; `usize::MAX` if all are. It never grows.
    end: AtomicUsize,
    stops: Stops,
}

impl Ending {
    fn new(stops: Stops) -> Self {
        Ending { end: AtomicUsize::new(usize::MAX), stops }
    }

    #[inline]
    fn has_come_for(&self, index: usize) -> bool {
        // Relaxed: nothing else is read because of it.
        index >= self.end.load(Ordering::Relaxed) || self.stops.check().is_err()
    }
}

/// A function whose items have tokens, with a state per thread. Without `HAS_STATE`, the state is
/// `()`.
///
/// You do not need to name this type: it is the function of a lazy version with `cancel`.
pub struct Cancellable<C, F, const HAS_STATE: bool> {
    create: C,
    f: F,
    /// `None` before the call begins.
    ending: Option<Arc<Ending>>,
}

impl<C, F, const HAS_STATE: bool> Cancellable<C, F, HAS_STATE> {
    pub(crate) fn new(create: C, f: F) -> Self {
        Cancellable { create, f, ending: None }
    }
}

/// The state of a thread together with the token of its current item.
///
/// You do not need to name this type: it is the state of a function with `cancel`.
#[derive(Debug)]
pub struct WithToken<K> {
    state: K,
    token: ItemToken,
}

impl<U, R, K, C, F, const HAS_STATE: bool> Apply<(usize, U)> for Cancellable<C, F, HAS_STATE>
where
    C: Fn() -> K,
    F: Fn(&mut K, &ItemToken, (usize, U)) -> R,
{
    type Output = R;
    type State = WithToken<Option<K>>;
    const HAS_STATE: bool = HAS_STATE;
    const HAS_TOKEN: bool = true;

    fn state(&self) -> WithToken<Option<K>> {
        WithToken { state: None, token: ItemToken { ending: self.ending.clone(), ..ItemToken::default() } }
    }

    #[inline]
    fn apply(&self, thread: &mut WithToken<Option<K>>, item: (usize, U)) -> R {
        let WithToken { state, token } = thread;
        token.index = item.0;
        *token.was_cancelled.get_mut() = false;
        (self.f)(state.get_or_insert_with(&self.create), token, item)
    }

    fn pass_over(&self, thread: &mut WithToken<Option<K>>) {
        *thread.token.was_cancelled.get_mut() = false;
    }

    fn begin(&mut self, start: &mut Start) {
        self.ending = Some(Arc::new(Ending::new(start.stops.clone())));
    }

    fn note_end(&self, end: usize) {
        if let Some(ending) = &self.ending {
            ending.end.fetch_min(end, Ordering::Relaxed);
        }
    }

    #[inline]
    fn was_cancelled(&self, thread: &WithToken<Option<K>>) -> bool {
        thread.token.was_cancelled.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cancellable, ItemToken};
    use crate::lazy::apply::Apply;
    use crate::lazy::cancel_token::CancelToken;
    use crate::lazy::start::Start;
    use crate::lazy::stop::Stops;

    #[test]
    fn items_from_the_end_on_are_cancelled() {
        let is_cancelled = |(): &mut (), token: &ItemToken, _: (usize, ())| token.is_cancelled();
        let mut f = Cancellable::<_, _, false>::new(|| (), is_cancelled);
        let cancel = CancelToken::new();
        f.begin(&mut Start::from(Stops::from(cancel.clone())));
        let thread = &mut f.state();
        assert!(!f.apply(thread, (7, ())));
        // The lowest end counts.
        for end in [3, 5] {
            f.note_end(end);
            assert!(!f.apply(thread, (2, ())) && !f.was_cancelled(thread));
            assert!(f.apply(thread, (3, ())) && f.was_cancelled(thread));
        }
        // Nor is an item that does not run.
        assert!(f.apply(thread, (3, ())));
        f.pass_over(thread);
        assert!(!f.was_cancelled(thread));
        assert!(!f.apply(thread, (0, ())) && !f.was_cancelled(thread));
        cancel.cancel();
        assert!(f.apply(thread, (0, ())) && f.was_cancelled(thread));
    }
}
