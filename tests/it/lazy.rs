//! The lazy version runs nothing until it is collected, and then equals the serial loop.

use crate::{on_threads, spin};
use parallelize::{ItemPanic, ParallelIter, parallelize};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[parallelize(over = x)]
fn scale(x: u64, by: u64, runs: &AtomicUsize) -> u64 {
    runs.fetch_add(1, Ordering::Relaxed);
    spin(x % 20);
    x * by
}

#[parallelize(over = x)]
fn even(x: u64, by: u64) -> Option<u64> {
    spin(x % 20);
    (x % 2 == 0).then_some(x * by)
}

/// Panics for every hundredth item, and returns `None` for the other multiples of 3.
#[parallelize(over = x)]
fn odd_one_out(x: u64, words: &[&str]) -> Option<u64> {
    if x % 100 == 99 {
        resume_unwind(Box::new(format!("{} {x}", words[0])));
    }
    (x % 3 > 0).then_some(x)
}

#[test]
fn nothing_runs_until_it_is_collected() {
    let runs = AtomicUsize::new(0);
    let pulled = AtomicUsize::new(0);
    let input = (0..100).inspect(|_| {
        pulled.fetch_add(1, Ordering::Relaxed);
    });
    let calls = scale_parallel_iter(input, 3, &runs).threads(2).in_flight(10);
    let text = format!("{calls:?}");
    assert!(text.contains("threads: Some(2)") && text.contains("in_flight: 10"), "{text}");
    assert_eq!((runs.load(Ordering::Relaxed), pulled.load(Ordering::Relaxed)), (0, 0));
    assert_eq!(calls.collect::<Vec<_>>()[99], 297);
    assert_eq!((runs.load(Ordering::Relaxed), pulled.load(Ordering::Relaxed)), (100, 100));
}

#[test]
fn it_collects_into_any_collection() {
    on_threads(|| {
        let runs = AtomicUsize::new(0);
        let calls = || scale_parallel_iter(0..500, 3, &runs);
        assert!(calls().collect::<Vec<_>>().into_iter().eq((0..500).map(|x| x * 3)));
        assert_eq!(calls().collect::<std::collections::HashSet<_>>().len(), 500);
        assert_eq!(calls().collect::<Arc<[u64]>>()[499], 1497);
    });
}

#[test]
fn a_vector_is_reused() {
    on_threads(|| {
        let mut results = Vec::with_capacity(1000);
        let memory = results.as_ptr();
        for count in [1000, 10, 0, 500] {
            scale_parallel_iter(0..count, 2, &AtomicUsize::new(0)).collect_into_vec(&mut results);
            assert!(results.iter().copied().eq((0..count).map(|x| x * 2)));
            assert_eq!((results.as_ptr(), results.capacity()), (memory, 1000));
        }
        even_parallel_iter(0..500, 2).skip_none().collect_into_vec(&mut results);
        assert!(results.iter().copied().eq((0..500).filter_map(|x| even(x, 2))));
        assert_eq!(results.as_ptr(), memory);
    });
}

#[test]
fn a_vector_keeps_its_memory_and_the_results_before_a_panic() {
    on_threads(|| {
        for panic_at in [0_usize, 1, 77, 499] {
            let mut results = Vec::with_capacity(500);
            let memory = results.as_ptr();
            let input = (0..500).inspect(|x| {
                if *x == panic_at as u64 {
                    resume_unwind(Box::new(()));
                }
            });
            let runs = AtomicUsize::new(0);
            let calls = scale_parallel_iter(input, 2, &runs);
            catch_unwind(AssertUnwindSafe(|| calls.collect_into_vec(&mut results))).expect_err("the input panics");
            assert!(results.iter().copied().eq((0..panic_at as u64).map(|x| x * 2)), "{results:?}");
            assert_eq!(results.as_ptr(), memory);
        }
        let mut results = Vec::new();
        let calls = odd_one_out_parallel_iter(0..500, &["no"]).skip_none();
        catch_unwind(AssertUnwindSafe(|| calls.collect_into_vec(&mut results))).expect_err("item 99 panics");
        assert!(results.into_iter().eq((0..99).filter(|x| x % 3 > 0)));
    });
}

#[test]
fn nones_are_skipped() {
    on_threads(|| {
        let expected: Vec<u64> = (0..1000).filter_map(|x| even(x, 7)).collect();
        assert_eq!(even_parallel_iter(0..1000, 7).skip_none().collect::<Vec<_>>(), expected);
        assert!(even_parallel_iter(0..1000, 7).skip_none().into_iter().eq(expected));
    });
}

/// Returns the expected results of `odd_one_out`, with each panic as its index and message.
fn expected(count: u64) -> Vec<Option<Result<u64, (usize, String)>>> {
    let item = |(index, x): (usize, u64)| match x % 100 {
        99 => Some(Err((index, format!("no {x}")))),
        _ => (x % 3 > 0).then_some(Ok(x)),
    };
    (0..count).enumerate().map(item).collect()
}

fn told(result: Result<u64, ItemPanic>) -> Result<u64, (usize, String)> {
    result.map_err(|panic| (panic.index(), panic.message().expect("text").to_owned()))
}

