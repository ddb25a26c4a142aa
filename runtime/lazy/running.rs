//! Work that runs in the background, and the handle with which you wait for its result.

use crate::engine::handover::Handover;
use crate::engine::seat::Seat;
use crate::engine::{launch, pool};
use crate::unwind::{catch, discard};
use std::fmt::{self, Debug, Formatter};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Runs `work` in the background, on a thread of the pool.
///
/// Returns a [`Running`] at once. [`join`](Running::join) waits for the result, and in async code
/// you can `await` it. `work` is usually a closure that makes a call and owns what the call
/// borrows. It can contain anything else as well: several calls, `?`, or no call at all.
///
/// # Where it runs
///
/// On a thread of the surrounding rayon pool, which usually is the global one. That thread is the
/// calling thread of the calls in `work`, and the other threads of the pool help it. As many
/// closures run at a time as the pool has threads. Others wait, in any order, until a thread of
/// the pool is idle or [`join`](Running::join) runs them.
///
/// Except in [`join`](Running::join), `work` never runs on top of an item or of another task that
/// waits. If rayon would start it there, a spare thread runs it, whose calls use the global pool.
///
/// If the system provides no threads, the owner of the handle runs `work`: in `join`, in the first
/// `poll`, or when the handle is dropped.
///
/// # Borrowed data
///
/// `work` must be `'static`: move owned data or an [`Arc`](std::sync::Arc) into it. For borrowed
/// data, use [`std::thread::scope`]:
///
/// ```
/// # use parallelize::parallelize;
/// # #[parallelize(over = x)]
/// # fn simulate(x: f64, steps: u32, table: &[f64]) -> f64 {
/// #     (0..steps).fold(x, |x, _| x.sin()) + table[0]
/// # }
/// let table = vec![0.5, 0.25];
/// let results = std::thread::scope(|scope| {
///     let call = scope.spawn(|| simulate_parallel([1.0, 2.0], 10, &table));
///     println!("meanwhile");
///     call.join().unwrap()
/// });
/// assert_eq!(results.len(), 2);
/// ```
///
/// # Cost
///
/// `spawn` followed by `join` takes 1 to 2 us, and about 10 us if a sleeping thread must be woken.
/// With [`std::thread::spawn`], both together take about 25 us.
///
/// # Panics
///
/// A panic of `work` is resumed by [`join`](Running::join) or by `await`. If the handle has been
/// dropped, the panic is ignored, except that the panic hook prints it. So is a panic from dropping
/// a result that nobody has taken.
///
/// # Examples
///
/// ```
/// use parallelize::parallelize;
///
/// #[parallelize(over = x)]
/// fn simulate(x: f64, steps: u32, table: &[f64]) -> f64 {
///     (0..steps).fold(x, |x, _| x.sin()) + table[0]
/// }
///
/// let table = vec![0.5, 0.25];
/// let xs = vec![1.0, 2.0, 3.0];
///
/// // The closure owns `xs` and `table`.
/// let running =
///     parallelize::spawn(move || simulate_parallel(xs, 1_000, &table));
///
/// println!("doing something else");
/// let results: Vec<f64> = running.join();
/// assert_eq!(results.len(), 3);
/// ```
pub fn spawn<F, R>(work: F) -> Running<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let handover = Arc::new(Handover::new(Box::new(work)));
    let task: Arc<Handover<R>> = Arc::clone(&handover);
    let is_launched = launch::task(task);
    Running { handover, is_launched }
}

