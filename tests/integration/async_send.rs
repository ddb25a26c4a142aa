//! Async functions: every form of function and kind of input, in tasks that are spawned.
//!
//! Such a task must be `Send`, which the compiler does not find out of every future.

use crate::async_tools::spawned;
use futures_util::future::{BoxFuture, FutureExt};
use parallelize::{ItemPanic, parallelize};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Display;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use tokio::task::yield_now;

#[parallelize(over = word)]
async fn owned(word: String, log: &Mutex<Vec<usize>>, times: usize) -> String {
    yield_now().await;
    log.lock().expect("no panic").push(word.len());
    word.repeat(times)
}

#[parallelize(over = line)]
async fn count(line: &str, word: &str) -> usize {
    yield_now().await;
    line.matches(word).count()
}

#[parallelize(over = line, skip_none)]
async fn find<'t>(line: &'t str, word: &str) -> Option<&'t str> {
    yield_now().await;
    line.split(' ').find(|part| *part == word)
}

#[parallelize(over = word, try_collect, name = numbers)]
async fn number(word: &str, radix: u32) -> Result<u32, std::num::ParseIntError> {
    yield_now().await;
    u32::from_str_radix(word, radix)
}

fn words(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("w{number}")).collect()
}

#[test]
fn kinds_of_inputs() {
    spawned(|| async {
        let (log, list) = (Mutex::default(), words(20));
        let doubled: Vec<String> = list.iter().map(|word| word.repeat(2)).collect();
        assert_eq!(owned_parallel(words(20), &log, 2).await, doubled);
        assert_eq!(owned_parallel(list.iter().cloned(), &log, 2).await, doubled);
        assert_eq!(owned_parallel(list.iter().map(|word| word.clone() + ""), &log, 2).await, doubled);
        assert_eq!(owned_parallel(VecDeque::from(words(20)), &log, 2).await, doubled);
        let chained = words(10).into_iter().chain((10..20).map(|number| format!("w{number}")));
        assert_eq!(owned_parallel(chained, &log, 2).await, doubled);
        assert_eq!(owned_parallel([String::from("a")], &log, 3).await, ["aaa"]);
        assert_eq!(owned_parallel(Some(String::from("a")), &log, 3).await, ["aaa"]);
        let boxed: Box<dyn Iterator<Item = String> + Send> = Box::new(words(20).into_iter());
        assert_eq!(owned_parallel(boxed, &log, 2).await, doubled);
        assert_eq!(log.lock().expect("no panic").len(), 122);
    });
    spawned(|| async {
        let (text, word) = (String::from("a rose\nis\na rose is a rose"), String::from("rose"));
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(count_parallel(text.lines(), &word).await, [1, 0, 2]);
        assert_eq!(count_parallel(text.lines().filter(|line| line.len() > 2), &word).await, [1, 2]);
        assert_eq!(count_parallel(lines.iter().map(String::as_str), &word).await, [1, 0, 2]);
        assert_eq!(count_parallel(lines.iter().map(|line| &line[..]), &word).await, [1, 0, 2]);
        assert_eq!(count_parallel(lines.iter().map(|line| &line[..]).rev(), &word).await, [2, 0, 1]);
        assert_eq!(count_parallel(["a rose"], "rose").await, [1]);
        let map = BTreeMap::from([(1, String::from("rose")), (2, String::new())]);
        assert_eq!(count_parallel(map.values().map(|line| &**line), &word).await, [1, 0]);
    });
}

