//! Decides what running a [`ParallelIter`] to its end returns.

use crate::drive::{self, Keep, OutOfOrder};
use crate::iter::ParallelIter;
use crate::step::Try;
use crate::stop::{Halt, Interrupted, Never, Stop, Stopped, Stops};
use crate::work::Calls;
use crate::yields::{Apply, Yield};

impl<I, F, Y> ParallelIter<I, F, Y, Never>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output: Send> + Sync,
    Y: Yield<F::Output>,
{
    /// Runs all items, and collects what they yield in the order of the input; a [`Vec`] is what the results were put in, without another copy.
    ///
    /// # Panics
    ///
    /// With the panic that the loop would have met first, of the function's and the input's.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::collections::HashMap;
    /// #[parallelize(over = word)]
    /// fn measure<'t>(word: &'t str, unit: usize) -> (&'t str, usize) {
    ///     (word, word.len() / unit)
    /// }
    ///
    /// let lengths: HashMap<_, _> = measure_parallel_iter(["ab", "cdef"], 2).collect();
    /// assert_eq!(lengths["cdef"], 2);
    /// ```
    pub fn collect<C: FromIterator<Y::Item>>(self) -> C {
        let ParallelIter { input, f, settings, stop, .. } = self;
        let mut results = Vec::new();
        match drive::collect(settings, input, &Calls::new(f, stop, Never::step), &mut results, Keep::Nothing) {
            Ok(()) => Y::all(results).into_iter().collect(),
            Err(never) => match never {},
        }
    }

    /// Runs the items of a function that returns a [`Result`] or an [`Option`] until one fails, and collects the values, or returns the first
    /// failure in the order of the input, whatever the timing. Items above it may have been run; none is handed out once it is known, and what a thread has
    /// been handed by then, it runs: one item, or as many as take some tens of microseconds.
    ///
    /// # Panics
    ///
    /// As [`collect`](Self::collect), if a panic comes before the first failure.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::num::ParseIntError;
    /// #[parallelize]
    /// fn parse(word: &str) -> Result<u8, ParseIntError> {
    ///     word.parse()
    /// }
    ///
    /// let numbers: Result<Vec<u8>, ParseIntError> = parse_parallel_iter("1 2".split(' ')).try_collect();
    /// assert_eq!(numbers, Ok(vec![1, 2]));
    /// assert!(parse_parallel_iter("1 two".split(' ')).try_collect::<Vec<_>>().is_err());
    /// ```
    pub fn try_collect<C>(self) -> <Y::Item as Try>::Output<C>
    where
        Y::Item: Try<Item: Send, Break: Send>,
        C: FromIterator<<Y::Item as Try>::Item>,
    {
        let ParallelIter { input, f, settings, stop, .. } = self;
        let mut slots = Vec::new();
        let step = |called| Y::attempt(Never::result(called), Try::branch);
        let end = drive::collect(settings, input, &Calls::new(f, stop, step), &mut slots, Keep::Nothing);
        <Y::Item as Try>::from_branch(end.map(|()| Y::open(slots).into_iter().collect()))
    }

    /// As [`collect`](Self::collect), into a vector that is there: it is emptied first, and its memory used again. With [`skip_none`](Self::skip_none) what the
    /// items return goes through another one first.
    ///
    /// # Panics
    ///
    /// As [`collect`](Self::collect). The vector keeps its memory, and has what was finished before the panic.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn square(x: f64) -> f64 {
    ///     x * x
    /// }
    ///
    /// let mut squares = Vec::new();
    /// for start in [0, 100] {
    ///     square_parallel_iter((start..start + 3).map(f64::from)).collect_into_vec(&mut squares);
    /// }
    /// assert_eq!(squares, [10_000.0, 10_201.0, 10_404.0]);
    /// ```
    pub fn collect_into_vec(self, results: &mut Vec<Y::Item>) {
        let ParallelIter { input, f, settings, stop, .. } = self;
        results.clear();
        let calls = Calls::new(f, stop, Never::step);
        match Y::add(results, |results| drive::collect(settings, input, &calls, results, Keep::Finished)) {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }

    /// Hands what the items yield to `sink`, in the order of the input and on the calling thread, as a `for` loop does; see
    /// [`IntoIter`](crate::iter::IntoIter) for how many are held meanwhile.
    ///
    /// # Panics
    ///
    /// As [`collect`](Self::collect), once what comes before has been handed over; and if `sink` does.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// let mut sum = 0;
    /// square_parallel_iter(0..100).for_each(|square| sum += square);
    /// assert_eq!(sum, 328_350);
    /// ```
    pub fn for_each(self, sink: impl FnMut(Y::Item))
    where
        F: Apply<I::Item, State: Send>,
    {
        self.into_iter().for_each(sink);
    }

    /// As [`for_each`](Self::for_each), until `sink` returns a failure, which is returned; nothing more is pulled then.
    ///
    /// # Panics
    ///
    /// As [`for_each`](Self::for_each).
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// use std::io::{self, Write};
    ///
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// fn print(to: &mut impl Write) -> io::Result<()> {
    ///     square_parallel_iter(1..4).try_for_each(|square| write!(to, "{square} "))
    /// }
    ///
    /// let mut text = Vec::new();
    /// print(&mut text).unwrap();
    /// assert_eq!(text, b"1 4 9 ");
    /// ```
    pub fn try_for_each<R: Try<Item = ()>>(self, sink: impl FnMut(Y::Item) -> R) -> R::Output<()>
    where
        F: Apply<I::Item, State: Send>,
    {
        R::from_branch(self.into_iter().map(sink).try_for_each(R::branch))
    }
}

/// Of calls that may be stopped, by [`cancel_with`](ParallelIter::cancel_with) or [`timeout`](ParallelIter::timeout): each of these is as the one of the same name
/// above, and returns an error if the call was stopped before its input ended.
impl<I, F, Y> ParallelIter<I, F, Y, Stops>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output: Send> + Sync,
    Y: Yield<F::Output>,
{
    /// Runs the items until the call is stopped, and collects what they yield.
    ///
    /// # Errors
    ///
    /// [`Interrupted`] if the call was stopped before all items were run: with the results of those that were.
    ///
    /// # Panics
    ///
    /// With the panic that the loop would have met first, if all before it was finished.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::time::Duration;
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// match square_parallel_iter(0..3).timeout(Duration::from_secs(60)).collect::<Vec<_>>() {
    ///     Ok(squares) => assert_eq!(squares, [0, 1, 4]),
    ///     Err(interrupted) => println!("{interrupted}, of which the first are {:?}", interrupted.completed),
    /// }
    /// ```
    pub fn collect<C: FromIterator<Y::Item>>(self) -> Result<C, Interrupted<Y::Item>> {
        let ParallelIter { input, f, settings, mut stop, .. } = self;
        let (mut results, mut out_of_order) = (Vec::new(), OutOfOrder::new());
        stop.start();
        match drive::collect(
            settings,
            input,
            &Calls::new(f, stop, Stops::step),
            &mut results,
            Keep::All(&mut out_of_order),
        ) {
            Ok(()) => Ok(Y::all(results).into_iter().collect()),
            Err(reason) => {
                let out_of_order =
                    out_of_order.into_iter().filter_map(|(index, result)| Some((index, Y::one(result)?)));
                Err(Interrupted { completed: Y::all(results), out_of_order: out_of_order.collect(), reason })
            }
        }
    }

    /// Runs the items of a function that returns a [`Result`] or an [`Option`] until one fails or the call is stopped, and collects the values.
    ///
    /// The outer result is about the stop, the inner one about the items: a failure is returned if all items before it were finished.
    ///
    /// # Errors
    ///
    /// [`Interrupted`] as [`collect`](Self::collect) returns it, with the values.
    ///
    /// # Panics
    ///
    /// As [`collect`](Self::collect).
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::time::Duration;
    /// #[parallelize]
    /// fn parse(word: &str) -> Option<u8> {
    ///     word.parse().ok()
    /// }
    ///
    /// let calls = parse_parallel_iter("1 two".split(' ')).timeout(Duration::from_secs(60));
    /// assert_eq!(calls.try_collect::<Vec<_>>(), Ok(None));
    /// ```
    #[allow(clippy::type_complexity)] // Two results, and no name for the pair is clearer.
    pub fn try_collect<C>(self) -> Result<<Y::Item as Try>::Output<C>, Interrupted<<Y::Item as Try>::Item>>
    where
        Y::Item: Try<Item: Send, Break: Send>,
        C: FromIterator<<Y::Item as Try>::Item>,
    {
        let ParallelIter { input, f, settings, mut stop, .. } = self;
        let (mut slots, mut out_of_order) = (Vec::new(), OutOfOrder::new());
        stop.start();
        let step = |called: Result<F::Output, _>| {
            let result = called.map_err(Halt::Stop)?;
            Y::attempt(result, |item| item.branch().map_err(Halt::Break))
        };
        match drive::collect(settings, input, &Calls::new(f, stop, step), &mut slots, Keep::All(&mut out_of_order)) {
            Ok(()) => Ok(<Y::Item as Try>::from_branch(Ok(Y::open(slots).into_iter().collect()))),
            Err(Halt::Break(failure)) => Ok(<Y::Item as Try>::from_branch(Err(failure))),
            Err(Halt::Stop(reason)) => {
                let out_of_order =
                    out_of_order.into_iter().filter_map(|(index, slot)| Some((index, Y::open_one(slot)?)));
                Err(Interrupted { completed: Y::open(slots), out_of_order: out_of_order.collect(), reason })
            }
        }
    }

    /// As [`collect`](Self::collect), into a vector that is there: it is emptied first, and its memory used again.
    ///
    /// # Errors
    ///
    /// [`Stopped`] if the call was stopped before all items were run. The vector has then the results of the first items, without a gap; what was
    /// finished out_of_order is dropped, which `collect` would return.
    ///
    /// # Panics
    ///
    /// As [`collect`](Self::collect). The vector keeps its memory.
    ///
    /// ```
    /// # use parallelize::{CancelToken, parallelize};
    /// #[parallelize(over = n)]
    /// fn square(n: usize, token: &CancelToken) -> usize {
    ///     if n == 50 {
    ///         token.cancel();
    ///     }
    ///     n * n
    /// }
    ///
    /// let token = CancelToken::new();
    /// let mut squares = Vec::new();
    /// square_parallel_iter(0.., &token).cancel_with(&token).collect_into_vec(&mut squares).unwrap_err();
    /// assert!(squares.iter().enumerate().all(|(n, square)| *square == n * n));
    /// ```
    pub fn collect_into_vec(self, results: &mut Vec<Y::Item>) -> Result<(), Stopped> {
        let ParallelIter { input, f, settings, mut stop, .. } = self;
        results.clear();
        stop.start();
        let calls = Calls::new(f, stop, Stops::step);
        Y::add(results, |results| drive::collect(settings, input, &calls, results, Keep::Finished))
            .map_err(|reason| Stopped { reason })
    }

    /// Hands what the items yield to `sink`, in the order of the input and on the calling thread, until the call is stopped.
    ///
    /// # Errors
    ///
    /// [`Stopped`] if it was stopped before the input ended. What was finished in order has been handed over.
    ///
    /// # Panics
    ///
    /// With the first panic in the order of the input, once what comes before has been handed over; and if `sink` does.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::time::Duration;
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n.wrapping_mul(n)
    /// }
    ///
    /// let mut largest = 0;
    /// square_parallel_iter(0..).timeout(Duration::from_millis(10)).for_each(|n| largest = largest.max(n)).unwrap_err();
    /// ```
    pub fn for_each(self, sink: impl FnMut(Y::Item)) -> Result<(), Stopped>
    where
        F: Apply<I::Item, State: Send>,
    {
        let mut items = self.into_iter();
        items.by_ref().for_each(sink);
        items.stopped().map_or(Ok(()), Err)
    }

    /// As [`for_each`](Self::for_each), until `sink` returns a failure: the outer result is about the stop, the inner one about `sink`.
    ///
    /// # Errors
    ///
    /// [`Stopped`] as [`for_each`](Self::for_each) returns it.
    ///
    /// # Panics
    ///
    /// As [`for_each`](Self::for_each).
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::time::Duration;
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// let calls = square_parallel_iter(0..).timeout(Duration::from_secs(60));
    /// assert_eq!(calls.try_for_each(|square| if square < 100 { Ok(()) } else { Err(square) }), Ok(Err(100)));
    /// ```
    pub fn try_for_each<R: Try<Item = ()>>(self, sink: impl FnMut(Y::Item) -> R) -> Result<R::Output<()>, Stopped>
    where
        F: Apply<I::Item, State: Send>,
    {
        let mut items = self.into_iter();
        let end = items.by_ref().map(sink).try_for_each(R::branch);
        match items.stopped() {
            Some(stopped) if end.is_ok() => Err(stopped),
            _ => Ok(R::from_branch(end)),
        }
    }
}