/// The handle of work that runs in the background. [`spawn`] returns it.
///
/// There are two ways to get the result:
///
/// * [`join`](Self::join) waits for it.
/// * `running.await` waits for it in async code, on any runtime. It does not block the executor,
///   and wakes the task when the work has finished.
///
/// If you drop the handle, the work goes on, as for [`std::thread::JoinHandle`]. To end it with its
/// handle, keep a [`CancelToken::drop_guard`](crate::CancelToken::drop_guard) next to the handle.
///
/// # Panics
///
/// `await` resumes the panic of the work. Polling the future again after it has returned its result
/// panics, and so does [`join`](Self::join) after that.
///
/// Do not block a thread of a rayon pool on the future, as with a `block_on` inside of the pool.
/// The work may wait for that thread. `join` is safe there.
///
/// # Examples
///
/// ```
/// use parallelize::parallelize;
///
/// #[parallelize(over = word)]
/// fn count(word: &str, text: &str) -> usize {
///     text.matches(word).count()
/// }
///
/// // An async function, on any runtime.
/// async fn count_all(text: String) -> usize {
///     let counts = parallelize::spawn(move || {
///         count_parallel(["a ", "rose"], &text)
///     });
///     counts.await.into_iter().sum()
/// }
/// # use std::future::Future;
/// # use std::pin::pin;
/// # use std::task::{Context, Poll, Waker};
/// # let mut future = pin!(count_all("a rose is a rose".to_owned()));
/// # let mut context = Context::from_waker(Waker::noop());
/// # let sum = loop {
/// #     if let Poll::Ready(sum) = future.as_mut().poll(&mut context) {
/// #         break sum;
/// #     }
/// #     std::thread::yield_now();
/// # };
/// # assert_eq!(sum, 4);
/// ```
pub struct Running<R> {
    handover: Arc<Handover<R>>,
    /// Whether a thread has been asked to run the work. Otherwise the owner of the handle does.
    is_launched: bool,
}

impl<R> Running<R> {
    /// Waits for the result.
    ///
    /// If no thread has begun the work, the current thread runs it. So `join` never waits for a
    /// thread to become idle, and you can join any number of handles in any order, also on the only
    /// thread of a pool and inside an item of a call. If the code around `join` holds a lock that
    /// the work needs, that is a deadlock, as with a function call.
    ///
    /// While another thread runs the work, a thread of a rayon pool runs other tasks of its pool,
    /// because the work may need them. Inside an item, it does so only if a spare thread runs the
    /// work.
    ///
    /// # Panics
    ///
    /// If the work has panicked, with the same payload. Also if `poll` has already returned the
    /// result.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::{Running, parallelize};
    ///
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// let ranges = [0..10, 10..20, 20..30];
    /// let calls: Vec<Running<Vec<u64>>> = ranges
    ///     .into_iter()
    ///     .map(|range| parallelize::spawn(move || square_parallel(range)))
    ///     .collect();
    ///
    /// let squares: Vec<u64> = calls.into_iter().flat_map(Running::join).collect();
    /// assert_eq!(squares[29], 841);
    /// ```
    #[allow(clippy::must_use_candidate)] // Some callers only wait.
    pub fn join(self) -> R {
        if let Some(work) = self.handover.take_work() {
            return work();
        }
        let serve = rayon::current_thread_index().map(|_| pool::serve as fn() -> bool);
        self.handover.wait(serve, Seat::is_taken()).unwrap_or_else(|payload| resume_unwind(payload))
    }

    /// Returns whether the result is there, so that [`join`](Self::join) returns immediately.
    ///
    /// Also returns true if the work has panicked, and false if `poll` has returned the result.
    /// Never blocks. If the system provides no threads, the work does not begin before `join`, so
    /// do not wait for this to become true.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// let running = parallelize::spawn(|| (1..=20_u64).product::<u64>());
    /// while !running.is_finished() {
    ///     println!("waiting");
    ///     thread::sleep(Duration::from_millis(10));
    /// }
    /// assert_eq!(running.join(), 2_432_902_008_176_640_000);
    /// ```
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handover.is_finished()
    }
}

impl<R> Future for Running<R> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        if !self.is_launched {
            if let Some(work) = self.handover.take_work() {
                return Poll::Ready(work());
            }
        }
        // Cloned here because that runs code of the executor, and `poll` locks.
        let result = self.handover.poll(context.waker().clone());
        result.map(|result| result.unwrap_or_else(|payload| resume_unwind(payload)))
    }
}

/// Lets the work go on. Runs it if no thread does.
impl<R> Drop for Running<R> {
    fn drop(&mut self) {
        if !self.is_launched {
            if let Some(work) = self.handover.take_work() {
                discard(catch(work));
            }
        }
        self.handover.abandon();
    }
}

/// Shows whether the work has finished.
impl<R> Debug for Running<R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("is_finished", &self.is_finished()).finish_non_exhaustive()
    }
}
