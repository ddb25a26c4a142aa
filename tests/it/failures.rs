//! `try_collect` returns the first error in input order, as the serial loop does, and stops early.

use crate::{on_threads, spin};
use parallelize::parallelize;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An error with the index of its item.
#[derive(Clone, Debug, PartialEq)]
struct Failed(usize);

#[parallelize(over = index, try_collect)]
fn item(index: usize, failing: &[usize], slow: usize, runs: &AtomicUsize) -> Result<usize, Failed> {
    runs.fetch_add(1, Ordering::Relaxed);
    spin(if index == slow { 3000 } else { 0 });
    if failing.contains(&index) { Err(Failed(index)) } else { Ok(index * 2) }
}

fn call(count: usize, failing: &[usize], slow: usize) -> Result<Vec<usize>, Failed> {
    item_parallel(0..count, failing, slow, &AtomicUsize::new(0))
}

#[test]
fn the_first_error_wins_even_when_it_is_the_slowest() {
    // Of 400 items, item 100 fails after 3 ms and item 300 immediately.
    on_threads(|| {
        for _ in 0..50 {
            let runs = AtomicUsize::new(0);
            assert_eq!(item_parallel(0..400, &[100, 300], 100, &runs), Err(Failed(100)));
            let runs = runs.into_inner();
            // After item 300 fails, each other thread finishes at most its current chunk.
            let most = if rayon::current_num_threads() <= 2 { 351 } else { 400 };
            assert!((101..=most).contains(&runs), "{runs} items ran");
        }
    });
}

#[test]
fn results_equal_those_of_the_serial_loop() {
    on_threads(|| {
        for failing in [&[][..], &[0], &[1], &[99], &[500, 98], &[499, 0]] {
            for count in [0, 1, 2, 100, 500] {
                let serial: Result<Vec<usize>, Failed> =
                    (0..count).map(|index| item(index, failing, usize::MAX, &AtomicUsize::new(0))).collect();
                assert_eq!(call(count, failing, usize::MAX), serial, "{count} items, {failing:?} fail");
            }
        }
    });
}

#[test]
fn an_endless_input_ends_with_a_failure() {
    on_threads(|| {
        let runs = AtomicUsize::new(0);
        assert_eq!(item_parallel(0.., &[5000], usize::MAX, &runs), Err(Failed(5000)));
    });
}

#[parallelize(over = x, try_collect)]
fn root(x: f64, scale: f64) -> Option<f64> {
    (x >= 0.0).then(|| x.sqrt() * scale)
}

#[parallelize(over = x, try_collect)]
fn check(x: i32, most: i32) -> Result<(), String> {
    if x <= most { Ok(()) } else { Err(format!("{x} is more than {most}")) }
}

#[parallelize(over = text, try_collect, name = read_all)]
fn read(text: &str, radix: u32) -> io::Result<u32> {
    u32::from_str_radix(text, radix).map_err(io::Error::other)
}

struct Names(Vec<String>);

impl Names {
    #[parallelize(over = index, try_collect)]
    fn get(&self, index: usize, _reason: &str) -> Result<&str, usize> {
        self.0.get(index).map(String::as_str).ok_or(index)
    }
}

#[parallelize(over = x, try_collect)]
fn convert<T>(x: i64, like: &T) -> Result<(T, bool), T::Error>
where
    T: TryFrom<i64> + PartialEq,
    T::Error: Send,
{
    T::try_from(x).map(|y| {
        let is_like = y == *like;
        (y, is_like)
    })
}

#[test]
fn options_units_aliases_methods_and_generics() {
    assert_eq!(root_parallel([1.0, 4.0], 2.0), Some(vec![2.0, 4.0]));
    assert_eq!(root_parallel([1.0, -4.0, 9.0], 2.0), None);
    assert_eq!(check_parallel(0..100, 100), Ok(()));
    assert_eq!(check_parallel(0..100, 50), Err("51 is more than 50".to_owned()));
    let numbers: Vec<u32> = read_all("1 2 3".split(' '), 10).expect("numbers");
    assert_eq!(numbers, [1, 2, 3]);
    assert!(read_all("1 x 3".split(' '), 10).is_err());
    let names = Names(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(names.get_parallel([1, 0], &String::from("local")), Ok(vec!["b", "a"]));
    assert_eq!(names.get_parallel([1, 5, 7], "none"), Err(5));
    assert_eq!(convert_parallel([1, 2], &2_u8), Ok(vec![(1, false), (2, true)]));
    assert!(convert_parallel([1, 300], &2_u8).is_err());
}

#[test]
fn the_first_error_or_panic_wins() {
    #[parallelize(over = index, try_collect)]
    fn either(index: usize, error: usize, panic: usize) -> Result<usize, usize> {
        spin(5);
        if index == panic {
            std::panic::resume_unwind(Box::new(index));
        }
        if index == error { Err(index) } else { Ok(index) }
    }
    on_threads(|| {
        assert_eq!(either_parallel(0..300, 100, 200), Err(100));
        let outcome = std::panic::catch_unwind(|| either_parallel(0..300, 200, 100));
        assert_eq!(outcome.expect_err("item 100 panics").downcast_ref(), Some(&100_usize));
    });
}
