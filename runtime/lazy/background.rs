//! Calls in the background: an iterator over results whose call goes on while nobody looks.

use crate::engine::{seat, stack};
use crate::lazy::apply::{Apply, StreamState};
use crate::lazy::cancel_token::CancelToken;
use crate::lazy::parallel_iter::ParallelIter;
use crate::lazy::stop::{Stop, Stops};
use crate::lazy::stopped::Stopped;
use crate::lazy::stream::IntoIter;
use crate::lazy::yields::Yield;
use crate::report::trace::{Surroundings, report_missing_threads};
use crate::unwind::{Payload, catch, discard};
use std::fmt::{self, Debug, Formatter};
use std::iter::FusedIterator;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};

/// # In the background
impl<I, F, Y, S> ParallelIter<I, F, Y, S>
where
    I: Iterator<Item: Send> + Send + 'static,
    F: Apply<I::Item, Output: Send, State: StreamState> + Send + Sync + 'static,
    Y: Yield<F::Output, Item: Send + 'static> + 'static,
    S: Stop + Into<Stops>,
{
    /// Starts the call now, and returns an iterator over its results in input order.
    ///
    /// Unlike a `for` loop over the call itself, the call goes on while the body of the loop runs,
    /// until [`in_flight`](Self::in_flight) items and results are held. The call has a thread of
    /// its own, and worker threads of rayon's global pool if these pay. All arguments must be owned
    /// or `'static`, because the call may outlive the function that starts it; for borrowed data,
    /// use [`for_each`](Self::for_each), whose threads also go on while its closure runs.
    ///
    /// If you drop the iterator, the call stops: running items are finished and their results are
    /// dropped. Dropping does not wait for that.
    ///
    /// Starting a call takes about 30 us, and passing on a result about 0.2 us.
    ///
    /// # Panics
    ///
    /// `next` panics if the function or the input iterator panics, once it has yielded all results
    /// before the panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize(over = n)]
    /// fn power(n: u64, exponent: u32) -> u64 {
    ///     n.pow(exponent)
    /// }
    ///
    /// let mut sum = 0;
    /// for cube in power_parallel_iter(0..100, 3).background() {
    ///     // Meanwhile, other threads compute the next cubes.
    ///     sum += cube;
    /// }
    /// assert_eq!(sum, 24_502_500);
    /// ```
    pub fn background(self) -> Background<Y::Item> {
        let dropped = CancelToken::new();
        let max_items = self.input.items.size_hint().1;
        // A part of what may be held is in the channel, the rest ahead of it.
        let queued = self.in_flight / 2;
        let in_flight = self.in_flight - queued;
        let calls = self.in_flight(in_flight).cancel_with(&dropped);
        let (sender, receiver) = mpsc::sync_channel(queued);
        let call = Arc::new(Mutex::new(Some(calls)));
        let take = |call: &Mutex<Option<_>>| call.lock().unwrap_or_else(PoisonError::into_inner).take();
        let driver = {
            let (call, surroundings) = (Arc::clone(&call), Surroundings::current());
            move || {
                let _entered = surroundings.enter();
                if let Some(calls) = take(&call) {
                    drive(calls, &sender);
                }
            }
        };
        let results = match stack::builder().name("parallelize-background".to_owned()).spawn(driver) {
            Ok(_) => Results::OfThread(receiver),
            Err(error) => {
                report_missing_threads(&error);
                // Without a thread, the items run in `next`.
                let mut stream = take(&call).map(|calls| calls.threads(1).into_iter());
                Results::OfStream(Box::new(move || match stream.as_mut().and_then(Iterator::next) {
                    Some(item) => Message::Item(item),
                    None => Message::End(Ok(stream.as_ref().and_then(IntoIter::stopped))),
                }))
            }
        };
        Background { results, max_items, dropped, stopped: None }
    }
}

/// Runs a call, and sends its results and its end.
fn drive<I, F, Y>(calls: ParallelIter<I, F, Y, Stops>, sender: &SyncSender<Message<Y::Item>>)
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output: Send, State: StreamState> + Sync,
    Y: Yield<F::Output>,
{
    // If nobody receives a result, the call ends.
    let send = |item| match sender.try_send(Message::Item(item)) {
        Ok(()) => Ok(()),
        // While the reader is busy, its calls may use the core of this thread.
        Err(TrySendError::Full(message)) => seat::vacate(|| sender.send(message)).map_err(discard),
        Err(TrySendError::Disconnected(message)) => {
            discard(message);
            Err(())
        }
    };
    let run = || calls.try_for_each(send);
    let end = catch(run).map(|end: Result<Result<(), ()>, Stopped>| end.err());
    if let Err(unsent) = sender.send(Message::End(end)) {
        discard(unsent);
    }
}

/// What the thread of a call sends.
enum Message<R> {
    Item(R),
    /// The call has ended: by a panic, by a stop, or with its input.
    End(Result<Option<Stopped>, Payload>),
}

/// An iterator over the results of a call that runs in the background, in input order.
///
/// [`ParallelIter::background`] returns it. `R` is the type of what an item yields.
#[must_use = "the call stops when this is dropped"]
pub struct Background<R> {
    results: Results<R>,
    /// Maximum number of remaining results, if it is known.
    max_items: Option<usize>,
    /// Stops the call.
    dropped: CancelToken,
    stopped: Option<Stopped>,
}

/// Where results come from.
enum Results<R> {
    /// The thread of the call.
    OfThread(Receiver<Message<R>>),
    /// A stream, because the system provides no thread.
    OfStream(Box<dyn FnMut() -> Message<R> + Send>),
    /// The call has ended.
    Ended,
}

impl<R> Background<R> {
    /// Returns why the call ended before its input, or `None` if it was not stopped.
    ///
    /// Also returns `None` as long as `next` has not returned `None`.
    #[must_use]
    pub fn stopped(&self) -> Option<Stopped> {
        self.stopped
    }
}

impl<R> Iterator for Background<R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        let message = match &mut self.results {
            // The thread always sends the end, unless a subscriber of `tracing` has panicked.
            Results::OfThread(receiver) => receiver.recv().expect("the call in the background goes on"),
            Results::OfStream(next_message) => next_message(),
            Results::Ended => return None,
        };
        match message {
            Message::Item(item) => {
                self.max_items = self.max_items.map(|max| max.saturating_sub(1));
                return Some(item);
            }
            Message::End(end) => {
                self.results = Results::Ended;
                self.max_items = Some(0);
                match end {
                    Ok(stopped) => self.stopped = stopped,
                    Err(payload) => resume_unwind(payload),
                }
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.max_items)
    }
}

/// After its end, a panic or a stop, the iterator yields nothing more.
impl<R> FusedIterator for Background<R> {}

impl<R> Drop for Background<R> {
    fn drop(&mut self) {
        self.dropped.cancel();
    }
}

impl<R> Debug for Background<R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background")
            .field("max_items", &self.max_items)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}
