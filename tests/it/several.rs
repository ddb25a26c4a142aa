//! Several mapped parameters, `per_thread` and `per_item`, compared with the serial loops.

use crate::{on_threads, spin};
use parallelize::parallelize;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread::ThreadId;

#[parallelize(over = zip(x, y))]
fn sum(x: f64, scale: f64, y: f64) -> f64 {
    (x * scale).sin() + y
}

#[parallelize(over = product(x, y))]
fn product(x: u32, by: u32, y: u32) -> (u32, u32) {
    (x * by, y)
}

/// The results are in the order of `product(..)`, the arguments in the order of the function.
#[parallelize(over = product(z, x, y), name = swapped)]
fn cube(x: u8, y: char, z: &str) -> String {
    format!("{z}{x}{y}")
}

#[parallelize]
fn point(#[over] (x, y): (f64, f64), #[over] weight: f64, origin: (f64, f64)) -> f64 {
    (x - origin.0).hypot(y - origin.1) * weight
}

#[parallelize]
fn pattern(#[over] [first, .., last]: [u8; 3], by: u8) -> u8 {
    (first + last) * by
}

#[test]
fn a_zip_equals_the_serial_loop() {
    on_threads(|| {
        let (xs, ys): (Vec<f64>, Vec<f64>) = (0..500).map(|i| (f64::from(i), f64::from(i) / 3.0)).unzip();
        let serial: Vec<f64> = xs.iter().zip(&ys).map(|(x, y)| sum(*x, 0.7, *y)).collect();
        assert_eq!(sum_parallel(xs.clone(), 0.7, ys.clone()), serial);
        assert_eq!(sum_parallel_iter(xs.iter().copied(), 0.7, ys).collect::<Vec<_>>(), serial);
        assert!(sum_parallel_iter(xs.clone(), 0.7, (0..).map(|i| f64::from(i) / 3.0)).into_iter().eq(serial));
        let points = || [(1.0, 2.0), (3.0, 4.0)];
        let expected: Vec<f64> = points().into_iter().zip([0.5, 2.0]).map(|(p, w)| point(p, w, (1.0, 1.0))).collect();
        assert_eq!(point_parallel(points(), [0.5, 2.0], (1.0, 1.0)), expected);
        assert_eq!(pattern_parallel([[1, 2, 3], [4, 5, 6]], 2), [8, 20]);
    });
}

#[test]
fn a_product_equals_the_nested_loop() {
    on_threads(|| {
        for (rows, columns) in [(0, 5), (5, 0), (1, 1), (3, 4), (40, 25)] {
            let serial: Vec<_> = (0..rows).flat_map(|x| (0..columns).map(move |y| product(x, 2, y))).collect();
            assert_eq!(product_parallel(0..rows, 2, 0..columns), serial);
            let mut calls = product_parallel_iter(0..rows, 2, 0..columns).into_iter();
            assert_eq!(calls.size_hint(), (serial.len(), Some(serial.len())));
            assert!(calls.by_ref().eq(serial));
        }
        let serial: Vec<String> = (["a", "b"].into_iter())
            .flat_map(|z| (0..3).flat_map(move |x| "pq".chars().map(move |y| cube(x, y, z))))
            .collect();
        assert_eq!(swapped(0..3, "pq".chars(), ["a", "b"]), serial);
        // The first input is infinite.
        assert_eq!(product_parallel_iter(0.., 1, 0..3).into_iter().nth(3000), Some((1000, 0)));
    });
}

#[test]
fn a_product_with_an_empty_input_pulls_nothing() {
    let first = (0..).inspect(|_| panic!("an item is pulled"));
    assert_eq!(product_parallel(first, 1, []), []);
}

/// Returns the panic message of `call`.
fn message<R>(call: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(|| drop(call()))).expect_err("it panics");
    payload.downcast_ref::<String>().expect("text").clone()
}