#[test]
fn panics_are_caught_and_nones_skipped_in_either_order() {
    on_threads(|| {
        let words = ["no"];
        let calls = || odd_one_out_parallel_iter(0..1000, &words);
        let all = calls().catch_panics().collect::<Vec<_>>();
        let all = all.into_iter().map(|result| result.transpose().map(told));
        assert!(all.eq(expected(1000)));
        let expected: Vec<_> = expected(1000).into_iter().flatten().collect();
        assert!(calls().catch_panics().skip_none().collect::<Vec<_>>().into_iter().map(told).eq(expected.clone()));
        assert!(calls().skip_none().catch_panics().collect::<Vec<_>>().into_iter().map(told).eq(expected.clone()));
        assert!(calls().skip_none().catch_panics().into_iter().map(told).eq(expected));
    });
}

#[parallelize(over = x, skip_none, catch_panics)]
fn both(x: u64, words: &[&str]) -> Option<u64> {
    odd_one_out(x, words)
}

#[parallelize(over = x, catch_panics)]
fn caught(x: u64, words: &[&str]) {
    odd_one_out(x, words);
}

#[parallelize(over = x, skip_none)]
fn skipped(x: u64, by: u64) -> Option<u64> {
    even(x, by)
}

#[test]
fn the_options_of_the_attribute_do_the_same() {
    on_threads(|| {
        let flat: Vec<_> = expected(500).into_iter().flatten().collect();
        assert!(both_parallel(0..500, &["no"]).into_iter().map(told).eq(flat.clone()));
        assert!(both_parallel_iter(0..500, &["no"]).into_iter().map(told).eq(flat));
        let unit = caught_parallel(0..500, &["no"]);
        assert!(unit.iter().enumerate().all(|(index, result)| result.is_err() == (index % 100 == 99)));
        assert_eq!(skipped_parallel(0..10, 1), [0, 2, 4, 6, 8]);
        assert_eq!(skipped_parallel_iter(0..10, 1).collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
    });
}

#[parallelize(over = x)]
fn checked(x: u64, most: u64) -> Result<u64, u64> {
    spin(x % 20);
    if x % most == most - 1 { Err(x) } else { Ok(x) }
}

#[test]
fn the_first_error_is_returned() {
    on_threads(|| {
        for most in [1, 2, 50, 300] {
            let serial: Result<Vec<u64>, u64> = (0..400).map(|x| checked(x, most)).collect();
            assert_eq!(checked_parallel_iter(0..400, most).try_collect::<Vec<_>>(), serial);
            assert_eq!(checked_parallel_iter(0.., most).try_collect::<Vec<_>>(), Err(most - 1));
        }
        assert_eq!(checked_parallel_iter(0..100, 101).try_collect::<BTreeSet<_>>(), Ok((0..100).collect()));
    });
}

#[test]
fn nones_are_skipped_before_errors_are_collected() {
    #[parallelize(over = x)]
    fn item(x: u64, fail_at: u64) -> Option<Result<u64, u64>> {
        (x % 2 == 0).then_some(if x == fail_at { Err(x) } else { Ok(x) })
    }
    on_threads(|| {
        let calls = |fail_at| item_parallel_iter(0..300, fail_at).skip_none().try_collect::<Vec<_>>();
        assert_eq!(calls(200), Err(200));
        assert_eq!(calls(201), Ok((0..300).filter(|x| x % 2 == 0).collect()));
    });
}

#[test]
fn more_threads_than_cores_wait_together() {
    #[parallelize]
    fn wait(millis: u64) -> u64 {
        std::thread::sleep(std::time::Duration::from_millis(millis));
        millis
    }
    let start = std::time::Instant::now();
    assert_eq!(wait_parallel_iter([20; 32]).threads(32).collect::<Vec<_>>(), [20; 32]);
    // One after the other, the items would take 640 ms.
    assert!(start.elapsed().as_millis() < 400);
}

#[test]
#[should_panic(expected = "`threads` must be at least 1")]
fn zero_threads_are_refused() {
    let _ = even_parallel_iter(0..1, 1).threads(0);
}

#[test]
#[should_panic(expected = "`in_flight` must be at least 1")]
fn zero_in_flight_is_refused() {
    let _ = even_parallel_iter(0..1, 1).in_flight(0);
}

#[test]
fn an_item_panic_can_be_kept_sent_and_resumed() {
    fn is_error<E: std::error::Error + Send + Sync + 'static>(_: &E) {}
    let mut results = odd_one_out_parallel_iter(99..101, &["no"]).catch_panics().collect::<Vec<_>>();
    let panic = results.swap_remove(0).expect_err("it panics");
    is_error(&panic);
    assert_eq!(panic.to_string(), "item 0 panicked: no 99");
    let payload = catch_unwind(AssertUnwindSafe(|| panic.resume())).expect_err("it is resumed");
    assert_eq!(payload.downcast_ref::<String>().map(String::as_str), Some("no 99"));
}

/// Takes a lazy call as a parameter, as a function of a library would.
fn total<I, F>(calls: ParallelIter<I, F>) -> u64
where
    I: Iterator<Item: Send> + Send,
    F: parallelize::iter::Apply<I::Item, Output = u64, State: Send> + Sync,
{
    calls.into_iter().sum()
}

#[test]
fn a_lazy_call_can_be_passed_on() {
    assert_eq!(total(scale_parallel_iter(0..100, 2, &AtomicUsize::new(0))), 9900);
}
