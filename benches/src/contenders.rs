//! The contenders. Each crate is called in the way that its own documentation shows.

use paralight::threads::{CpuPinningPolicy, RangeStrategy, ThreadCount, ThreadPool, ThreadPoolBuilder};
use std::cell::RefCell;
use std::thread;

/// All names, in the order of the columns of the tables. The first one is the serial loop.
pub const NAMES: [&str; 8] =
    ["loop", "parallelize", "rayon", "rayon min_len", "std scope", "orx", "chili", "paralight"];

/// A type of items and results.
pub trait Number: Copy + Default + Send + Sync + PartialEq {}
impl<T: Copy + Default + Send + Sync + PartialEq> Number for T {}

/// One way to map a function over a slice.
pub struct Contender<'a, T> {
    pub name: &'static str,
    pub call: Box<dyn Fn(&[T]) -> Vec<T> + 'a>,
}

impl<'a, T> Contender<'a, T> {
    pub fn new(name: &'static str, call: impl Fn(&[T]) -> Vec<T> + 'a) -> Self {
        Contender { name, call: Box::new(call) }
    }
}

/// The state that the other crates need between calls.
pub struct Peers {
    pub threads: usize,
    paralight: RefCell<ThreadPool>,
}

impl Peers {
    pub fn new(threads: usize) -> Self {
        let paralight = ThreadPoolBuilder {
            num_threads: ThreadCount::AvailableParallelism,
            // Some cases have items of unequal work. Work stealing does not slow the others down.
            range_strategy: RangeStrategy::WorkStealing,
            cpu_pinning: CpuPinningPolicy::No,
        };
        Peers { threads, paralight: RefCell::new(paralight.build()) }
    }

    /// All contenders, for work that maps one number to one number.
    pub fn lineup<'a, T: Number>(
        &'a self,
        f: impl Fn(T) -> T + Copy + Sync + 'a,
        parallel: impl Fn(&[T]) -> Vec<T> + 'a,
    ) -> Vec<Contender<'a, T>> {
        let threads = self.threads;
        vec![
            Contender::new("loop", move |items| items.iter().map(|item| f(*item)).collect()),
            Contender::new("parallelize", parallel),
            Contender::new("rayon", move |items| rayon(items, f)),
            Contender::new("rayon min_len", move |items| rayon_min_len(items, threads, f)),
            Contender::new("std scope", move |items| std_scope(items, threads, f)),
            Contender::new("orx", move |items| orx(items, f)),
            Contender::new("chili", move |items| chili(items, f)),
            Contender::new("paralight", move |items| paralight(items, &self.paralight, f)),
        ]
    }
}

pub fn rayon<T: Number, R: Send>(items: &[T], f: impl Fn(T) -> R + Sync) -> Vec<R> {
    use rayon::prelude::*;
    items.par_iter().map(|item| f(*item)).collect()
}

/// The minimum length for four pieces per thread, which users set if rayon splits too finely.
pub fn min_len(items: usize, threads: usize) -> usize {
    (items / (4 * threads)).max(1)
}

pub fn rayon_min_len<T: Number, R: Send>(items: &[T], threads: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    use rayon::prelude::*;
    items.par_iter().with_min_len(min_len(items.len(), threads)).map(|item| f(*item)).collect()
}

/// Runs `work` on one chunk per core, one of them on the calling thread.
pub fn std_scope_chunks<T: Number, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&[T]) -> Vec<R> + Sync,
) -> Vec<R> {
    let mut chunks = items.chunks(items.len().div_ceil(threads).max(1));
    let first = chunks.next().unwrap_or_default();
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = chunks.map(|chunk| scope.spawn(move || work(chunk))).collect();
        let mut results = work(first);
        for other in others {
            results.extend(other.join().expect("the work does not panic"));
        }
        results
    })
}

pub fn std_scope<T: Number, R: Send>(items: &[T], threads: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    std_scope_chunks(items, threads, |chunk| chunk.iter().map(|item| f(*item)).collect())
}

pub fn orx<T: Number, R: Send>(items: &[T], f: impl Fn(T) -> R + Sync) -> Vec<R> {
    use orx_parallel::*;
    items.par().map(|item| f(*item)).collect()
}

fn chili<T: Number>(items: &[T], f: impl Fn(T) -> T + Sync) -> Vec<T> {
    let mut results = vec![T::default(); items.len()];
    let chunk = items.len().div_ceil(16).max(1);
    // The first call of `Scope::global` creates the only pool of the process.
    halve(&mut chili::Scope::global(), items, &mut results, chunk, &f);
    results
}

fn halve<T: Number>(
    scope: &mut chili::Scope<'_>,
    items: &[T],
    results: &mut [T],
    chunk: usize,
    f: &(impl Fn(T) -> T + Sync),
) {
    if items.len() <= chunk {
        for (result, item) in results.iter_mut().zip(items) {
            *result = f(*item);
        }
        return;
    }
    let middle = items.len() / 2;
    let (left, right) = items.split_at(middle);
    let (left_results, right_results) = results.split_at_mut(middle);
    scope
        .join(|scope| halve(scope, left, left_results, chunk, f), |scope| halve(scope, right, right_results, chunk, f));
}

fn paralight<T: Number>(items: &[T], pool: &RefCell<ThreadPool>, f: impl Fn(T) -> T + Sync) -> Vec<T> {
    use paralight::prelude::*;
    let mut results = vec![T::default(); items.len()];
    (results.par_iter_mut(), items.par_iter())
        .zip_eq()
        .with_thread_pool(&mut *pool.borrow_mut())
        .for_each(|(result, item)| *result = f(*item));
    results
}