#[test]
fn lazy_calls() {
    spawned(|| async {
        let (log, list) = (Mutex::default(), words(20));
        let calls = owned_parallel_iter(list.iter().map(|word| word.clone() + ""), &log, 1).in_flight(3);
        assert_eq!(calls.collect::<Vec<_>>().await, list);
        let calls = owned_parallel_iter(list.iter().cloned(), &log, 1);
        assert_eq!(calls.until(std::future::pending::<()>()).collect::<VecDeque<_>>().await, Ok(list.clone().into()));
        let caught = owned_parallel_iter(list.iter().cloned(), &log, 1).catch_panics();
        assert!(caught.collect::<Vec<Result<String, ItemPanic>>>().await.into_iter().flatten().eq(list));
    });
    spawned(|| async {
        let text = String::from("7 1f\n1 2 x 3 y");
        let mut lines = text.lines();
        let (first, second) = (lines.next().expect("a line"), lines.next().expect("a line"));
        assert_eq!(numbers(first.split(' '), 16).await, Ok(vec![7, 31]));
        assert_eq!(numbers(second.split(' '), 10).await, "x".parse::<u32>().map(|_| vec![]));
        assert_eq!(numbers_iter(first.split(' '), 16).try_collect::<Vec<_>>().await, Ok(vec![7, 31]));
        assert_eq!(find_parallel(text.lines(), "3").await, ["3"]);
        assert_eq!(
            find_parallel_iter(text.lines().map(|line| line.trim_matches(' ')), "1").collect::<Vec<_>>().await,
            ["1"]
        );
        let found = find_parallel_iter(text.lines(), "1").collect::<Vec<_>>().await;
        // A result borrows from the text.
        assert_eq!(found[0].as_ptr(), second.as_ptr());
    });
}

#[parallelize(over = x)]
async fn shown<T: Display + Sync + Clone, K>(x: T, by: &K, end: T) -> String
where
    K: Fn(&T) -> String,
{
    yield_now().await;
    format!("{x}{}{end}", by(&x))
}

#[parallelize(over = x)]
async fn applied(x: u32, by: impl Fn(u32) -> u32) -> u32 {
    yield_now().await;
    by(x)
}

#[parallelize(over = x)]
async fn opaque(x: u32, by: u32) -> impl Display {
    yield_now().await;
    x + by
}

#[parallelize(over = x)]
async fn fill(x: &mut u32, by: u32) {
    yield_now().await;
    *x += by;
}

#[parallelize(over = x, catch_panics)]
async fn odd(x: u32) -> u32 {
    yield_now().await;
    assert!(x % 2 == 1, "{x} is even");
    x
}

#[parallelize(over = zip(x, y))]
async fn add(x: u32, y: u32, z: u32) -> u32 {
    yield_now().await;
    x + y + z
}

#[parallelize(over = product(x, y))]
async fn pair(x: u32, y: &str) -> String {
    yield_now().await;
    format!("{x}{y}")
}

#[parallelize(over = x, per_item(seed = |i| i as u64 * _base))]
async fn seeded(x: u64, _base: u64, seed: u64) -> u64 {
    yield_now().await;
    x + seed
}

#[parallelize(over = x)]
async fn array<const N: usize>(x: [u8; N], by: u8) -> [u8; N] {
    yield_now().await;
    x.map(|byte| byte + by)
}

#[parallelize]
async fn pattern(#[over] (x, y): (u32, u32), Wrapped(z): Wrapped) -> u32 {
    yield_now().await;
    x + y + z
}

#[derive(Clone)]
struct Wrapped(u32);

/// # Safety
///
/// Nothing is needed.
#[parallelize(over = x)]
async unsafe fn free(x: u32) -> u32 {
    yield_now().await;
    x
}

#[test]
fn forms_of_functions() {
    spawned(|| async {
        let by = |x: &u32| format!("<{x}>");
        assert_eq!(shown_parallel([1, 2], &by, 7).await, ["1<1>7", "2<2>7"]);
        assert_eq!(shown_parallel::<u32, _>([1, 2], &by, 7).await, ["1<1>7", "2<2>7"]);
        let factor = 3;
        assert_eq!(applied_parallel([1, 2], |x| x * factor).await, [3, 6]);
        assert_eq!(opaque_parallel([1], 2).await[0].to_string(), "3");
        let mut xs = vec![1, 2];
        fill_parallel(&mut xs, 5).await;
        fill_parallel(xs.iter_mut().filter(|x| **x > 6), 5).await;
        fill_parallel_iter(&mut xs, 1).for_each(|()| std::future::ready(())).await;
        assert_eq!(xs, [7, 13]);
        let results: Vec<Result<u32, ItemPanic>> = odd_parallel([1, 2]).await;
        assert_eq!(results[1].as_ref().map_err(ToString::to_string), Err(String::from("item 1 panicked: 2 is even")));
        assert_eq!(array_parallel([[1, 2], [3, 4]], 1).await, [[2, 3], [4, 5]]);
        assert_eq!(pattern_parallel([(1, 2), (3, 4)], Wrapped(10)).await, [13, 17]);
        // SAFETY: Nothing is needed.
        assert_eq!(unsafe { free_parallel([1]) }.await, [1]);
    });
    spawned(|| async {
        let list = words(2);
        assert_eq!(add_parallel([1, 2], vec![10, 20], 100).await, [111, 122]);
        assert_eq!(add_parallel_iter(1.., list.iter().map(|_| 2), 0).collect::<Vec<_>>().await, [3, 4]);
        assert_eq!(pair_parallel([1, 2], list.iter().map(|word| &word[..])).await, ["1w0", "1w1", "2w0", "2w1"]);
        assert_eq!(seeded_parallel([100, 100], 10).await, [100, 110]);
        assert_eq!(seeded_parallel_iter(list.iter().map(|_| 100), 10).collect::<Vec<_>>().await, [100, 110]);
    });
}

