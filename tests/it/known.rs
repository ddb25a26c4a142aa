//! Inputs that are split by their type: no item is lost or used twice, and the memory of a vector
//! is reused.

use crate::{on_threads, spin};
use parallelize::parallelize;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[parallelize(over = x)]
fn half(x: f64, micros: u64) -> f64 {
    spin(micros);
    x / 2.0
}

#[parallelize(over = x)]
fn narrow(x: u64, micros: u64) -> u32 {
    spin(micros);
    u32::try_from(x).expect("a small number")
}

#[parallelize(over = slot)]
fn write(slot: &mut u64, by: u64) -> &mut u64 {
    spin(5);
    *slot += by;
    slot
}

/// Returns a vector and the address of its memory.
fn numbers(count: u32) -> (Vec<f64>, *const f64) {
    let numbers: Vec<f64> = (0..count).map(f64::from).collect();
    let memory = numbers.as_ptr();
    (numbers, memory)
}

#[test]
fn results_take_over_the_memory_of_a_vector() {
    // The first call is shared at once, the others are not, or later.
    for (count, micros) in [(500, 10), (2, 0), (500, 10), (100_000, 0)] {
        let (xs, memory) = numbers(count);
        let results = half_parallel(xs, micros);
        assert_eq!(results.as_ptr(), memory, "{count} items of {micros} us");
        assert!(results.iter().map(|half| 2.0 * half).eq((0..count).map(f64::from)));
        for threads in [1, 2] {
            let (xs, memory) = numbers(count);
            let results: Vec<f64> = half_parallel_iter(xs, micros).threads(threads).collect();
            assert_eq!(results.as_ptr(), memory, "with {threads} threads");
        }
    }
}

#[test]
fn the_memory_of_the_caller_goes_first() {
    let mut results = Vec::with_capacity(1000);
    let own = results.as_ptr();
    half_parallel_iter(numbers(1000).0, 1).collect_into_vec(&mut results);
    assert_eq!((results.as_ptr(), results.len()), (own, 1000));
}

#[test]
fn a_vector_of_exclusive_references_is_used_once() {
    on_threads(|| {
        let mut slots = vec![1; 300];
        let results = write_parallel(slots.iter_mut().collect::<Vec<_>>(), 3);
        for result in results {
            assert_eq!(*result, 4);
            *result += 1;
        }
        assert!(slots.iter().all(|slot| *slot == 5));
    });
}

#[test]
fn a_panic_keeps_the_results_below_it() {
    on_threads(|| {
        for fails_at in [0, 1, 37, 499] {
            let xs: Vec<u64> = (0..500).map(|x| if x == fails_at { u64::MAX } else { x }).collect();
            let mut results = Vec::new();
            let calls = narrow_parallel_iter(xs, 5);
            let panicked = catch_unwind(AssertUnwindSafe(|| calls.collect_into_vec(&mut results))).is_err();
            assert!(panicked);
            assert!(results.iter().copied().eq(0..u32::try_from(fails_at).expect("a small number")));
        }
    });
}

#[test]
fn references_to_values_of_any_type() {
    trait Shape: Sync {
        fn area(&self) -> u32;
    }

    impl Shape for u32 {
        fn area(&self) -> u32 {
            self * self
        }
    }

    #[parallelize(over = shape)]
    fn area<S: Shape + ?Sized>(shape: &S, by: u32) -> u32 {
        spin(5);
        shape.area() * by
    }

    #[parallelize(over = shape)]
    fn dynamic(shape: &dyn Shape, by: u32) -> u32 {
        area(shape, by)
    }

    #[parallelize(over = word)]
    fn length<'w>(word: &&'w str, by: usize) -> (&'w str, usize) {
        spin(5);
        (word, word.len() * by)
    }

    #[parallelize(over = pair)]
    fn sum(pair: &[u32]) -> u32 {
        spin(5);
        pair.iter().sum()
    }

    on_threads(|| {
        let shapes: Vec<u32> = (0..300).collect();
        let areas: Vec<u32> = shapes.iter().map(|shape| 2 * shape * shape).collect();
        assert_eq!(area_parallel(&shapes, 2), areas);
        let shared: Vec<&dyn Shape> = shapes.iter().map(|shape| shape as &dyn Shape).collect();
        assert_eq!(area_parallel(shared.iter().copied(), 2), areas);
        assert_eq!(dynamic_parallel(shared, 2), areas);
        assert_eq!(sum_parallel(shapes.windows(2)), (0..299).map(|x| 2 * x + 1).collect::<Vec<_>>());
        assert_eq!(sum_parallel(shapes.chunks_exact(7)).len(), 42);
        let words = {
            let text = ["a", "bb", "ccc"].repeat(100);
            length_parallel(&text, 2)
        };
        assert!(words.iter().all(|(word, length)| *length == 2 * word.len()));
    });
}

#[test]
fn items_and_results_without_a_size() {
    #[derive(Clone, Copy)]
    struct Nothing;

    #[parallelize]
    fn nothing(item: Nothing) -> Nothing {
        spin(5);
        item
    }

    on_threads(|| {
        assert_eq!(nothing_parallel(vec![Nothing; 300]).len(), 300);
        assert_eq!(nothing_parallel([Nothing; 300].iter().copied()).len(), 300);
    });
}