#[test]
fn lengths_must_agree() {
    on_threads(|| {
        let pulled = AtomicUsize::new(0);
        let counted = |count: u8| {
            (0..count).map(f64::from).inspect(|_| {
                pulled.fetch_add(1, Ordering::Relaxed);
            })
        };
        let text = message(|| sum_parallel(counted(3), 1.0, counted(4)));
        assert_eq!(text, "`zip`: `x` has 3 items, but `y` has 4");
        assert_eq!(pulled.load(Ordering::Relaxed), 0, "the lengths are compared before anything is pulled");
        // If an input of unknown length is too short, the call panics. Extra items are not pulled.
        let unknown = |count: u8| counted(count).filter(|_| true);
        let text = message(|| sum_parallel(counted(4), 1.0, unknown(3)));
        assert_eq!(text, "`zip`: `y` ended after 3 items, but `x` has 4");
        let before = pulled.load(Ordering::Relaxed);
        assert_eq!(sum_parallel(counted(3), 1.0, unknown(200)).len(), 3);
        assert_eq!(pulled.load(Ordering::Relaxed) - before, 6);
        // If no length is known, or one is infinite, the zip ends with the shortest input.
        assert_eq!(sum_parallel(unknown(9), 1.0, unknown(7)).len(), 7);
        assert_eq!(sum_parallel(counted(7), 1.0, (0..).map(f64::from)).len(), 7);
    });
}

#[test]
fn a_product_must_be_countable() {
    let many = || (0..usize::MAX).map(|_| 0_u32);
    let text = message(|| product_parallel(many(), 1, 0..2));
    assert_eq!(text, "`product`: `x` and `y` have more than usize::MAX combinations");
}

/// Converts a word to upper case in a buffer that each thread reuses.
#[parallelize(over = word, per_thread(buffer = String::with_capacity(capacity)))]
fn shout(word: &str, capacity: usize, buffer: &mut String, made: &Mutex<HashSet<usize>>) -> String {
    spin(20);
    assert!(buffer.capacity() >= capacity);
    made.lock().expect("no panic").insert(buffer.as_ptr() as usize);
    buffer.clear();
    buffer.extend(word.chars().flat_map(char::to_uppercase));
    format!("{buffer}!")
}

#[test]
fn a_state_is_created_once_per_thread() {
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool");
        pool.install(|| {
            let words: Vec<String> = (0..2000).map(|i| format!("word {i}")).collect();
            let words = || words.iter().map(String::as_str);
            let made = Mutex::new(HashSet::new());
            let results = shout_parallel(words(), 100, &made);
            assert!(results.iter().zip(words()).all(|(result, word)| *result == format!("{}!", word.to_uppercase())));
            assert!((1..=threads).contains(&made.lock().expect("no panic").len()));
            made.lock().expect("no panic").clear();
            assert!(shout_parallel_iter(words(), 100, &made).into_iter().eq(results));
            assert!((1..=threads).contains(&made.lock().expect("no panic").len()), "a stream has one state per thread");
        });
    }
}

/// A state that records the thread that created it, and checks that this thread drops it.
struct Made<'a>(&'a Mutex<Vec<ThreadId>>, ThreadId);

impl<'a> Made<'a> {
    fn new(made: &'a Mutex<Vec<ThreadId>>) -> Self {
        let thread = std::thread::current().id();
        made.lock().expect("no panic").push(thread);
        Made(made, thread)
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        assert_eq!(self.1, std::thread::current().id());
    }
}

#[parallelize(over = x, threads = 4, per_thread(state = Made::new(made), barrier = shared))]
fn meet<'a>(
    x: u32,
    state: &mut Made<'a>,
    barrier: &mut &'a Barrier,
    made: &'a Mutex<Vec<ThreadId>>,
    shared: &'a Barrier,
) -> u32 {
    assert!(std::ptr::eq(state.0, made) && std::ptr::eq(*barrier, shared));
    if x < 4 {
        barrier.wait();
    }
    x
}

#[test]
fn each_thread_that_runs_items_has_one_state() {
    let (made, barrier) = (Mutex::new(Vec::new()), Barrier::new(4));
    // The first four items wait for each other, so four threads run items.
    assert_eq!(meet_parallel(0..1000, &made, &barrier).len(), 1000);
    let made = made.into_inner().expect("no panic");
    assert_eq!(made.len(), 4);
    assert_eq!(made.iter().collect::<HashSet<_>>().len(), 4);
}

