//! Decides how a call runs: the caller and the pool's threads take chunks until none is left or an item fails.

use crate::outcome::{Failure, Outcome, catch};
use crate::source::{Chunk, Source};
use std::cell::Cell;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Runs `f` for every item, and returns the results in the order of the input.
pub(crate) fn collect<T, R, I, F>(input: I, f: &F) -> Vec<R>
where
    T: Send,
    R: Send,
    I: Iterator<Item = T> + Send,
    F: Fn(T) -> R + Sync,
{
    // The hint may be wrong; then there are fewer threads, and the results are the same.
    let at_most = input.size_hint().1.unwrap_or(usize::MAX);
    let helpers = rayon::current_num_threads().min(at_most).saturating_sub(1);
    let source = Mutex::new(Source::new(input, helpers + 1));
    let outcome = Mutex::new(Outcome::new());
    rayon::in_place_scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(|_| work(&source, &outcome, f));
        }
        work(&source, &outcome, f);
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner).into_results()
}

/// What each thread does. Chunks are handed out in order, so when one fails all below it are in somebody's hands, and get finished.
fn work<T, R, I: Iterator<Item = T>>(source: &Mutex<Source<I>>, outcome: &Mutex<Outcome<R>>, f: &impl Fn(T) -> R) {
    loop {
        let Chunk { start, items, failure } = lock(source).pull();
        if items.is_empty() && failure.is_none() {
            return;
        }
        let count = items.len();
        let clock = Instant::now();
        let run = run(start, items, f);
        let took = clock.elapsed();
        // Of the two the item's failure is the lower: the loop pulls the next item when this one is done.
        let (results, failure) = match run {
            Ok(results) => (Some(results), failure),
            Err(lower) => (None, Some(lower)),
        };
        if failure.is_some() {
            lock(source).close();
        } else {
            lock(source).adjust(count, took);
        }
        let mut outcome = lock(outcome);
        if let Some(results) = results {
            outcome.finished(start, results);
        }
        if let Some(failure) = failure {
            outcome.failed(failure);
        }
    }
}

/// Runs one chunk, up to its first panic.
fn run<T, R>(start: usize, items: Vec<T>, f: &impl Fn(T) -> R) -> Result<Vec<R>, Failure> {
    let at = Cell::new(start);
    let mut results = Vec::with_capacity(items.len());
    let done = catch(|| {
        for item in items {
            results.push(f(item));
            at.set(at.get() + 1);
        }
    });
    match done {
        Ok(()) => Ok(results),
        Err(payload) => Err(Failure { index: at.get(), payload }),
    }
}

/// Nothing of the user's runs uncaught under these locks, so none is ever poisoned half way.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
