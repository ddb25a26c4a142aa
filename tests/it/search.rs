//! Searches return the first match in input order, like the serial loop.

use crate::alive::Alive;
use crate::{on_threads, spin};
use parallelize::{CancelToken, StopReason, map, parallelize};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::time::Duration;

const ITEMS: usize = 2_000;

/// Returns the value of a call, or the index with which an item panicked.
fn told<R>(call: impl FnOnce() -> R) -> Result<R, usize> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| *payload.downcast().expect("an index"))
}

/// Panics without calling the panic hook, which would print a message.
fn fail(index: usize) -> ! {
    resume_unwind(Box::new(index))
}

/// Takes about 5 us, or much longer if it is the slow item.
#[parallelize(over = x)]
fn pass(x: usize, slow: usize, panics: &[usize]) -> usize {
    spin(if x == slow { 1_000 } else { x as u64 % 10 });
    if panics.contains(&x) { fail(x) } else { x }
}

#[test]
fn the_first_of_several_matches_is_returned_even_if_it_is_the_slowest() {
    on_threads(|| {
        for matches in [vec![], vec![0], vec![1, 2], vec![700, 701, 1_900], vec![ITEMS - 1]] {
            let first = matches.first().copied();
            let is_match = |x: &usize| matches.contains(x);
            let calls = || pass_parallel_iter(0..ITEMS, first.unwrap_or(0), &[]);
            assert_eq!(calls().find(is_match), first);
            assert_eq!(calls().find_map(|x| is_match(&x).then(|| x.to_string())), first.map(|x| x.to_string()));
            assert_eq!(calls().position(|x| is_match(&x)), first);
            assert_eq!(calls().any(|x| is_match(&x)), first.is_some());
            assert_eq!(calls().all(|x| !is_match(&x)), first.is_none());
        }
    });
}

#[test]
fn every_kind_of_input_is_searched_in_order() {
    on_threads(|| {
        let xs: Vec<usize> = (0..ITEMS).collect();
        let slow = |x| {
            spin(2);
            x
        };
        for at in [0, 3, 500, ITEMS - 1, ITEMS] {
            let first = (at < ITEMS).then_some(at);
            let is_match = |x: &usize| *x >= at;
            assert_eq!(map(0..ITEMS, slow).find(is_match), first);
            assert_eq!(map(xs.clone(), slow).find(is_match), first);
            assert_eq!(map(&xs, |x| slow(*x)).find(is_match), first);
            assert_eq!(map(xs.iter().filter(|x| **x < ITEMS), |x| slow(*x)).find(is_match), first);
            assert_eq!(map(0..ITEMS, slow).position(|x| is_match(&x)), first);
            assert_eq!(map(xs.clone(), slow).position(|x| is_match(&x)), first);
            assert_eq!(map(xs.iter().filter(|_| true), |x| slow(*x)).position(|x| is_match(&x)), first);
            // Without the time, the call may stay on the calling thread.
            assert_eq!(map(&xs, |x| *x).position(|x| is_match(&x)), first);
            assert_eq!(map(&xs, |x| *x).threads(1).find(is_match), first);
        }
        assert_eq!(map(0_usize.., slow).find(|x| *x == 5_000), Some(5_000), "the input has no end");
        assert_eq!(map(0_usize.., |x| x).position(|x| x == 50_000), Some(50_000));
        assert_eq!(map(0..0, slow).find(|_| true), None);
        assert_eq!((map(0..0, slow).any(|_| true), map(0..0, slow).all(|_| false)), (false, true));
    });
}

#[test]
fn a_match_before_a_panic_wins_and_the_other_way_round() {
    on_threads(|| {
        for (match_at, panic_at) in [(0, 1), (1, 0), (600, 601), (601, 600), (20, 1_500), (1_500, 20)] {
            // The lower of both is the slow one, so the other one happens first.
            let panics = [panic_at, panic_at + 200];
            let calls = || pass_parallel_iter(0..ITEMS, match_at.min(panic_at), &panics);
            let expected = if match_at < panic_at { Ok(Some(match_at)) } else { Err(panic_at) };
            assert_eq!(told(|| calls().find(|x| *x >= match_at)), expected);
            assert_eq!(told(|| calls().position(|x| x >= match_at)), expected);
            assert_eq!(told(|| calls().any(|x| x >= match_at)), expected.map(|found| found.is_some()));
        }
    });
}

