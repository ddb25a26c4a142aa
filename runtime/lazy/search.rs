//! The terminals of a [`ParallelIter`] that search: they end at the first match in input order.

use crate::engine::drive;
use crate::engine::retain::Retain;
use crate::engine::step::Sifted;
use crate::lazy::apply::Apply;
use crate::lazy::calls::Calls;
use crate::lazy::parallel_iter::ParallelIter;
use crate::lazy::stop::{Halt, Stop};
use crate::lazy::stopped::Stopped;
use crate::lazy::yields::Yield;
use std::convert::Infallible;

/// # Search
///
/// These terminals run the call until the first match in input order. It is the match of the serial
/// loop, no matter which thread finds one first. Like an error of
/// [`try_collect`](Self::try_collect), a match ends the call: no further items are assigned, and
/// each thread finishes its current item or a few cheap ones. Later items may have run as well.
///
/// Results take no memory. The closures run on all threads, so they must be [`Sync`]. Items that
/// take less than 0.1 ms run on the calling thread for the first 0.1 ms, because the match may be
/// among them, unless [`threads`](Self::threads) is set.
///
/// If the call may be stopped, each of these methods returns a [`Result`], whose error is
/// [`Stopped`](crate::Stopped). The search is then not complete: there is no match in the items
/// that were finished in order. A match is returned if all items below it were finished.
///
/// Each of them panics with the panic that the serial loop would have met first. After a match in a
/// lower item, there is no panic. A panic of the closure counts as a panic of the item.
impl<I, F, Y, S> ParallelIter<I, F, Y, S>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output: Send> + Sync,
    Y: Yield<F::Output>,
    S: Stop + Sync,
{
    /// Returns the first value in input order that `f` returns for a result, or `None`.
    ///
    /// Equals [`Iterator::find_map`] of the results. For a call that may be stopped, returns a
    /// `Result` of that.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before it was known what to return.
    ///
    /// # Panics
    ///
    /// If the function, `f` or the input iterator panics before the match.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn smallest_divisor(n: u64) -> u64 {
    ///     (2..n).find(|i| n % i == 0).unwrap_or(n)
    /// }
    ///
    /// let divisor = smallest_divisor_parallel_iter([101, 103, 105, 107])
    ///     .find_map(|divisor| (divisor < 100).then_some(divisor));
    /// assert_eq!(divisor, Some(3));
    /// ```
    pub fn find_map<B: Send>(self, f: impl Fn(Y::Item) -> Option<B> + Sync) -> S::Ended<Option<B>> {
        let (found, stopped) = self.first_match(f);
        S::ended(found, stopped)
    }

    /// Returns the first result in input order for which `predicate` returns true, or `None`.
    ///
    /// Equals [`Iterator::find`] of the results. For a call that may be stopped, returns a `Result`
    /// of that.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before it was known what to return.
    ///
    /// # Panics
    ///
    /// If the function, `predicate` or the input iterator panics before the match.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// let squares = || parallelize::map(1_u64.., |n| n * n);
    /// let first = squares().find(|square| square % 17 == 1 && *square > 1);
    /// assert_eq!(first, Some(256));
    ///
    /// // A search that may be stopped returns a `Result`.
    /// let squares = squares().timeout(Duration::from_secs(60));
    /// match squares.find(|square| *square >= 1_000) {
    ///     Ok(first) => assert_eq!(first, Some(1_024)),
    ///     Err(stopped) => println!("nothing found: {stopped}"),
    /// }
    /// ```
    pub fn find(self, predicate: impl Fn(&Y::Item) -> bool + Sync) -> S::Ended<Option<Y::Item>>
    where
        Y::Item: Send,
    {
        self.find_map(|item| predicate(&item).then_some(item))
    }

    /// Returns the first result in input order, or `None` if there is none.
    ///
    /// With [`skip_none`](Self::skip_none), this is the first value that is not `None`: the first
    /// match of a function that returns an [`Option`]. Without it, only the first item runs, on the
    /// calling thread. For a call that may be stopped, returns a `Result`.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before it was known what to return.
    ///
    /// # Panics
    ///
    /// If the function or the input iterator panics before the match.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize(over = line)]
    /// fn position<'t>(line: &'t str, word: &str) -> Option<(&'t str, usize)> {
    ///     Some((line, line.find(word)?))
    /// }
    ///
    /// let text = "a rose\nis a rose\nis a rose";
    /// let lines = position_parallel_iter(text.lines(), "is").skip_none();
    /// assert_eq!(lines.first(), Some(("is a rose", 0)));
    /// ```
    pub fn first(mut self) -> S::Ended<Option<Y::Item>>
    where
        Y::Item: Send,
    {
        if Y::least(1) > 0 {
            // The first item is the match.
            self.settings = self.settings.threads(1);
        }
        self.find_map(Some)
    }

    /// Returns whether `predicate` returns true for one of the results.
    ///
    /// Equals [`Iterator::any`] of the results. Which later items have run depends on timing. For a
    /// call that may be stopped, returns a `Result`.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before it was known what to return.
    ///
    /// # Panics
    ///
    /// If the function, `predicate` or the input iterator panics before the first match.
    ///
    /// # Examples
    ///
    /// ```
    /// let words = ["rose", "fox", ""];
    /// assert!(parallelize::map(words, |word| word.len()).any(|length| length == 0));
    /// ```
    pub fn any(self, predicate: impl Fn(Y::Item) -> bool + Sync) -> S::Ended<bool> {
        let (found, stopped) = self.first_match(|item| predicate(item).then_some(()));
        S::ended(found.is_some(), stopped)
    }

    /// Returns whether `predicate` returns true for all results.
    ///
    /// Equals [`Iterator::all`] of the results, and ends the call at the first result that does not
    /// satisfy `predicate`. For a call that may be stopped, returns a `Result`.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before it was known what to return.
    ///
    /// # Panics
    ///
    /// If the function, `predicate` or the input iterator panics before the first result that does
    /// not satisfy `predicate`.
    ///
    /// # Examples
    ///
    /// ```
    /// let words = ["rose", "fox", "box"];
    /// assert!(parallelize::map(words, |word| word.len()).all(|length| length > 2));
    /// ```
    pub fn all(self, predicate: impl Fn(Y::Item) -> bool + Sync) -> S::Ended<bool> {
        let (found, stopped) = self.first_match(|item| (!predicate(item)).then_some(()));
        S::ended(found.is_none(), stopped)
    }

    /// Returns the index of the first result for which `predicate` returns true, or `None`.
    ///
    /// Equals [`Iterator::position`] of the results. It is the index of the item, unless
    /// [`skip_none`](Self::skip_none) leaves out results: those are not counted. For a call that
    /// may be stopped, returns a `Result`.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before it was known what to return.
    ///
    /// # Panics
    ///
    /// If the function, `predicate` or the input iterator panics before the match.
    ///
    /// # Examples
    ///
    /// ```
    /// let words = ["rose", "fox", "box"];
    /// let calls = parallelize::map(words, |word| word.len());
    /// assert_eq!(calls.position(|length| length == 3), Some(1));
    /// ```
    pub fn position(self, predicate: impl Fn(Y::Item) -> bool + Sync) -> S::Ended<Option<usize>> {
        let look = |item| if predicate(item) { Err(()) } else { Ok(Some(())) };
        let (found, before, stopped) = self.search(look);
        S::ended(found.map(|()| before), stopped)
    }

    /// Returns the first value that `f` returns for a result, and whether the call was stopped
    /// before that.
    fn first_match<B: Send>(self, f: impl Fn(Y::Item) -> Option<B> + Sync) -> (Option<B>, Option<Stopped>) {
        let look = |item| f(item).map_or(Ok(None::<Infallible>), Err);
        let (found, _, stopped) = self.search(look);
        (found, stopped)
    }

    /// Returns the first match, the number of values before it, and whether the call was stopped
    /// before it.
    ///
    /// `look` returns a match as an error, and a value for each other result that is counted.
    /// Values without a size take no memory. Items count as items without a result, so that chunks
    /// need no slots, which a long search would have to keep.
    fn search<U: Send, B: Send>(
        self,
        look: impl Fn(Y::Item) -> Result<Option<U>, B> + Sync,
    ) -> (Option<B>, usize, Option<Stopped>) {
        let ParallelIter { input, f, mut settings, in_flight, stop, .. } = self;
        let step = |called: Result<F::Output, S::Halt>| {
            let look = |item| look(item).map_err(Halt::Break);
            Sifted(called.map_err(Halt::Stop).and_then(|result| Y::one(result).map_or(Ok(None), look)))
        };
        let mut before = Vec::new();
        let calls = Calls::begin_bounded(&mut settings, in_flight, f, stop, step);
        let end = drive::collect(settings.search(), input, &calls, &mut before, Retain::Completed);
        match (end, calls.finish()) {
            (Ok(()), Ok(())) => (None, before.len(), None),
            (Err(Halt::Break(found)), Ok(())) => (Some(found), before.len(), None),
            (Err(Halt::Stop(halt)), _) | (_, Err(halt)) => {
                (None, before.len(), Some(Stopped { reason: S::reason(halt) }))
            }
        }
    }
}
