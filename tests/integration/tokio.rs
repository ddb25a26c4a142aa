//! tokio: a call blocks its thread, so async code awaits it in `spawn_blocking`.
//!
//! An async task may also loop over a stream, and yield to other tasks between two results.

use crate::spin;
use parallelize::{CancelToken, Interrupted, StopReason, parallelize};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, spawn_blocking};

#[parallelize(over = x)]
fn work(x: u64, by: u64) -> u64 {
    spin(10);
    x * by
}

#[parallelize(over = word, try_collect)]
fn parse(word: &str, radix: u32) -> Result<u32, std::num::ParseIntError> {
    spin(10);
    u32::from_str_radix(word, radix)
}

fn runtimes() -> [Runtime; 2] {
    let several = Builder::new_multi_thread().worker_threads(2).build().expect("a runtime of two threads");
    [Builder::new_current_thread().build().expect("a runtime of one thread"), several]
}

#[test]
fn a_call_is_awaited() {
    let serial: Vec<u64> = (0..500).map(|x| x * 7).collect();
    for runtime in runtimes() {
        let results = runtime.block_on(async { spawn_blocking(|| work_parallel(0..500, 7)).await });
        assert_eq!(results.expect("no panic"), serial);
    }
}

#[test]
fn many_calls_at_once() {
    for runtime in runtimes() {
        let mut sums = runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for by in 0..20 {
                tasks.spawn_blocking(move || (by, work_parallel(0..100, by)));
            }
            tasks.join_all().await
        });
        sums.sort();
        assert!(sums.into_iter().eq((0..20).map(|by| (by, (0..100).map(|x| x * by).collect()))));
    }
}

#[test]
fn an_error_and_a_panic_reach_the_awaiting_task() {
    async fn read(text: Arc<str>) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
        // The closure must own what the call borrows.
        let numbers = spawn_blocking(move || parse_parallel(text.split(' '), 10)).await??;
        Ok(numbers.into_iter().sum())
    }
    #[parallelize]
    fn check(x: u64) {
        if x == 7 {
            std::panic::resume_unwind(Box::new(x));
        }
    }
    for runtime in runtimes() {
        runtime.block_on(async {
            assert_eq!(read("1 2 3".into()).await.expect("numbers"), 6);
            let error = read("1 two x".into()).await.expect_err("no numbers");
            assert_eq!(error.to_string(), parse("two", 10).expect_err("no number").to_string());
            let panic = spawn_blocking(|| check_parallel(0..100)).await.expect_err("item 7 panics").into_panic();
            assert_eq!(panic.downcast_ref(), Some(&7_u64));
        });
    }
}

#[test]
fn a_stream_starts_a_task_for_each_result() {
    for runtime in runtimes() {
        let seen = runtime.block_on(async {
            let tasks = spawn_blocking(|| {
                let tasks = work_parallel_iter(0..300, 7).in_flight(32).into_iter();
                tasks.map(|result| tokio::spawn(async move { result + 1 })).collect::<Vec<_>>()
            });
            let mut seen = Vec::new();
            for task in tasks.await.expect("no panic") {
                seen.push(task.await.expect("no panic"));
            }
            seen
        });
        assert!(seen.into_iter().eq((0..300).map(|x| x * 7 + 1)));
    }
}

#[test]
fn async_code_stops_a_call() {
    for runtime in runtimes() {
        let outcome = runtime.block_on(async {
            let token = CancelToken::new();
            let theirs = token.clone();
            let call = spawn_blocking(move || work_parallel_iter(0.., 7).cancel_with(&theirs).collect::<Vec<_>>());
            tokio::task::yield_now().await;
            token.cancel();
            call.await.expect("no panic")
        });
        let Err(Interrupted { completed, reason, .. }) = outcome else { panic!("the input has no end") };
        assert_eq!(reason, StopReason::Cancelled);
        assert!((0..).map(|x| x * 7).zip(&completed).all(|(serial, result)| serial == *result));
    }
}

#[test]
fn a_stream_is_held_across_an_await() {
    for runtime in runtimes() {
        let task = async {
            let mut seen = Vec::new();
            // Each block of the stream keeps this thread busy for some milliseconds. Other tasks
            // run between two results.
            for result in work_parallel_iter(0..300, 7).in_flight(32) {
                tokio::task::yield_now().await;
                seen.push(result);
            }
            seen
        };
        let seen = runtime.block_on(async { tokio::spawn(task).await.expect("no panic") });
        assert!(seen.into_iter().eq((0..300).map(|x| x * 7)));
    }
}

#[test]
fn a_stream_of_borrowed_items_is_held_across_an_await() {
    #[parallelize(over = word, per_thread(buffer = String::new()))]
    fn shout(word: &str, mark: &str, buffer: &mut String) -> String {
        buffer.clear();
        buffer.extend([&word.to_uppercase(), mark]);
        buffer.clone()
    }
    for runtime in runtimes() {
        let task = async {
            let mut seen = String::new();
            for word in shout_parallel_iter("a stream of words".split(' '), "!") {
                tokio::task::yield_now().await;
                seen += &word;
            }
            seen
        };
        let seen = runtime.block_on(async { tokio::spawn(task).await.expect("no panic") });
        assert_eq!(seen, "A!STREAM!OF!WORDS!");
    }
}