#[test]
fn state_expressions_may_format_fixed_arguments() {
    #[parallelize(over = text, per_item(name = |i| format!("{_prefix}-{i:03}")), per_thread(all = vec![format!("{_prefix:?}")]))]
    fn label(text: &str, _prefix: &str, name: String, all: &mut Vec<String>) -> String {
        all.push(name);
        format!("{} {text} {}", all[0], all[all.len() - 1])
    }
    assert_eq!(label_parallel(["a", "b"], "x"), ["\"x\" a x-000", "\"x\" b x-001"]);
}

/// A small random number generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from((self.0 >> 33) as u32)
    }
}

struct Model {
    seed: u32,
}

impl Model {
    #[parallelize(over = steps, per_item(random = |i| Random(u64::from(self.seed) + i as u64)))]
    fn walk(&self, steps: u32, random: &mut Random) -> f64 {
        (0..steps).map(|_| random.next() + f64::from(self.seed)).sum()
    }

    #[parallelize(
        over = product(x, y),
        per_item(random = |i| Random(seed + i as u64), index = |i| i),
        per_thread(buffer = Vec::with_capacity(self.seed as usize)),
        catch_panics,
        skip_none
    )]
    fn everything(
        &self,
        x: u32,
        mut random: Random,
        y: u32,
        seed: u64,
        index: usize,
        buffer: &mut Vec<f64>,
    ) -> Option<(u32, u32, usize, f64)> {
        buffer.clear();
        assert!(buffer.capacity() >= 42 && seed == 5);
        buffer.extend((0..self.seed).map(|_| random.next()));
        if index % 10 == 9 {
            resume_unwind(Box::new("ten".to_owned()));
        }
        (index % 3 > 0).then(|| (x, y, index, buffer.iter().sum()))
    }
}

#[test]
fn per_item_values_do_not_depend_on_the_threads() {
    let model = Model { seed: 42 };
    let serial: Vec<f64> = (0..300).map(|i| model.walk(i, &mut Random(42 + u64::from(i)))).collect();
    on_threads(|| {
        assert_eq!(model.walk_parallel(0..300), serial);
        assert!(model.walk_parallel_iter(0..300).into_iter().eq(serial.iter().copied()));
        let all = model.everything_parallel(0..20, 0..7, 5);
        let expected = (0..140).filter(|i| i % 10 == 9 || i % 3 > 0).map(|i| {
            let (x, y) = (u32::try_from(i / 7).expect("few"), u32::try_from(i % 7).expect("few"));
            let call = || {
                model.everything(x, Random(5 + i as u64), y, 5, i, &mut Vec::with_capacity(42)).expect("not skipped")
            };
            catch_unwind(AssertUnwindSafe(call)).map_err(|_| i)
        });
        assert!(all.into_iter().map(|result| result.map_err(|panic| panic.index())).eq(expected));
    });
}

#[parallelize(over = x, try_collect, per_thread(state = { assert!(x_limit > 0, "no limit"); 0 }))]
fn checked(x: u32, x_limit: u32, state: &mut u32) -> Result<u32, u32> {
    *state += 1;
    if x < x_limit { Ok(x) } else { Err(x) }
}

#[test]
fn a_panic_of_a_state_expression_counts_at_its_item() {
    on_threads(|| {
        assert_eq!(checked_parallel(0..100, 50), Err(50));
        assert_eq!(checked_parallel(0..100, 200), Ok((0..100).collect()));
        catch_unwind(|| checked_parallel(0..100, 0)).expect_err("no state can be created");
        let results = checked_parallel_iter(0..3, 0).catch_panics().collect::<Vec<_>>();
        assert!(results.iter().all(|result| result.as_ref().is_err_and(|panic| panic.message() == Some("no limit"))));
        assert_eq!(checked_parallel([], 0), Ok(Vec::new()), "without items no state is created");
    });
}