#[test]
fn a_panic_of_the_closure_counts_as_one_of_its_item() {
    on_threads(|| {
        let calls = || pass_parallel_iter(0..ITEMS, 900, &[]);
        assert_eq!(told(|| calls().find(|x| if *x == 900 { fail(*x) } else { *x > 950 })), Err(900));
        assert_eq!(told(|| calls().find(|x| if *x == 900 { fail(*x) } else { *x == 890 })), Ok(Some(890)));
        // It is not a panic of the function, which alone is caught.
        let caught = || calls().catch_panics();
        assert_eq!(
            told(|| caught().all(|result| result.is_ok_and(|x| if x == 900 { fail(x) } else { true }))),
            Err(900)
        );
    });
}

#[test]
fn a_panic_of_the_input_counts_at_its_position() {
    on_threads(|| {
        let input = || {
            (0..ITEMS).inspect(|x| {
                if *x == 800 {
                    fail(10_000)
                }
            })
        };
        assert_eq!(told(|| pass_parallel_iter(input(), 0, &[]).find(|x| *x == 799)), Ok(Some(799)));
        assert_eq!(told(|| pass_parallel_iter(input(), 0, &[]).find(|x| *x == 800)), Err(10_000));
    });
}

#[test]
fn caught_panics_are_results() {
    on_threads(|| {
        let calls = || pass_parallel_iter(0..ITEMS, 0, &[300, 301]).catch_panics();
        assert_eq!(calls().find_map(Result::err).map(|panic| panic.index()), Some(300));
        assert_eq!(calls().position(|result| result.is_err()), Some(300));
        let found = calls().find(|result| result.as_ref().is_ok_and(|x| *x == 1_000));
        assert_eq!(found.map(Result::ok), Some(Some(1_000)));
        let kept = || map(0..ITEMS, |x| if x == 300 { fail(x) } else { (x % 7 == 6).then_some(x) }).skip_none();
        assert_eq!(kept().catch_panics().first().map(Result::ok), Some(Some(6)));
        assert_eq!(kept().catch_panics().position(|result| result.is_err()), Some(300 / 7));
    });
}

/// Keeps the multiples of `every`.
#[parallelize(over = x)]
fn multiple(x: usize, every: usize, micros: u64) -> Option<usize> {
    spin(micros);
    (x % every == 0).then_some(x)
}

#[test]
fn results_that_are_none_are_left_out() {
    on_threads(|| {
        for micros in [0, 3] {
            let kept = |every| multiple_parallel_iter(1..ITEMS, every, micros).skip_none();
            let serial = |every| (1..ITEMS).filter_map(move |x| multiple(x, every, 0));
            for every in [1, 2, 1_500, ITEMS] {
                assert_eq!(kept(every).first(), serial(every).next());
                assert_eq!(kept(every).find(|x| *x > 1_000), serial(every).find(|x| *x > 1_000));
                assert_eq!(kept(every).position(|x| x > 1_000), serial(every).position(|x| x > 1_000));
                assert_eq!(kept(every).all(|x| x < 1_000), serial(every).all(|x| x < 1_000));
                assert_eq!(kept(every).any(|x| x == 1_500), serial(every).any(|x| x == 1_500));
            }
        }
    });
}

#[test]
fn only_the_first_item_runs_if_each_has_a_result() {
    on_threads(|| {
        let runs = AtomicUsize::new(0);
        let counted = |x: usize| {
            spin(50);
            runs.fetch_add(1, Ordering::Relaxed);
            x
        };
        assert_eq!(map(5..1_000, counted).first(), Some(5));
        assert_eq!(map((5..1_000).filter(|x| x % 2 == 0), counted).first(), Some(6));
        assert_eq!(map([], counted).first(), None);
        assert_eq!(runs.into_inner(), 2);
    });
}

#[test]
fn no_more_items_are_assigned_after_a_match() {
    on_threads(|| {
        let runs = AtomicUsize::new(0);
        let counted = |x: usize| {
            spin(5);
            runs.fetch_add(1, Ordering::Relaxed);
            x
        };
        assert_eq!(map(0..1_000_000, counted).find(|x| *x == 50), Some(50));
        assert!(runs.into_inner() < 10_000, "the remaining items ran as well");
    });
}

#[test]
fn many_threads_with_random_delays() {
    let mut rng = StdRng::seed_from_u64(1);
    for round in 0..60 {
        let micros: Vec<u64> =
            (0..300).map(|_| if rng.random_bool(0.05) { 300 } else { rng.random_range(0..20) }).collect();
        let rare = [0.0, 0.005, 0.05][round % 3];
        let values: Vec<Option<usize>> = (0..300).map(|index| rng.random_bool(rare).then_some(index)).collect();
        let panics: Vec<bool> = (0..300).map(|_| rng.random_bool(rare / 2.0)).collect();
        let f = |index: usize| {
            spin(micros[index]);
            if panics[index] { fail(index) } else { values[index] }
        };
        let serial = told(|| (0..300).find_map(|index| if panics[index] { fail(index) } else { values[index] }));
        for threads in [2, 16] {
            assert_eq!(told(|| map(0..300, f).skip_none().threads(threads).first()), serial, "round {round}");
            assert_eq!(told(|| map((0..300).filter(|_| true), f).threads(threads).find_map(|found| found)), serial);
        }
    }
}

