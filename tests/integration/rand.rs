//! rand: a generator seeded with the index of the item yields the same numbers on any number of
//! threads.

use crate::{on_threads, pool, spin};
use parallelize::parallelize;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

fn seeded(seed: u64, index: usize) -> StdRng {
    StdRng::seed_from_u64(seed ^ (index as u64) << 32)
}

#[allow(clippy::used_underscore_binding)] // Only the expression uses the seed.
#[parallelize(over = steps, per_item(rng = |index| seeded(_seed, index)))]
fn walk(steps: usize, _seed: u64, rng: &mut StdRng) -> i64 {
    spin(5);
    (0..steps).map(|_| if rng.random_bool(0.5) { 1 } else { -1 }).sum()
}

fn walk_in_loop(steps: &[usize], seed: u64) -> Vec<i64> {
    steps.iter().enumerate().map(|(index, steps)| walk(*steps, seed, &mut seeded(seed, index))).collect()
}

#[test]
fn the_numbers_do_not_depend_on_the_threads() {
    let steps: Vec<usize> = (0..500).map(|index| 50 + index % 7).collect();
    let serial = walk_in_loop(&steps, 1);
    assert_ne!(serial, walk_in_loop(&steps, 2));
    for threads in [1, 2, 8] {
        pool(threads).install(|| {
            for _ in 0..3 {
                assert_eq!(walk_parallel(steps.iter().copied(), 1), serial);
                assert!(
                    walk_parallel_iter(steps.iter().copied(), 1).in_flight(16).into_iter().eq(serial.iter().copied())
                );
            }
        });
        assert_eq!(walk_parallel_iter(steps.clone(), 1).threads(threads).collect::<Vec<_>>(), serial);
    }
}

// The generator is taken by value, next to a buffer.
#[parallelize(over = size, per_item(rng = |index| seeded(7, index)), per_thread(deck = Vec::new()))]
fn fixed_points(size: usize, mut rng: StdRng, deck: &mut Vec<usize>) -> usize {
    deck.clear();
    deck.extend(0..size);
    deck.shuffle(&mut rng);
    deck.iter().enumerate().filter(|(index, card)| index == *card).count()
}

#[test]
fn decks_are_shuffled_identically() {
    let sizes = || (0..2000).map(|index| index % 50);
    let serial: Vec<usize> =
        sizes().enumerate().map(|(index, size)| fixed_points(size, seeded(7, index), &mut Vec::new())).collect();
    on_threads(|| assert_eq!(fixed_points_parallel(sizes()), serial));
}