#[test]
fn a_state_is_kept_after_a_caught_panic() {
    #[parallelize(over = x, threads = 1, catch_panics, per_thread(count = 0))]
    fn item(x: u32, count: &mut u32) -> u32 {
        *count += 1;
        assert!(x != 2, "an item panics");
        *count
    }
    let counts: Vec<Option<u32>> = item_parallel(0..5).into_iter().map(Result::ok).collect();
    assert_eq!(counts, [Some(1), Some(2), None, Some(4), Some(5)]);
}

#[parallelize(over = zip(x, y), try_collect, per_item(at = |i| i))]
fn generic<T: PartialOrd + Copy, const N: usize>(x: T, y: [T; N], at: usize) -> Result<usize, usize> {
    if y.contains(&x) { Ok(at) } else { Err(at) }
}

#[test]
fn generics_and_errors() {
    on_threads(|| {
        assert_eq!(generic_parallel(0..100, (0..100).map(|i| [i, 7])), Ok((0..100).collect()));
        assert_eq!(generic_parallel(0..100, (0..100).map(|i| [i % 60, 7])), Err(60));
    });
}

/// Panics when dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        resume_unwind(Box::new("dropped".to_owned()));
    }
}

#[parallelize(over = x, threads = 4, per_thread(state = Grenade))]
fn explode(x: u32, worst: u32, state: &mut Grenade) -> u32 {
    let Grenade = state;
    spin(200);
    if x == worst {
        resume_unwind(Box::new("an item".to_owned()));
    }
    x
}

/// Two functions, because the second call of one may not be shared.
macro_rules! explode_late {
    ($($name:ident)*) => { $(
        #[parallelize(over = x, threads = 4, per_thread(state = Grenade))]
        fn $name(x: u32, worst: u32, both: &Barrier, state: &mut Grenade) -> u32 {
            let Grenade = state;
            if x < 2 {
                both.wait();
            }
            if x == worst {
                resume_unwind(Box::new("an item".to_owned()));
            }
            x
        }
    )* };
}

explode_late! { explode_last explode_never }

#[test]
fn states_that_panic_when_they_are_dropped_come_after_items_that_were_not_shared() {
    // Pulling takes nearly all the time, so the calling thread runs the last items alone.
    let input = || (0..40).inspect(|x| spin(if *x < 2 { 0 } else { 200 }));
    assert_eq!(message(|| explode_last_parallel(input(), 39, &Barrier::new(2))), "an item");
    assert_eq!(message(|| explode_never_parallel(input(), 1000, &Barrier::new(2))), "dropped");
}

#[test]
fn states_that_panic_when_they_are_dropped_do_not_abort() {
    for (worst, expected) in [(1000, "dropped"), (2, "an item"), (90, "an item")] {
        assert_eq!(message(|| explode_parallel(0..100, worst)), expected);
        // A stream drops its states when it is dropped.
        assert_eq!(message(|| explode_parallel_iter(0..100, worst).for_each(drop)), expected);
        assert_eq!(message(|| explode_parallel_iter(0..100, worst).threads(1).for_each(drop)), expected);
        assert_eq!(message(|| explode_parallel_iter(0..100, worst).threads(1).collect::<Vec<_>>()), expected);
    }
    let caught = || {
        let calls = explode_parallel_iter(0..100, 50).catch_panics();
        assert_eq!(calls.into_iter().filter(Result::is_err).count(), 1);
    };
    assert_eq!(message(caught), "dropped");
}

/// An item that can be cloned as often as its counter says, and then panics.
struct Few(AtomicUsize);

impl Clone for Few {
    fn clone(&self) -> Self {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 0 {
            resume_unwind(Box::new("no more".to_owned()));
        }
        Few(AtomicUsize::new(usize::MAX))
    }
}

#[parallelize(over = product(x, y))]
fn take(x: Few, y: u32, ran: &Mutex<Vec<u32>>) {
    let Few(left) = x;
    assert!(left.into_inner() > 0 || y > 0);
    ran.lock().expect("no panic").push(y);
}