#[test]
fn a_search_that_may_be_stopped_returns_a_result() {
    on_threads(|| {
        let token = CancelToken::new();
        let calls = || pass_parallel_iter(0..ITEMS, 0, &[]).cancel_with(&token).timeout(Duration::from_secs(600));
        assert_eq!(calls().find(|x| *x == 700), Ok(Some(700)));
        assert_eq!(calls().find(|_| false), Ok(None));
        assert_eq!(calls().first(), Ok(Some(0)));
        assert_eq!(calls().position(|x| x > 9), Ok(Some(10)));
        assert_eq!((calls().any(|x| x == 5), calls().all(|x| x == 5)), (Ok(true), Ok(false)));
        token.cancel();
        let reason = Err(StopReason::Cancelled);
        assert_eq!(calls().find(|_| true).map_err(|stopped| stopped.reason), reason);
        assert_eq!(calls().first().map_err(|stopped| stopped.reason), reason);
        assert_eq!(calls().position(|_| true).map_err(|stopped| stopped.reason), Err(StopReason::Cancelled));
        assert_eq!(calls().any(|_| true).map_err(|stopped| stopped.reason), Err(StopReason::Cancelled));
        assert_eq!(calls().all(|_| true).map_err(|stopped| stopped.reason), Err(StopReason::Cancelled));
        let endless = map(0.., |x: usize| spin(x as u64 % 5)).timeout(Duration::from_millis(5)).any(|()| false);
        assert_eq!(endless.map_err(|stopped| stopped.reason), Err(StopReason::TimedOut));
    });
}

#[test]
fn a_match_wins_if_all_items_before_it_have_finished() {
    on_threads(|| {
        let search = |match_at, cancel_at| {
            let token = CancelToken::new();
            let cancel = |x: usize| {
                if x == cancel_at {
                    token.cancel();
                }
                spin(5);
                x
            };
            map(0..5_000, cancel).cancel_with(&token).find(|x| *x == match_at).map_err(|stopped| stopped.reason)
        };
        assert_eq!(search(100, 4_000), Ok(Some(100)));
        assert_eq!(search(4_000, 100), Err(StopReason::Cancelled));
        for cancel_at in 95..105 {
            // The two are close together, so either may win.
            let found = search(100, cancel_at);
            assert!(found == Ok(Some(100)) || found == Err(StopReason::Cancelled), "{found:?}");
        }
    });
}

#[test]
fn items_results_and_matches_are_dropped_once() {
    on_threads(|| {
        for match_at in [0, 1, 250, 499, usize::MAX] {
            let alive = AtomicIsize::new(0);
            let items = || (0..500).map(|index| Alive::new(&alive, index));
            let slow = |item| {
                spin(2);
                item
            };
            let is_match = |item: &Alive<'_>| item.1 >= match_at;
            let pulled = map(items(), slow).find(is_match);
            let known = map(items().collect::<Vec<_>>(), slow).find(is_match);
            let kept = map(items(), |item| Some(item).filter(is_match)).skip_none().first();
            let expected = (match_at < 500).then_some(match_at);
            for found in [&pulled, &known, &kept] {
                assert_eq!(found.as_ref().map(|item| item.1), expected);
            }
            assert_eq!(alive.load(Ordering::Relaxed), if expected.is_some() { 3 } else { 0 });
            drop((pulled, known, kept));
            assert_eq!(alive.load(Ordering::Relaxed), 0);
            assert_eq!(map(items(), slow).position(|item| is_match(&item)), expected);
            assert_eq!(alive.into_inner(), 0);
        }
    });
}

#[test]
fn a_call_with_a_state_per_thread_is_searched() {
    #[parallelize(over = word, per_thread(buffer = Vec::new()))]
    fn sorted(word: &str, buffer: &mut Vec<char>) -> String {
        buffer.clear();
        buffer.extend(word.chars());
        buffer.sort_unstable();
        buffer.iter().collect()
    }

    on_threads(|| {
        let words = ["rose", "fox", "box", "bob"].repeat(100);
        assert_eq!(sorted_parallel_iter(words.iter().copied()).position(|word| word == "box"), Some(2));
        assert_eq!(sorted_parallel_iter(words).find(|word| word.starts_with('x')), None);
    });
}
