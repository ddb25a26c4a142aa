//! Async functions with a checkpoint: a call whose result is kept does not begin.

use crate::checkpoint::{Calls, File};
use crate::checkpoint_ends::Picky;
use parallelize::{Checkpoint, StopReason, Stopped, parallelize};
use serde::Serialize;
use std::future::Future;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::sleep;

#[derive(Serialize)]
struct Client {
    suffix: String,
}

#[parallelize(over = url, checkpoint)]
async fn fetch(url: &str, client: &Client, retries: u32, calls: &Calls) -> Result<String, String> {
    calls.add();
    yield_now().await;
    if url == "down" { Err(format!("down after {retries}")) } else { Ok(format!("{url}{}", client.suffix)) }
}

#[parallelize(over = x, checkpoint, per_item(seed = |i| i as u64), local)]
async fn local(x: u64, seed: u64, buffer: std::rc::Rc<str>) -> Option<u64> {
    let held = std::rc::Rc::clone(&buffer);
    yield_now().await;
    (x != 3).then_some(x + seed + held.len() as u64)
}

#[parallelize(over = x, checkpoint, skip_none, catch_panics, in_flight = 2, progress)]
fn boxed<'call>(x: u64, calls: &'call Calls) -> std::pin::Pin<Box<dyn Future<Output = Option<u64>> + Send + 'call>> {
    calls.add();
    Box::pin(async move {
        yield_now().await;
        assert!(x != 2);
        (x != 3).then_some(x)
    })
}

#[derive(Clone, Serialize)]
struct Site(String);

impl Site {
    #[parallelize(over = page, checkpoint)]
    async fn get<T: Serialize + Into<u64> + Send>(&self, page: T, calls: &Calls) -> u64 {
        calls.add();
        yield_now().await;
        page.into() + self.0.len() as u64
    }
}

fn run<F: Future + Send + 'static>(future: F) -> F::Output
where
    F::Output: Send,
{
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("a runtime");
    runtime.block_on(async { tokio::spawn(future).await.expect("no panic") })
}

fn client() -> Client {
    Client { suffix: "!".to_owned() }
}

#[test]
fn only_new_items_begin() {
    let file = File::new();
    for computed in [2, 1] {
        let store = file.open();
        let end = run(async move {
            let (client, calls) = (client(), Calls::default());
            let urls = ["a".to_owned(), "down".to_owned(), "b".to_owned()];
            let pages = fetch_parallel_iter(urls.iter().map(|url| &url[..]), &client, 3, &calls).checkpoint(&store);
            let pages = pages.collect::<Vec<_>>().await.expect("a working file");
            assert_eq!(pages, [Ok("a!".to_owned()), Err("down after 3".to_owned()), Ok("b!".to_owned())]);
            let summary = store.summary().expect("the calls have ended");
            assert_eq!(summary.computed, calls.take() as u64);
            summary.computed
        });
        assert_eq!(end, computed + u64::from(computed == 2));
    }
}

#[test]
fn options_and_sinks() {
    let (file, calls) = (File::new(), Calls::default());
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        for computed in [4, 1] {
            let store = file.open();
            let mut sum = 0;
            let results = boxed_parallel_iter(0..4, &calls).checkpoint(&store).progress("calls");
            let end = results.for_each(|result| {
                sum += result.unwrap_or(100);
                async {}
            });
            assert_eq!(end.await, Ok(()));
            assert_eq!((sum, calls.take()), (101, computed));

            let buffer: std::rc::Rc<str> = "abc".into();
            let results = local_parallel_iter([1, 2, 3], buffer).skip_none().checkpoint(&store);
            assert_eq!(results.collect::<Vec<_>>().await.expect("a working file"), [4, 6]);
            assert_eq!(store.summary().expect("calls have ended").computed, if computed == 4 { 3 } else { 0 });

            let site = Site("abc".to_owned());
            let pages = site.get_parallel_iter([1_u8, 2], &calls).checkpoint(&store);
            assert_eq!(pages.collect::<Vec<_>>().await.expect("a working file"), [4, 5]);
            assert_eq!(calls.take(), if computed == 4 { 2 } else { 0 });
        }
        // Without a checkpoint.
        assert_eq!(boxed_parallel_iter([1], &calls).collect::<Vec<_>>().await.len(), 1);
        assert_eq!(boxed_parallel([1], &calls).await.len(), 1);
    });
}

#[parallelize(over = millis, checkpoint)]
async fn wait(millis: u64, calls: &Calls) -> u64 {
    calls.add();
    sleep(Duration::from_millis(millis)).await;
    millis
}

#[test]
fn a_stopped_call_keeps_what_it_has() {
    let (file, calls) = (File::new(), Calls::default());
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let store = file.open();
        for computed in [3, 1] {
            // In either order.
            let calls_to_stop = wait_parallel_iter([10, 60_000, 20], &calls);
            let interrupted = if computed == 3 {
                calls_to_stop.checkpoint(&store).until(sleep(Duration::from_millis(100))).collect::<Vec<_>>().await
            } else {
                calls_to_stop.until(sleep(Duration::from_millis(100))).checkpoint(&store).collect::<Vec<_>>().await
            };
            let interrupted = interrupted.expect_err("it takes a minute");
            assert_eq!((interrupted.completed, interrupted.out_of_order), (vec![10], vec![(2, 20)]));
            assert_eq!((interrupted.reason, calls.take()), (StopReason::Cancelled, computed));
        }
    });
}

#[parallelize(over = x, checkpoint)]
async fn picky(x: Picky) -> Result<u32, u32> {
    Ok(x.0)
}

#[test]
fn a_failure_stops_the_calls() {
    fn calls(store: &Checkpoint, end: u32) -> impl Future<Output = Result<(), Stopped>> {
        let calls = picky_parallel_iter((0..end).map(Picky)).checkpoint(store);
        async {
            calls.collect::<Vec<_>>().await?;
            Ok(())
        }
    }
    let file = File::new();
    let store = file.open();
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        // With the last item, and in the middle.
        for end in [51, 1_000_000] {
            let stopped = calls(&store, end).await.expect_err("an item has no key");
            assert_eq!(stopped.reason, StopReason::CheckpointFailed);
            assert!(store.summary().expect("calls have ended").computed < 100_000);
            let failing = || picky_parallel_iter((0..end).map(Picky)).checkpoint(&store);
            assert_eq!(failing().for_each(|_| async {}).await, Err(stopped));
            assert_eq!(failing().for_each_unordered(|_, _| async {}).await, Err(stopped));
            let all = failing().try_collect::<Vec<_>>().await.expect_err("an item has no key");
            assert!(all.completed.len() >= 50);
            let sink = |x: Result<u32, u32>| async move { if x == Ok(50) { Err(x) } else { Ok(()) } };
            assert_eq!(failing().try_for_each(sink).await.map(|_| ()), Err(stopped));
        }
        assert_eq!(calls(&store, 50).await, Ok(()));
    });
}

#[test]
fn the_executor_goes_on_while_the_last_commit_runs() {
    let file = File::new();
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let polls = runtime.block_on(async {
        let store = file.open();
        let mut collected = Box::pin(picky_parallel_iter((0..10).map(Picky)).checkpoint(&store).collect::<Vec<_>>());
        let mut polls = 0;
        std::future::poll_fn(|cx| {
            polls += 1;
            collected.as_mut().poll(cx).map(|end| assert_eq!(end.expect("a working file").len(), 10))
        })
        .await;
        polls
    });
    assert!(polls >= 2, "the task was never pending");
}