#[test]
fn a_panic_of_a_clone_counts_at_its_combination() {
    on_threads(|| {
        let ran = Mutex::new(Vec::new());
        let text = message(|| take_parallel([Few(AtomicUsize::new(40))], 0..100, &ran));
        assert_eq!(text, "no more");
        let mut ran = ran.into_inner().expect("no panic");
        ran.sort_unstable();
        assert_eq!(ran, (0..40).collect::<Vec<_>>(), "all combinations before the panic ran");
    });
}

/// An iterator with a wrong size hint, the second field.
struct Lies<I>(I, usize);

impl<I: Iterator> Iterator for Lies<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.1, Some(self.1))
    }
}

#[test]
fn zip_inputs_are_pulled_in_order_and_not_past_the_known_length() {
    on_threads(|| {
        let pulled = Mutex::new(Vec::new());
        let side = |name: char| {
            let pulled = &pulled;
            (0_u8..).map(f64::from).inspect(move |_| pulled.lock().expect("no panic").push(name))
        };
        // The size hint of `x` is too small at first, and too large below.
        assert_eq!(sum_parallel(Lies(side('x').take(9), 5), 1.0, side('y')).len(), 5);
        assert_eq!(pulled.lock().expect("no panic").iter().collect::<String>(), "xy".repeat(5));
        pulled.lock().expect("no panic").clear();
        let text = message(|| sum_parallel(Lies(side('x').take(5), 9), 1.0, side('y')));
        assert_eq!(text, "`zip`: `x` ended after 5 items, but its size hint says 9");
        assert_eq!(pulled.lock().expect("no panic").iter().collect::<String>(), "xy".repeat(5));
        pulled.lock().expect("no panic").clear();
        // A panic of one input counts at the index of its item.
        let fails = || side('y').map(|y| if y < 30.0 { y } else { resume_unwind(Box::new("a side".to_owned())) });
        assert_eq!(message(|| sum_parallel(side('x').take(100), 1.0, fails())), "a side");
        assert_eq!(pulled.lock().expect("no panic").iter().collect::<String>(), "xy".repeat(31));
        let mut stream = sum_parallel_iter(side('x').take(100), 1.0, fails()).into_iter();
        assert_eq!(stream.by_ref().take(30).count(), 30);
        assert_eq!(message(|| stream.next()), "a side");
    });
}

#[test]
fn a_large_product_is_streamed() {
    let mut calls = product_parallel_iter(0..10_000, 1, 0..10_000).into_iter();
    assert_eq!(calls.size_hint(), (100_000_000, Some(100_000_000)));
    assert_eq!(calls.nth(123_456), Some((12, 3456)));
}

#[test]
fn states_are_created_once_on_one_thread_and_in_streams() {
    #[parallelize(over = x, per_thread(state = made.fetch_add(1, Ordering::Relaxed)))]
    fn count(x: u64, made: &AtomicUsize, state: &mut usize) -> u64 {
        spin(x);
        (*state).min(made.load(Ordering::Relaxed)) as u64
    }
    on_threads(|| {
        // The first items are cheap, so the call starts on one thread and is shared later.
        for heavy in [0, 20, 200] {
            let made = AtomicUsize::new(0);
            let xs = || (0..3000).map(|i| if i < 2000 { 0 } else { heavy / 10 });
            let at_most = rayon::current_num_threads();
            let _ = count_parallel_iter(xs(), &made).threads(1).collect::<Vec<_>>();
            assert_eq!(made.swap(0, Ordering::Relaxed), 1);
            count_parallel_iter(xs(), &made).threads(1).for_each(drop);
            assert_eq!(made.swap(0, Ordering::Relaxed), 1);
            count_parallel(xs(), &made);
            let count = made.swap(0, Ordering::Relaxed);
            assert!((1..=at_most).contains(&count), "{count} states were created");
            count_parallel_iter(xs(), &made).for_each(drop);
            let count = made.swap(0, Ordering::Relaxed);
            assert!((1..=at_most).contains(&count), "{count} states were created");
        }
    });
}
