//! `parallelize::map` accepts the closures that a serial loop accepts, and has all options.

use crate::alive::Alive;
use crate::{on_threads, spin};
use parallelize::{CancelToken, StopReason, map, parallelize};
use std::collections::{BTreeMap, HashMap};
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[test]
fn types_are_inferred() {
    assert_eq!(map(0..3, |x| x * 2).collect::<Vec<_>>(), [0, 2, 4]);
    assert_eq!(map(vec![1.0, 2.0], |x| x / 2.0).collect::<Vec<f64>>(), [0.5, 1.0]);
    assert_eq!(map([1, 2], |x| (x, x.to_string())).collect::<HashMap<i32, _>>()[&2], "2");
    assert_eq!(map("a\nbcd".lines(), |line| line.len() + 1).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(map(["a", "bc"], str::len).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(map(["1", "2"], str::parse::<u8>).try_collect::<Vec<_>>(), Ok(vec![1, 2]));
    assert_eq!(map([1_u8, 2], Some).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert_eq!(map(BTreeMap::from([(1, 'a')]), |(key, value)| (value, key)).collect::<Vec<_>>(), [('a', 1)]);
    assert_eq!(map([1, 2].iter().zip(3..), |(x, y)| x * y).collect::<Vec<i32>>(), [3, 8]);
    let words: String = map(["a", "b"], |word| word.to_uppercase() + ",").collect();
    assert_eq!(words, "A,B,");
    let (even, odd): (Vec<_>, Vec<_>) = map(0..2, |n| (2 * n, 2 * n + 1)).collect();
    assert_eq!((even, odd), (vec![0, 2], vec![1, 3]));
    assert_eq!(map([] as [u8; 0], |x| x).collect::<Vec<_>>(), []);
}

#[test]
fn items_and_captured_values_may_be_borrowed() {
    on_threads(|| {
        let words: Vec<String> = (0..200).map(|n| "x".repeat(n)).collect();
        let table = [1, 2, 3];
        let lengths: Vec<usize> = map(&words, |word| word.len() + table[word.len() % 3]).collect();
        assert!(lengths.into_iter().eq((0..200).map(|n| n + table[n % 3])));
        // The results borrow from the items, and outlive the closure.
        let longest: Vec<&str> = map(words.iter(), |word| &word[..word.len() / 2]).collect();
        assert_eq!(longest[199].len(), 99);
        let lines = words.join("\n");
        let found: Vec<&str> = map(lines.lines(), |line| line.trim_matches('y')).collect();
        assert!(found.iter().eq(&words));
        // A closure may own what it uses, and exclusive references may be items.
        let mut sums = vec![0; 200];
        map(sums.iter_mut().zip(&words), move |(sum, word)| *sum = word.len() + table[0]).for_each(drop);
        assert!(sums.into_iter().eq(1..=200));
    });
}

#[test]
fn chunks_of_a_slice_are_filled_in_place() {
    on_threads(|| {
        let mut image = vec![0; 12 * 100];
        map(image.chunks_mut(12).zip(0..), |(row, y)| {
            spin(5);
            row.fill(y);
        })
        .for_each(drop);
        assert!(image.into_iter().eq((0..1200).map(|index| index / 12)));
    });
}

/// Maps with a closure of the caller.
fn map_twice<T: Send, R: Send>(input: Vec<T>, f: impl Fn(T) -> T + Sync, g: impl Fn(T) -> R + Sync) -> Vec<R> {
    let once: Vec<T> = map(input, f).collect();
    map(once, g).collect()
}

#[test]
fn closures_are_passed_on() {
    on_threads(|| {
        assert!(map_twice((0..100).collect(), |x| x + 1, |x| x * x).into_iter().eq((1..=100).map(|x| x * x)));
        let boxed: Vec<Box<dyn Fn(u32) -> u32 + Sync>> = vec![Box::new(|x| x + 1), Box::new(|x| x * 3)];
        for (f, expected) in boxed.iter().zip([[1, 2, 3], [0, 3, 6]]) {
            assert_eq!(map(0..3, f).collect::<Vec<_>>(), expected);
            assert!(map(0..3, |x| f(x) + 1).collect::<Vec<_>>().into_iter().eq(expected.map(|x| x + 1)));
        }
        for function in [u32::count_ones as fn(u32) -> u32, u32::trailing_zeros] {
            assert!(map(0..100, function).collect::<Vec<_>>().into_iter().eq((0..100).map(function)));
        }
    });
}

#[test]
fn all_kinds_of_input_give_the_results_of_the_serial_loop() {
    on_threads(|| {
        let xs: Vec<u64> = (0..3_000).collect();
        let f = |x: u64| {
            spin(2);
            x.wrapping_mul(x) ^ 5
        };
        let serial: Vec<u64> = xs.iter().copied().map(f).collect();
        assert!(map(0..3_000, f).collect::<Vec<_>>() == serial);
        assert!(map(&xs, |x| f(*x)).collect::<Vec<_>>() == serial);
        assert!(map(xs.iter().copied(), f).collect::<Vec<_>>() == serial);
        assert!(map(xs.iter().filter(|_| true), |x| f(*x)).collect::<Vec<_>>() == serial);
        assert!(
            map(xs.chunks(7), |xs| xs.iter().copied().map(f).collect::<Vec<_>>()).collect::<Vec<_>>().concat()
                == serial
        );
        let reversed = map(xs.iter().rev(), |x| f(*x)).collect::<Vec<_>>();
        assert!(reversed.iter().rev().eq(&serial));
        assert!(map(xs, f).collect::<Vec<_>>() == serial);
    });
}

#[test]
fn all_options_and_terminals_apply() {
    on_threads(|| {
        let squares = || {
            map(0..500_u64, |x| {
                spin(3);
                x * x
            })
        };
        let serial: Vec<u64> = (0..500).map(|x| x * x).collect();
        assert!(squares().threads(3).collect::<Vec<_>>() == serial);
        let mut results = vec![7; 3];
        squares().collect_into_vec(&mut results);
        assert!(results == serial);
        let mut looped = Vec::new();
        for square in squares().in_flight(10) {
            looped.push(square);
        }
        assert!(looped == serial);
        let mut sum = 0;
        squares().for_each(|square| sum += square);
        assert_eq!(sum, serial.iter().sum());
        let end = squares().try_for_each(|square| if square < 100 { Ok(()) } else { Err(square) });
        assert_eq!(end, Err(100));

        let numbers = || "1 2 x 4 y".split(' ');
        let error: Result<Vec<u8>, ParseIntError> = map(numbers(), str::parse).try_collect();
        assert_eq!(error, "x".parse().map(|_: u8| Vec::new()));
        let found: Vec<u8> = map(numbers(), |word| word.parse().ok()).skip_none().collect();
        assert_eq!(found, [1, 2, 4]);

        let caught: Vec<_> =
            map(0..100, |x| if x == 42 { resume_unwind(Box::new(x)) } else { x }).catch_panics().collect();
        let failing: Vec<usize> = caught.iter().filter_map(|result| Some(result.as_ref().err()?.index())).collect();
        assert_eq!((caught.len(), failing), (100, vec![42]));

        let token = CancelToken::new();
        token.cancel();
        let stopped = squares().cancel_with(&token).collect::<Vec<_>>().expect_err("cancelled");
        assert_eq!(stopped.reason, StopReason::Cancelled);
        let stopped = map(0.., |_| spin(10)).timeout(Duration::from_millis(5)).collect::<Vec<_>>();
        assert_eq!(stopped.expect_err("endless").reason, StopReason::TimedOut);
    });
}

#[cfg(feature = "progress")]
#[test]
fn a_progress_bar_counts_the_items() {
    let bar = indicatif::ProgressBar::hidden();
    let results: Vec<u32> = map(0..300, |x| x + 1).progress(bar.clone()).collect();
    assert_eq!((results.len(), bar.position()), (300, 300));
}

#[test]
fn nothing_runs_before_a_terminal() {
    let runs = AtomicUsize::new(0);
    let call = map(0..10, |_| runs.fetch_add(1, Ordering::Relaxed));
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    drop(call);
    assert_eq!(runs.load(Ordering::Relaxed), 0);
}

#[test]
fn the_first_panic_of_several_is_resumed() {
    on_threads(|| {
        for (slow, fast) in [(100, 300), (0, 1), (250, 251)] {
            let call = map(0..400, |x| {
                spin(if x == slow { 1_000 } else { 5 });
                if x == slow || x == fast { resume_unwind(Box::new(x)) } else { x }
            });
            let payload = catch_unwind(AssertUnwindSafe(|| call.collect::<Vec<_>>())).expect_err("two items panic");
            assert_eq!(*payload.downcast::<i32>().expect("an index"), slow);
        }
    });
}

#[test]
fn items_results_and_captured_values_are_dropped_once() {
    on_threads(|| {
        for fail_at in [0, 1, 250, usize::MAX] {
            let alive = AtomicIsize::new(0);
            let input: Vec<Alive<'_>> = (0..500).map(|index| Alive::new(&alive, index)).collect();
            let captured = Alive::new(&alive, 7);
            let call = map(input, move |item: Alive<'_>| {
                let captured = &captured;
                spin(2);
                if item.1 == fail_at { resume_unwind(Box::new(captured.1)) } else { item }
            });
            let results = catch_unwind(AssertUnwindSafe(|| call.collect::<Vec<_>>()));
            assert_eq!(results.is_err(), fail_at < 500);
            let left = results.map_or(0, |results| results.iter().filter(|item| item.1 < 500).count());
            assert_eq!((left, alive.into_inner()), (if fail_at < 500 { 0 } else { 500 }, 0));
        }
    });
}

/// Returns the largest number of threads that were in an item of a call at the same time.
fn most_at_once(items: usize, micros: u64) -> usize {
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    map(0..items, |_| {
        most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        spin(micros);
        now.fetch_sub(1, Ordering::Relaxed);
    })
    .for_each(drop);
    most.into_inner()
}

#[test]
fn a_call_inside_a_call() {
    on_threads(|| {
        let table: Vec<Vec<u64>> = map(0..20_u64, |row| map(0..30_u64, |column| row * column).collect()).collect();
        assert_eq!((table[19][29], table.concat().len()), (551, 600));
        let most = map(0..4, |_| most_at_once(20, 10)).collect::<Vec<_>>().into_iter().max();
        assert!(most.is_some_and(|most| most <= rayon::current_num_threads() + 1));
    });
}

#[test]
fn threads_share_what_a_closure_modifies() {
    on_threads(|| {
        let (count, seen) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        map(0..300, |x| {
            count.fetch_add(1, Ordering::Relaxed);
            seen.lock().expect("no panic").push((x, thread::current().id()));
        })
        .for_each(drop);
        let mut seen = seen.into_inner().expect("no panic");
        seen.sort_unstable_by_key(|(x, _)| *x);
        assert!(seen.iter().map(|(x, _)| *x).eq(0..300));
        assert_eq!(count.into_inner(), 300);
    });
}

#[test]
fn a_closure_is_called_like_the_annotated_function() {
    #[parallelize(over = word)]
    fn measure(word: &str, by: usize, table: &Arc<Vec<usize>>) -> usize {
        word.len() * by + table[word.len()]
    }

    on_threads(|| {
        let table = Arc::new((0..50).collect());
        let words: Vec<String> = (0..50).map(|n| "x".repeat(n)).collect();
        let words = || words.iter().map(String::as_str);
        let results: Vec<usize> = map(words(), |word| measure(word, 3, &table)).collect();
        assert_eq!(results, measure_parallel(words(), 3, &table));
    });
}