#[parallelize(over = x)]
fn desugared(x: u32, by: &u32) -> impl Future<Output = u32> + Send {
    let by = *by;
    async move {
        yield_now().await;
        x + by
    }
}

#[parallelize(over = x)]
fn boxed<'a>(x: u32, by: &'a u32) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
    Box::pin(async move {
        yield_now().await;
        x + by
    })
}

#[parallelize(over = x, try_collect)]
fn boxed_future(x: u32, by: &u32) -> BoxFuture<'_, Result<u32, u32>> {
    async move {
        yield_now().await;
        x.checked_sub(*by).ok_or(x)
    }
    .boxed()
}

#[test]
fn functions_that_return_futures() {
    spawned(|| async {
        let by = 2;
        assert_eq!(desugared_parallel([1], &by).await, [3]);
        assert_eq!(desugared_parallel_iter([1], &by).collect::<Vec<_>>().await, [3]);
        assert_eq!(boxed_parallel([1], &by).await, [3]);
        assert_eq!(boxed_parallel_iter([1], &by).collect::<Vec<_>>().await, [3]);
        assert_eq!(boxed_future_parallel([3, 2], &by).await, Ok(vec![1, 0]));
        assert_eq!(boxed_future_parallel([3, 1, 0], &by).await, Err(1));
    });
}

struct Model {
    gain: f64,
    runs: AtomicU32,
}

impl Model {
    #[parallelize(over = x)]
    async fn eval(&self, x: f64, bias: f64) -> f64 {
        yield_now().await;
        self.runs.fetch_add(1, Relaxed);
        self.gain * x + bias
    }

    #[parallelize(over = x, call = Self::half)]
    async fn half(x: f64) -> f64 {
        yield_now().await;
        x / 2.0
    }

    #[parallelize(over = x)]
    async fn shared(self: Arc<Self>, x: f64) -> f64 {
        yield_now().await;
        self.gain * x
    }
}

#[test]
fn methods() {
    spawned(|| async {
        let model = Model { gain: 2.0, runs: AtomicU32::new(0) };
        assert_eq!(model.eval_parallel([1.0], 0.5).await, [2.5]);
        assert_eq!(model.eval_parallel_iter([1.0, 2.0].iter().copied(), 0.5).collect::<Vec<_>>().await, [2.5, 4.5]);
        assert_eq!(Model::half_parallel([1.0]).await, [0.5]);
        assert_eq!(model.runs.load(Relaxed), 3);
        assert_eq!(Arc::new(model).shared_parallel([1.0]).await, [2.0]);
    });
}

#[test]
fn a_task_may_spawn_its_items() {
    #[parallelize(over = word, try_collect)]
    async fn heavy(word: String, table: &Arc<HashMap<String, u32>>) -> Result<u32, String> {
        let table = Arc::clone(table);
        let task = tokio::spawn(async move { table.get(&word).copied().ok_or(word) });
        task.await.expect("no panic")
    }
    spawned(|| async {
        let table = Arc::new(words(20).into_iter().zip(0..).collect());
        assert_eq!(heavy_parallel(words(20), &table).await, Ok((0..20).collect()));
        assert_eq!(heavy_parallel(words(30), &table).await, Err(String::from("w20")));
    });
}
